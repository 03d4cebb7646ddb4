import ExchangeLog
public import ExchangeModel
public import Persistence
import TrustCrypto

/// The register of threads: every request for assistance, whoever began it.
public struct ThreadRegister: Sendable {
    /// Characters in a reference number at most.
    public static let longestReference = 128
    /// Characters in a subject at most.
    public static let longestSubject = 512

    let core: GatewayCore

    /// Works with the gateway's store and clock.
    public init(core: GatewayCore) { self.core = core }

    /// Which threads to list.
    public struct Filter: Hashable, Sendable {
        /// Only those with this partner.
        public var peer: PartyID?
        /// Only open ones, or only closed ones.
        public var isOpen: Bool?
        /// Only those whose reference or subject contains this, whatever the case.
        public var text: String?
        /// How many at most, 1 to 500.
        public var limit = 100
        /// How many to leave out at the beginning.
        public var skip = 0

        /// All threads.
        public init() {}
    }

    /// Opens a thread to a partner.
    ///
    /// - Throws: `access.denied`, `request.value`, `thread.unknown_peer`, `thread.peer_suspended`.
    public func open(
        to peer: PartyID,
        reference: String,
        subject: String,
        by person: ActingPerson
    ) async throws -> ThreadRecord {
        try await core.authorise(person, to: .openThread)
        try StatementText.requireLine(reference, "reference", most: Self.longestReference)
        try StatementText.requireLine(subject, "subject", most: Self.longestSubject)
        let id = ThreadID(at: core.now(), random: try randomBytes(10))
        return try await core.store.write { store in
            try open(id, to: peer, reference: reference, subject: subject, by: person, in: store)
        }
    }

    /// Opens a thread within a transaction; the caller has authorised it.
    ///
    /// - Throws: `thread.unknown_peer`, `thread.peer_suspended`.
    @discardableResult
    public func open(
        _ id: ThreadID,
        to peer: PartyID,
        reference: String,
        subject: String,
        by person: ActingPerson,
        in store: any StoreWriting
    ) throws -> ThreadRecord {
        try Self.requireActivePeer(peer, in: store)
        var entry = try core.entry(.threadOpened, by: person)
        entry.thread = id
        entry.peer = peer
        let record = ThreadRecord(
            id: id,
            peer: peer,
            authority: person.authority,
            reference: reference,
            subject: subject,
            opened: core.now(),
            openedBy: person.person,
            ownSequence: 0,
            ownLastDigest: nil,
            peerSequence: 0,
            closed: nil
        )
        try Self.insert(record, in: store)
        try store.append(entry, to: .exchange)
        return record
    }

    /// Threads of the person's authority, the newest first; to the authority that receives for the gateway also those
    /// not assigned yet.
    ///
    /// - Throws: `access.denied`, `request.value`.
    public func list(_ filter: Filter = Filter(), by person: ActingPerson) async throws -> [ThreadRecord] {
        try await core.authorise(person, to: .seeThreads)
        guard (1...500).contains(filter.limit), filter.skip >= 0 else {
            throw ExchangeError(.requestValue, "At most 500 threads are listed at once")
        }
        return try await core.store.read { store in
            var sql = "SELECT \(ThreadRecord.columns) FROM thread WHERE \(Self.visible)"
            var arguments: [SQLValue] = [.text(person.authority), .text(person.authority)]
            if let peer = filter.peer {
                sql += " AND peer = ?"
                arguments.append(.text(peer.text))
            }
            if let isOpen = filter.isOpen { sql += isOpen ? " AND closed IS NULL" : " AND closed IS NOT NULL" }
            return try ListPage(text: filter.text, limit: filter.limit, skip: filter.skip)
                .rows(sql + " ORDER BY opened DESC, id DESC", arguments, in: store) {
                    try ThreadRecord(row: $0)
                } texts: {
                    [$0.reference, $0.subject]
                }
        }
    }

    /// One thread.
    ///
    /// - Throws: `access.denied`, `request.not_found`.
    public func show(_ id: ThreadID, by person: ActingPerson) async throws -> ThreadRecord {
        try await core.authorise(person, to: .seeThreads)
        return try await core.store.read { try Self.visible(id, to: person, in: $0) }
    }

    /// Gives a thread with all that belongs to it to another authority; officers and approvers of the one that has it
    /// decide.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state` when the other has it already or a draft is
    ///   not sealed yet.
    public func assign(
        _ id: ThreadID,
        to authority: String,
        by person: ActingPerson
    ) async throws -> ThreadRecord {
        try await core.authorise(person, to: .seeThreads)
        return try await core.store.write { try assign(id, to: authority, by: person, in: $0) }
    }

    /// Gives a thread to another authority within a transaction; the caller has authorised it.
    ///
    /// - Throws: As ``assign(_:to:by:)`` but for `access.denied`.
    @discardableResult
    public func assign(
        _ id: ThreadID,
        to authority: String,
        by person: ActingPerson,
        in store: any StoreWriting
    ) throws -> ThreadRecord {
        let thread = try Self.visible(id, to: person, in: store)
        guard thread.authority != authority else {
            throw ExchangeError(.wrongState, "The authority has the thread already")
        }
        let known = try store.row(
            "SELECT id FROM authority WHERE id = ? AND suspended IS NULL",
            [.text(authority)]
        )
        guard known != nil else { throw ExchangeError.notFound("authority", authority) }
        let unsealed = try store.row(
            "SELECT id FROM draft WHERE thread = ? AND state IN ('open', 'signed', 'approved')",
            [SQLValue(id)]
        )
        guard unsealed == nil else {
            throw ExchangeError(
                .wrongState,
                "A draft of the thread is not sealed yet",
                hint: "send or withdraw it first"
            )
        }
        let arguments: [SQLValue] = [.text(authority), SQLValue(id)]
        try store.execute(
            """
            UPDATE stored_file SET authority = ? WHERE id IN (SELECT file FROM evidence WHERE thread = ?) \
            OR id IN (SELECT draft_file.file FROM draft_file JOIN draft ON draft.id = draft_file.draft \
            WHERE draft.thread = ?)
            """,
            arguments + [SQLValue(id)]
        )
        try store.execute("UPDATE evidence SET authority = ? WHERE thread = ?", arguments)
        try store.execute("UPDATE draft SET authority = ? WHERE thread = ?", arguments)
        try store.execute("UPDATE thread SET authority = ? WHERE id = ?", arguments)
        var entry = try core.entry(.threadAssigned, by: person)
        entry.thread = id
        entry.subject = authority
        entry.peer = thread.peer
        try store.append(entry, to: .exchange)
        guard let moved = try Self.find(id, in: store) else { throw ExchangeError.notFound("thread", id.urn) }
        return moved
    }

    // MARK: - Within a transaction

    private static let visible = """
        (authority = ? OR (authority IS NULL AND ? = (SELECT id FROM authority \
        WHERE suspended IS NULL ORDER BY added, id LIMIT 1)))
        """

    /// A thread that the person may see.
    ///
    /// - Throws: `request.not_found`.
    static func visible(_ id: ThreadID, to person: ActingPerson, in store: any StoreReading) throws -> ThreadRecord {
        let found = try store.row(
            "SELECT \(ThreadRecord.columns) FROM thread WHERE id = ? AND \(visible)",
            [.text(id.urn), .text(person.authority), .text(person.authority)]
        )
        guard let found else { throw ExchangeError.notFound("thread", id.urn) }
        return try ThreadRecord(row: found)
    }

    /// A thread, whoever may see it.
    static func find(_ id: ThreadID, in store: any StoreReading) throws -> ThreadRecord? {
        try store.row("SELECT \(ThreadRecord.columns) FROM thread WHERE id = ?", [.text(id.urn)])
            .map { try ThreadRecord(row: $0) }
    }

    /// The thread that a received bundle belongs to, entered without an authority when it is new.
    ///
    /// The caller's entry for the bundle tells of it in the log.
    /// - Throws: `thread.other_peer` when the thread is one with another partner.
    @discardableResult
    static func ensure(
        id: ThreadID,
        peer: PartyID,
        reference: String,
        subject: String,
        at time: ExchangeTime,
        in store: any StoreWriting
    ) throws -> ThreadRecord {
        if let known = try find(id, in: store) {
            guard known.peer == peer else {
                throw ExchangeError(.threadOtherPeer, "The thread \(id.urn) is not one with \(peer)")
            }
            return known
        }
        let record = ThreadRecord(
            id: id,
            peer: peer,
            authority: nil,
            reference: reference,
            subject: subject,
            opened: time,
            openedBy: nil,
            ownSequence: 0,
            ownLastDigest: nil,
            peerSequence: 0,
            closed: nil
        )
        try insert(record, in: store)
        return record
    }

    /// Requires a partner that is not suspended.
    ///
    /// - Throws: `thread.unknown_peer`, `thread.peer_suspended`.
    static func requireActivePeer(_ peer: PartyID, in store: any StoreReading) throws {
        guard let row = try store.row("SELECT suspended FROM peer WHERE party = ?", [.text(peer.text)]) else {
            throw ExchangeError(
                .threadUnknownPeer,
                "\(peer) is not a partner of this gateway",
                hint: "rogatory peer list shows the partners"
            )
        }
        guard try row.optionalInteger("suspended") == nil else {
            throw ExchangeError(.threadPeerSuspended, "The partner \(peer) is suspended")
        }
    }

    private static func insert(_ record: ThreadRecord, in store: any StoreWriting) throws {
        try store.execute(
            """
            INSERT INTO thread (\(ThreadRecord.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(record.id.urn), .text(record.peer.text), SQLValue(record.authority), .text(record.reference),
                .text(record.subject), .integer(record.opened.secondsSince1970), SQLValue(record.openedBy?.text),
                .integer(record.ownSequence), SQLValue(record.ownLastDigest), .integer(record.peerSequence),
                SQLValue(record.closed),
            ]
        )
    }
}
