import ArgumentParser
import CommandSurface
import OfficerAPI

/// Counts and durations over requests.
struct StatisticsCommand: GatewayCommand {
    static let configuration = CommandConfiguration(
        commandName: "statistics",
        abstract: "How many requests there are, how long they take, how they end.",
        discussion: "Groups that are too small to be told apart are put together as “other”."
    )

    @Option(help: "By what to group: none, partner, instrument, type, channel or month.") var by: String = "none"
    @Option(help: "Only those where we are requesting, or requested.") var side: String?
    @Option(help: ArgumentHelp("Only those opened from then on.", valueName: "day or time")) var from: String?
    @Option(name: .customLong("to"), help: ArgumentHelp("Only those opened before then.", valueName: "day or time"))
    var end: String?
    @Flag(help: "Write comma-separated values.") var csv = false
    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var output: OutputOptions

    func run(_ client: GatewayClient) async throws {
        let query: [String: String?] = [
            "by": by, "side": side, "from": from.map(TimeArgument.start), "to": end.map(TimeArgument.start),
            "format": csv ? "csv" : nil,
        ]
        guard !csv else {
            let table = String(decoding: try await client.bytes("/statistics", query), as: UTF8.self)
            print(table.replacing("\r\n", with: "\n"), terminator: "")
            return
        }
        let titles = ["GROUP", "COUNT", "OPEN", "OVERDUE", "ACKNOWLEDGED IN", "DECIDED IN", "EXECUTED IN", "REFUSALS"]
        Output.list(try await client.get("/statistics", query).items("items"), output, titles, numbers: [1, 2, 3]) {
            let refusals = ($0["refusals"]?.object?.members ?? []).map { "\($0.name) \($0.value.integer ?? 0)" }
            return [
                $0.text("group"), $0.text("count") ?? "few", $0.text("open"),
                $0["overduePermille"]?.integer.map { "\($0 / 10).\($0 % 10) %" }, Self.spread($0["acknowledgement"]),
                Self.spread($0["decision"]), Self.spread($0["execution"]), refusals.joined(separator: ", "),
            ]
        }
    }

    /// Median and ninetieth percentile in days.
    private static func spread(_ value: JSONValue?) -> String? {
        guard let median = value?["median"]?.integer, let ninetieth = value?["ninetieth"]?.integer else { return nil }
        return "\(days(median)) (90 %: \(days(ninetieth)))"
    }

    private static func days(_ seconds: Int64) -> String {
        let tenths = (seconds * 10 + 43_200) / 86_400
        return "\(tenths / 10).\(tenths % 10) d"
    }
}
