import ArgumentParser
import CommandSurface
import OfficerAPI

extension DraftCommand {
    /// The second signature of what one person released.
    struct SecondSign: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign what somebody else released alone in an emergency.",
            discussion: """
                You sign the object of the draft that was sent, and then the supplement that carries this signature to \
                the recipient; it is sent at once. With --signature, made elsewhere over: rogatory draft object DRAFT, \
                the supplement waits for its own signature: rogatory draft approve SUPPLEMENT --signature FILE.
                """
        )
        @Argument(help: "The draft's id; rogatory draft releases --missing lists them.") var id: String
        @OptionGroup var signing: SigningOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            var supplement = try await signing.handIn(as: "second-signature", for: id, client)
            if signing.signature == nil {
                guard let id = supplement.text("id") else { throw GatewayClient.strange("no supplement") }
                supplement = try await signing.handIn(as: "approval", for: id, client)
            }
            DraftCommand.write(supplement, output)
        }
    }

    /// What one person released alone.
    struct Releases: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what one person released alone, sent and received, the earliest due first."
        )
        @Flag(help: "Only those whose second signature is missing.") var missing = false
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            Output.list(
                try await client.list("/releases", ["state": missing ? "missing" : nil]),
                output,
                ["BUNDLE", "DRAFT", "WITH", "SECOND SIGNATURE", "DUE", "SUBJECT"]
            ) {
                [
                    "\($0.text("sender") ?? "")/\($0.text("bundle") ?? "")", $0.text("draft"), $0.text("peer"),
                    $0.text("secondSignature"), $0.text("due"), $0.text("subject"),
                ]
            }
        }
    }
}
