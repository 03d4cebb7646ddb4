import BundleExchange
import CaseWork
import ExchangeModel
import LegalAssistance

extension OfficerInterface {
    /// Treaties, what requests can rest on, and what was confirmed here.
    static func treaties(_ office: CaseOffice) -> [String: Handler] {
        let treaties = office.treaties
        return [
            "listTreaties": { call in
                .page(try await treaties.list(by: call.person), of: call) { JSONValue(summaryOf: $0) }
            },
            "showTreaty": { call in
                .value(JSONValue(try await treaties.show(call.text("treaty"), by: call.person)))
            },
            "listCandidates": { call in
                guard let requesting = try call.query("requesting", { StateCode($0) }),
                    let requested = try call.query("requested", { StateCode($0) })
                else { throw OfficerCall.unfit("requesting") }
                let types = try (call.query["type"]?.text ?? "").split(separator: ",").map { name in
                    guard let type = RequestType(rawValue: String(name)) else { throw OfficerCall.unfit("type") }
                    return type
                }
                let found = try await treaties.candidates(
                    between: requesting,
                    and: requested,
                    on: call.query("date") { CivilDate(iso: $0) },
                    types: types,
                    by: call.person
                )
                return .value(.members(["items": .array(found.map { JSONValue($0) })]))
            },
            "listConfirmations": { call in
                .page(try await treaties.confirmations(by: call.person), of: call) { JSONValue($0) }
            },
            "proposeConfirmation": { call in
                let record = try await treaties.propose(
                    call.body.value("subject") { TreatyConfirmation.Subject($0) },
                    document: call.body.value("document") { StoredFileID($0) },
                    citation: call.body.text("citation"),
                    by: call.person
                )
                return .made(JSONValue(record))
            },
            "decideConfirmation": { call in
                let record = try await treaties.decide(
                    call.text("confirmation"),
                    confirm: call.body["confirm"]?.bool ?? false,
                    by: call.person
                )
                return .value(JSONValue(record))
            },
        ]
    }
}

extension JSONValue {
    fileprivate init(_ record: ConfirmationRecord) {
        self = .members([
            "id": .text(record.id), "subject": .text(record.subject), "statement": .text(record.statement),
            "document": .text(record.document.text), "sha256": .digest(record.digest),
            "citation": .text(record.citation), "state": .text(record.state.rawValue),
            "proposed": .time(record.proposed), "proposedBy": .text(record.proposedBy.text),
            "decided": record.decided.map(JSONValue.time), "decidedBy": record.decidedBy.map { .text($0.text) },
        ])
    }
}
