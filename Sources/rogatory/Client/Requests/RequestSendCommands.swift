import ArgumentParser
import CommandSurface
import ExchangeModel
import Foundation
import OfficerAPI

/// How what was looked at before sending is written.
enum PreflightOutput {
    /// Writes what is not as it should be to standard error.
    static func tell(_ finding: JSONValue) {
        let mender = finding.text("mender").map { " (\($0) mends it)" } ?? ""
        let line = "\(finding.text("outcome") ?? ""): \(finding.text("check") ?? ""): \(finding.text("sentence") ?? "")"
        FileHandle.standardError.write(Data((CommandFailure.printable(line + mender) + "\n").utf8))
    }
}

/// The open draft of a request; its thread has at most one.
enum OpenDraft {
    /// The id of the draft of a request in one of these states.
    ///
    /// - Throws: `client.ambiguous` when there is none.
    static func id(
        of request: String,
        in states: [String],
        otherwise hint: String,
        _ client: GatewayClient
    ) async throws -> String {
        let drafts = try await client.list("/drafts", ["thread": request])
        let open = drafts.filter { ["open", "signed", "approved"].contains($0.text("state")) }
        let found = open.filter { states.contains($0.text("state") ?? "") }.compactMap { $0.text("id") }
        guard let id = found.first, found.count == 1 else {
            let others = open.map { "\($0.text("id") ?? "") is \($0.text("state") ?? "")" }.joined(separator: ", ")
            throw ExchangeError(
                .clientAmbiguous,
                found.isEmpty ? "The request has no draft for this" : "The request has several drafts for this",
                hint: others.isEmpty ? hint : others
            )
        }
        return id
    }
}

extension RequestCommand {
    struct Check: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what the draft of a request lacks, under which article, and what mends it."
        )
        @Argument(help: "The request.") var request: String
        @Option(help: ArgumentHelp("The languages of the letter, the original first.", valueName: "en,ru,kk,zh"))
        var letterLanguage: String?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await RequestName.path(request, client) + "/check"
            let items = try await client.get(path, ["letterLanguages": letterLanguage]).items("items")
            if !output.json, items.isEmpty {
                print("Nothing is missing.")
                return
            }
            Output.list(items, output, ["FIELD", "WEIGHT", "ARTICLE", "KNOWN", "WHAT", "REMEDY"]) {
                [
                    $0.text("field"), $0.text("severity") == "blocks" ? "BLOCKS" : "warns", $0.text("article"),
                    $0.text("confidence"), $0.text("label"), $0.text("remedy"),
                ]
            }
            if items.contains(where: { $0.text("severity") == "blocks" }) { throw CommandStatus.failed.exitCode }
        }
    }

    struct Preflight: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look at everything that would keep the next message from going out, or bring it back."
        )
        @Argument(help: "The request.") var request: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await RequestName.path(request, client) + "/preflight"
            let items = try await client.get(path).items("items")
            Output.list(items, output, ["OUTCOME", "CHECK", "WHAT", "WHO MENDS IT"]) {
                let outcome = $0.text("outcome")
                return [
                    outcome == "fault" ? "FAULT" : outcome, $0.text("check"), $0.text("sentence"), $0.text("mender"),
                ]
            }
            if items.contains(where: { $0.text("outcome") == "fault" }) { throw CommandStatus.failed.exitCode }
        }
    }

    struct Sign: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Sign the open draft of a request.")
        @Argument(help: "The request.") var request: String
        @OptionGroup var signing: SigningOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let id = try await RequestName.id(request, client)
            let hint = "draft a message first: rogatory request draft, or what is to be done"
            let draft = try await OpenDraft.id(of: id, in: ["open"], otherwise: hint, client)
            DraftCommand.write(try await signing.handIn(as: "signature", for: draft, client), output)
        }
    }

    struct Approve: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign the draft of a request that somebody else signed, and so release it.",
            discussion: "Read it first: rogatory draft show, rogatory draft get."
        )
        @Argument(help: "The request.") var request: String
        @OptionGroup var signing: SigningOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let id = try await RequestName.id(request, client)
            let hint = "its author has to sign it first: rogatory request sign"
            let draft = try await OpenDraft.id(of: id, in: ["signed"], otherwise: hint, client)
            DraftCommand.write(try await signing.handIn(as: "approval", for: draft, client), output)
        }
    }

    struct Send: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check and send the released draft of a request.",
            discussion: "What rogatory request preflight finds is told; faults stop it."
        )
        @Argument(help: "The request.") var request: String
        @OptionGroup var sending: SendingOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let id = try await RequestName.id(request, client)
            let hint = "it has to be signed and, where two persons release it, approved first"
            let draft = try await OpenDraft.id(of: id, in: ["approved"], otherwise: hint, client)
            try await sending.carryOut(draft, of: id, client, output)
        }
    }
}
