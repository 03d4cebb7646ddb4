import ArgumentParser
import ExchangeModel
import OfficerAPI

/// What partners and this gateway witnessed of each other's logs.
struct LogWitnessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness",
        abstract: "Which logs are cosigned by whom, and which contradicted themselves.",
        discussion: "A proof is verified without any gateway: evidence-verify fork.",
        subcommands: [List.self, Findings.self, Show.self, Export.self]
    )

    private static func path(_ finding: String) -> String { "/witness/findings/\(GatewayClient.encoded(finding))" }

    struct List: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show for each partner what was cosigned last, there and here, and how many alarms are open."
        )
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let found = try await client.list("/witness/standings", [:], most: .max)
            let columns = ["PARTNER", "ITS LOG, BY US", "WHEN", "OUR LOG, BY IT", "WHEN", "ALARMS"]
            Output.list(found, output, columns, numbers: [1, 3, 5]) {
                let (here, there) = ($0["cosignedHere"], $0["cosignedThere"])
                return [
                    $0.text("party"), here?.text("size"), here?.text("time"), there?.text("size"),
                    there?.text("time") ?? ($0.text("witnessKey") == nil ? "no witness" : nil), $0.text("alarms"),
                ]
            }
        }
    }

    struct Findings: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the logs that contradicted themselves, the newest finding first."
        )
        @Flag(help: "Only those that are not cleared.") var open = false
        @Option(help: "At most so many.") var limit: Int = 100
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit takes at least 1.") }
        }

        func run(_ client: GatewayClient) async throws {
            let found = try await client.list("/witness/findings", ["open": open ? "true" : nil], most: limit)
            Output.list(found, output, ["FINDING", "FOUND", "PARTNER", "CLEARED", "WHAT"]) {
                [$0.text("id"), $0.text("found"), $0.text("party"), $0.text("cleared"), $0.text("reason")]
            }
        }
    }

    struct Show: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Show a finding.")
        @Argument(help: "The finding.") var finding: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let found = try await client.get(LogWitnessCommand.path(finding))
            Output.show(
                found,
                output,
                [
                    ("finding", found.text("id")), ("found", found.text("found")), ("partner", found.text("party")),
                    ("what", found.text("reason")), ("code", found.text("code")), ("log key", found.text("logKey")),
                    ("cosigned", found.text("cosignedSize")), ("shown", found.text("shownSize")),
                    ("proof", found["hasProof"]?.bool == true ? "rogatory log witness export" : "none for others"),
                    ("cleared", found.text("cleared")),
                ]
            )
        }
    }

    struct Export: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the proof of a finding, which anybody verifies with the log's key alone."
        )
        @Argument(help: "The finding.") var finding: String
        @Option(name: .customLong("out"), help: "The file to write.", completion: .file()) var file: String
        @OptionGroup var gateway: GatewayOptions

        func run(_ client: GatewayClient) async throws {
            let proof = try await client.bytes(LogWitnessCommand.path(finding) + "/proof")
            try LogCommand.write(proof, to: file)
        }
    }
}
