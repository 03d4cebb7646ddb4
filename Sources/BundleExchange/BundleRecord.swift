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

    /// Where it stands; ``DeliveryMachine`` says how it comes from one to another.
    public enum State: String, CaseIterable, Sendable {
        /// Outgoing: sealed, waiting for its recipient.
        case queued
        /// The recipient's gateway knows of it and lacks parts.
        case announced
        /// Outgoing: parts are on their way.
        case transferring
        /// Outgoing: the recipient's gateway has every part, and its receipt is not here yet.
        case completed
        /// Outgoing: the recipient's signed receipt is here.
        case acknowledged
        /// Incoming: whole, durable and logged.
        case received
        /// Incoming: being opened.
        case opening
        /// Opened, everything in it proven.
        case opened
        /// Rejected by its recipient, or refused for good by the recipient's gateway.
        case rejected
        /// Outgoing: no receipt came before it expired.
        case expired
        /// Outgoing: a person called it off before its recipient had it.
        case cancelled
        /// Incoming: announced and never completed.
        case abandoned
        /// A bundle with the same content took its place.
        case superseded
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
    /// Since when a person has its delivery wait.
    public let paused: ExchangeTime?
    /// The bundle that took its place.
    public let supersededBy: BundleID?

    /// The number of its parts.
    public var parts: Int { header.partCount }

    static let columns = """
        sender, id, direction, peer, header, sealed_digest, content_digest, size, state, changed, reason,
        message_type, subject, draft, paused, superseded_by
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
        paused = try row.optionalTime("paused")
        supersededBy = try row.optionalText("superseded_by").flatMap { BundleID(urn: $0) }
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
        guard direction == .outgoing else { return }
        let agency = try PullRight.agency(ofDraft: draft?.id, in: store)
        try PullRight.sealed(header, agency: agency, at: time, in: store)
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

    /// Moves it to the state that an event leads to from where it stands in the database now.
    ///
    /// - Returns: The state.
    /// - Throws: `delivery.*` where the event cannot happen, `request.not_found`.
    @discardableResult
    func move(
        _ event: DeliveryMachine.Event,
        because reason: String? = nil,
        at time: ExchangeTime,
        in store: any StoreWriting
    ) throws -> State {
        guard let present = try BundleRecord.find(key, direction, in: store)?.state else {
            throw ExchangeError(.notFound, "There is no such bundle")
        }
        let next = try DeliveryMachine.next(present, event, direction)
        guard next != present else { return next }
        try store.execute(
            "UPDATE exchange_bundle SET state = ?, reason = ?, changed = ? WHERE sender = ? AND id = ?",
            [.text(next.rawValue), .init(reason), .integer(time.secondsSince1970)] + key.arguments
        )
        return next
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
        entry.identify(header, sealedDigest: sealedDigest, peer: peer)
        entry.authority = person?.authority
        entry.person = person?.digest
        return entry
    }

    /// A log entry about a bundle that is kept here.
    func entry(
        _ kind: LogEntry.Kind,
        of record: BundleRecord,
        by person: LoggedPerson? = nil,
        outcome: LogEntry.Outcome = .done,
        code: ErrorCode? = nil
    ) throws -> LogEntry {
        try entry(
            kind,
            of: record.header,
            sealedDigest: record.sealedDigest,
            peer: record.peer,
            by: person,
            outcome: outcome,
            code: code
        )
    }

    /// The file of a bundle that is whole.
    func sealedPath(_ key: BundleKey) -> String { directory.sealed + "/" + key.fileName }

    /// The file of a bundle that is being received.
    func incomingPath(_ key: BundleKey) -> String { directory.incoming + "/" + key.fileName }
}

extension LogEntry {
    /// Says which bundle the entry is about.
    mutating func identify(_ header: ExchangeHeader, sealedDigest: SHA256Digest, peer: PartyID) {
        bundle = header.bundle
        bundleSender = header.sender
        thread = header.thread
        self.sealedDigest = sealedDigest
        contentDigest = header.contentDigest
        self.peer = peer
    }

    /// Says which bundle the entry is about.
    mutating func identify(_ record: BundleRecord) {
        identify(record.header, sealedDigest: record.sealedDigest, peer: record.peer)
    }
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
