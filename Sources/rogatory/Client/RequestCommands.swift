import ArgumentParser
import OfficerAPI

/// Requests for assistance: threads with a partner.
struct RequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Requests for assistance, and everything said about each.",
        subcommands: [Open.self, List.self, Show.self, Assign.self]
    )

    private static func write(_ thread: JSONValue, _ output: OutputOptions) {
        Output.show(
            thread,
            output,
            [
                ("request", thread.text("id")), ("partner", thread.text("peer")),
                ("authority", thread.text("authority") ?? "not assigned yet"),
                ("reference", thread.text("reference")), ("subject", thread.text("subject")),
                ("opened", thread.text("opened")), ("our messages", thread.text("ownSequence")),
                ("their messages", thread.text("peerSequence")), ("closed", thread.text("closed")),
            ]
        )
    }

    struct Open: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Open a request to a partner.")
        @Option(name: .customLong("to"), help: "The partner's party, such as KG-GPO.") var party: String
        @Option(help: "Your reference number.") var reference: String
        @Option(help: "What it is about, in one line.") var subject: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let thread = try await client.post(
                "/threads",
                [:],
                .members(["peer": .text(party), "reference": .text(reference), "subject": .text(subject)])
            )
            RequestCommand.write(thread, output)
        }
    }

    struct List: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "List requests, the newest first.")
        @Option(help: "Only those with one partner.") var peer: String?
        @Flag(help: "Only those that are not closed.") var open = false
        @Option(help: "Only those whose reference or subject contains this.") var text: String?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let query = ["peer": peer, "open": open ? "true" : nil, "text": text]
            Output.list(
                try await client.list("/threads", query),
                output,
                ["REQUEST", "PARTNER", "REFERENCE", "OPENED", "SUBJECT"]
            ) {
                [$0.text("id"), $0.text("peer"), $0.text("reference"), $0.text("opened"), $0.text("subject")]
            }
        }
    }

    struct Show: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Show a request.")
        @Argument(help: "Its id.") var id: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            RequestCommand.write(try await client.get("/threads/\(GatewayClient.encoded(id))"), output)
        }
    }

    struct Assign: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a request that a partner opened to an authority."
        )
        @Argument(help: "Its id.") var id: String
        @Argument(help: "The authority's id.") var authority: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let body = JSONValue.members(["authority": .text(authority)])
            RequestCommand.write(
                try await client.post("/threads/\(GatewayClient.encoded(id))/assignment", [:], body),
                output
            )
        }
    }
}
