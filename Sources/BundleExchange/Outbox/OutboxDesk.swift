import ExchangeLog
public import ExchangeModel
import Persistence

/// Where people see what waits in the outbox and for what, and have it wait, go on, or be tried now.
public struct OutboxDesk: Sendable {
    /// A piece of work that waits or is being done.
    public struct Item: Hashable, Sendable {
        /// Its name.
        public let id: String
        /// What is to be done: seal, reseal, deliver, open, issue_receipt, send_receipt.
        public let work: String
        /// The partner that it concerns.
        public let peer: PartyID?
        /// The bundle that it is for.
        public let bundle: BundleKey?
        /// The draft that it is for.
        public let draft: String?
        /// emergency, urgent or routine.
        public let priority: ExchangeHeader.Priority
        /// Since when it waits.
        public let entered: ExchangeTime
        /// How often it was tried.
        public let attempts: Int64
        /// Why the last attempt failed.
        public let lastError: String?
        /// When it is tried next; `nil` while it is held or being done.
        public let next: ExchangeTime?
        /// `paused` by a person, or `crashed`: it ended the gateway several times.
        public let held: String?
        /// Since when it is being done.
        public let begun: ExchangeTime?
        /// How the way to the partner stands, where it must be reached.
        public let way: PeerWay?
    }

    private let core: GatewayCore
    private let scheduler: OutboxScheduler

    /// Takes the gateway and who does the work.
    public init(core: GatewayCore, scheduler: OutboxScheduler) {
        self.core = core
        self.scheduler = scheduler
    }

    /// What waits, what waits longest first; officers see what is their authority's.
    ///
    /// - Parameters:
    ///   - peer: Only what concerns one partner.
    ///   - limit: At most so many.
    ///   - skip: How many to pass over.
    ///   - person: Who asks.
    /// - Returns: The work.
    /// - Throws: `access.denied`.
    public func list(peer: PartyID? = nil, limit: Int = 100, skip: Int = 0, by person: ActingPerson) async throws
        -> [Item]
    {
        try await core.authorise(person, to: .seeOutbox)
        let (condition, arguments) = sight(of: person)
        let wanted = peer == nil ? "" : " AND outbox.lane LIKE ?"
        let names = peer.map { [SQLValue.text("% " + $0.text)] } ?? []
        let rows = [SQLValue.integer(Int64(max(1, min(limit, 501)))), .integer(Int64(max(0, skip)))]
        let values = arguments + names + rows
        return try await core.store.read { store in
            try store.rows(
                """
                SELECT * FROM outbox WHERE \(condition)\(wanted) ORDER BY entered, outbox.id LIMIT ? OFFSET ?
                """,
                values
            ).map(item)
        }
    }

    /// Has the delivery of a bundle wait until it is resumed; it can still expire. Asking again changes nothing.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `delivery.*` once the partner has it.
    @discardableResult
    public func pause(_ key: BundleKey, by person: ActingPerson) async throws -> BundleRecord {
        let (record, ids) = try await steer(key, .bundlePaused, by: person) { record, now, store in
            guard record.paused == nil else { return false }
            try store.execute(
                "UPDATE exchange_bundle SET paused = ? WHERE sender = ? AND id = ?",
                [.integer(now.secondsSince1970)] + record.key.arguments
            )
            try store.execute(
                "UPDATE outbox SET held = ? WHERE \(Self.ways) AND held IS NULL",
                [.text(OutboxEntry.Hold.paused.rawValue)] + record.key.arguments
            )
            return true
        }
        scheduler.callOff(ids)
        return record
    }

    /// Lets the delivery of a paused bundle go on, at once. Asking again changes nothing.
    ///
    /// - Throws: As ``pause(_:by:)``.
    @discardableResult
    public func resume(_ key: BundleKey, by person: ActingPerson) async throws -> BundleRecord {
        let (record, _) = try await steer(key, .bundleResumed, by: person) { record, now, store in
            guard record.paused != nil else { return false }
            try store.execute(
                "UPDATE exchange_bundle SET paused = NULL WHERE sender = ? AND id = ?",
                record.key.arguments
            )
            try store.execute(
                "UPDATE outbox SET held = NULL, due = ? WHERE \(Self.ways) AND held = ?",
                [.integer(now.secondsSince1970)] + record.key.arguments + [
                    .text(OutboxEntry.Hold.paused.rawValue)
                ]
            )
            return true
        }
        scheduler.wake()
        return record
    }

    /// Has a piece of work tried now, also one that was set aside after it had ended the gateway several times.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state` for one that a person has wait.
    @discardableResult
    public func retry(_ id: String, by person: ActingPerson) async throws -> Item {
        try await core.authorise(person, to: .steerOutbox)
        let (condition, arguments) = sight(of: person)
        var note = try core.entry(.workRetried, by: person)
        note.subject = String(id.prefix(64))
        let entry = note
        let now = core.now()
        let item = try await core.store.write { store -> Item in
            guard let row = try store.row("SELECT * FROM outbox WHERE id = ? AND \(condition)", [.text(id)] + arguments)
            else { throw ExchangeError(.notFound, "No such work waits") }
            let work = try OutboxEntry(row)
            guard try row.optionalText("held") != OutboxEntry.Hold.paused.rawValue else {
                throw ExchangeError(.wrongState, "The delivery is paused", hint: "resume it: rogatory outbox resume")
            }
            try store.execute(
                """
                UPDATE outbox SET held = NULL, due = ?,
                    crashes = CASE WHEN held IS NULL THEN crashes ELSE 0 END WHERE id = ?
                """,
                [.integer(now.secondsSince1970), .text(id)]
            )
            try store.append(entry, to: .house)
            if let peer = work.peer { scheduler.probe(peer) }
            guard let now = try store.row("SELECT * FROM outbox WHERE id = ?", [.text(id)]) else {
                throw ExchangeError(.notFound, "No such work waits")
            }
            return try self.item(now)
        }
        scheduler.wake()
        return item
    }

    // MARK: -

    private static let ways = "kind IN ('deliver', 'reseal') AND sender = ? AND bundle = ?"

    /// - Returns: The bundle as it is then, and the work that brings it to its recipient.
    private func steer(
        _ key: BundleKey,
        _ kind: LogEntry.Kind,
        by person: ActingPerson,
        _ change: @escaping @Sendable (BundleRecord, ExchangeTime, any StoreWriting) throws -> Bool
    ) async throws -> (BundleRecord, [String]) {
        try await core.authorise(person, to: .steerOutbox)
        let now = core.now()
        return try await core.store.write { [core] store in
            guard let record = try Self.record(key, for: person, in: store) else {
                throw ExchangeError(.notFound, "No such bundle was sent from here")
            }
            guard DeliveryMachine.underWay.contains(record.state) else {
                // Says why as cancelling would.
                _ = try DeliveryMachine.next(record.state, .cancelled, .outgoing)
                throw ExchangeError(.deliveryEnded, "The delivery of the bundle has ended")
            }
            guard try change(record, now, store) else { return (record, []) }
            try store.append(
                core.entry(
                    kind,
                    of: record,
                    by: LoggedPerson(person)
                ),
                to: .exchange
            )
            let work = try store.rows("SELECT id FROM outbox WHERE \(Self.ways)", key.arguments).map {
                try $0.text("id")
            }
            return (try BundleRecord.find(key, .outgoing, in: store) ?? record, work)
        }
    }

    /// An outgoing bundle that the person may steer: those who keep the gateway may steer each, and see nothing of it.
    static func record(_ key: BundleKey, for person: ActingPerson, in store: any StoreReading) throws -> BundleRecord? {
        person.may(.seeStatus)
            ? try BundleRecord.find(key, .outgoing, in: store)
            : try BundleRecord.visible(key, .outgoing, to: person, in: store)
    }

    private func sight(of person: ActingPerson) -> (condition: String, arguments: [SQLValue]) {
        guard !person.may(.seeStatus) else { return ("1 = 1", []) }
        return (
            """
            NOT EXISTS (SELECT 1 FROM exchange_bundle x JOIN thread t ON t.id = x.thread
                WHERE x.sender = outbox.sender AND x.id = outbox.bundle AND t.authority <> ?)
            AND NOT EXISTS (SELECT 1 FROM draft d WHERE d.id = outbox.draft AND d.authority <> ?)
            """,
            [.text(person.authority), .text(person.authority)]
        )
    }

    private func item(_ row: StoredRow) throws -> Item {
        let work = try OutboxEntry(row)
        let held = try row.optionalText("held")
        let begun = try row.optionalTime("begun")
        let way = work.kind.isOutward ? work.peer.map(scheduler.way(to:)) : nil
        var next: ExchangeTime? = work.due
        // A partner that is only probed is tried when the probe goes out.
        if let probe = way?.nextProbe, probe > work.due { next = probe }
        return Item(
            id: work.id,
            work: work.kind.rawValue,
            peer: work.peer ?? work.lane.flatMap { PartyID($0.party) },
            bundle: work.bundle,
            draft: work.draft,
            priority: OutboxEntry.priority(of: try row.optionalInteger("rank") ?? 2),
            entered: try row.time("entered"),
            attempts: work.attempts,
            lastError: try row.optionalText("last_error"),
            next: held == nil && begun == nil ? next : nil,
            held: held,
            begun: begun,
            way: way
        )
    }
}
