import BundleExchange
import CaseWork
import ExchangeModel
import GatewayListener
import GatewayText
import LegalAssistance

extension OfficerInterface {
    /// What the sides of a request do: messages drafted, steps recorded, tables imported; and what keeps a message back.
    static func messages(_ office: CaseOffice) -> [String: Handler] {
        let requests = office.requests
        return [
            "draftMessage": { call in
                let file = try await requests.draft(call.body.order(), for: call.requestID(), by: call.person)
                return .made(JSONValue(file), at: "/drafts/\(file.record.id)")
            },
            "recordStep": { call in
                let step = try call.body.step(office.book)
                return .value(office.value(try await requests.record(step, of: call.requestID(), by: call.person)))
            },
            "importRequests": { call in
                let result = try await requests.importTable(
                    call.request.body,
                    isTrial: call.query["trial"]?.bool ?? false,
                    by: call.person
                )
                return .value(JSONValue(result))
            },
            "checkRequest": { call in
                let languages = try call.query["letterLanguages"]?.text.map { text in
                    try text.split(separator: ",", omittingEmptySubsequences: false).map { code in
                        guard let language = Language(rawValue: String(code)) else {
                            throw OfficerCall.unfit("letterLanguages")
                        }
                        return language
                    }
                }
                let missing = try await requests.check(call.requestID(), in: languages, by: call.person)
                return .value(.members(["items": .array(missing.map { JSONValue($0) })]))
            },
            "preflightRequest": { call in
                let findings = try await requests.preflight(call.requestID(), by: call.person)
                return .value(.members(["items": .array(findings.map { JSONValue($0) })]))
            },
        ]
    }
}

extension JSONObject {
    private func act() throws -> RequestAct { try RequestAct(json: self["act"]?.object ?? JSONObject()) }

    fileprivate func order() throws -> ActOrder {
        var order = ActOrder(try act())
        order.subject = optionalText("subject")
        if self["letterLanguages"] != nil {
            order.letterLanguages = texts("letterLanguages").compactMap { Language(rawValue: $0) }
        }
        order.text = optionalText("text")
        order.documents = try documents()
        order.evidence = try evidence()
        order.useLimits = try useLimits()
        order.approver = try optional("approver") { PersonID($0) }
        order.soleReleaseReason = optionalText("soleReleaseReason")
        order.recipientAgency = optionalText("recipientAgency")
        if let delivery = try delivery() { order.order = delivery }
        return order
    }

    fileprivate func step(_ book: CaseBook) throws -> StepRecord {
        var step = StepRecord(
            side: try value("side") { Side(rawValue: $0) },
            act: try act(),
            time: book.instant(of: try value("time") { PointInTime($0) }),
            reference: try text("reference")
        )
        step.received = try optional("received") { PointInTime($0) }.map(book.instant)
        step.scan = try optional("scan") { StoredFileID($0) }
        return step
    }
}

extension JSONValue {
    fileprivate init(_ result: ImportResult) {
        self = .members([
            "imported": .integer(Int64(result.imported)),
            "faults": .array(
                result.faults.map { fault in
                    .members([
                        "line": .integer(Int64(fault.line)), "column": fault.column.map(JSONValue.text),
                        "reason": .text(fault.reason),
                    ])
                }
            ),
        ])
    }

    fileprivate init(_ item: MissingItem) {
        let texts = Texts(.english)
        self = .members([
            "field": .text(item.field.rawValue), "label": .text(texts(item.field.labelKey)),
            "help": .text(texts(item.field.helpKey)), "problem": .text(item.problem.rawValue),
            "severity": .text(item.severity.rawValue), "instrument": item.instrument.map(JSONValue.text),
            "content": item.content.map(JSONValue.text), "article": item.article.map(JSONValue.text),
            "confidence": .text(item.confidence.rawValue), "remedy": .text(texts(item.remedy.rawValue)),
        ])
    }

    fileprivate init(_ finding: PreflightFinding) {
        self = .members([
            "check": .text(finding.check), "outcome": .text(finding.outcome.rawValue),
            "sentence": .text(finding.sentence), "mender": finding.mender.map { .text($0.rawValue) },
        ])
    }
}
