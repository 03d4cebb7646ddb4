public import EvidencePackaging
import ExchangeLog
public import ExchangeModel
import Persistence

/// Where evidence is registered, taken in and kept, with its custody.
public struct EvidenceRoom: Sendable {
    let core: GatewayCore

    /// Works with the gateway's store, blobs and clock.
    public init(core: GatewayCore) { self.core = core }

    /// Which items to list.
    public struct Filter: Hashable, Sendable {
        /// Only those of this thread.
        public var thread: ThreadID?
        /// Only those whose bytes are here, or only those whose bytes are not.
        public var isTakenIn: Bool?
        /// Only those whose name or description contains this, whatever the case.
        public var text: String?
        /// How many at most, 1 to 500.
        public var limit = 100
        /// How many to leave out at the beginning.
        public var skip = 0

        /// All items.
        public init() {}
    }

    /// Describes an item whose bytes follow.
    ///
    /// - Throws: `access.denied`, `request.value`, `request.not_found` for the thread.
    public func register(
        _ registration: EvidenceRegistration,
        by person: ActingPerson
    ) async throws -> EvidenceRecord {
        try await core.authorise(person, to: .takeInEvidence)
        let now = core.now()
        try registration.check(now: now)
        let id = try EvidenceID.random()
        var entry = try core.entry(.evidenceRegistered, by: person)
        entry.item = id.text
        entry.thread = registration.thread
        entry.digest = registration.expectedSHA256
        return try await core.store.write { [entry] store in
            try Self.insert(registration, as: id, at: now, by: person, in: store)
            try store.append(entry, to: .exchange)
            return try Self.visible(id, to: person, in: store)
        }
    }

    /// Items of the person's authority, the newest first.
    ///
    /// - Throws: `access.denied`, `request.value`.
    public func list(_ filter: Filter = Filter(), by person: ActingPerson) async throws -> [EvidenceRecord] {
        try await core.authorise(person, to: .seeEvidence)
        guard (1...500).contains(filter.limit), filter.skip >= 0 else {
            throw ExchangeError(.requestValue, "At most 500 items are listed at once")
        }
        return try await core.store.read { store in
            var sql = EvidenceRecord.query + " WHERE evidence.authority = ?"
            var arguments: [SQLValue] = [.text(person.authority)]
            if let thread = filter.thread {
                sql += " AND evidence.thread = ?"
                arguments.append(.text(thread.urn))
            }
            if let isTakenIn = filter.isTakenIn {
                sql += isTakenIn ? " AND evidence.file IS NOT NULL" : " AND evidence.file IS NULL"
            }
            return try ListPage(text: filter.text, limit: filter.limit, skip: filter.skip)
                .rows(sql + " ORDER BY evidence.registered DESC, evidence.id", arguments, in: store) {
                    try EvidenceRecord(row: $0)
                } texts: {
                    [$0.originalName, $0.description ?? ""]
                }
        }
    }

    /// One item with its custody.
    ///
    /// - Throws: `access.denied`, `request.not_found`.
    public func show(_ id: EvidenceID, by person: ActingPerson) async throws -> EvidenceFile {
        try await core.authorise(person, to: .seeEvidence)
        return try await core.store.read { store in
            let record = try Self.visible(id, to: person, in: store)
            return EvidenceFile(
                record: record,
                custody: try Self.custody(of: id, in: store),
                scan: try record.origin.flatMap { try ScanFinding.of($0, in: store) }
            )
        }
    }

    /// Enters a step in the custody of an item; the time is now, and nothing entered is ever changed.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.value`, `evidence.clock`.
    public func recordCustody(
        _ id: EvidenceID,
        action: String,
        place: String? = nil,
        note: String? = nil,
        by person: ActingPerson
    ) async throws -> EvidenceFile {
        try await core.authorise(person, to: .recordCustody)
        try StatementText.requireLine(action, "action")
        if let place { try StatementText.requireLine(place, "place") }
        if let note { try StatementText.requireText(note, "note") }
        let event = EvidenceManifest.CustodyEvent(
            time: core.now(),
            action: action,
            person: person.name,
            place: place,
            note: note
        )
        var entry = try core.entry(.evidenceCustody, by: person)
        entry.item = id.text
        return try await core.store.write { [entry] store in
            var entry = entry
            let record = try Self.visible(id, to: person, in: store)
            entry.thread = record.thread
            try Self.append(event, to: id, in: store)
            try store.append(entry, to: .exchange)
            return EvidenceFile(record: record, custody: try Self.custody(of: id, in: store))
        }
    }

    /// The bytes of an item, to be read by the person; the log of the house tells who read it.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `evidence.not_taken_in`, `evidence.destroyed`, `blob.*`.
    public func reader(
        of id: EvidenceID,
        by person: ActingPerson
    ) async throws -> (record: EvidenceRecord, source: any ByteSource) {
        try await core.authorise(person, to: .readEvidence)
        var entry = try core.entry(.viewEvidence, by: person)
        entry.item = id.text
        let (record, blob) = try await core.store.write { [entry] store in
            var entry = entry
            let record = try Self.visible(id, to: person, in: store)
            let content = try Self.requireContent(of: record)
            let blob = try StoredFiles.blob(content.file, in: store)
            entry.thread = record.thread
            entry.digest = content.sha256
            try store.append(entry, to: .house)
            return (record, blob)
        }
        return (record, try core.blobs.reader(blob))
    }

    // MARK: - Within a transaction

    /// An item of the person's authority.
    ///
    /// - Throws: `request.not_found`.
    static func visible(
        _ id: EvidenceID,
        to person: ActingPerson,
        in store: any StoreReading
    ) throws -> EvidenceRecord {
        let found = try store.row(
            EvidenceRecord.query + " WHERE evidence.id = ? AND evidence.authority = ?",
            [.text(id.text), .text(person.authority)]
        )
        guard let found else { throw ExchangeError.notFound("item of evidence", id.text) }
        return try EvidenceRecord(row: found)
    }

    /// The bytes of an item that are here and not destroyed.
    ///
    /// - Throws: `evidence.not_taken_in`, `evidence.destroyed`.
    static func requireContent(of record: EvidenceRecord) throws -> EvidenceRecord.Content {
        guard let content = record.content else {
            throw ExchangeError(
                .evidenceNotTakenIn,
                "The bytes of the item \(record.id) have not been taken in",
                hint: "rogatory evidence take-in sends them"
            )
        }
        guard content.destroyed == nil else {
            throw ExchangeError(.evidenceDestroyed, "The item \(record.id) was destroyed")
        }
        return content
    }

    /// The custody of an item, earliest first.
    static func custody(
        of id: EvidenceID,
        in store: any StoreReading
    ) throws -> [EvidenceManifest.CustodyEvent] {
        try store.rows(
            "SELECT time, action, person, tool, place, note FROM custody_event WHERE evidence = ? ORDER BY number",
            [.text(id.text)]
        ).map { row in
            EvidenceManifest.CustodyEvent(
                time: try row.time("time"),
                action: try row.text("action"),
                person: try row.text("person"),
                tool: try row.optionalText("tool"),
                place: try row.optionalText("place"),
                note: try row.optionalText("note")
            )
        }
    }

    /// Adds a custody event after all others; the caller enters it in the log.
    ///
    /// - Throws: `evidence.clock` when it would stand before the last one.
    static func append(
        _ event: EvidenceManifest.CustodyEvent,
        to id: EvidenceID,
        in store: any StoreWriting
    ) throws {
        let last = try store.row(
            "SELECT MAX(number) AS number, MAX(time) AS time FROM custody_event WHERE evidence = ?",
            [.text(id.text)]
        )
        if let time = try last?.optionalTime("time"), event.time < time {
            throw ExchangeError(
                .evidenceClock,
                "The gateway's clock stands before the last custody event of the item \(id)",
                hint: "an administrator should look at the clock"
            )
        }
        let number = try (last?.optionalInteger("number") ?? 0) + 1
        guard number <= 1_000 else {
            throw ExchangeError(.requestValue, "The item has 1000 custody events, and a manifest holds no more")
        }
        try insert(event, number: number, of: id, in: store)
    }

    /// Writes a custody event under its number.
    static func insert(
        _ event: EvidenceManifest.CustodyEvent,
        number: Int64,
        of id: EvidenceID,
        in store: any StoreWriting
    ) throws {
        try store.execute(
            """
            INSERT INTO custody_event (evidence, number, time, action, person, tool, place, note) \
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(id.text), .integer(number), SQLValue(event.time), .text(event.action), .text(event.person),
                SQLValue(event.tool), SQLValue(event.place), SQLValue(event.note),
            ]
        )
    }

    /// Enters an item without bytes; the caller enters it in the log.
    static func insert(
        _ registration: EvidenceRegistration,
        as id: EvidenceID,
        at now: ExchangeTime,
        by person: ActingPerson,
        in store: any StoreWriting
    ) throws {
        if let thread = registration.thread {
            let found = try ThreadRegister.visible(thread, to: person, in: store)
            guard found.authority == person.authority else {
                throw ExchangeError(.wrongState, "The thread is not assigned to an authority yet")
            }
        }
        try store.execute(
            """
            INSERT INTO evidence (id, authority, thread, original_name, media_type, description, acquisition, \
            expected_sha256, expected_size, registered, registered_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(id.text), .text(person.authority), SQLValue(registration.thread?.urn),
                .text(registration.originalName),
                .text(registration.mediaType ?? EvidenceIntake.mediaType(of: registration.originalName)),
                SQLValue(registration.description),
                SQLValue(try registration.acquisition.map { try AcquisitionRecord.text($0) }),
                SQLValue(registration.expectedSHA256), SQLValue(registration.expectedSize), SQLValue(now),
                .text(person.person.text),
            ]
        )
        for event in registration.earlierCustody { try append(event, to: id, in: store) }
    }
}
