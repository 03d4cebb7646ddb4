public import ExchangeModel
import Persistence

/// What is said of an item of evidence before its bytes are taken in.
public struct EvidenceRegistration: Hashable, Sendable {
    /// The name it had where it was taken.
    public var originalName: String
    /// The media type (RFC 6838); guessed from the name when `nil`.
    public var mediaType: String?
    /// What it is, in words.
    public var description: String?
    /// How it was acquired.
    public var acquisition: EvidenceManifest.Acquisition?
    /// What happened to it before it came here, earliest first, as the person states it.
    public var earlierCustody: [EvidenceManifest.CustodyEvent]
    /// The digest that its bytes must have.
    public var expectedSHA256: SHA256Digest?
    /// The size that it must have, in bytes.
    public var expectedSize: Int64?
    /// The thread it belongs to.
    public var thread: ThreadID?

    /// Takes all fields.
    public init(
        originalName: String,
        mediaType: String? = nil,
        description: String? = nil,
        acquisition: EvidenceManifest.Acquisition? = nil,
        earlierCustody: [EvidenceManifest.CustodyEvent] = [],
        expectedSHA256: SHA256Digest? = nil,
        expectedSize: Int64? = nil,
        thread: ThreadID? = nil
    ) {
        self.originalName = originalName
        self.mediaType = mediaType
        self.description = description
        self.acquisition = acquisition
        self.earlierCustody = earlierCustody
        self.expectedSHA256 = expectedSHA256
        self.expectedSize = expectedSize
        self.thread = thread
    }
}

/// An item of evidence as the gateway knows it.
public struct EvidenceRecord: Hashable, Sendable {
    /// The bytes as the intake saw them.
    public struct Content: Hashable, Sendable {
        /// The stored bytes.
        public let file: StoredFileID
        /// Length in bytes.
        public let size: Int64
        /// SHA-256 of the bytes.
        public let sha256: SHA256Digest
        /// When they were taken in.
        public let takenIn: ExchangeTime
        /// When they were destroyed, if they were.
        public let destroyed: ExchangeTime?
    }

    /// Where an item came from that a partner sent.
    public struct Origin: Hashable, Sendable {
        /// The bundle's sender.
        public let sender: PartyID
        /// The bundle, as the sender names it.
        public let bundle: String
        /// The item's path in the bundle.
        public let path: String
    }

    /// Its name.
    public let id: EvidenceID
    /// The authority it belongs to.
    public let authority: String
    /// The thread it belongs to, if it belongs to one.
    public let thread: ThreadID?
    /// The name it had where it was taken.
    public let originalName: String
    /// The media type.
    public let mediaType: String
    /// What it is, in words.
    public let description: String?
    /// How it was acquired.
    public let acquisition: EvidenceManifest.Acquisition?
    /// The digest that its bytes must have.
    public let expectedSHA256: SHA256Digest?
    /// The size that it must have, in bytes.
    public let expectedSize: Int64?
    /// When it was registered.
    public let registered: ExchangeTime
    /// The bytes, once they are here.
    public let content: Content?
    /// The bundle it came in, if a partner sent it.
    public let origin: Origin?
}

/// An item with its custody, earliest first.
public struct EvidenceFile: Hashable, Sendable {
    /// The item.
    public let record: EvidenceRecord
    /// Its custody.
    public let custody: [EvidenceManifest.CustodyEvent]
    /// What the operator's program said of it, if it came from a partner and was looked at.
    public var scan: ScanFinding?
}

extension EvidenceRecord {
    static let query = """
        SELECT evidence.id, evidence.authority, evidence.thread, evidence.file, evidence.original_name, \
        evidence.media_type, evidence.description, evidence.acquisition, evidence.expected_sha256, \
        evidence.expected_size, evidence.registered, evidence.taken_in, evidence.origin_sender, \
        evidence.origin_bundle, evidence.origin_path, stored_file.size, stored_file.sha256, stored_file.destroyed \
        FROM evidence LEFT JOIN stored_file ON stored_file.id = evidence.file
        """

    init(row: StoredRow) throws {
        guard let id = EvidenceID(try row.text("id")) else {
            throw ExchangeError(.storeUnexpectedValue, "The database holds evidence with a damaged name")
        }
        self.id = id
        authority = try row.text("authority")
        thread = try row.optionalID("thread")
        originalName = try row.text("original_name")
        mediaType = try row.text("media_type")
        description = try row.optionalText("description")
        acquisition = try row.optionalText("acquisition").map { try AcquisitionRecord.acquisition($0) }
        expectedSHA256 = try row.optionalDigest("expected_sha256")
        expectedSize = try row.optionalInteger("expected_size")
        registered = try row.time("registered")
        if let file = try row.optionalText("file").flatMap({ StoredFileID($0) }) {
            content = Content(
                file: file,
                size: try row.integer("size"),
                sha256: try row.digest("sha256"),
                takenIn: try row.time("taken_in"),
                destroyed: try row.optionalTime("destroyed")
            )
        } else {
            content = nil
        }
        if let sender = try row.optionalParty("origin_sender") {
            origin = Origin(
                sender: sender,
                bundle: try row.text("origin_bundle"),
                path: try row.optionalText("origin_path") ?? ""
            )
        } else {
            origin = nil
        }
    }
}
