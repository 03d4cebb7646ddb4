import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import OfficerAPI
import TrustCrypto

/// Drafts at the gateway.
struct DraftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "draft",
        abstract: "Messages to partners: draft, sign, approve, send.",
        discussion: """
            An officer drafts and signs; an approver reads, signs the same object and so releases it; then it is sent. \
            Drafts that are files, without a gateway, are made with: rogatory bundle draft.
            """,
        subcommands: [
            DraftNewCommand.self, List.self, Show.self, Object.self, Sign.self, Approve.self, Refuse.self,
            Withdraw.self, Send.self, SecondSign.self, Releases.self, Get.self,
        ]
    )

    static func path(_ id: String) -> String { "/drafts/\(GatewayClient.encoded(id))" }

    static func write(_ draft: JSONValue, _ output: OutputOptions) {
        let statement = draft["statement"]
        let delivery = draft["delivery"]
        var lines: [(String, String?)] = [
            ("draft", draft.text("id")), ("request", draft.text("thread")), ("message", draft.text("messageType")),
            ("subject", draft.text("subject")), ("state", draft.text("state")), ("reason", draft.text("reason")),
            ("content digest", draft.text("contentDigest")), ("made", draft.text("made")),
        ]
        lines.append(
            (
                "delivery",
                [delivery?.text("class"), delivery?.text("mode"), delivery?.text("priority")]
                    .compactMap(\.self).joined(separator: ", ")
            )
        )
        lines += Self.lines(of: statement)
        Output.show(draft, output, lines)
    }

    /// What a message states, for people.
    static func lines(of statement: JSONValue?) -> [(String, String?)] {
        guard let statement else { return [] }
        var lines: [(String, String?)] = [
            ("from", statement.text("sender")), ("to", statement.text("recipient")),
            ("for agency", statement.text("recipientAgency")), ("reference", statement.text("reference")),
            ("treaty", statement.text("treaty")), ("released alone", statement.text("soleReleaseReason")),
        ]
        for signer in statement.items("signers") {
            let signed = signer.text("signed").map { ", signed \($0)" } ?? ""
            lines.append((signer.text("role") ?? "signer", "\(signer.text("name") ?? "")\(signed)"))
        }
        for field in statement.items("fields") {
            lines.append(("field", "\(field.text("name") ?? ""): \(Output.oneLine(field.text("value") ?? ""))"))
        }
        for item in statement.items("items") {
            let path = item.text("path") ?? ""
            lines.append(
                (
                    "\(path)",
                    "\(item.text("originalName") ?? ""), \(item.size("size") ?? ""), \(item.text("sha256") ?? "")"
                )
            )
        }
        if let limits = statement["useLimits"] {
            lines.append(("onward transfer", limits.text("onwardTransfer")))
            lines.append(("speciality", limits.text("speciality")))
            lines.append(("destroy by", limits.text("destroyBy")))
        }
        return lines
    }

    struct List: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "List drafts, the newest first.")
        @Option(help: "Only those of one request.") var request: String?
        @Option(help: "Only those that are open, signed, approved, refused, withdrawn or sealed.") var state: String?
        @Flag(help: "Only those that wait for your approval.") var forMe = false
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let me = forMe ? try await client.get("/me").text("person") : nil
            let query = ["thread": request, "state": state ?? (forMe ? "signed" : nil), "approver": me]
            Output.list(
                try await client.list("/drafts", query),
                output,
                ["DRAFT", "STATE", "MESSAGE", "MADE", "SUBJECT"]
            ) {
                [$0.text("id"), $0.text("state"), $0.text("messageType"), $0.text("made"), $0.text("subject")]
            }
        }
    }

    struct Show: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Show everything a draft states.")
        @Argument(help: "Its id.") var id: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            DraftCommand.write(try await client.get(DraftCommand.path(id)), output)
        }
    }

    struct Object: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write what is to be signed, the exact ASiCManifest.xml, for signing elsewhere.",
            discussion: """
                openssl cms -sign -cades -binary -outform DER -nosmimecap -md sha256 -in OBJECT -signer C -inkey K -out FILE
                (for an RSA key add: -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:digest)
                """
        )
        @Argument(help: "The draft's id.") var id: String
        @Option(name: .customLong("out"), help: "The file to write.", completion: .file()) var file: String
        @OptionGroup var gateway: GatewayOptions

        func run(_ client: GatewayClient) async throws {
            let digest = try await client.download(DraftCommand.path(id) + "/object", to: file, label: "Reading")
            Output.pairs([("content digest", digest.hex), ("wrote", file)])
        }
    }

    struct Sign: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Sign an own draft.")
        @Argument(help: "The draft's id.") var id: String
        @OptionGroup var signing: SigningOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            DraftCommand.write(try await signing.handIn(as: "signature", for: id, client), output)
        }
    }

    struct Approve: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign a draft of somebody else and so release it.",
            discussion: "Read it first: rogatory draft show, rogatory draft get."
        )
        @Argument(help: "The draft's id.") var id: String
        @OptionGroup var signing: SigningOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            DraftCommand.write(try await signing.handIn(as: "approval", for: id, client), output)
        }
    }

    struct Refuse: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Refuse to release a draft.")
        @Argument(help: "The draft's id.") var id: String
        @Option(help: "Why.") var reason: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let body = JSONValue.members(["reason": .text(reason)])
            DraftCommand.write(try await client.post(DraftCommand.path(id) + "/refusal", [:], body), output)
        }
    }

    struct Withdraw: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Take an own draft back.")
        @Argument(help: "The draft's id.") var id: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            DraftCommand.write(try await client.post(DraftCommand.path(id) + "/withdrawal"), output)
        }
    }

    struct Send: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have an approved draft sealed and sent."
        )
        @Argument(help: "The draft's id.") var id: String
        @OptionGroup var waiting: WaitingOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            try await Self.carryOut(id, waiting, client, output)
        }

        private static let underWay = ["queued", "announced", "transferring", "completed", "superseded"]

        /// Has a draft sealed and sent, and waits for it if asked to.
        static func carryOut(
            _ id: String,
            _ waiting: WaitingOptions,
            _ client: GatewayClient,
            _ output: OutputOptions
        ) async throws {
            let draft = try await client.post(DraftCommand.path(id) + "/sending")
            guard waiting.wait else {
                DraftCommand.write(draft, output)
                return
            }
            let bundle = try await waiting.until("the bundle is delivered") { () -> JSONValue? in
                let now = try await client.get(DraftCommand.path(id))
                if now.text("state") != "sealed", let reason = now.text("reason") {
                    throw ExchangeError(.clientOutcome, "The draft could not be sealed: \(reason)")
                }
                let thread = now.text("thread")
                let sent = try await client.list("/bundles", ["direction": "outgoing", "thread": thread])
                    .first { $0.text("draft") == id }
                return sent.flatMap { Self.underWay.contains($0.text("state") ?? "") ? nil : $0 }
            }
            try await BoxCommands.show(bundle, client, output)
            guard ["acknowledged", "opened"].contains(bundle.text("state")) else {
                throw CommandStatus.failed.exitCode
            }
        }
    }

    struct Get: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a document or item of a draft to a file; that you read it is logged."
        )
        @Argument(help: "The draft's id.") var id: String
        @Argument(help: "Its path in the draft, such as documents/0001.") var path: String
        @Option(name: .customLong("out"), help: "The file to write.", completion: .file()) var file: String
        @OptionGroup var gateway: GatewayOptions

        func run(_ client: GatewayClient) async throws {
            let digest = try await client.download(
                DraftCommand.path(id) + "/items/" + BoxCommands.item(path),
                to: file,
                label: "Reading"
            )
            Output.pairs([("SHA-256", digest.hex), ("wrote", file)])
        }
    }
}

/// With which key a draft is signed, or which signature made elsewhere is handed in.
struct SigningOptions: ParsableArguments {
    @Option(help: "Your certificate for signatures (PEM); the profile's otherwise.", completion: .file())
    var certificate: String?
    @Option(help: "Its private key (PEM).", completion: .file()) var key: String?
    @Option(help: "A file that holds the key's passphrase.", completion: .file()) var passphraseFile: String?
    @Option(help: "Intermediate certificates to carry along (PEM).", completion: .file()) var chain: [String] = []
    @Option(help: "A signature that was made elsewhere over the draft's object (DER or PEM).", completion: .file())
    var signature: String?

    func validate() throws {
        guard (certificate == nil) == (key == nil), signature == nil || certificate == nil else {
            throw ValidationError("Give --certificate with --key, or --signature, or neither.")
        }
    }

    /// Makes or reads the signature and hands it in.
    func handIn(as kind: String, for id: String, _ client: GatewayClient) async throws -> JSONValue {
        let path = DraftCommand.path(id)
        let der: [UInt8]
        if let signature {
            der = try CommandFailure.configuration { try SmallFile.read(signature) }
        } else {
            der = try await sign(path, client)
        }
        return try await client.send(.put, path + "/" + kind, bytes: der, type: "application/pkcs7-signature")
    }

    private func sign(_ path: String, _ client: GatewayClient) async throws -> [UInt8] {
        let files = try files(client)
        let (signer, privateKey, chain) = try CommandFailure.configuration {
            let signer = try CommandFiles.certificate(files.certificate)
            try signer.requirePurpose(.personSignature)
            let key = try CommandFiles.privateKey(files.key, passphraseFile: files.passphraseFile)
            guard signer.matches(key) else {
                throw ExchangeError(
                    .keyMismatch,
                    "The key \(files.key) does not belong to the certificate \(files.certificate)"
                )
            }
            return (signer, key, try CommandFiles.certificates(files.chain))
        }
        let object = try await client.bytes(path + "/object")
        // What is signed must be what the draft, as it was read, says.
        let stated = try await client.get(path).text("contentDigest")
        let digest = try SHA256Digest(of: object)
        guard stated == digest.hex else {
            throw ExchangeError(.clientDigest, "The object to sign is not the one that the draft states")
        }
        return try CAdESSignature.sign(
            content: object,
            certificate: signer,
            key: privateKey,
            chain: chain.filter { $0 != signer },
            time: CommandFiles.time(nil)
        ).der
    }

    private func files(_ client: GatewayClient) throws -> GatewayProfile.SignatureFiles {
        if let certificate, let key {
            return GatewayProfile.SignatureFiles(
                certificate: certificate,
                key: key,
                passphraseFile: passphraseFile,
                chain: chain.isEmpty ? client.profile?.signature?.chain ?? [] : chain
            )
        }
        guard let found = client.profile?.signature else {
            throw ValidationError("Give --certificate and --key, or --signature; your profile names no key for it.")
        }
        return found
    }
}
