import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import Foundation
import OfficerAPI
import TrustCrypto

/// Fetches what waits for an agency at a gateway.
struct BundlePullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "List and fetch the bundles that wait for an agency at a gateway.",
        discussion: """
            What was fetched is checked before it gets its name, ID.asice; what is broken off is gone on with by the \
            next attempt. Nothing is overwritten. The receipt is another step: rogatory receipt sign --send.
            Exit codes: 0 everything is here and its seal holds, 1 refused or not good, 2 not reached or not checked.
            """
    )

    @Argument(help: "Bundles to fetch, by id or as SENDER/ID.") var bundles: [String] = []
    @Flag(help: "Fetch every bundle that is not here and was neither opened nor rejected.") var all = false
    @Flag(help: "Only list what waits.") var list = false
    @Option(help: "Whom to trust; needed to fetch.", completion: .directory) var trust: String?
    @Option(name: .customLong("out"), help: "The directory to write to.", completion: .directory)
    var output = "."
    @Flag(help: "Fetch revocation lists and OCSP answers that the trust directory does not hold.")
    var online = false
    @OptionGroup var agency: PullOptions
    @OptionGroup var options: OutputOptions

    func validate() throws {
        guard [list, all, !bundles.isEmpty].count(where: { $0 }) == 1 else {
            throw ValidationError("Name bundles, or give --all or --list.")
        }
        guard list || trust != nil else { throw ValidationError("Give --trust, by which the seal is checked.") }
    }

    func run() async throws {
        try await ClientFailure.guarding {
            let client = try agency.client()
            guard !list else { return write(try await client.list()) }
            let trust = try CommandFailure.configuration { try TrustDirectory(reading: self.trust ?? "") }
            var found: [JSONValue] = []
            if all {
                found = try await client.list().filter(isWanted)
            } else {
                for name in bundles { found.append(try await client.bundle(name)) }
            }
            var worst = CommandStatus.good
            var fetched: [JSONValue] = []
            for bundle in found {
                let (item, status) = try await fetch(bundle, client, trust)
                fetched.append(item)
                if status != .good, worst != .failed { worst = status }
            }
            if options.json {
                Output.json(.members(["items": .array(fetched)]))
            } else if found.isEmpty {
                print("nothing new")
            }
            guard worst == .good else { throw worst.exitCode }
        }
    }

    private func write(_ found: [JSONValue]) {
        Output.list(
            found,
            options,
            ["BUNDLE", "STATE", "SIZE", "CREATED", "EXPIRES", "MODE", "PRIORITY"],
            numbers: [2]
        ) {
            [
                "\($0.text("sender") ?? "")/\($0.text("id") ?? "")", $0.text("state"), $0.size("size"),
                $0.text("created"), $0.text("expires"), $0.text("mode"), $0.text("priority"),
            ]
        }
    }

    private func isWanted(_ bundle: JSONValue) -> Bool {
        guard let id = bundle.text("id"), let state = bundle.text("state") else { return false }
        return !["opened", "rejected"].contains(state) && !FileManager.default.fileExists(atPath: path(id))
    }

    private func path(_ id: String) -> String { output + "/" + id + ".asice" }

    private func fetch(_ bundle: JSONValue, _ client: PullClient, _ trust: TrustDirectory) async throws -> (
        JSONValue, CommandStatus
    ) {
        guard let id = bundle.text("id").flatMap({ BundleID(urn: "urn:uuid:" + $0) }),
            let sender = bundle.text("sender").flatMap({ PartyID($0) }), let size = bundle["size"]?.integer, size > 0,
            let sealedDigest = bundle.text("sealedDigest").flatMap({ SHA256Digest(hex: $0) })
        else { throw GatewayClient.strange("a bundle without id, sender, size or digest") }
        try OutputDirectory.createIfMissing(output)
        let file = try PulledFile(path(id.uuid), size: size, sealedDigest: sealedDigest, label: "Fetching")
        while try await !client.fetch("\(sender)/\(id.uuid)", into: file) {}
        let digest = try file.finish()
        let verification = verify(file.provisional, trust)
        if let error = verification.error, error.code == .interrupted { throw error }
        let isOther =
            verification.subject.sealedDigest.map { $0 != sealedDigest } ?? false
            || verification.subject.bundle.map { $0 != id } ?? false
        if isOther || verification.report.outcome == .failed {
            let aside = file.putAside()
            throw verification.error.map { error in
                ExchangeError(
                    error.code,
                    "The bundle \(id.uuid) is not good and was put aside as \(aside): \(error.reason)",
                    hint: error.hint,
                    details: error.details
                )
            } ?? ExchangeError(.clientOtherBundle, "What was fetched is another bundle, put aside as \(aside)")
        }
        try file.publish()
        if !options.json {
            Output.pairs([
                ("bundle", "\(sender)/\(id.uuid)"), ("SHA-256", digest.hex), ("sealed digest", sealedDigest.hex),
                ("seal", verification.error.map { "not checked: \($0.reason)" } ?? "holds"), ("wrote", file.path),
            ])
        }
        let item = JSONValue.members([
            "id": .text(id.uuid), "sender": .text(sender.text), "sha256": .text(digest.hex),
            "sealedDigest": .text(sealedDigest.hex), "file": .text(file.path),
            "outcome": .text(verification.report.outcome.rawValue),
        ])
        return (item, CommandStatus(verification.report.outcome))
    }

    private func verify(_ path: String, _ trust: TrustDirectory) -> BundleVerification {
        let line = ProgressLine("Verifying")
        defer { line.end() }
        return BundleVerification(
            of: path,
            trust: trust,
            now: (try? CommandFiles.time(nil)) ?? ExchangeTime(secondsSince1970: 0),
            fetcher: online ? BundleChecking.fetcher : nil,
            progress: { line.show($0, $1) }
        )
    }
}
