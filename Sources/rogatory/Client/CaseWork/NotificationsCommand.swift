import ArgumentParser
import CommandSurface
import OfficerAPI

/// What one was told.
struct NotificationsCommand: GatewayCommand {
    static let configuration = CommandConfiguration(
        commandName: "notifications",
        abstract: "What you were told of deadlines, the newest first; also what reached you no other way."
    )
    @Option(help: "At most so many.") var limit: Int = 50
    @Flag(help: "Write the texts too.") var full = false
    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit takes at least 1.") }
    }

    func run(_ client: GatewayClient) async throws {
        let found = try await client.list("/notifications", [:], most: limit)
        guard full, !output.json else {
            return Output.list(found, output, ["MADE", "KIND", "SENT BY", "SUBJECT"]) { notification in
                let ways = notification.items("deliveries").map { way in
                    "\(way.text("way") ?? "") \(way.text("state") ?? "")"
                }
                return [
                    notification.text("made"), notification.text("kind"), ways.joined(separator: ", "),
                    notification.text("subject"),
                ]
            }
        }
        for notification in found {
            print("\(notification.text("made") ?? "")  \(CommandFailure.printable(notification.text("subject") ?? ""))")
            print(CommandFailure.printableLines(notification.text("body") ?? ""))
        }
    }
}
