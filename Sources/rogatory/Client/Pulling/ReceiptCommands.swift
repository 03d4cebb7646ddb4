import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import TrustCrypto

/// Groups the commands by which an agency says what became of a bundle.
struct ReceiptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipt",
        abstract: "An agency's receipts: sign one for a bundle that was fetched, and hand it in.",
        subcommands: [ReceiptSignCommand.self, ReceiptSendCommand.self]
    )
}

/// Signs a receipt where the agency's key is.
struct ReceiptSignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign an agency's receipt for a bundle.",
        discussion: """
            Docs/guide-partner.md shows how the same receipt is made with openssl alone.
            """
    )

    @Argument(help: "The sealed bundle.", completion: .file(extensions: ["asice"])) var file: String
    @Argument(help: "What became of it: retrieved, opened or rejected.") var kind: String
    @Option(
        name: .customLong("of"),
        help: ArgumentHelp("The agency, as it is registered at the gateway.", valueName: "agency")
    )
    var agencyID: String?
    @Option(help: "With rejected: why, as a code such as bundle.digest_mismatch.") var code: String?
    @Option(help: "With a code: the same in words.") var reason: String?
    @Option(help: "The agency's certificate for receipts (PEM).", completion: .file()) var receiptCertificate: String?
    @Option(help: "Its private key (PEM).", completion: .file()) var receiptKey: String?
    @Option(help: "A file that holds the key's passphrase.", completion: .file()) var receiptPassphraseFile: String?
    @Option(name: .customLong("out"), help: "The file to write; by default beside the bundle.", completion: .file())
    var output: String?
    @Flag(help: "Hand it in as well.") var send = false
    @OptionGroup var agency: PullOptions

    func validate() throws {
        guard ["retrieved", "opened", "rejected"].contains(kind) else {
            throw ValidationError("A receipt of an agency is retrieved, opened or rejected.")
        }
    }

    func run() async throws {
        try await ClientFailure.guarding {
            let signing = try CommandFailure.configuration { try self.signing() }
            guard let id = agencyID ?? signing.agency else {
                throw ExchangeError(.clientNoGateway, "Nothing says which agency signs", hint: "give --of AGENCY")
            }
            var checks = CheckList()
            let bundle = try SealedBundle(reading: file, checks: &checks)
            guard let kind = Receipt.Kind(rawValue: kind) else { return }
            var receipt = Receipt(
                kind,
                for: bundle.header,
                sealedDigest: bundle.sealedDigest,
                time: try CommandFiles.time(nil)
            )
            receipt.agency = id
            receipt.code = code.map { ErrorCode($0) }
            receipt.reason = reason
            let der = try receipt.sign(certificate: signing.certificate, key: signing.key, chain: signing.chain)
            let path = output ?? file + ".\(kind.rawValue).p7m"
            try OutputDirectory.write(der, to: path)
            Output.pairs([
                ("receipt", "\(kind.rawValue), by \(receipt.issuer) \(id), \(receipt.time)"),
                ("bundle", "\(receipt.sender)/\(receipt.bundle.uuid)"), ("wrote", path),
            ])
            guard send else { return }
            try await agency.client().send(receipt: der, of: receipt.bundle, sender: receipt.sender)
            print("handed in")
        }
    }

    private struct Signing {
        let agency: String?
        let certificate: PartyCertificate
        let key: PrivateKey
        let chain: [PartyCertificate]
    }

    private func signing() throws -> Signing {
        if let receiptCertificate, let receiptKey {
            return Signing(
                agency: nil,
                certificate: try CommandFiles.certificate(receiptCertificate),
                key: try CommandFiles.privateKey(receiptKey, passphraseFile: receiptPassphraseFile),
                chain: try CommandFiles.certificates(agency.chain)
            )
        }
        let profile = try agency.read()
        guard let files = profile.signature else {
            throw ExchangeError(
                .profileInvalid,
                "The profile names no certificate and key for receipts",
                hint:
                    "name them as signatureCertificate and signatureKey, or give --receipt-certificate and --receipt-key"
            )
        }
        return Signing(
            agency: profile.agency,
            certificate: try CommandFiles.certificate(files.certificate),
            key: try CommandFiles.privateKey(files.key, passphraseFile: files.passphraseFile),
            chain: try CommandFiles.certificates(files.chain)
        )
    }
}

/// Hands in a receipt that was made before, by any program.
struct ReceiptSendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Hand in a receipt, at the gateway where the bundle was fetched."
    )

    @Argument(help: "The receipt, DER or PEM.", completion: .file()) var file: String
    @OptionGroup var agency: PullOptions

    func run() async throws {
        try await ClientFailure.guarding {
            let client = try agency.client()
            let signed = try AttachedSignature(derOrPEM: SmallFile.read(file, limit: 1_048_576))
            let receipt = try Receipt(xml: signed.content)
            try await client.send(receipt: signed.der, of: receipt.bundle, sender: receipt.sender)
            Output.pairs([
                ("handed in", receipt.kind.rawValue), ("bundle", "\(receipt.sender)/\(receipt.bundle.uuid)"),
            ])
        }
    }
}
