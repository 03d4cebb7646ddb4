import ArgumentParser
import CommandSurface
import OfficerAPI

/// Work calendars.
struct CalendarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar",
        abstract: "Work calendars of states: days off, moved working days, and where they were read.",
        subcommands: [List.self, Show.self, Import.self]
    )

    private static func years(_ calendar: JSONValue) -> String {
        calendar.items("years").map { "\($0.text("year") ?? "") (\($0.text("confidence") ?? ""))" }
            .joined(separator: ", ")
    }

    struct List: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "List calendars with the years that are known.")
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            Output.list(try await client.list("/calendars"), output, ["STATE", "ZONE", "YEARS"]) {
                [$0.text("state"), $0.items("zones").first?.text, CalendarCommand.years($0)]
            }
        }
    }

    struct Show: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Show a state's calendar.")
        @Argument(help: "The state, such as KZ.") var state: String
        @Option(help: "Only this year.") var year: Int?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let calendar = try await client.get("/calendars/" + GatewayClient.encoded(state))
            guard !output.json else {
                Output.json(calendar)
                return
            }
            let rule = calendar["rule"]
            func clause(_ name: String) -> String? {
                rule?[name].map { "\($0.text("article") ?? "") [\($0.text("confidence") ?? "")]" }
            }
            Output.pairs([
                ("state", calendar.text("state")), ("zones", calendar.texts("zones")),
                ("weekend", calendar.items("weekend").compactMap { Self.day($0.integer) }.joined(separator: ", ")),
                ("days are counted by", clause("days") ?? "no rule known"),
                ("hours begin by", clause("startingHour")), ("an end on a day off moves by", clause("rollForward")),
            ])
            let years = calendar.items("years").filter { year == nil || $0["year"]?.integer == year.map(Int64.init) }
            if let year, years.isEmpty { print("\nCalendar missing for \(year)") }
            for year in years {
                let source = CommandFailure.printable(year.text("source") ?? "")
                print("\n\(year.text("year") ?? ""), \(year.text("confidence") ?? ""), read at: \(source)")
                var table = TextTable(["DAY", "WHAT", "NAME"])
                let days =
                    year.items("daysOff").map { ($0, "day off") }
                    + year.items("workingDays").map { ($0, "working day") }
                for (day, what) in days.sorted(by: { ($0.0.text("day") ?? "") < ($1.0.text("day") ?? "") }) {
                    table.add([day.text("day"), what, day.text("name")])
                }
                print(table.text, terminator: "")
            }
        }

        private static func day(_ number: Int64?) -> String? {
            let names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
            guard let number, (1...7).contains(number) else { return nil }
            return names[Int(number) - 1]
        }
    }

    struct Import: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the years of a file in place of those that were known.",
            discussion: """
                CSV has the header date,kind,name,source; iCalendar has an all-day event for each day off. Without \
                --official the years are marked recalled, and deadlines do not move by them.
                """
        )
        @Argument(help: "The state, such as UZ.") var state: String
        @Argument(help: "The file (.csv or .ics).", completion: .file(extensions: ["csv", "ics"])) var file: String
        @Option(help: "Where it comes from.") var source: String
        @Flag(help: "It was compared with the official decree.") var official = false
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let bytes = try CommandFailure.configuration { try TextArgument.bytes(of: file, limit: 1 << 20) }
            let result = try await client.send(
                .put,
                "/calendars/" + GatewayClient.encoded(state),
                [
                    "form": file.lowercased().hasSuffix(".ics") ? "ics" : "csv", "source": source,
                    "official": official ? "true" : nil,
                ],
                bytes: bytes,
                type: "application/octet-stream"
            )
            let years = result.items("years").compactMap(\.integer).map(String.init).joined(separator: ", ")
            Output.show(result, output, [("imported", years)])
        }
    }
}
