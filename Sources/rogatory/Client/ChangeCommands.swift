import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import Foundation
import OfficerAPI

/// Changes that one administrator proposes and another confirms.
struct ChangeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "change",
        abstract: "Changes of persons, roles, certificates, partners and agencies, which take two administrators.",
        subcommands: [List.self, Show.self, Confirm.self, Decline.self]
    )

    /// What a change does, in one line.
    static func summary(_ change: JSONValue) -> String {
        guard let object = change["change"]?.object else { return "" }
        var words = [object["kind"]?.text ?? ""]
        for (name, value) in object.members where name != "kind" {
            switch (name, value) {
            case ("card", .text(let card)): words.append(cardLine(card))
            case ("certificate", .text): words.append("one certificate")
            case ("certificates", .array(let all)): words.append("certificates: \(all.count)")
            case (_, .text(let text)): words.append("\(name): \(text)")
            case (_, .integer(let number)): words.append("\(name): \(number)")
            case (_, .array(let all)): words.append("\(name): " + all.compactMap(\.text).joined(separator: " "))
            default: break
            }
        }
        return words.joined(separator: ", ")
    }

    private static func cardLine(_ base64: String) -> String {
        guard let bytes = Data(base64Encoded: base64), let now = try? CommandFiles.time(nil),
            let read = try? PeerCard.read(Array(bytes), now: now)
        else { return "a card that cannot be read" }
        return "card of \(read.card.party) with fingerprint \(read.spokenFingerprint)"
    }

    private static func write(_ change: JSONValue, _ output: OutputOptions) {
        Output.show(
            change,
            output,
            [
                ("change", change.text("id")), ("what", summary(change)), ("state", change.text("state")),
                ("proposed", change.text("proposed")), ("by", change.text("proposedBy")),
                ("decided", change.text("decided")), ("by", change.text("decidedBy")),
                ("reason", change.text("reason")),
            ]
        )
    }

    struct List: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "List changes, those that wait first.")
        @Option(help: "Only those that are proposed, in_effect, confirmed or declined.") var state: String?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let found = try await client.list("/changes", ["state": state])
            Output.list(found, output, ["CHANGE", "STATE", "PROPOSED", "WHAT"]) {
                [$0.text("id"), $0.text("state"), $0.text("proposed"), ChangeCommand.summary($0)]
            }
        }
    }

    struct Show: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Show a change.")
        @Argument(help: "Its id.") var id: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            ChangeCommand.write(try await client.get("/changes/\(GatewayClient.encoded(id))"), output)
        }
    }

    struct Confirm: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Confirm what another administrator proposed.",
            discussion: "Takes a profile with your certificate; the local socket is not enough."
        )
        @Argument(help: "Its id.") var id: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            ChangeCommand.write(
                try await client.post("/changes/\(GatewayClient.encoded(id))/confirmation"),
                output
            )
        }
    }

    struct Decline: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Decline a proposed change, or undo one that was made at once."
        )
        @Argument(help: "Its id.") var id: String
        @Option(help: "Why.") var reason: String?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let body = reason.map { JSONValue.members(["reason": .text($0)]) }
            ChangeCommand.write(
                try await client.post("/changes/\(GatewayClient.encoded(id))/declination", [:], body),
                output
            )
        }
    }
}
