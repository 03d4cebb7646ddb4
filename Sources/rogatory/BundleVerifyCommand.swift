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
    @OptionGroup(title: "Containers of other tools")
    var foreign: ForeignLimitOptions
    @OptionGroup(title: "Report")
    var report: ReportOptions

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
                limits: foreign.limits,
                options: report
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
            named/ with readable names for the same files, the report as text, JSON, XML and a page, and case.jsonld, \
            which states the evidence in the terms of CASE/UCO. It appears only when every check passed.
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
    @OptionGroup(title: "Report")
    var report: ReportOptions

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
                options: report
            )
            guard let verified = verification.verified else {
                throw CommandStatus(verification.report.outcome).exitCode
            }
            let found = verification.bundleReport
            let reports = try [("txt", .text), ("json", .json), ("xml", .xml), ("html", .html)].map {
                ("report." + $0, try found.written(as: $1, in: report.language))
            }
            try verified.publish(with: reports + [("case.jsonld", CaseDocument(verified).jsonLD())])
            // A damaged image does not keep its bundle closed, but nobody may overlook it.
            let status = CommandStatus(verification.report.outcome)
            guard report.wanted == .text else { throw status.exitCode }
            for signer in verified.signers {
                print(
                    "released by     \(CommandFailure.printable(signer.certificate.displayName)), \(signer.provenTime)"
                )
            }
            print("opened          \(output)")
            throw status.exitCode
        }
    }
}
