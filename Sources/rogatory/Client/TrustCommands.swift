import ArgumentParser
import CommandSurface
import OfficerAPI

/// What signatures and certificates depend on outside the gateway.
struct TrustCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: "Timestamp authorities, revocation services, and what expires.",
        subcommands: [Services.self, Expiring.self]
    )

    struct Services: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how timestamp authorities, OCSP responders and places of revocation lists stand."
        )
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            Output.list(
                try await client.list("/trust/services"),
                output,
                ["KIND", "ADDRESS", "STANDING", "SINCE", "LAST ANSWER", "AGE", "NEXT TRY", "LAST ERROR"]
            ) {
                [
                    $0.text("kind"), $0.text("address"), $0.text("standing"), $0.text("since"),
                    $0.text("lastSuccess"), $0["age"]?.integer.map(age), $0.text("nextTry"), $0.text("lastReason"),
                ]
            }
        }

        private func age(_ seconds: Int64) -> String {
            switch seconds {
            case ..<120: "\(seconds) s"
            case ..<7_200: "\(seconds / 60) min"
            case ..<172_800: "\(seconds / 3_600) h"
            default: "\(seconds / 86_400) d"
            }
        }
    }

    struct Expiring: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what expires: certificates of own keys, partners, agencies and people, roots, lists."
        )
        @Option(help: "Within so many days.") var days = 90
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            Output.list(
                try await client.list("/trust/expiring", ["days": String(days)]),
                output,
                ["ENDS", "DAYS", "KIND", "OWNER", "SUBJECT", "NAME"]
            ) {
                [
                    $0.text("ends"), $0.text("daysLeft"), $0.text("kind"), $0.text("owner"), $0.text("subject"),
                    $0.brief("name"),
                ]
            }
        }
    }
}
