import EvidencePackaging
import ExchangeLog
public import ExchangeModel
import Persistence

/// A bundle as this gateway keeps it, sent or received.
public struct BundleRecord: Hashable, Sendable {
    /// Which way it goes.
    public enum Direction: String, CaseIterable, Sendable {
        /// From here to a partner.
        case outgoing
        /// From a partner to here.
        case incoming
    }

    /// Where it stands.
    public enum State: String, CaseIterable, Sendable {
        /// Outgoing: sealed, waiting for its recipient.
        case queued
        /// The recipient's gateway knows of it and lacks parts.
        case announced
        /// Outgoing: the recipient's signed receipt is here.
        case delivered
        /// Incoming: whole, durable and logged.
        case received
        /// Incoming: being opened.
        case opening
        /// Opened, everything in it proven.
        case opened
        /// Rejected by its recipient.
        case rejected
        /// Outgoing: not delivered before it expired.
        case expired
        /// Outgoing: cancelled before it was delivered.
        case cancelled
        /// Incoming: announced and never completed.
        case abandoned
    }

    /// What names it.
    public let key: BundleKey
    /// Which way it goes.
    public let direction: Direction
    /// The other party.
    public let peer: PartyID
    /// What the header states.
    public let header: ExchangeHeader
    /// The identity of the sealed file.
    public let sealedDigest: SHA256Digest
    /// The identity of what the officers signed.
    public let contentDigest: SHA256Digest
    /// Length of the sealed file in bytes.
    public let size: Int64
    /// Where it stands.
    public let state: State
    /// Since when.
    public let changed: ExchangeTime
    /// Why it stands there, if something went wrong.
    public let reason: String?
    /// The kind of message, known to the sender and to who opened it.
    public let messageType: String?
    /// Its subject line, as the kind.
    public let subject: String?
    /// The draft it was made from.
    public let draft: String?

    /// The number of its parts.
    public var parts: Int { header.partCount }

    static let columns = """
        sender, id, direction, peer, header, sealed_digest, content_digest, size, state, changed, reason,
        message_type, subject, draft
        """

    init(_ row: StoredRow) throws {
        key = try BundleKey(row)
        header = try ExchangeHeader(xml: row.bytes("header"))
        sealedDigest = try row.digest("sealed_digest")
        contentDigest = try row.digest("content_digest")
        size = try row.integer("size")
        changed = try row.time("changed")
        reason = try row.optionalText("reason")
        messageType = try row.optionalText("message_type")
        subject = try row.optionalText("subject")
        draft = try row.optionalText("draft")
        guard let direction = Direction(rawValue: try row.text("direction")),
            let state = State(rawValue: try row.text("state")), let peer = PartyID(try row.text("peer"))
        else { throw ExchangeError(.storeUnexpectedValue, "The database holds a bundle in an unknown state") }
        self.direction = direction
        self.state = state
        self.peer = peer
    }

    /// Reads one; `nil` when there is none of that name and direction.
    static func find(_ key: BundleKey, _ direction: Direction, in store: any StoreReading) throws -> BundleRecord? {
        try store.row(
            "SELECT \(columns) FROM exchange_bundle WHERE sender = ? AND id = ? AND direction = ?",
            key.arguments + [.text(direction.rawValue)]
        ).map(BundleRecord.init)
    }

    /// Writes a new one.
    static func insert(
        _ header: ExchangeHeader,
        headerXML: [UInt8],
        direction: Direction,
        peer: PartyID,
        sealedDigest: SHA256Digest,
        size: Int64,
        announcement: [UInt8]? = nil,
        draft: (id: String, messageType: String, subject: String)? = nil,
        state: State,
        at time: ExchangeTime,
        in store: any StoreWriting
    ) throws {
        try store.execute(
            """
            INSERT INTO exchange_bundle (sender, id, direction, peer, thread, sequence, header, sealed_digest,
                content_digest, size, parts, announcement, created, expires, priority, mode, class, draft,
                message_type, subject, state, changed)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(header.sender.text), .text(header.bundle.urn), .text(direction.rawValue), .text(peer.text),
                .text(header.thread.urn), .integer(header.sequence), .bytes(headerXML), .text(sealedDigest.hex),
                .text(header.contentDigest.hex), .integer(size), .integer(Int64(header.partCount)),
                announcement.map { .bytes($0) } ?? .null, .integer(header.created.secondsSince1970),
                .integer(header.expires.secondsSince1970), .text(header.priority.rawValue),
                .text(header.mode.rawValue), .text(header.bundleClass.rawValue), .init(draft?.id),
                .init(draft?.messageType), .init(draft?.subject), .text(state.rawValue),
                .integer(time.secondsSince1970),
            ]
        )
    }

    /// When it was whole here, as the receipt says.
    func receivedHere(in store: any StoreReading) throws -> ExchangeTime? {
        try store.row(
            """
            SELECT MIN(time) AS time FROM log_entry
            WHERE tree = 'exchange' AND bundle = ? AND peer = ? AND kind = 'bundle.received'
            """,
            [.text(key.id.urn), .text(peer.text)]
        )?.optionalTime("time")
    }

    /// Moves it to another state.
    func move(to state: State, because reason: String? = nil, at time: ExchangeTime, in store: any StoreWriting) throws
    {
        try store.execute(
            "UPDATE exchange_bundle SET state = ?, reason = ?, changed = ? WHERE sender = ? AND id = ?",
            [.text(state.rawValue), .init(reason), .integer(time.secondsSince1970)] + key.arguments
        )
    }
}

extension GatewayCore {
    /// A log entry about a bundle, with everything that identifies it.
    func entry(
        _ kind: LogEntry.Kind,
        of header: ExchangeHeader,
        sealedDigest: SHA256Digest,
        peer: PartyID,
        by person: LoggedPerson? = nil,
        outcome: LogEntry.Outcome = .done,
        code: ErrorCode? = nil
    ) throws -> LogEntry {
        var entry = try entry(kind, outcome: outcome, code: code)
        entry.bundle = header.bundle
        entry.bundleSender = header.sender
        entry.thread = header.thread
        entry.sealedDigest = sealedDigest
        entry.contentDigest = header.contentDigest
        entry.peer = peer
        entry.authority = person?.authority
        entry.person = person?.digest
        return entry
    }

    /// The file of a bundle that is whole.
    func sealedPath(_ key: BundleKey) -> String { directory.sealed + "/" + key.fileName }

    /// The file of a bundle that is being received.
    func incomingPath(_ key: BundleKey) -> String { directory.incoming + "/" + key.fileName }
}

/// A person as the log knows one.
struct LoggedPerson: Sendable {
    let authority: String
    let digest: SHA256Digest

    init(_ person: ActingPerson) {
        authority = person.authority
        digest = person.digest
    }

    /// Somebody who asked earlier for what is done now; `nil` when the record was erased since.
    init?(_ person: PersonID?, in store: any StoreReading) throws {
        guard let person,
            let row = try store.row("SELECT authority, salt FROM person WHERE id = ?", [.text(person.text)])
        else { return nil }
        authority = try row.text("authority")
        digest = try PeopleRows.digest(of: person, salt: row.bytes("salt"))
    }
}
