import BundleExchange
import CaseWork
import ExchangeModel
import LegalAssistance

extension OfficerInterface {
    /// What is due, why, and what moves it.
    static func deadlines(_ gateway: ExchangeGateway, _ office: CaseOffice) -> [String: Handler] {
        let (deadlines, now) = (office.deadlines, gateway.core.now)
        @Sendable func list(_ lines: [DueLine]) -> OfficerAnswer {
            let now = now()
            return .value(.members(["items": .array(lines.map { JSONValue($0, now: now) })]))
        }
        return [
            "listRequestDeadlines": { call in list(try await deadlines.list(of: call.requestID(), by: call.person)) },
            "listDueDeadlines": { call in
                let before = try call.queryTime("before") ?? now().adding(seconds: 30 * 86_400)
                return list(try await deadlines.due(before: before, limit: call.limit, by: call.person))
            },
            "explainDeadline": { call in
                let deadline = call.query["deadline"]?.text ?? ""
                let line = try await deadlines.explain(deadline, of: call.requestID(), by: call.person)
                return .value(
                    .members([
                        "deadline": JSONValue(line, now: now()),
                        "lines": .array(line.deadline.explanation.lines.map(JSONValue.text)),
                    ])
                )
            },
            "pauseDeadlines": { call in
                let reason = try call.body.text("reason")
                return list(try await deadlines.pause(call.requestID(), reason: reason, by: call.person))
            },
            "resumeDeadlines": { call in list(try await deadlines.resume(call.requestID(), by: call.person)) },
            "extendDeadline": { call in
                list(
                    try await deadlines.extend(
                        call.body.text("deadline"),
                        of: call.requestID(),
                        until: call.body.value("until") { CivilDate(iso: $0) },
                        reason: call.body.text("reason"),
                        by: call.person
                    )
                )
            },
        ]
    }
}
