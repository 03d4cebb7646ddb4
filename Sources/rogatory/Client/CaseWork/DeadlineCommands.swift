import ArgumentParser
import CommandSurface
import OfficerAPI

/// What is due by when, from whom, and why.
struct DeadlineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deadline",
        abstract: "What is due by when, from whom, under which article.",
        subcommands: [List.self, Explain.self, Pause.self, Resume.self, Extend.self]
    )

    struct List: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what falls due in open requests, the nearest first; or all deadlines of one request."
        )
        @Argument(help: "The request.") var request: String?
        @Option(
            help: ArgumentHelp("What falls due before then; thirty days from now otherwise.", valueName: "day or time")
        )
        var before: String?
        @Option(help: "At how many requests to look, 1 to 500.") var limit: Int = 100
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            if let request {
                let path = try await RequestName.path(request, client) + "/deadlines"
                DeadlineOutput.list(try await client.get(path).items("items"), output)
                return
            }
            let query = ["before": before.map(TimeArgument.start), "limit": String(limit)]
            Output.list(
                try await client.get("/deadlines", query).items("items"),
                output,
                DeadlineOutput.titlesWithRequest,
                cells: DeadlineOutput.cellsWithRequest
            )
        }
    }

    struct Explain: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how a deadline came about: rule, article, event, days counted and skipped, calendar."
        )
        @Argument(help: "The request.") var request: String
        @Argument(help: "The deadline's id; all of the request's when not given.") var deadline: String?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await RequestName.path(request, client) + "/deadlines"
            var names = [deadline].compactMap(\.self)
            if deadline == nil { names = try await client.get(path).items("items").compactMap { $0.text("id") } }
            var explained: [JSONValue] = []
            for name in names { explained.append(try await client.get(path + "/explanation", ["deadline": name])) }
            guard !output.json else {
                let all = JSONValue.members(["items": .array(explained)])
                Output.json(deadline == nil ? all : explained.first ?? all)
                return
            }
            if explained.isEmpty { print("none") }
            for (index, one) in explained.enumerated() {
                if index > 0 { print("") }
                let found = one["deadline"]
                let kind = RequestOutput.kind(found?.text("kind"), found?.text("confidence"))
                print(CommandFailure.printable("\(found?.text("id") ?? ""): \(found?.text("status") ?? ""), \(kind)"))
                for line in one.items("lines").compactMap(\.text) { print("  " + CommandFailure.printable(line)) }
            }
        }
    }

    struct Pause: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Rest the deadlines of a request. A treaty's clock does not stop by that."
        )
        @Argument(help: "The request.") var request: String
        @Option(help: "Why.") var reason: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await RequestName.path(request, client) + "/pause"
            let body = JSONValue.members(["reason": .text(reason)])
            DeadlineOutput.list(try await client.post(path, [:], body).items("items"), output)
        }
    }

    struct Resume: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Let the deadlines of a request run again.")
        @Argument(help: "The request.") var request: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await RequestName.path(request, client) + "/resume"
            DeadlineOutput.list(try await client.post(path).items("items"), output)
        }
    }

    struct Extend: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Enter another end for a deadline: what was agreed outside the gateways, and our own limits.",
            discussion: "Between gateways an extension is a message: rogatory request extend."
        )
        @Argument(help: "The request.") var request: String
        @Argument(help: "The deadline's id.") var deadline: String
        @Option(help: ArgumentHelp("The new last day.", valueName: "day")) var until: String
        @Option(help: "Why.") var reason: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await RequestName.path(request, client) + "/extensions"
            let body = JSONValue.members([
                "deadline": .text(deadline), "until": .text(until), "reason": .text(reason),
            ])
            DeadlineOutput.list(try await client.post(path, [:], body).items("items"), output)
        }
    }
}
