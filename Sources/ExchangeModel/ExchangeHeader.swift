/// What `exchange.xml` says of a sealed bundle: only what routing needs, no case facts.
public struct ExchangeHeader: Hashable, Sendable {
    /// Whether the bundle can move the state of a request, or carries evidence for an agency.
    public enum BundleClass: String, CaseIterable, Sendable {
        /// A message of the thread; always readable by the recipient gateway.
        case message
        /// Evidence; the message that concerns it cites its content digest.
        case evidence
    }

    /// Who can open the bundle.
    public enum Mode: String, CaseIterable, Sendable {
        /// The recipient gateway's key is among the recipients.
        case gateway
        /// Only the recipient agency can open it.
        case agency
    }

    /// How urgent the delivery is.
    public enum Priority: String, CaseIterable, Sendable {
        /// Ordinary business.
        case routine
        /// Ahead of ordinary business.
        case urgent
        /// Ahead of everything.
        case emergency
    }

    /// The version of the bundle format.
    public var formatVersion: Int
    /// The id of the algorithms, see ``CryptoSuite``.
    public var suite: String
    /// The name of this sealed bundle.
    public var bundle: BundleID
    /// The party that sealed it.
    public var sender: PartyID
    /// The party it is for.
    public var recipient: PartyID
    /// SHA-256 of the DER of each certificate that can open it, in the order of `key.p7m`.
    public var recipientKeys: [SHA256Digest]
    /// What kind of bundle it is.
    public var bundleClass: BundleClass
    /// Who can open it.
    public var mode: Mode
    /// How urgent it is.
    public var priority: Priority
    /// The thread it belongs to.
    public var thread: ThreadID
    /// The sender's own count of its messages in the thread, from 1.
    public var sequence: Int64
    /// The bundle whose delivery this one replaces, with the same content.
    public var supersedes: BundleID?
    /// When it was sealed.
    public var created: ExchangeTime
    /// Until when delivery may be tried.
    public var expires: ExchangeTime
    /// Content bytes in each part but the last.
    public var partSize: Int64
    /// Content bytes in all, the length of the signed container.
    public var contentSize: Int64
    /// SHA-256 of the inner `META-INF/ASiCManifest.xml`.
    public var contentDigest: SHA256Digest

    /// The format version that this code writes and reads.
    public static let currentFormatVersion = 1

    /// Takes all fields.
    public init(
        formatVersion: Int = currentFormatVersion,
        suite: String,
        bundle: BundleID,
        sender: PartyID,
        recipient: PartyID,
        recipientKeys: [SHA256Digest],
        bundleClass: BundleClass,
        mode: Mode,
        priority: Priority,
        thread: ThreadID,
        sequence: Int64,
        supersedes: BundleID? = nil,
        created: ExchangeTime,
        expires: ExchangeTime,
        partSize: Int64,
        contentSize: Int64,
        contentDigest: SHA256Digest
    ) {
        self.formatVersion = formatVersion
        self.suite = suite
        self.bundle = bundle
        self.sender = sender
        self.recipient = recipient
        self.recipientKeys = recipientKeys
        self.bundleClass = bundleClass
        self.mode = mode
        self.priority = priority
        self.thread = thread
        self.sequence = sequence
        self.supersedes = supersedes
        self.created = created
        self.expires = expires
        self.partSize = partSize
        self.contentSize = contentSize
        self.contentDigest = contentDigest
    }

    /// How many parts carry the content; 0 when the sizes make no sense.
    public var partCount: Int {
        guard partSize > 0, contentSize > 0 else { return 0 }
        return Int((contentSize - 1) / partSize + 1)
    }

    /// Content bytes in the part of that number, counted from 1.
    public func contentSize(ofPart number: Int) -> Int64 {
        guard number >= 1, number <= partCount else { return 0 }
        return min(partSize, contentSize - Int64(number - 1) * partSize)
    }
}
