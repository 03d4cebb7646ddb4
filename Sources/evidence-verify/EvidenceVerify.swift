import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import TrustCrypto

/// The small program for courts and experts: it verifies and knows no server.
@main
struct EvidenceVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence-verify",
        abstract: "Verify evidence bundles and gateways' logs offline.",
        discussion:
            "Exit codes: 0 good, 1 a check failed, 2 something could not be checked, 64 usage, 78 unusable input.",
        version: ProgramVersion.current,
        subcommands: [
            BundleSubcommand.self, LogSubcommand.self, CheckpointSubcommand.self, ForkSubcommand.self,
        ]
    )

    static func main() {
        LibcryptoHealth.keepUntilProcessEnds()
        main(nil)
    }
}

/// Verifies one bundle.
struct BundleSubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Verify a sealed bundle or a signed container; with a recipient's key also what is inside.",
        discussion:
            "Nothing but the report is written. What cannot be checked is said to be so and never counted as passed."
    )

    @Argument(help: "The bundle.", completion: .file(extensions: ["asice"]))
    var file: String
    @Option(help: "Whom to trust.", completion: .directory)
    var trust: String
    @Option(help: "A recipient's encryption certificate (PEM).", completion: .file())
    var certificate: String?
    @Option(help: "Its private key (PEM).", completion: .file())
    var key: String?
    @Option(help: "A file that holds the key's passphrase.", completion: .file())
    var passphraseFile: String?
    @Option(help: "The time of the check instead of now, such as 2026-11-22T10:00:00Z.")
    var at: String?
    @Flag(help: "Fetch revocation lists and OCSP answers that the trust directory does not hold.")
    var online = false
    @OptionGroup(title: "Containers of other tools")
    var foreign: ForeignLimitOptions
    @OptionGroup(title: "Report")
    var report: ReportOptions

    func validate() throws {
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--certificate and --key belong together.")
        }
    }

    func run() throws {
        try CommandFailure.guarding("evidence-verify") {
            try LibcryptoCheck.run("evidence-verify")
            let (trust, recipient, now) = try CommandFailure.configuration {
                var recipient: BundleVerification.Recipient?
                if let certificate, let key {
                    recipient = BundleVerification.Recipient(
                        certificate: try CommandFiles.certificate(certificate),
                        key: try CommandFiles.privateKey(key, passphraseFile: passphraseFile)
                    )
                }
                return (try TrustDirectory(reading: self.trust), recipient, try CommandFiles.time(at))
            }
            let verification = try BundleChecking.run(
                of: file,
                trust: trust,
                now: now,
                recipient: recipient,
                online: online,
                limits: foreign.limits,
                options: report
            )
            throw CommandStatus(verification.report.outcome).exitCode
        }
    }
}
