import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import TrustCrypto

/// Renews a bundle for the years to come.
struct BundleRenewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "renew",
        abstract: "Renew a sealed bundle or a signed container: fresh digests of everything under a new timestamp.",
        discussion: """
            The file itself is not changed: another one is made that holds all of it, what its last timestamp is proven \
            with, an archive manifest and a new timestamp (EN 319 162-1 A.7). Renew before the certificate of the last \
            timestamp's authority ends, or an algorithm becomes weak; then every earlier certificate may end.
            """
    )

    @Argument(help: "The bundle.", completion: .file(extensions: ["asice"]))
    var file: String
    @Option(name: .customLong("out"), help: "The file to make.", completion: .file())
    var output: String
    @Option(
        help: ArgumentHelp(
            "A timestamp authority (RFC 3161 over HTTP).",
            discussion: "May be given several times; the first that answers is used."
        )
    )
    var tsa: [String]
    @Option(help: "Whom to trust.", completion: .directory)
    var trust: String
    @Option(help: "What the objects are digested with.")
    var digest: DigestName = .sha512
    @Flag(help: "Fetch revocation lists and OCSP answers that the trust directory does not hold.")
    var online = false
    @Flag(help: "Write the result as JSON.")
    var json = false

    func run() throws {
        try CommandFailure.guarding("rogatory") {
            try LibcryptoCheck.run("rogatory")
            try OutputDirectory.requirePlace(output)
            let trust = try CommandFailure.configuration { try TrustDirectory(reading: self.trust) }
            let renewal = BundleRenewal(
                trust: trust,
                now: try CommandFiles.time(nil),
                digest: digest.algorithm,
                fetcher: online ? BundleChecking.fetcher : nil
            )
            let line = ProgressLine("Renewing")
            defer { line.end() }
            let renewed = try renewal.renew(
                file,
                to: output,
                timestamper: { try Timestamping.token(over: $0, by: $1, from: tsa) },
                progress: { line.show($0, $1) }
            )
            line.end()
            if json {
                try JSONOutput.write([
                    ("file", output), ("renewal", String(renewed.number)), ("time", renewed.time.description),
                    ("dueBefore", renewed.dueBefore?.description ?? ""), ("size", String(renewed.size)),
                ])
            } else {
                print("renewed         \(output)")
                print("renewal         \(renewed.number)")
                print("existed by      \(renewed.time)")
                if let end = renewed.dueBefore { print("renew before    \(end)") }
                print("size            \(ProgressLine.size(renewed.size))")
            }
        }
    }
}

/// A digest as it is named on the command line.
enum DigestName: String, ExpressibleByArgument, CaseIterable {
    case sha256
    case sha384
    case sha512

    var algorithm: SignatureDigest {
        switch self {
        case .sha256: .sha256
        case .sha384: .sha384
        case .sha512: .sha512
        }
    }
}

/// A baseline level as it is named on the command line.
enum LevelName: String, ExpressibleByArgument, CaseIterable {
    case auto
    case lt
    case t

    var policy: LongTermGathering.Policy {
        switch self {
        case .auto: .automatic
        case .lt: .longTerm
        case .t: .timestamp
        }
    }
}
