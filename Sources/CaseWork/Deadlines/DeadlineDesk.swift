public import BundleExchange
import ExchangeLog
public import ExchangeModel
public import LegalAssistance
import Persistence

/// A deadline with the request that it belongs to.
public struct DueLine: Sendable {
    /// The request.
    public let request: RequestRecord
    /// The deadline.
    public let deadline: Deadline
}

/// What is due by when, from whom, and why; with pauses and extensions that people here entered.
public struct DeadlineDesk: Sendable {
    let core: GatewayCore
    let book: CaseBook

    /// All deadlines of one request.
    ///
    /// - Throws: `access.denied`, `request.not_found`.
    public func list(of id: ThreadID, by person: ActingPerson) async throws -> [DueLine] {
        try await core.authorise(person, to: .seeThreads)
        return try await core.store.read { store in
            let file = try book.caseFile(of: RequestRows.visible(id, to: person, in: store), in: store)
            return file.deadlines.map { DueLine(request: file.record, deadline: $0) }
        }
    }

    /// What falls due before a time in the open requests of the person's authority, the nearest first; at most so many
    /// requests are looked at, 1 to 500.
    ///
    /// - Throws: `access.denied`, `request.value`.
    public func due(before time: ExchangeTime, limit: Int = 100, by person: ActingPerson) async throws -> [DueLine] {
        try await core.authorise(person, to: .seeThreads)
        guard (1...500).contains(limit) else {
            throw ExchangeError(.requestValue, "At most 500 requests are looked at once")
        }
        return try await core.store.read { store in
            let rows = try store.rows(
                """
                SELECT \(RequestRows.columns) FROM assistance_request \
                WHERE authority = ? AND ended IS NULL AND next_due < ? ORDER BY next_due, id LIMIT ?
                """,
                [.text(person.authority), SQLValue(time), .integer(Int64(limit))]
            )
            let lines = try rows.flatMap { row in
                let file = try book.caseFile(of: RequestRecord(row), in: store)
                return file.deadlines.filter { deadline in
                    [.running, .overdue, .paused].contains(deadline.status) && deadline.end.map { $0 < time } ?? false
                }.map { DueLine(request: file.record, deadline: $0) }
            }
            return lines.sorted { ($0.deadline.end ?? time) < ($1.deadline.end ?? time) }
        }
    }

    /// One deadline, with how it came about.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `deadline.unknown`.
    public func explain(_ deadline: String, of id: ThreadID, by person: ActingPerson) async throws -> DueLine {
        let lines = try await list(of: id, by: person)
        guard let found = lines.first(where: { $0.deadline.id == deadline }) else {
            throw Self.unknown(deadline, lines.map(\.deadline.id))
        }
        return found
    }

    /// Rests the deadlines of a request from now on. A treaty's clock does not stop by that; its end stays and says so.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.value`, `request.wrong_state` when it rests already.
    public func pause(_ id: ThreadID, reason: String, by person: ActingPerson) async throws -> [DueLine] {
        try await core.authorise(person, to: .manageDeadlines)
        try Self.require(reason)
        let pause = try StoredFileID.random().text
        try await core.store.write { store in
            let record = try RequestRows.visible(id, to: person, in: store)
            guard try DeadlineRows.pauses(of: id, in: store).allSatisfy({ $0.pause.until != nil }) else {
                throw ExchangeError(.wrongState, "The request's deadlines rest already")
            }
            try store.execute(
                """
                INSERT INTO deadline_pause (id, request, deadline, begins, reason, person) VALUES (?, ?, '*', ?, ?, ?)
                """,
                [.text(pause), SQLValue(id), SQLValue(core.now()), .text(reason), .text(person.person.text)]
            )
            try note(.deadlinePaused, record, "*", by: person, in: store)
            try book.refreshed(id, in: store)
        }
        return try await list(of: id, by: person)
    }

    /// Lets the deadlines of a request run again.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state` when none rests.
    public func resume(_ id: ThreadID, by person: ActingPerson) async throws -> [DueLine] {
        try await core.authorise(person, to: .manageDeadlines)
        try await core.store.write { store in
            let record = try RequestRows.visible(id, to: person, in: store)
            let changed = try store.execute(
                "UPDATE deadline_pause SET until = ? WHERE request = ? AND until IS NULL",
                [SQLValue(core.now()), SQLValue(id)]
            )
            guard changed > 0 else { throw ExchangeError(.wrongState, "No deadline of the request rests") }
            try note(.deadlineResumed, record, "*", by: person, in: store)
            try book.refreshed(id, in: store)
        }
        return try await list(of: id, by: person)
    }

    /// Enters another end for a deadline, with the reason; for what the sides agreed outside the gateways, and for our
    /// own limits. Between gateways an extension is a signed message.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.value`, `deadline.unknown`.
    public func extend(
        _ deadline: String,
        of id: ThreadID,
        until: CivilDate,
        reason: String,
        by person: ActingPerson
    ) async throws -> [DueLine] {
        try await core.authorise(person, to: .manageDeadlines)
        try Self.require(reason)
        let name = try StoredFileID.random().text
        try await core.store.write { store in
            let record = try RequestRows.visible(id, to: person, in: store)
            let file = try book.caseFile(of: record, in: store)
            guard let found = file.deadlines.first(where: { $0.id == deadline }) else {
                throw Self.unknown(deadline, file.deadlines.map(\.id))
            }
            if record.channel.isProven, found.kind != .internal {
                throw ExchangeError(
                    .caseWrongChannel,
                    "Between gateways an extension is a signed message",
                    hint: "rogatory request extend"
                )
            }
            if let due = found.dueDay, until <= due {
                throw ExchangeError(.requestValue, "The new end is not after \(due)")
            }
            try store.execute(
                """
                INSERT INTO deadline_extension (id, request, deadline, until, reason, entered, person) \
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(name), SQLValue(id), .text(deadline), .text(until.description), .text(reason),
                    SQLValue(core.now()), .text(person.person.text),
                ]
            )
            try note(.deadlineExtended, record, deadline, by: person, in: store)
            try book.refreshed(id, in: store)
        }
        return try await list(of: id, by: person)
    }

    private func note(
        _ kind: LogEntry.Kind,
        _ record: RequestRecord,
        _ deadline: String,
        by person: ActingPerson,
        in store: any StoreWriting
    ) throws {
        var entry = try core.entry(kind, by: person)
        entry.thread = record.id
        entry.subject = deadline
        try store.append(entry, to: .house)
    }

    private static func require(_ reason: String) throws {
        try StatementText.requireText(reason, "reason", most: 4_096)
        guard !reason.trimmed().isEmpty else { throw ExchangeError(.requestValue, "A reason is needed") }
    }

    private static func unknown(_ deadline: String, _ known: [String]) -> ExchangeError {
        ExchangeError(
            .deadlineUnknown,
            "The request has no deadline “\(deadline.prefix(96))”",
            hint: known.isEmpty ? "it has none at all" : "it has " + known.joined(separator: ", ")
        )
    }
}
