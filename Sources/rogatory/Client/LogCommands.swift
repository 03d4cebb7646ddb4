import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import OfficerAPI

/// The logs, for auditors.
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "The log of the exchange and the log of the house: read, verify, prove, export.",
        discussion: "An export is verified and compared without any gateway: evidence-verify log.",
        subcommands: [Show.self, Verify.self, Checkpoint.self, Prove.self, Export.self, LogWitnessCommand.self]
    )

    static func path(_ tree: String) -> String { "/log/\(GatewayClient.encoded(tree))" }

    struct Show: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Show entries, the oldest first, or one entry.")
        @Argument(help: "The index of one entry.") var index: Int64?
        @OptionGroup var which: LogOptions
        @OptionGroup var filter: LogFilterOptions
        @Flag(help: "The newest first.") var newest = false
        @Option(help: "At most so many.") var limit: Int = 100
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit takes at least 1.") }
        }

        func run(_ client: GatewayClient) async throws {
            let path = LogCommand.path(which.tree) + "/entries"
            if let index {
                Output.json(try await client.get(path + "/\(index)"))
                return
            }
            var query = filter.query
            query["newestFirst"] = newest ? "true" : nil
            let found = try await client.list(path, query, most: limit)
            Output.list(found, output, ["INDEX", "TIME", "KIND", "OUTCOME", "CODE", "ABOUT"], numbers: [0]) {
                let entry = $0["entry"]
                let about = ["peer", "thread", "bundle", "item", "subject", "authority"].compactMap { name in
                    entry?.text(name).map { "\(name) \($0)" }
                }
                return [
                    $0.text("index"), entry?.text("time"), entry?.text("kind"), entry?.text("outcome"),
                    entry?.text("code"), about.prefix(2).joined(separator: ", "),
                ]
            }
        }
    }

    struct Verify: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hash every entry again and compare with everything that was signed."
        )
        @OptionGroup var which: LogOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let found = try await client.watch(.post, LogCommand.path(which.tree) + "/verification", label: "Verifying")
            guard let result = found.first, let note = result.text("checkpoint") else {
                throw GatewayClient.strange("no checkpoint")
            }
            if output.json {
                Output.json(result)
            } else {
                print("verified  the log \(which.tree) holds every entry that was signed for")
                print(CommandFailure.printableLines(note), terminator: "")
            }
        }
    }

    struct Checkpoint: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a signed checkpoint of the log as it stands (C2SP tlog-checkpoint)."
        )
        @OptionGroup var which: LogOptions
        @Flag(help: "Instead the one of the last day that most partners cosigned, with their cosignatures.")
        var cosigned = false
        @Option(name: .customLong("out"), help: "The file to write.", completion: .file()) var file: String?
        @OptionGroup var gateway: GatewayOptions

        func run(_ client: GatewayClient) async throws {
            let query: [String: String?] = cosigned ? ["cosigned": "true"] : [:]
            try LogCommand.write(try await client.bytes(LogCommand.path(which.tree) + "/checkpoint", query), to: file)
        }
    }

    struct Prove: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the proof that an entry stands in the log (C2SP tlog-proof)."
        )
        @Argument(help: "The entry's index.") var index: Int64
        @OptionGroup var which: LogOptions
        @Option(name: .customLong("out"), help: "The file to write.", completion: .file()) var file: String?
        @OptionGroup var gateway: GatewayOptions

        func run(_ client: GatewayClient) async throws {
            let path = LogCommand.path(which.tree) + "/entries/\(index)/proof"
            try LogCommand.write(try await client.bytes(path), to: file)
        }
    }

    struct Export: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the log, or the entries asked for with their proofs, for verification elsewhere."
        )
        @OptionGroup var which: LogOptions
        @OptionGroup var filter: LogFilterOptions
        @Option(help: "The size of a checkpoint at hand: only later entries, and the proof that the log grew from it.")
        var earlier: Int64?
        @Option(name: .customLong("out"), help: "The file to write.", completion: .file()) var file: String
        @OptionGroup var gateway: GatewayOptions

        func run(_ client: GatewayClient) async throws {
            var query = filter.query
            query["earlier"] = earlier.map { String($0) }
            let digest = try await client.download(
                LogCommand.path(which.tree) + "/export",
                query,
                to: file,
                label: "Writing"
            )
            Output.pairs([("SHA-256", digest.hex), ("wrote", file)])
        }
    }

    static func write(_ bytes: [UInt8], to file: String?) throws {
        if let file {
            try OutputDirectory.write(bytes, to: file)
            print("wrote     \(file)")
        } else {
            print(CommandFailure.printableLines(String(decoding: bytes, as: UTF8.self)), terminator: "")
        }
    }
}

/// Which of both logs.
struct LogOptions: ParsableArguments {
    @Option(name: .customLong("log"), help: "exchange, what concerns partners, or house, what concerns this gateway.")
    var tree = "exchange"

    func validate() throws {
        guard tree == "exchange" || tree == "house" else {
            throw ValidationError("--log takes exchange or house.")
        }
    }
}

/// Which entries.
struct LogFilterOptions: ParsableArguments {
    @Option(help: "Only those of one kind, such as bundle.received.") var kind: String?
    @Option(help: "Only those that are done, refused or failed.") var outcome: String?
    @Option(help: "Only those of one request.") var request: String?
    @Option(help: "Only those about one bundle, by its id.") var bundle: String?
    @Option(help: "Only those about one item of evidence.") var item: String?
    @Option(help: "Only those that concern one partner.") var peer: String?
    @Option(help: "Only those of one person, by the digest that person show writes.") var person: String?
    @Option(help: "Only those from this time on.") var from: String?
    @Option(help: "Only those up to this time.") var to: String?

    /// The filter as the interface takes it.
    var query: [String: String?] {
        [
            "kind": kind, "outcome": outcome, "thread": request, "bundle": bundle, "item": item, "peer": peer,
            "person": person, "from": from, "to": to,
        ]
    }
}

/// How the gateway is.
struct StatusCommand: GatewayCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how the gateway is and what is wrong with it."
    )

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var output: OutputOptions

    func run(_ client: GatewayClient) async throws {
        let status = try await client.get("/status")
        let conditions = status.items("conditions").map { condition -> (String, String?) in
            let mark = condition["good"]?.bool == true ? "good: " : "WRONG: "
            return (condition.text("name") ?? "", mark + (condition.text("detail") ?? ""))
        }
        Output.show(
            status,
            output,
            [
                ("gateway", status.text("party")), ("version", status.text("version")), ("time", status.text("time")),
                ("exchange log", status.text("exchangeLog").map { "\($0) entries" }),
                ("house log", status.text("houseLog").map { "\($0) entries" }),
            ] + conditions
        )
        if status.items("conditions").contains(where: { $0["good"]?.bool != true }) {
            throw CommandStatus.failed.exitCode
        }
    }
}
