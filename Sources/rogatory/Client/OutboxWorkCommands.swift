import ArgumentParser
import CommandSurface
import ExchangeModel
import OfficerAPI

extension OutboxCommand {
    struct Waiting: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what waits to be done, for whom and why, what waits longest first."
        )
        @Option(help: "Only what concerns one partner, such as KG-GPO.") var peer: String?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let found = try await client.list("/outbox", ["peer": peer])
            Output.list(
                found,
                output,
                ["ID", "WORK", "PEER", "BUNDLE OR DRAFT", "SINCE", "TRIED", "NEXT", "LAST ERROR"],
                numbers: [5]
            ) { work in
                let next =
                    work.text("held") ?? (work["begun"] == nil ? nil : "now") ?? work.text("next")
                let way = work["way"].flatMap { $0.text("state") }.flatMap { $0 == "closed" ? nil : ", way \($0)" }
                let subject = work.text("bundle").map { "\(work.text("sender") ?? "")/\($0)" } ?? work.text("draft")
                return [
                    work.text("id"), work.text("work"), work.text("peer"), subject, work.text("entered"),
                    work.text("attempts"), next.map { $0 + (way ?? "") }, work.text("lastError"),
                ]
            }
        }
    }

    struct Retry: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have a piece of waiting work tried now, also one that was set aside."
        )
        @Argument(help: "The work's id, as outbox waiting shows it.") var work: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let found = try await client.post("/outbox/\(GatewayClient.encoded(work))/retry")
            Output.show(
                found,
                output,
                [
                    ("work", found.text("work")), ("partner", found.text("peer")),
                    ("bundle", found.text("bundle")), ("draft", found.text("draft")),
                    ("tried", found.text("attempts")), ("next", found.text("next")),
                    ("last error", found.text("lastError")),
                ]
            )
        }
    }

    struct Pause: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have the delivery of a bundle wait until it is resumed; it can still expire."
        )
        @Argument(help: "SENDER/ID, the id, or its beginning.") var bundle: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await BoxCommands.path(bundle, "outgoing", client)
            OutboxCommand.write(try await client.post(path + "/pause"), output)
        }
    }

    struct Resume: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Let a paused delivery go on at once.")
        @Argument(help: "SENDER/ID, the id, or its beginning.") var bundle: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await BoxCommands.path(bundle, "outgoing", client)
            OutboxCommand.write(try await client.post(path + "/resumption"), output)
        }
    }

    struct Reseal: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have a bundle that expired, was cancelled or was refused sealed and sent again.",
            discussion: "The same signed content goes in a bundle of another name; nobody signs anew."
        )
        @Argument(help: "SENDER/ID, the id, or its beginning.") var bundle: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await BoxCommands.path(bundle, "outgoing", client)
            BoxCommands.write(try await client.post(path + "/resealing"), output)
        }
    }

    private static func write(_ delivery: JSONValue, _ output: OutputOptions) {
        Output.show(
            delivery,
            output,
            [
                ("bundle", "\(delivery.text("sender") ?? "")/\(delivery.text("id") ?? "")"),
                ("to", delivery.text("peer")), ("state", delivery.text("state")), ("since", delivery.text("changed")),
                ("paused", delivery.text("paused")), ("expires", delivery.text("expires")),
            ]
        )
    }
}
