import CaseWork
import ExchangeModel
import LegalAssistance

extension JSONValue {
    /// A deadline with the request that it belongs to.
    init(_ line: DueLine, now: ExchangeTime) { self = JSONValue(line.deadline, of: line.request, now: now) }

    /// A deadline of a request.
    init(_ deadline: Deadline, of record: RequestRecord, now: ExchangeTime) {
        let limit = deadline.limit
        self = .members([
            "id": .text(deadline.id), "request": .brief(record), "kind": .text(deadline.kind.rawValue),
            "standing": deadline.standing.map { .text($0.rawValue) }, "event": .text(deadline.event.rawValue),
            "limit": limit.map { .text($0.id) }, "instrument": deadline.explanation.instrument.map(JSONValue.text),
            "article": limit.map { .text($0.article) }, "limitKind": limit.map { .text($0.kind.rawValue) },
            "amount": limit.map { .integer(Int64($0.amount)) }, "unit": limit.map { .text($0.unit.rawValue) },
            "confidence": limit.map { .text($0.confidence.rawValue) },
            "source": limit?.source.map(JSONValue.text), "note": limit?.note.map(JSONValue.text),
            "owes": deadline.owes.map { .text($0.rawValue) },
            "owed": deadline.owingSide.map { .text(record.party($0).rawValue) }, "duty": .bool(deadline.isDuty),
            "authority": deadline.authority.map { .text($0.rawValue) }, "zone": .text(deadline.zone.text),
            "anchor": deadline.anchor.map { JSONValue($0) }, "lastDay": deadline.lastDay.map(JSONValue.day),
            "rawEnd": deadline.rawEnd.map(JSONValue.time), "adjustedEnd": deadline.adjustedEnd.map(JSONValue.time),
            "rolledEnd": deadline.rolledEnd.map(JSONValue.time), "end": deadline.end.map(JSONValue.time),
            "dueDay": deadline.dueDay.map(JSONValue.day),
            "daysLeft": deadline.daysLeft(at: now).map(JSONValue.integer), "status": .text(deadline.status.rawValue),
            "metAt": deadline.metAt.map(JSONValue.time), "void": deadline.voidReason.map { .text(Self.word($0)) },
        ])
    }

    private static func word(_ reason: Deadline.VoidReason) -> String {
        switch reason {
        case .event(let event): event.kind.rawValue
        case .elapsed: "elapsed"
        }
    }

    private init(_ anchor: Deadline.Anchor) {
        switch anchor {
        case .event(let event):
            let (proof, digest, reference) = Self.proof(event.proof)
            self = .members([
                "event": .text(event.kind.rawValue), "time": .time(event.time), "proof": .text(proof),
                "digest": digest, "reference": reference,
            ])
        case .day(let day): self = .members(["day": .day(day)])
        case .endOf(let deadline): self = .members(["deadline": .text(deadline)])
        }
    }
}
