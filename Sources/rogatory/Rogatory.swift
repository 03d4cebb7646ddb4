import ArgumentParser
import Dispatch
import EvidencePackaging
import Glibc

/// The gateway's command line.
@main
struct Rogatory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rogatory",
        abstract: "Exchange digital evidence as signed, encrypted bundles.",
        discussion: """
            Exit codes: 0 good, 1 a check failed, 2 something could not be checked, reached or written, 64 usage, \
            78 unusable key, certificate or trust directory.
            Shell completion: rogatory --generate-completion-script bash
            """,
        version: "0.1.0",
        subcommands: [BundleCommand.self, SignCommand.self, DemoPKICommand.self]
    )

    static func main() async {
        InterruptSignals.install()
        await main(nil)
    }
}

/// Groups the commands that work on bundles as files.
struct BundleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Draft, seal, inspect, verify and open bundles.",
        subcommands: [
            BundleDraftCommand.self, BundleSealCommand.self, BundleInspectCommand.self, BundleVerifyCommand.self,
            BundleOpenCommand.self, BundleFlipCommand.self,
        ]
    )
}

/// Lets Ctrl-C and a polite kill stop long work in an orderly way. A second one, or one while nothing would heed it,
/// stops at once.
enum InterruptSignals {
    static func install() {
        // A reader that went away is told by the failed write, not by a signal that leaves quarantine behind.
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGHUP, SIGINT, SIGTERM] {
            signal(number) { number in
                Interruption.request()
                signal(number, SIG_DFL)
                if !Interruption.isHeeded { raise(number) }
            }
        }
    }
}
