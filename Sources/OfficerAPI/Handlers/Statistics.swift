import CaseWork
import ExchangeModel
import GatewayListener
import LegalAssistance

extension OfficerInterface {
    /// Counts and durations.
    static func statistics(_ office: CaseOffice) -> [String: Handler] {
        let statistics = office.statistics
        return [
            "showStatistics": { call in
                var question = StatisticsDesk.Question()
                if let grouping = try call.query("by", { StatisticsDesk.Grouping(rawValue: $0) }) {
                    question.grouping = grouping
                }
                question.side = try call.query("side") { Side(rawValue: $0) }
                question.from = try call.queryTime("from")
                question.to = try call.queryTime("to")
                let lines = try await statistics.count(question, by: call.person)
                guard call.query["format"]?.text == "csv" else {
                    return .value(.members(["items": .array(lines.map { JSONValue($0) })]))
                }
                return .content(
                    .bytes(Array(StatisticsTable(lines).text.utf8)),
                    mediaType: "text/csv",
                    fields: FileFields.of("statistics.csv", sha256: nil)
                )
            }
        ]
    }
}

/// Statistics as comma-separated values (RFC 4180).
private struct StatisticsTable {
    private let lines: [StatisticsDesk.Line]

    init(_ lines: [StatisticsDesk.Line]) { self.lines = lines }

    var text: String {
        var rows = [
            [
                "group", "count", "open", "overdue_permille", "acknowledgement_count", "acknowledgement_median_s",
                "acknowledgement_p90_s", "decision_count", "decision_median_s", "decision_p90_s", "execution_count",
                "execution_median_s", "execution_p90_s", "refusals",
            ]
        ]
        for line in lines {
            var row = [line.group, Self.text(line.count), Self.text(line.open), Self.text(line.overduePermille)]
            for spread in [line.acknowledgement, line.decision, line.execution] {
                row += [
                    Self.text(spread?.count), spread.map { String($0.median) } ?? "",
                    spread.map { String($0.ninetieth) } ?? "",
                ]
            }
            row.append(line.refusals.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " "))
            rows.append(row)
        }
        return rows.map { $0.map(Self.cell).joined(separator: ",") + "\r\n" }.joined()
    }

    private static func text(_ number: Int?) -> String { number.map(String.init) ?? "" }

    private static func cell(_ text: String) -> String {
        // A spreadsheet must not take a group's name for a formula.
        let text = text.first.map { "=+-@\t".contains($0) } == true ? "'" + text : text
        return text.contains { ",\"\r\n".contains($0) } ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}

extension StatisticsDesk.Line {
    fileprivate var overduePermille: Int? { overdueShare.map { Int(($0 * 1_000).rounded()) } }
}

extension JSONValue {
    fileprivate init(_ line: StatisticsDesk.Line) {
        let refusals = line.refusals.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.integer(Int64($0.value))) }
        self = .members([
            "group": .text(line.group), "count": line.count.map { .integer(Int64($0)) },
            "open": line.open.map { .integer(Int64($0)) },
            "overduePermille": line.overduePermille.map { .integer(Int64($0)) },
            "acknowledgement": line.acknowledgement.map { JSONValue($0) },
            "decision": line.decision.map { JSONValue($0) }, "execution": line.execution.map { JSONValue($0) },
            "refusals": .object(JSONObject(refusals)),
        ])
    }

    private init(_ spread: StatisticsDesk.Spread) {
        self = .members([
            "count": .integer(Int64(spread.count)), "median": .integer(spread.median),
            "ninetieth": .integer(spread.ninetieth),
        ])
    }
}
