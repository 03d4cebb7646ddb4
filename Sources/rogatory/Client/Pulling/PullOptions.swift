import ArgumentParser
import CommandSurface
import ExchangeModel
import Foundation
import OutboundTransport
import TrustCrypto

/// Which gateway an agency speaks with, and by which certificate it is known there.
struct PullOptions: ParsableArguments {
    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "The agency's profile: gateway, certificate and key. Default: $ROGATORY_PROFILE.",
            valueName: "profile"
        ),
        completion: .file(extensions: ["json"])
    )
    var profile: String?
    @Option(help: "Instead of a profile: the gateway's address for partners, such as https://gateway.example:8443.")
    var gateway: String?
    @Option(help: "The party whose gateway it is, such as KG-GPO.") var party: String?
    @Option(help: "The party's anchors (PEM).", completion: .file()) var anchor: [String] = []
    @Option(help: "Authorities between anchors and the gateway's certificate (PEM).", completion: .file())
    var intermediate: [String] = []
    @Option(help: "The agency's TLS certificate (PEM).", completion: .file()) var certificate: String?
    @Option(help: "Its private key (PEM).", completion: .file()) var key: String?
    @Option(help: "A file that holds the key's passphrase.", completion: .file()) var passphraseFile: String?
    @Option(help: "Intermediate certificates to show along with it (PEM).", completion: .file())
    var chain: [String] = []

    /// The profile, read or made from the options.
    ///
    /// - Throws: `client.no_gateway`, `profile.invalid`, what is wrong with a file.
    func read() throws -> GatewayProfile {
        if let profile { return try GatewayProfile(reading: profile) }
        guard let gateway else {
            if let profile = ProcessInfo.processInfo.environment["ROGATORY_PROFILE"], !profile.isEmpty {
                return try GatewayProfile(reading: profile)
            }
            throw missing("--as PROFILE, or --gateway with --party, --anchor, --certificate and --key")
        }
        guard let party = party.flatMap({ PartyID($0) }) else { throw missing("--party, such as KG-GPO") }
        guard !anchor.isEmpty else { throw missing("--anchor FILE") }
        guard let certificate, let key else { throw missing("--certificate FILE and --key FILE") }
        let leaf = try CommandFiles.certificate(certificate)
        return GatewayProfile(
            gateway: gateway,
            party: party,
            anchors: try CommandFiles.certificates(anchor),
            intermediates: try CommandFiles.certificates(intermediate),
            identity: try ClientIdentity(
                chain: [leaf] + CommandFiles.certificates(chain).filter { $0 != leaf },
                key: CommandFiles.privateKey(key, passphraseFile: passphraseFile).pem()
            )
        )
    }

    /// The client of the profile.
    func client() throws -> PullClient { try CommandFailure.configuration { try PullClient(read()) } }

    private func missing(_ what: String) -> ExchangeError {
        ExchangeError(.clientNoGateway, "Nothing says which gateway is meant, and as whom", hint: "give " + what)
    }
}
