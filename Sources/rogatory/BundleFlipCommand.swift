import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel

/// Damages a copy of a bundle in every byte, one after another, and counts what is accepted.
struct BundleFlipCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flip",
        abstract: "Flip every byte of a bundle in turn, cut it at every length, and count what would be accepted.",
        discussion: "The bundle itself is not touched. Ends with 0 only when the bundle is good and nothing damaged is."
    )

    @Argument(help: "The bundle; small ones are quick.", completion: .file(extensions: ["asice"]))
    var file: String
    @Option(help: "Whom to trust.", completion: .directory)
    var trust: String
    @Option(help: "Try every byte (1) or every Nth.")
    var every: Int = 1
    @Flag(help: "Write the result as JSON.")
    var json = false

    func validate() throws {
        guard every > 0 else { throw ValidationError("--every takes a number from 1.") }
    }

    func run() throws {
        try CommandFailure.guarding("rogatory") {
            let (trust, now) = try CommandFailure.configuration {
                (try TrustDirectory(reading: self.trust), try CommandFiles.time(nil))
            }
            let line = ProgressLine("Flipping")
            let result = try DamageTrial.run(on: file, trust: trust, now: now, step: every) { line.show($0, $1) }
            line.end()
            if json {
                try JSONOutput.write([
                    ("flipsTried", String(result.flips)), ("flipsAccepted", String(result.acceptedFlips.count)),
                    ("cutsTried", String(result.cuts)), ("cutsAccepted", String(result.acceptedCuts.count)),
                    ("forgeriesTried", String(result.forgeries)),
                    ("forgeriesAccepted", String(result.acceptedForgeries.count)),
                ])
            } else {
                print("\(result.flips) bytes flipped, \(result.acceptedFlips.count) accepted")
                print("\(result.cuts) lengths cut, \(result.acceptedCuts.count) accepted")
                print(
                    "\(result.forgeries) bytes flipped with the ZIP checksums repaired, "
                        + "\(result.acceptedForgeries.count) accepted"
                )
                for offset in result.acceptedForgeries.prefix(20) { print("  accepted at byte \(offset)") }
                for (code, count) in result.codes.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
                    print("  \(count) refused with \(code)")
                }
            }
            if !result.isClean { throw CommandStatus.failed.exitCode }
        }
    }
}
