import BundleExchange
import ExchangeModel
import LegalAssistance
import Persistence

/// Requests in the database.
enum RequestRows {
    /// Stands for "nothing falls due", so that such requests come last in the index.
    static let never: Int64 = 253_402_300_799

    static let columns = """
        id, side, channel, partner_state, partner_authority, peer, authority, assigned, stand_in, reference, \
        partner_reference, subject, instrument, request_types, facts, form, opened, changed, phase, flags, owes, \
        next_deadline, next_due, next_kind, next_confidence, next_by, is_overdue, ended
        """

    static func find(_ id: ThreadID, in store: any StoreReading) throws -> RequestRecord? {
        try store.row("SELECT \(columns) FROM assistance_request WHERE id = ?", [SQLValue(id)])
            .map { try RequestRecord($0) }
    }

    /// A request of the person's authority.
    ///
    /// - Throws: `request.not_found`.
    static func visible(_ id: ThreadID, to person: ActingPerson, in store: any StoreReading) throws -> RequestRecord {
        guard let found = try find(id, in: store), found.authority == person.authority else {
            throw ExchangeError.notFound("request", id.uuid)
        }
        return found
    }

    static func insert(_ record: RequestRecord, in store: any StoreWriting) throws {
        let marks = Array(repeating: "?", count: 29).joined(separator: ", ")
        try store.execute(
            "INSERT INTO assistance_request (\(columns), search) VALUES (\(marks))",
            try values(of: record) + [.text("")]
        )
        try enterWords(of: record, in: store)
    }

    /// Writes everything anew but what names it.
    static func update(_ record: RequestRecord, in store: any StoreWriting) throws {
        let names = columns.split { $0 == "," || $0 == " " || $0 == "\n" }.dropFirst()
        try store.execute(
            "UPDATE assistance_request SET \(names.map { $0 + " = ?" }.joined(separator: ", ")) WHERE id = ?",
            try values(of: record).dropFirst() + [SQLValue(record.id)]
        )
        try enterWords(of: record, in: store)
    }

    /// Writes when things happened.
    static func update(times: CaseFile.Times, of id: ThreadID, in store: any StoreWriting) throws {
        try store.execute(
            """
            UPDATE assistance_request SET dispatched = ?, received = ?, acknowledged = ?, decided = ?, executed = ?, \
            refusal_ground = ?, remind = ?, worked_out = ? WHERE id = ?
            """,
            [
                SQLValue(times.dispatched), SQLValue(times.received), SQLValue(times.acknowledged),
                SQLValue(times.decided), SQLValue(times.executed), SQLValue(times.ground), SQLValue(times.remind),
                SQLValue(times.workedOut),
                SQLValue(id),
            ]
        )
    }

    private static func values(of record: RequestRecord) throws -> [SQLValue] {
        [
            SQLValue(record.id), .text(record.side.rawValue), .text(record.channel.rawValue),
            .text(record.partnerState.text), .text(record.partnerAuthority), SQLValue(record.peer),
            .text(record.authority), SQLValue(record.assigned?.text), SQLValue(record.standIn?.text),
            .text(record.reference), SQLValue(record.partnerReference), .text(record.subject),
            SQLValue(record.instrument), .text(record.requestTypes.joined(separator: " ")),
            .text(try StoredJSON.text(record.facts)), .text(try StoredJSON.text(record.form)), SQLValue(record.opened),
            SQLValue(record.changed), .text(record.phase), .text(record.flags.joined(separator: " ")),
            SQLValue(record.owes?.rawValue), SQLValue(record.next?.deadline),
            .integer(record.next?.due.secondsSince1970 ?? never), SQLValue(record.next?.kind),
            SQLValue(record.next?.confidence.rawValue), SQLValue(record.next?.owed.rawValue),
            SQLValue(record.isOverdue), SQLValue(record.ended),
        ]
    }
}

extension RequestRecord {
    init(_ row: StoredRow) throws {
        func known<Value>(_ value: Value?) throws -> Value {
            guard let value else {
                throw ExchangeError(.storeUnexpectedValue, "The database holds a request with an unknown value")
            }
            return value
        }
        func words(_ column: String) throws -> [String] { try row.text(column).split(separator: " ").map(String.init) }
        id = try row.id("id")
        side = try known(Side(rawValue: row.text("side")))
        channel = try known(Channel(rawValue: row.text("channel")))
        partnerState = try known(StateCode(row.text("partner_state")))
        partnerAuthority = try row.text("partner_authority")
        peer = try row.optionalText("peer").map { try known(PartyID($0)) }
        authority = try row.text("authority")
        assigned = try row.optionalText("assigned").map { try known(PersonID($0)) }
        standIn = try row.optionalText("stand_in").map { try known(PersonID($0)) }
        reference = try row.text("reference")
        partnerReference = try row.optionalText("partner_reference")
        subject = try row.text("subject")
        instrument = try row.optionalText("instrument")
        requestTypes = try words("request_types")
        facts = try StoredJSON.value(RequestFacts.self, in: row.text("facts"))
        form = try StoredJSON.value([String: String].self, in: row.text("form"))
        opened = try row.time("opened")
        changed = try row.time("changed")
        phase = try row.text("phase")
        flags = try words("flags")
        owes = try row.optionalText("owes").map { try known(Party(rawValue: $0)) }
        isOverdue = try row.integer("is_overdue") != 0
        ended = try row.optionalTime("ended")
        if let deadline = try row.optionalText("next_deadline") {
            next = NextDeadline(
                deadline: deadline,
                due: try row.time("next_due"),
                kind: try row.text("next_kind"),
                confidence: try known(Confidence(rawValue: row.text("next_confidence"))),
                owed: try known(Party(rawValue: row.text("next_by")))
            )
        } else {
            next = nil
        }
    }
}
