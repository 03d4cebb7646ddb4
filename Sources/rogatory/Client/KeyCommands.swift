import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import OfficerAPI
import TrustCrypto

/// The gateway's own keys.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "The gateway's own keys and their certificates.",
        subcommands: [New.self, Request.self, Install.self, Schedule.self, Import.self, List.self, Retire.self]
    )

    private static func write(_ key: JSONValue, _ output: OutputOptions) {
        Output.show(
            key,
            output,
            [
                ("key", key.text("id")), ("for", key.text("purpose")), ("made", key.text("made")),
                ("certificate", key["certificate"]?.text("sha256")), ("subject", key["certificate"]?.text("subject")),
                ("until", key["certificate"]?.text("notAfter")), ("installed", key.text("installed")),
                ("used from", key.text("currentFrom")), ("accepted until", key.text("announcedUntil")),
                ("retired", key.text("retired")),
            ]
        )
    }

    private static func path(_ id: String) -> String { "/keys/\(GatewayClient.encoded(id))" }

    struct New: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key.")
        @Argument(help: "gatewayTLS, gatewaySeal, gatewayEncryption, receipt or witness.") var purpose: String
        @Option(help: "P-256, P-384, RSA-3072 or RSA-4096.") var kind = "P-256"
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let body = JSONValue.members(["purpose": .text(purpose), "kind": .text(kind)])
            KeyCommand.write(try await client.post("/keys", [:], body), output)
        }
    }

    struct Request: GatewayCommand {
        static let configuration = CommandConfiguration(
            commandName: "csr",
            abstract: "Write the request that an authority issues a key's certificate from (PKCS #10)."
        )
        @Argument(help: "The key's id.") var id: String
        @Option(help: "The name to ask for.") var name: String
        @Option(help: "The organization to ask for.") var organization: String?
        @Option(help: "The state's code to ask for.") var country: String?
        @Option(name: .customLong("host"), help: "For TLS: a host name or address of the gateway.")
        var hosts: [String] = []
        @Option(name: .customLong("out"), help: "The file to write.", completion: .file()) var file: String?
        @OptionGroup var gateway: GatewayOptions

        func run(_ client: GatewayClient) async throws {
            let answer = try await client.post(
                KeyCommand.path(id) + "/request",
                [:],
                .members([
                    "commonName": .text(name), "organization": organization.map(JSONValue.text),
                    "country": country.map(JSONValue.text), "hosts": .array(hosts.map(JSONValue.text)),
                ])
            )
            guard let pem = answer.text("pem") else { throw GatewayClient.strange("no request") }
            if let file {
                try OutputDirectory.write(Array(pem.utf8), to: file)
                print("wrote     \(file)")
            } else {
                print(pem, terminator: "")
            }
        }
    }

    struct Install: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Install the certificate that was issued for a key."
        )
        @Argument(help: "The key's id.") var id: String
        @Argument(
            help: "The certificate, then the authorities above it (PEM); several files are joined.",
            completion: .file()
        )
        var chain: [String]
        @Option(
            help: "When it takes the place of those before it, such as 2027-03-01T00:00:00Z; without this, at once."
        )
        var from: String?
        @Option(name: .customLong("overlap"), help: "Days for which those before it are accepted after that.")
        var days: Int64?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let chain = try KeyCommand.chain(chain)
            let body = JSONValue.members([
                "chain": .text(chain), "from": from.map(JSONValue.text), "overlapDays": days.map(JSONValue.integer),
            ])
            KeyCommand.write(try await client.put(KeyCommand.path(id) + "/certificate", body), output)
        }
    }

    struct Schedule: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Decide when a key takes the place of those before it.",
            discussion: """
                Give partners the new card (rogatory peer card) before that time: until the overlap is over they accept \
                both certificates, afterwards only the new one.
                """
        )
        @Argument(help: "The key's id.") var id: String
        @Option(help: "The time, such as 2027-03-01T00:00:00Z.") var from: String
        @Option(name: .customLong("overlap"), help: "Days for which those before it are accepted after that.")
        var days: Int64 = 14
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let body = JSONValue.members(["from": .text(from), "overlapDays": .integer(days)])
            KeyCommand.write(try await client.put(KeyCommand.path(id) + "/start", body), output)
        }
    }

    fileprivate static func chain(_ files: [String]) throws -> String {
        try CommandFailure.configuration {
            try CommandFiles.certificates(files).map { try $0.pem() }.joined()
        }
    }

    struct Import: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take over a key that was made elsewhere, with its certificate."
        )
        @Option(help: "The private key (PEM).", completion: .file()) var key: String
        @Option(help: "A file that holds the key's passphrase.", completion: .file()) var passphraseFile: String?
        @Option(
            name: .customLong("certificate"),
            help: "The certificate, then the authorities above it (PEM); several files are joined.",
            completion: .file()
        )
        var chain: [String]
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let (key, chain) = try CommandFailure.configuration {
                let key = try CommandFiles.privateKey(self.key, passphraseFile: passphraseFile).pem()
                return (key.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }, try KeyCommand.chain(self.chain))
            }
            let body = JSONValue.members(["key": .text(key), "chain": .text(chain)])
            KeyCommand.write(try await client.post("/keys/import", [:], body), output)
        }
    }

    struct List: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "List the gateway's keys.")
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            Output.list(
                try await client.list("/keys"),
                output,
                ["KEY", "FOR", "CERTIFICATE", "UNTIL", "INSTALLED", "USED FROM", "ACCEPTED UNTIL", "RETIRED"]
            ) {
                [
                    $0.text("id"), $0.text("purpose"), $0["certificate"]?.brief("sha256"),
                    $0["certificate"]?.text("notAfter"), $0.text("installed"), $0.text("currentFrom"),
                    $0.text("announcedUntil"), $0.text("retired"),
                ]
            }
        }
    }

    struct Retire: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Use a key no more; what was encrypted to it can still be opened."
        )
        @Argument(help: "The key's id.") var id: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            KeyCommand.write(try await client.post(KeyCommand.path(id) + "/retirement"), output)
        }
    }
}
