import BundleExchange
import CaseWork
import ExchangeModel
import LegalAssistance

extension JSONValue {
    /// A request as listings show it.
    init(_ record: RequestRecord, of book: CaseBook) { self = .object(JSONObject(Self.members(of: record, book))) }

    /// A request with where it stands, what is due and all that happened.
    init(_ file: CaseFile, of book: CaseBook, now: ExchangeTime, languages: [String]) {
        var members = Self.members(of: file.record, book)
        let form = file.record.form.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.text($0.value)) }
        let allowed = file.state.allowedActs(for: file.record.side)
        let sources = file.sources
        members += [
            ("form", .object(JSONObject(form))), ("state", JSONValue(file.state)),
            ("history", .array(file.state.history.map { JSONValue($0, from: sources[$0.id]) })),
            ("deadlines", .array(file.deadlines.map { JSONValue($0, of: file.record, now: now) })),
            (
                "allowedActs",
                .array(RequestAct.Kind.allCases.filter(allowed.contains).map { .text($0.rawValue) })
            ),
            ("letterLanguages", .array(languages.map(JSONValue.text))),
        ]
        if let pause = file.pause {
            members += [("pausedSince", .time(pause.from)), ("pauseReason", .text(pause.reason))]
        }
        self = .object(JSONObject(members))
    }

    /// What names a request beside something else.
    static func brief(_ record: RequestRecord) -> JSONValue {
        .members([
            "id": .text(record.id.uuid), "side": .text(record.side.rawValue), "reference": .text(record.reference),
            "subject": .text(record.subject), "partnerState": .text(record.partnerState.text),
            "partnerAuthority": .text(record.partnerAuthority), "phase": .text(record.phase),
        ])
    }

    private static func members(of record: RequestRecord, _ book: CaseBook) -> [(String, JSONValue)] {
        let day = book.dueDay(of: record)
        let value = JSONValue.members([
            "id": .text(record.id.uuid), "side": .text(record.side.rawValue),
            "channel": .text(record.channel.rawValue), "partnerState": .text(record.partnerState.text),
            "partnerAuthority": .text(record.partnerAuthority), "peer": record.peer.map { .text($0.text) },
            "authority": .text(record.authority), "assigned": record.assigned.map { .text($0.text) },
            "standIn": record.standIn.map { .text($0.text) }, "reference": .text(record.reference),
            "partnerReference": record.partnerReference.map(JSONValue.text), "subject": .text(record.subject),
            "instrument": record.instrument.map(JSONValue.text),
            "requestTypes": .array(record.requestTypes.map(JSONValue.text)), "facts": JSONValue(record.facts),
            "opened": .time(record.opened), "changed": .time(record.changed), "phase": .text(record.phase),
            "flags": .array(record.flags.map(JSONValue.text)), "owes": record.owes.map { .text($0.rawValue) },
            "next": record.next.flatMap { next in
                day.map { day in
                    .members([
                        "deadline": .text(next.deadline), "due": .time(next.due), "dueDay": .day(day.day),
                        "daysLeft": .integer(day.left), "kind": .text(next.kind),
                        "confidence": .text(next.confidence.rawValue), "owed": .text(next.owed.rawValue),
                    ])
                }
            },
            "overdue": .bool(record.isOverdue), "ended": record.ended.map(JSONValue.time),
        ])
        return (value.object?.members ?? []).map { ($0.name, $0.value) }
    }

    private init(_ facts: RequestFacts) {
        func flag(_ value: Bool) -> JSONValue? { value ? .bool(true) : nil }
        self = .members([
            "requestedBy": facts.requestedBy.map(JSONValue.day),
            "requestedReasons": facts.requestedReasons.map(JSONValue.text), "hearing": facts.hearing.map(JSONValue.day),
            "internalBy": facts.internalBy.map(JSONValue.day), "emergency": flag(facts.isEmergency),
            "urgent": flag(facts.isUrgent), "confidential": flag(facts.isConfidential),
        ])
    }

    /// A day in ISO 8601.
    static func day(_ day: CivilDate) -> JSONValue { .text(day.description) }

    /// A day or an instant.
    static func point(_ point: PointInTime) -> JSONValue { .text(point.description) }
}
