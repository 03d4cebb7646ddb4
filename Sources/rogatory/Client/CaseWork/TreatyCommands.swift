import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import LegalAssistance
import OfficerAPI

/// Treaties and what was confirmed of them here.
struct TreatyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "treaty",
        abstract: "Treaties: limits, contents, parties, and how firmly each is known.",
        discussion: """
            Treaty deadlines rest on statements that are verified, or confirmed here: one person attaches the official \
            text (confirm), another one reads it and decides (decide).
            """,
        subcommands: [
            List.self, Show.self, Check.self, Choose.self, Confirm.self, Decide.self, Confirmations.self,
        ]
    )

    struct List: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "List treaties.")
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            Output.list(
                try await client.list("/treaties"),
                output,
                ["TREATY", "KIND", "IN FORCE", "FIXED LIMIT", "LIMITS", "RELIABLE", "NAME"],
                numbers: [4, 5]
            ) {
                [
                    $0.text("id"), $0.text("kind").map(RequestOutput.words),
                    $0.text("inForce").map(RequestOutput.words), $0.text("fixedLimit"), $0.text("limits"),
                    $0.text("reliableLimits"), $0.text("shortName"),
                ]
            }
        }
    }

    struct Show: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a treaty: what is marked recalled or unknown needs a legal check."
        )
        @Argument(help: "Its id.") var treaty: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let found = try await client.get("/treaties/" + GatewayClient.encoded(treaty))
            if output.json { Output.json(found) } else { TreatyPage(treaty: found).write() }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a file of treaty profiles of your own, without a gateway.",
            discussion: "Its form is Schemas/treaty-profile.schema.json; the setting “profiles” names the directory."
        )
        @Argument(help: "The file (JSON).", completion: .file(extensions: ["json"])) var file: String
        @OptionGroup var output: OutputOptions

        func run() throws {
            try CommandFailure.guarding("rogatory") {
                let bytes = try CommandFailure.configuration {
                    try SmallFile.read(file, limit: TreatyProfiles.largestFile + 1)
                }
                let profiles = try TreatyProfiles(json: bytes).profiles
                _ = try TreatyBook.shipped().adding(profiles)
                Output.list(
                    profiles.map { JSONValue(summaryOf: $0) },
                    output,
                    ["TREATY", "KIND", "LIMITS", "RELIABLE", "NAME"],
                    numbers: [2, 3]
                ) {
                    [
                        $0.text("id"), $0.text("kind").map(RequestOutput.words), $0.text("limits"),
                        $0.text("reliableLimits"), $0.text("shortName"),
                    ]
                }
            }
        }
    }

    struct Choose: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show on what a request to a state can rest, best first, and why not on the others."
        )
        @Option(name: .customLong("to"), help: "The requested state, such as KG.") var requested: String
        @Option(name: .customLong("from"), help: "The requesting state; ours when not given.") var requesting: String?
        @Option(name: .customLong("type"), help: "What is asked for, such as storedData.") var types: [String] = []
        @Option(help: ArgumentHelp("On which day; today when not given.", valueName: "day")) var date: String?
        @Flag(help: "Also those that cannot be taken.") var all = false
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let own = try await client.get("/me").text("party")?.prefix(2)
            let query: [String: String?] = [
                "requesting": requesting ?? own.map(String.init), "requested": requested, "date": date,
                "type": types.isEmpty ? nil : types.joined(separator: ","),
            ]
            let found = try await client.get("/treaty-candidates", query).items("items")
            let shown = all || output.json ? found : found.filter { $0.text("verdict") != "excluded" }
            Output.list(shown, output, ["TREATY", "VERDICT", "CERTAIN", "COVERS", "REMARKS"]) {
                [
                    $0.text("treaty"), $0.text("verdict"), $0.text("certain"),
                    $0.text("coverage").map(RequestOutput.words),
                    $0.items("remarks").compactMap { $0.text("text") }.joined(separator: "; "),
                ]
            }
        }
    }

    private static let confirmationTitles = ["CONFIRMATION", "STATE", "SUBJECT", "CITATION", "PROPOSED"]

    private static func cells(_ one: JSONValue) -> [String?] {
        [one.text("id"), one.text("state"), one.text("subject"), one.text("citation"), one.text("proposed")]
    }

    private static func write(_ one: JSONValue, _ output: OutputOptions) {
        Output.show(
            one,
            output,
            [
                ("confirmation", one.text("id")), ("subject", one.text("subject")), ("says", one.text("statement")),
                ("official text", one.text("document")), ("SHA-256", one.text("sha256")),
                ("citation", one.text("citation")), ("state", one.text("state")), ("proposed", one.text("proposed")),
                ("by", one.text("proposedBy")), ("decided", one.text("decided")), ("by", one.text("decidedBy")),
            ]
        )
    }

    struct Confirm: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Attach the official text to a statement; another person then decides on it."
        )
        @Argument(
            help:
                "The statement, such as limit:cis-cyber-2001/execution or party:cis-cyber-2001:KZ; treaty show --json names them."
        )
        var subject: String
        @Option(help: "The official text.", completion: .file()) var text: String
        @Option(help: "Where the words stand: edition, article, page.") var citation: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let document = try await DocumentUpload.id(of: text, client)
            let made = try await client.post(
                "/confirmations",
                [:],
                .members(["subject": .text(subject), "document": .text(document), "citation": .text(citation)])
            )
            TreatyCommand.write(made, output)
        }
    }

    struct Decide: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Decide on the text that another person attached; read it first."
        )
        @Argument(help: "The confirmation's id.") var confirmation: String
        @Flag(help: "It does not say what the profile states.") var decline = false
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = "/confirmations/\(GatewayClient.encoded(confirmation))/decision"
            TreatyCommand.write(try await client.post(path, [:], .members(["confirm": .bool(!decline)])), output)
        }
    }

    struct Confirmations: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what was attached to statements, the newest first."
        )
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            Output.list(
                try await client.list("/confirmations"),
                output,
                TreatyCommand.confirmationTitles,
                cells: TreatyCommand.cells
            )
        }
    }
}

/// A treaty, for people.
private struct TreatyPage {
    let treaty: JSONValue

    func write() {
        let status = treaty["status"]
        Output.pairs([
            ("treaty", treaty.text("id")), ("name", treaty.text("name")),
            ("kind", treaty.text("kind").map(RequestOutput.words)), ("adopted", treaty.text("adopted")),
            ("status", [status?.text("value").map(RequestOutput.words), say(status?["statement"])].joinedText),
            ("channel", say(treaty["channel"])), ("languages", say(treaty["languages"]?["statement"])),
            ("urgent", say(treaty["urgent"]?["statement"])),
            ("no fixed limit", noFixedLimit), ("computation", say(treaty["computation"]?["statement"])),
            ("not all parties", treaty["partiesComplete"]?.bool == false ? "others may be bound too" : nil),
        ])
        table("Parties", ["STATE", "KNOWN", "SINCE"], "parties") {
            [$0.text("state"), $0.text("confidence"), $0.text("since") ?? $0.text("ratified")]
        }
        table("Limits", ["LIMIT", "ARTICLE", "HOW LONG", "FROM", "WHO", "KNOWN"], "limits") {
            let unit = $0.text("unit").map(RequestOutput.words) ?? ""
            return [
                $0.text("id"), $0.text("article"),
                "\($0.text("kind").map(RequestOutput.words) ?? "") \($0.text("amount") ?? "") \(unit)",
                $0.text("anchor").map(RequestOutput.words), $0.text("obliged"), $0.text("confidence"),
            ]
        }
        table("Contents", ["ITEM", "ARTICLE", "KNOWN", "FIELDS", "WHAT"], "contents") {
            let statement = $0["statement"]
            return [
                $0.text("id"), statement?.text("article"), statement?.text("confidence"), $0.texts("fields"),
                statement?.text("text"),
            ]
        }
        table("Grounds", ["GROUND", "KIND", "ARTICLE", "KNOWN", "WHAT"], "grounds") {
            let statement = $0["statement"]
            return [
                $0.text("id"), $0.text("kind"), statement?.text("article"), statement?.text("confidence"),
                statement?.text("text"),
            ]
        }
    }

    private var noFixedLimit: String? {
        guard let found = treaty["noFixedTimeLimit"] else { return nil }
        let value = found["value"]?.bool.map { $0 ? "it sets none" : "it sets some" } ?? "unknown, which is not “none”"
        return [value, say(found["statement"])].joinedText
    }

    private func say(_ statement: JSONValue?) -> String? {
        statement.map { statement in
            let article = statement.text("article").map { " (art. \($0))" } ?? ""
            return "\(statement.text("text") ?? "")\(article) [\(statement.text("confidence") ?? "")]"
        }
    }

    private func table(_ title: String, _ titles: [String], _ member: String, _ cells: (JSONValue) -> [String?]) {
        let items = treaty.items(member)
        guard !items.isEmpty else { return }
        print("\n\(title)")
        var table = TextTable(titles)
        for item in items { table.add(cells(item)) }
        print(table.text, terminator: "")
    }
}

extension [String?] {
    fileprivate var joinedText: String { compactMap(\.self).joined(separator: "; ") }
}
