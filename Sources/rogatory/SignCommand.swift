import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import Glibc
import TrustCrypto

/// Signs a draft where the officer's key is.
struct SignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign a draft, or the ASiCManifest.xml of one, with an officer's key.",
        discussion: """
            The same signature can be made without this program:
            openssl cms -sign -cades -binary -outform DER -nosmimecap -md sha256 -in ASiCManifest.xml -signer C -inkey K -out FILE
            (for an RSA key add: -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:digest)
            """
    )

    @Argument(help: "The draft's directory, or the file to sign.", completion: .file())
    var draft: String
    @Option(help: "The signer's certificate (PEM).", completion: .file())
    var certificate: String
    @Option(help: "The signer's private key (PEM).", completion: .file())
    var key: String
    @Option(help: "A file that holds the key's passphrase.", completion: .file())
    var passphraseFile: String?
    @Option(help: "Intermediate certificates to carry along (PEM).", completion: .file())
    var chain: [String] = []
    @Option(
        name: .customLong("out"),
        help: "Where to write the signature; by default among the draft's signatures.",
        completion: .file()
    )
    var output: String?

    func run() throws {
        try CommandFailure.guarding("rogatory") {
            let (signer, privateKey, chain) = try CommandFailure.configuration {
                let signer = try CommandFiles.certificate(certificate)
                try signer.requirePurpose(.personSignature)
                let privateKey = try CommandFiles.privateKey(key, passphraseFile: passphraseFile)
                guard signer.matches(privateKey) else {
                    throw ExchangeError(
                        .keyMismatch,
                        "The key \(key) does not belong to the certificate \(certificate)"
                    )
                }
                return (signer, privateKey, try CommandFiles.certificates(self.chain))
            }
            var status = stat()
            let isDirectory = stat(draft, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            let content =
                try isDirectory
                ? BundleDraft(readingFrom: draft).signedObject : SmallFile.read(draft, limit: 16_777_216)
            let signature = try CAdESSignature.sign(
                content: content,
                certificate: signer,
                key: privateKey,
                chain: chain,
                time: CommandFiles.time(nil)
            )
            let path = try output ?? defaultOutput(isDirectory, signer)
            try OutputDirectory.write(signature.der, to: path)
            print("signed    \(try SHA256Digest(of: content))")
            print("as        \(CommandFailure.printable(signer.subject))")
            print("wrote     \(path)")
        }
    }

    private func defaultOutput(_ isDirectory: Bool, _ signer: PartyCertificate) throws -> String {
        guard isDirectory else { return draft + ".p7s" }
        try OutputDirectory.createIfMissing(draft + "/signatures")
        return draft + "/signatures/" + String(signer.sha256.hex.prefix(16)) + ".p7s"
    }
}
