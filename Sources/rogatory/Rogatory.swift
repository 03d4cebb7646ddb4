import ArgumentParser
import BundleExchange
import Dispatch
import EvidencePackaging
import Glibc
import TrustCrypto

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
        version: GatewayCore.toolVersion,
        subcommands: [
            InitCommand.self, ServeCommand.self, CheckConfigCommand.self, MigrateCommand.self,
            BackupCommand.self, RestoreCommand.self,
            WhoAmICommand.self, StatusCommand.self,
            RequestCommand.self, DeadlineCommand.self, TreatyCommand.self, CalendarCommand.self,
            StatisticsCommand.self, NotificationsCommand.self, WishesCommand.self, FeedCommand.self,
            EvidenceCommand.self, DraftCommand.self, OutboxCommand.self, InboxCommand.self,
            LogCommand.self, PeerCommand.self, AgencyCommand.self, AuthorityCommand.self, PersonCommand.self,
            RoleCommand.self, ChangeCommand.self, KeyCommand.self, TrustCommand.self,
            BundleCommand.self, SignCommand.self, ReceiptCommand.self, DemoPKICommand.self,
        ]
    )

    static func main() async {
        LibcryptoHealth.keepUntilProcessEnds()
        InterruptSignals.install()
        await main(nil)
    }
}

/// Groups the commands that work on bundles as files.
struct BundleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract:
            "Bundles as files: draft, seal, inspect, verify and open them; export and import by disk; fetch them.",
        subcommands: [
            BundleDraftCommand.self, BundleSealCommand.self, BundleInspectCommand.self, BundleVerifyCommand.self,
            BundleOpenCommand.self, BundleRenewCommand.self, BundleFlipCommand.self, BundleExportCommand.self,
            BundleImportCommand.self,
            BundlePullCommand.self,
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
