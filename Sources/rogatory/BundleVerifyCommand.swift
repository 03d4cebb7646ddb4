import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import TrustCrypto

/// Proves a bundle's seal without opening it.
struct BundleVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check a sealed bundle, or a signed container, without opening it."
    )

    @Argument(help: "The bundle.", completion: .file(extensions: ["asice"]))
    var file: String
    @Option(help: "Whom to trust.", completion: .directory)
    var trust: String
    @Option(help: "The time of the check instead of now, such as 2026-11-22T10:00:00Z.")
    var at: String?
    @Flag(help: "Fetch revocation lists and OCSP answers that the trust directory does not hold.")
    var online = false
    @Flag(help: "Write the report as JSON.")
    var json = false

    func run() throws {
        try CommandFailure.guarding("rogatory") {
            let (trust, now) = try CommandFailure.configuration {
                (try TrustDirectory(reading: self.trust), try CommandFiles.time(at))
            }
            let verification = try BundleChecking.run(
                of: file,
                trust: trust,
                now: now,
                recipient: nil,
                online: online,
                json: json
            )
            throw CommandStatus(verification.report.outcome).exitCode
        }
    }
}

/// Opens a bundle with a recipient's key.
struct BundleOpenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Check a sealed bundle, decrypt it and publish its content once everything is proven.",
        discussion: """
            The output directory holds the signed bundle unpacked (manifests, documents, evidence, META-INF), \
            named/ with readable names for the same files, and the report. It appears only when every check passed.
            """
    )

    @Argument(help: "The sealed bundle.", completion: .file(extensions: ["asice"]))
    var file: String
    @Option(help: "Whom to trust.", completion: .directory)
    var trust: String
    @Option(help: "The recipient's encryption certificate (PEM).", completion: .file())
    var certificate: String
    @Option(help: "Its private key (PEM).", completion: .file())
    var key: String
    @Option(help: "A file that holds the key's passphrase.", completion: .file())
    var passphraseFile: String?
    @Option(name: .customLong("out"), help: "The directory to make.", completion: .directory)
    var output: String
    @Flag(help: "Keep the signed container too, as signed.asice.")
    var keepContainer = false
    @Flag(help: "Fetch revocation lists and OCSP answers that the trust directory does not hold.")
    var online = false
    @Flag(help: "Write the report as JSON.")
    var json = false

    func run() throws {
        try CommandFailure.guarding("rogatory") {
            try LibcryptoCheck.run("rogatory")
            try OutputDirectory.requirePlace(output)
            let (trust, recipient, now) = try CommandFailure.configuration {
                let recipient = BundleVerification.Recipient(
                    certificate: try CommandFiles.certificate(certificate),
                    key: try CommandFiles.privateKey(key, passphraseFile: passphraseFile),
                    destination: .directory(output, keepingContainer: keepContainer)
                )
                return (try TrustDirectory(reading: self.trust), recipient, try CommandFiles.time(nil))
            }
            let verification = try BundleChecking.run(
                of: file,
                trust: trust,
                now: now,
                recipient: recipient,
                online: online,
                json: json
            )
            guard let verified = verification.verified else {
                throw CommandStatus(verification.report.outcome).exitCode
            }
            let report = verification.report
            try verified.publish(with: [
                ("report.json", try report.json(of: verification.subject, at: now)),
                ("report.txt", Array(report.text(of: verification.subject, at: now).utf8)),
            ])
            guard !json else { return }
            for signer in verified.signers {
                print(
                    "released by     \(CommandFailure.printable(signer.certificate.displayName)), \(signer.provenTime)"
                )
            }
            print("opened          \(output)")
        }
    }
}
