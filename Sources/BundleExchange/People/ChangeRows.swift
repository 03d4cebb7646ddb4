import ExchangeModel
import Persistence

/// Reads and writes proposed changes.
enum ChangeRows {
    private static let columns =
        "SELECT id, body, state, proposed, proposed_by, decided, decided_by, reason FROM proposed_change "

    /// Those that wait first, then the newest first.
    static func all(_ reader: any StoreReading) throws -> [ChangeRecord] {
        let records = try reader.rows(columns + "ORDER BY proposed DESC, id", []).map(record)
        return records.filter(\.state.isOpen) + records.filter { !$0.state.isOpen }
    }

    static func change(_ id: String, _ reader: any StoreReading) throws -> ChangeRecord {
        guard let row = try reader.rows(columns + "WHERE id = ?", [.text(id)]).first else {
            throw ExchangeError(.notFound, "There is no such change", hint: "rogatory change list shows them")
        }
        return try record(row)
    }

    private static func record(_ row: StoredRow) throws -> ChangeRecord {
        guard let state = ChangeState(rawValue: try row.text("state")),
            let proposer = PersonID(try row.text("proposed_by"))
        else { throw PeopleRows.unreadable("a change") }
        return ChangeRecord(
            id: try row.text("id"),
            change: try ProposedChange(json: Array(row.text("body").utf8)),
            state: state,
            proposed: try row.time("proposed"),
            proposer: proposer,
            decided: try row.optionalTime("decided"),
            decider: try row.optionalText("decided_by").flatMap { PersonID($0) },
            reason: try row.optionalText("reason")
        )
    }

    static func insert(
        _ change: ProposedChange,
        id: String,
        state: ChangeState,
        reason: String?,
        by proposer: PersonID,
        at now: ExchangeTime,
        _ writer: any StoreWriting
    ) throws {
        try writer.execute(
            "INSERT INTO proposed_change (id, kind, body, proposed, proposed_by, state, reason) "
                + "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                .text(id), .text(change.kind.rawValue), .text(String(decoding: try change.json(), as: UTF8.self)),
                SQLValue(now), .text(proposer.text), .text(state.rawValue), SQLValue(reason),
            ]
        )
    }

    static func decide(
        _ id: String,
        _ state: ChangeState,
        reason: String?,
        by decider: PersonID,
        at now: ExchangeTime,
        _ writer: any StoreWriting
    ) throws {
        let changed = try writer.execute(
            "UPDATE proposed_change SET state = ?, decided = ?, decided_by = ?, reason = COALESCE(?, reason) "
                + "WHERE id = ? AND state IN ('proposed', 'in_effect')",
            [.text(state.rawValue), SQLValue(now), .text(decider.text), SQLValue(reason), .text(id)]
        )
        guard changed == 1 else { throw ExchangeError(.changeDecided, "The change was decided before") }
    }
}
