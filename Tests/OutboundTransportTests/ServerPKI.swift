import ExchangeModel
import Foundation
import TrustCrypto

/// A root and those whom it vouches for, and one whom it does not.
final class ServerPKI: Sendable {
    struct Holder: Sendable {
        let chain: [PartyCertificate]
        let key: SecretBytes
        let chainFile: String
        let keyFile: String
    }

    let root: PartyCertificate
    let rootFile: String
    let server: Holder
    let otherHost: Holder
    let expired: Holder
    let stranger: Holder
    let client: Holder

    static let shared = Result { try ServerPKI() }

    // Everything temporary lies below one directory that goes when the process ends.
    private static let scratch: String = {
        atexit { try? FileManager.default.removeItem(atPath: ServerPKI.scratch) }
        return FileManager.default.temporaryDirectory.path + "/rogatory-outbound-" + UUID().uuidString
    }()

    static func now() -> ExchangeTime { ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970)) }

    private init() throws {
        try FileManager.default.createDirectory(atPath: Self.scratch, withIntermediateDirectories: true)
        let root = try CertificateAuthority.selfSigned(
            Self.template("Root", .certificateAuthority, []),
            key: PrivateKey.generate(.p256)
        )
        let other = try CertificateAuthority.selfSigned(
            Self.template("Other Root", .certificateAuthority, []),
            key: PrivateKey.generate(.p256)
        )
        self.root = root.certificate
        rootFile = Self.scratch + "/root.crt"
        try Data(root.certificate.pem().utf8).write(to: URL(fileURLWithPath: rootFile))
        server = try Self.holder("server", root, ["localhost"])
        otherHost = try Self.holder("other-host", root, ["other.example", "*.wild.example", "localhost.example"])
        expired = try Self.holder("expired", root, ["localhost"], validFor: -86_400)
        stranger = try Self.holder("stranger", other, ["localhost"])
        client = try Self.holder("client", root, ["client.example"])
    }

    /// The check that a gateway makes, without revocation.
    func check(_ chain: [[UInt8]]) throws {
        let now = Self.now()
        let certificates = try chain.map { try PartyCertificate(der: $0) }
        guard let leaf = certificates.first else { throw ExchangeError(.certificateMalformed, "no certificate") }
        _ = try PathValidator.validate(
            leaf,
            purpose: .gatewayTLS,
            at: now,
            checkedAt: now,
            trust: TrustStore(anchors: [root], intermediates: certificates),
            revocation: RevocationPolicy(reportsIfUnavailable: true, acceptsCurrentThen: false)
        )
    }

    private static func template(
        _ name: String,
        _ purpose: CertificatePurpose,
        _ hosts: [String],
        validFor seconds: Int64 = 86_400
    ) -> CertificateTemplate {
        CertificateTemplate(
            subject: .init(commonName: name, organizationIdentifier: "KZ-GPO"),
            purpose: purpose,
            notBefore: now().adding(seconds: -172_800),
            notAfter: now().adding(seconds: seconds),
            alternativeNames: hosts.map { .dns($0) }
        )
    }

    private static func holder(
        _ name: String,
        _ issuer: CertificateAuthority,
        _ hosts: [String],
        validFor seconds: Int64 = 86_400
    ) throws -> Holder {
        let key = try PrivateKey.generate(.p256)
        let leaf = try issuer.issue(template(name, .gatewayTLS, hosts, validFor: seconds), publicKey: key)
        let holder = Holder(
            chain: [leaf],
            key: try key.pem(),
            chainFile: scratch + "/\(name).crt",
            keyFile: scratch + "/\(name).key"
        )
        try Data(leaf.pem().utf8).write(to: URL(fileURLWithPath: holder.chainFile))
        try holder.key.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: holder.keyFile)) }
        return holder
    }
}
