import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import GatewayText
import OfficerAPI

/// What the commands on sent and on received bundles have in common.
enum BoxCommands {
    /// The path of a bundle, named `SENDER/ID`, by its id, or by the beginning of its id.
    static func path(_ text: String, _ direction: String, _ client: GatewayClient) async throws -> String {
        let parts = text.split(separator: "/").map(String.init)
        if parts.count == 2 { return "/bundles/\(GatewayClient.encoded(parts[0]))/\(GatewayClient.encoded(parts[1]))" }
        let found = try await client.list("/bundles", ["direction": direction])
            .filter { $0.text("id")?.hasPrefix(text) == true }
        guard found.count == 1, let sender = found.first?.text("sender"), let id = found.first?.text("id") else {
            throw ExchangeError(
                .clientAmbiguous,
                found.isEmpty ? "There is no bundle \(text)" : "More than one bundle begins with \(text)",
                hint: "give it as SENDER/ID, as the listing shows it"
            )
        }
        return "/bundles/\(sender)/\(id)"
    }

    /// `documents/0001` as two segments.
    static func item(_ path: String) -> String {
        path.split(separator: "/").map { GatewayClient.encoded(String($0)) }.joined(separator: "/")
    }

    static func list(
        _ direction: String,
        request: String?,
        state: String?,
        _ client: GatewayClient,
        _ output: OutputOptions
    ) async throws {
        let found = try await client.list("/bundles", ["direction": direction, "thread": request, "state": state])
        let other = direction == "outgoing" ? "TO" : "FROM"
        Output.list(found, output, ["BUNDLE", other, "STATE", "SIZE", "CREATED", "SUBJECT"], numbers: [3]) {
            [
                "\($0.text("sender") ?? "")/\($0.text("id") ?? "")", $0.text("peer"), $0.text("state"),
                $0.size("size"), $0.text("created"), $0.text("subject"),
            ]
        }
    }

    /// Writes a bundle with its receipts and what is still to be done.
    static func show(_ listed: JSONValue, _ client: GatewayClient, _ output: OutputOptions) async throws {
        let path = "/bundles/\(listed.text("sender") ?? "")/\(listed.text("id") ?? "")"
        write(try await client.get(path), output)
    }

    static func write(_ bundle: JSONValue, _ output: OutputOptions) {
        let receipts = bundle.items("receipts").map { receipt -> (String, String?) in
            let by = [receipt.text("issuer"), receipt.text("agency")].compactMap(\.self).joined(separator: " ")
            return ("receipt", "\(receipt.text("kind") ?? ""), by \(by), \(receipt.text("time") ?? "")")
        }
        let pending = bundle.items("pending").map { work -> (String, String?) in
            let error = work.text("lastError").map { ": \($0)" } ?? ""
            let attempts = work.text("attempts") ?? "0"
            if let held = work.text("held") { return ("to do", "\(work.text("work") ?? ""), \(held)\(error)") }
            return (
                "to do", "\(work.text("work") ?? ""), due \(work.text("due") ?? ""), tried \(attempts) times\(error)"
            )
        }
        Output.show(
            bundle,
            output,
            [
                ("bundle", "\(bundle.text("sender") ?? "")/\(bundle.text("id") ?? "")"),
                (bundle.text("direction") == "outgoing" ? "to" : "from", bundle.text("peer")),
                ("request", bundle.text("thread")), ("message", bundle.text("messageType")),
                ("subject", bundle.text("subject")), ("state", bundle.text("state")),
                ("since", bundle.text("changed")), ("reason", bundle.text("reason")),
                ("paused", bundle.text("paused")), ("takes the place of", bundle.text("supersedes")),
                ("superseded by", bundle.text("supersededBy")),
                ("sealed digest", bundle.text("sealedDigest")), ("content digest", bundle.text("contentDigest")),
                ("size", bundle.size("size")), ("created", bundle.text("created")),
                ("expires", bundle.text("expires")), ("priority", bundle.text("priority")),
            ] + lines(of: bundle["release"]) + bundle.items("scans").map(scan) + receipts + pending
        )
    }

    /// What the operator's program said of a received file, as a line.
    static func scan(_ scan: JSONValue) -> (String, String?) {
        let engine = [scan.text("engine"), scan.text("version")].compactMap(\.self).joined(separator: " ")
        let outcome = scan.text("outcome") == "too_large" ? "too large to scan" : scan.text("outcome")
        let words = [
            scan.text("path"), outcome, scan.text("finding"), engine.isEmpty ? nil : "by \(engine)",
            scan.text("scanned"),
        ]
        return ("scan", words.compactMap(\.self).joined(separator: ", "))
    }

    /// How one person released it alone, and what became of the second signature.
    private static func lines(of release: JSONValue?) -> [(String, String?)] {
        guard let release else { return [] }
        let detail = [release.text("signer"), release.text("signed"), release.text("code")].compactMap(\.self)
        return [
            ("released alone", release.text("reason")), ("released", release.text("released")),
            ("second signature", ([release.text("secondSignature") ?? ""] + detail).joined(separator: ", ")),
            ("due", release.text("due")),
        ]
    }
}

/// Whether a command waits for work that the gateway does by itself.
struct WaitingOptions: ParsableArguments {
    @Flag(help: "Wait until the gateway has done it.") var wait = false
    @Option(help: "How many seconds to wait at most.") var waitAtMost: Int = 3_600

    /// Asks again and again until there is an answer.
    ///
    /// - Throws: `client.outcome` when it takes too long.
    func until<T>(_ what: String, _ ask: () async throws -> T?) async throws -> T {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: .seconds(waitAtMost))
        while true {
            if let answer = try await ask() { return answer }
            guard clock.now < end else {
                throw ExchangeError(.clientOutcome, "After \(waitAtMost) seconds \(what) still not true")
            }
            try await clock.sleep(for: .milliseconds(300))
        }
    }
}

/// Sent bundles.
struct OutboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox",
        abstract: "Bundles that go to partners, with their receipts.",
        subcommands: [
            List.self, Show.self, Receipt.self, Waiting.self, Retry.self, Pause.self, Resume.self, Cancel.self,
            Reseal.self,
        ]
    )

    struct List: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "List sent bundles, the newest first.")
        @Option(help: "Only those of one request.") var request: String?
        @Option(help: "Only those in one state, such as queued, acknowledged or opened.") var state: String?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            try await BoxCommands.list("outgoing", request: request, state: state, client, output)
        }
    }

    struct Show: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a bundle with its receipts and what is still to be done."
        )
        @Argument(help: "SENDER/ID, the id, or its beginning.") var bundle: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await BoxCommands.path(bundle, "outgoing", client)
            BoxCommands.write(try await client.get(path), output)
        }
    }

    struct Receipt: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a partner's signed receipt to a file."
        )
        @Argument(help: "SENDER/ID, the id, or its beginning.") var bundle: String
        @Argument(help: "received, retrieved, opened or rejected.") var kind: String
        @Option(name: .customLong("out"), help: "The file to write.", completion: .file()) var file: String
        @OptionGroup var gateway: GatewayOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await BoxCommands.path(bundle, "outgoing", client)
            let found = try await client.get(path).items("receipts").filter { $0.text("kind") == kind }
            guard let digest = found.first?.text("sha256") else {
                throw ExchangeError(.clientAmbiguous, "There is no receipt “\(kind)” of this bundle yet")
            }
            try await client.download(path + "/receipts/" + digest, to: file, label: "Reading")
            Output.pairs([("SHA-256", digest), ("wrote", file)])
        }
    }

    struct Cancel: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Stop a bundle that its recipient does not have yet.")
        @Argument(help: "SENDER/ID, the id, or its beginning.") var bundle: String
        @Option(help: "Why.") var reason: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await BoxCommands.path(bundle, "outgoing", client)
            let body = JSONValue.members(["reason": .text(reason)])
            BoxCommands.write(try await client.post(path + "/cancellation", [:], body), output)
        }
    }
}

/// Received bundles.
struct InboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inbox",
        abstract: "Bundles that came from partners: open, reject, read.",
        subcommands: [List.self, Show.self, Open.self, Reject.self, Report.self, Case.self, Read.self, Get.self]
    )

    struct List: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "List received bundles, the newest first.")
        @Option(help: "Only those of one request.") var request: String?
        @Option(help: "Only those in one state, such as received, opened or rejected.") var state: String?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            try await BoxCommands.list("incoming", request: request, state: state, client, output)
        }
    }

    struct Show: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Show a bundle with the receipts given for it.")
        @Argument(help: "SENDER/ID, the id, or its beginning.") var bundle: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await BoxCommands.path(bundle, "incoming", client)
            BoxCommands.write(try await client.get(path), output)
        }
    }

    struct Open: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have a received bundle checked and opened; its sender gets a receipt."
        )
        @Argument(help: "SENDER/ID, the id, or its beginning.") var bundle: String
        @OptionGroup var waiting: WaitingOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await BoxCommands.path(bundle, "incoming", client)
            var found = try await client.post(path + "/opening")
            if waiting.wait {
                found = try await waiting.until("the bundle is opened") {
                    let now = try await client.get(path)
                    return now.text("state") == "opening" ? nil : now
                }
            }
            BoxCommands.write(found, output)
            guard ["opening", "opened"].contains(found.text("state")) else { throw CommandStatus.failed.exitCode }
        }
    }

    struct Reject: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reject a received bundle; its sender gets a receipt that says why."
        )
        @Argument(help: "SENDER/ID, the id, or its beginning.") var bundle: String
        @Option(help: "Why.") var reason: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await BoxCommands.path(bundle, "incoming", client)
            let body = JSONValue.members(["reason": .text(reason)])
            BoxCommands.write(try await client.post(path + "/rejection", [:], body), output)
        }
    }

    struct Report: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show every check that was made when a bundle was opened."
        )
        @Argument(help: "SENDER/ID, the id, or its beginning.") var bundle: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup(title: "Report") var report: ReportOptions

        func run(_ client: GatewayClient) async throws {
            try report.requirePlace()
            let path = try await BoxCommands.path(bundle, "incoming", client) + "/report"
            let language = report.language.rawValue
            try await report.write { try await client.bytes(path, ["format": $0.rawValue, "language": language]) }
            let outcome = try await client.get(path).text("outcome").flatMap {
                VerificationReport.Outcome(rawValue: $0)
            }
            if let outcome, outcome != .passed { throw CommandStatus(outcome).exitCode }
        }
    }

    struct Case: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write what an opened bundle states to a file, in the terms of CASE and UCO (JSON-LD)."
        )
        @Argument(help: "SENDER/ID, the id, or its beginning.") var bundle: String
        @Option(name: .customLong("out"), help: "The file to write.", completion: .file()) var file: String
        @OptionGroup var gateway: GatewayOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await BoxCommands.path(bundle, "incoming", client)
            _ = try await client.download(path + "/case", to: file, label: "Reading")
        }
    }

    struct Read: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Show what an opened bundle states and holds.")
        @Argument(help: "SENDER/ID, the id, or its beginning.") var bundle: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await BoxCommands.path(bundle, "incoming", client)
            let statement = try await client.get(path + "/manifest")
            Output.show(
                statement,
                output,
                [("message", statement.text("messageType")), ("subject", statement.text("subject"))]
                    + DraftCommand.lines(of: statement)
            )
        }
    }

    struct Get: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a document or item of an opened bundle to a file; that you read it is logged."
        )
        @Argument(help: "SENDER/ID, the id, or its beginning.") var bundle: String
        @Argument(help: "Its path in the bundle, such as evidence/0001.") var path: String
        @Option(name: .customLong("out"), help: "The file to write.", completion: .file()) var file: String
        @OptionGroup var gateway: GatewayOptions

        func run(_ client: GatewayClient) async throws {
            let found = try await BoxCommands.path(bundle, "incoming", client)
            let digest = try await client.download(
                found + "/items/" + BoxCommands.item(path),
                to: file,
                label: "Reading"
            )
            Output.pairs([("SHA-256", digest.hex), ("wrote", file)])
        }
    }
}
