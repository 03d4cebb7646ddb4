import DemoTrustServices
import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import Testing
import TrustCrypto

/// A demonstration PKI, minted once, with further people where a test wants them.
final class OfficerPKI: Sendable {
    // The time at which the run began, held for all of it: the command line has no clock but the machine's.
    static let time = ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970))
    private static let minted = Result {
        let path = OfficerPKI.root + "/pki"
        _ = try DemoPKI.mint(into: path, now: time)
        return OfficerPKI(directory: path)
    }

    // Everything temporary lies below one directory that goes when the process ends.
    static let root: String = {
        atexit { try? FileManager.default.removeItem(atPath: OfficerPKI.root) }
        // Short: the path of a socket has at most 107 bytes.
        let path = FileManager.default.temporaryDirectory.path + "/officer-" + UUID().uuidString.prefix(8)
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }()

    let directory: String

    private init(directory: String) { self.directory = directory }

    static func shared() throws -> OfficerPKI { try minted.get() }

    /// A path that does not exist yet.
    static func scratch(_ name: String) -> String { root + "/" + name + "-" + UUID().uuidString.prefix(8) }

    func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: directory + "/" + path)))
    }

    func certificate(_ path: String) throws -> PartyCertificate {
        try #require(PartyCertificate.list(pem: bytes(path + ".crt")).first)
    }

    func keyPEM(_ path: String) throws -> SecretBytes {
        try bytes(path + ".key").withUnsafeBytes { try SecretBytes(copying: $0) }
    }

    func key(_ path: String) throws -> PrivateKey { try PrivateKey(pem: keyPEM(path)) }

    func trust() throws -> TrustDirectory { try TrustDirectory(reading: directory + "/trust") }

    /// A person of Kazakhstan who is not in the demonstration.
    func newcomer(_ name: String, purpose: CertificatePurpose = .personSignIn) throws -> Holder {
        let issuer = try CertificateAuthority(certificate: certificate("ca/kz-issuing"), key: key("ca/kz-issuing"))
        let key = try PrivateKey.generate(.p256)
        let template = CertificateTemplate(
            subject: CertificateTemplate.Subject(commonName: name, organizationIdentifier: "KZ-GPO"),
            purpose: purpose,
            notBefore: Self.time.adding(seconds: -3_600),
            notAfter: Self.time.adding(seconds: 86_400 * 300),
            alternativeNames: [],
            crlURL: "http://127.0.0.1:8318/crl/kz-issuing.crl"
        )
        return Holder(certificate: try issuer.issue(template, publicKey: key), key: key)
    }

    /// Somebody with a certificate and its key.
    struct Holder: Sendable {
        let certificate: PartyCertificate
        let key: PrivateKey
    }

    func holder(_ path: String) throws -> Holder {
        Holder(certificate: try certificate(path), key: try key(path))
    }

    /// The card of the partner in Kyrgyzstan.
    func card() throws -> [UInt8] {
        let base = "parties/KG-GPO/"
        let card = PeerCard(
            party: try #require(PartyID("KG-GPO")),
            serial: 1,
            created: Self.time,
            names: [PeerCard.Name(language: "en", text: "Gateway of KG-GPO")],
            url: "https://gateway.kg-gpo.example:8443",
            anchors: try trust().store(for: #require(PartyID("KG-GPO"))).anchors,
            issuers: [try certificate("ca/kg-issuing")],
            certificates: [
                .gatewayTLS: [try certificate(base + "tls")], .gatewaySeal: [try certificate(base + "seal")],
                .receipt: [try certificate(base + "receipt")],
                .gatewayEncryption: [try certificate(base + "encryption")],
            ],
            exchangeLog: try LogSigningKey(origin: "kg-gpo/exchange", key: Ed25519PrivateKey.generate()).verifier
        )
        return try card.sign(
            certificate: certificate(base + "seal"),
            key: key(base + "seal"),
            chain: [certificate("ca/kg-issuing")]
        )
    }
}
