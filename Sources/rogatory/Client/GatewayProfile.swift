import CommandSurface
import EvidencePackaging
import ExchangeModel
import Foundation
import OfficerAPI
import OutboundTransport
import TrustCrypto

/// How a person or an agency reaches a gateway: a JSON file that names the gateway, the certificate and key, and by which
/// anchors the gateway's own certificate is judged. Paths in it are read from where the file lies.
///
/// ```json
/// {
///   "gateway": "https://gateway.example:8443",
///   "party": "KZ-GPO",
///   "anchors": ["kz-root.crt"],
///   "intermediates": ["kz-issuing.crt"],
///   "certificate": "me-sign-in.crt",
///   "chain": ["kz-issuing.crt"],
///   "key": "me-sign-in.key",
///   "signatureCertificate": "me-signature.crt",
///   "signatureKey": "me-signature.key"
/// }
/// ```
struct GatewayProfile {
    /// The gateway's address, without a path.
    let gateway: String
    /// Whose gateway it is.
    let party: PartyID
    /// The anchors of that party.
    let anchors: [PartyCertificate]
    /// Authorities between anchors and the gateway's certificate.
    let intermediates: [PartyCertificate]
    /// Revocation lists at hand.
    let revocationLists: [RevocationList]
    /// The certificate for signing in and its key.
    let identity: ClientIdentity
    /// Where the certificate and key for signatures lie, if the file names them; an agency's are those for receipts.
    let signature: SignatureFiles?
    /// The agency that the profile is of.
    let agency: String?

    /// The files of a person's signature key.
    struct SignatureFiles {
        let certificate: String
        let key: String
        let passphraseFile: String?
        let chain: [String]
    }

    private static let members: Set<String> = [
        "gateway", "party", "anchors", "intermediates", "revocationLists", "certificate", "chain", "key",
        "passphraseFile", "agency", "signatureCertificate", "signatureKey", "signaturePassphraseFile",
    ]

    /// Reads a profile and everything it names.
    ///
    /// - Throws: `profile.invalid`, and what is wrong with a file.
    init(reading path: String) throws {
        let root = try JSONValue(reading: SmallFile.read(path))
        guard let object = root.object else { throw Self.fault(path, "it is no JSON object") }
        if let stray = object.names.first(where: { !Self.members.contains($0) }) {
            throw Self.fault(path, "“\(stray)” is unknown")
        }
        func text(_ name: String) throws -> String {
            guard let text = object[name]?.text, !text.isEmpty else { throw Self.fault(path, "“\(name)” is missing") }
            return text
        }
        func place(_ name: String) -> String {
            name.hasPrefix("/") ? name : URL(fileURLWithPath: path).deletingLastPathComponent().path + "/" + name
        }
        func places(_ name: String) throws -> [String] {
            guard let value = object[name] else { return [] }
            let texts = value.array?.compactMap(\.text) ?? []
            guard let array = value.array, array.count == texts.count else {
                throw Self.fault(path, "“\(name)” is no list of files")
            }
            return texts.map(place)
        }
        gateway = try text("gateway")
        guard let party = PartyID(try text("party")) else { throw Self.fault(path, "“party” is not like KZ-GPO") }
        self.party = party
        anchors = try CommandFiles.certificates(try places("anchors"))
        guard !anchors.isEmpty else { throw Self.fault(path, "“anchors” names no certificate") }
        intermediates = try CommandFiles.certificates(try places("intermediates"))
        revocationLists = try places("revocationLists").map { try RevocationList(pemOrDER: SmallFile.read($0)) }
        let certificate = try CommandFiles.certificate(place(try text("certificate")))
        let chainFiles = try places("chain")
        let key = try CommandFiles.privateKey(
            place(try text("key")),
            passphraseFile: object["passphraseFile"]?.text.map(place)
        )
        identity = try ClientIdentity(
            chain: [certificate] + CommandFiles.certificates(chainFiles).filter { $0 != certificate },
            key: key.pem()
        )
        agency = object["agency"]?.text
        if let signer = object["signatureCertificate"]?.text, let signerKey = object["signatureKey"]?.text {
            signature = SignatureFiles(
                certificate: place(signer),
                key: place(signerKey),
                passphraseFile: object["signaturePassphraseFile"]?.text.map(place),
                chain: chainFiles
            )
        } else {
            signature = nil
        }
    }

    /// Takes all fields of an agency's profile.
    init(
        gateway: String,
        party: PartyID,
        anchors: [PartyCertificate],
        intermediates: [PartyCertificate],
        identity: ClientIdentity
    ) {
        self.gateway = gateway
        self.party = party
        self.anchors = anchors
        self.intermediates = intermediates
        self.identity = identity
        revocationLists = []
        signature = nil
        agency = nil
    }

    /// Judges the gateway's certificate: its purpose, the party, the path to one of the anchors; and revocation as far
    /// as lists are at hand.
    func check(_ chain: [[UInt8]]) throws {
        let certificates = try chain.prefix(16).map { try PartyCertificate(der: $0) }
        guard let leaf = certificates.first else {
            throw ExchangeError(.transportTLS, "The gateway showed no certificate")
        }
        let now = try CommandFiles.time(nil)
        _ = try PathValidator.validate(
            leaf,
            purpose: .gatewayTLS,
            at: now,
            checkedAt: now,
            trust: TrustStore(
                anchors: anchors,
                intermediates: intermediates + certificates.dropFirst(),
                revocationLists: revocationLists,
                party: party
            ),
            revocation: .reportIfUnavailable
        )
    }

    private static func fault(_ path: String, _ what: String) -> ExchangeError {
        ExchangeError(.profileInvalid, "The profile \(path) cannot be used: \(what)")
    }
}
