import ExchangeModel
import Foundation
import TrustCrypto

/// A small PKI of EC keys: one root, one authority below it, and holders who are to be let in or not.
final class TestPKI: Sendable {
    struct Holder: Sendable {
        let name: String
        let chain: [PartyCertificate]
        let key: SecretBytes
        let directory: String

        var certificateFile: String { directory + "/\(name).crt" }
        var chainFile: String { directory + "/\(name)-chain.crt" }
        var keyFile: String { directory + "/\(name).key" }
        var leaf: PartyCertificate { chain[0] }

        /// How curl shows the certificate.
        var curl: [String] { ["--cert", chainFile, "--key", keyFile] }
        /// How `openssl s_client` shows the certificate.
        var openssl: [String] { ["-cert", certificateFile, "-key", keyFile, "-cert_chain", chainFile] }
    }

    let directory: String
    let root: CertificateAuthority
    let issuing: CertificateAuthority
    let server: Holder
    let otherServer: Holder
    let alice: Holder
    let bob: Holder
    let expired: Holder
    let revoked: Holder
    let wrongPurpose: Holder
    let stranger: Holder
    let selfSigned: Holder
    let lists: [RevocationList]

    var rootFile: String { directory + "/root.crt" }

    static let shared = Result { try TestPKI() }

    static func now() -> ExchangeTime { ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970)) }

    private init() throws {
        let directory = try Tooling.temporaryDirectory()
        let now = Self.now()
        self.directory = directory
        let maker = HolderMaker(directory: directory, now: now)
        root = try maker.root("Root")
        issuing = try root.issueAuthority(
            maker.template("Issuing", .certificateAuthority),
            key: PrivateKey.generate(.p256)
        )
        let strangers = try maker.root("Root of Strangers")
        server = try maker.holder("server", .gatewayTLS, issuing)
        otherServer = try maker.holder("other-server", .gatewayTLS, issuing)
        alice = try maker.holder("alice", .gatewayTLS, issuing)
        bob = try maker.holder("bob", .gatewayTLS, issuing)
        expired = try maker.holder("expired", .gatewayTLS, issuing, validFor: -86_400)
        revoked = try maker.holder("revoked", .gatewayTLS, issuing)
        wrongPurpose = try maker.holder("wrong-purpose", .gatewaySeal, issuing)
        stranger = try maker.holder("stranger", .gatewayTLS, strangers)
        let key = try PrivateKey.generate(.p256)
        let own = try CertificateAuthority.selfSigned(maker.template("self-signed", .certificateAuthority), key: key)
        selfSigned = try maker.write("self-signed", [own.certificate], key)
        let next = now.adding(seconds: 86_400)
        lists = [
            try root.issueRevocationList(revoked: [], thisUpdate: now, nextUpdate: next, number: 1),
            try issuing.issueRevocationList(
                revoked: [RevokedCertificate(revoked.leaf, date: now)],
                thisUpdate: now,
                nextUpdate: next,
                number: 1
            ),
        ]
        try Tooling.write(root.certificate.pem(), to: directory + "/root.crt")
    }

    /// The check that a gateway makes: our own path validation, with revocation.
    func check(_ chain: [PartyCertificate]) throws {
        let now = Self.now()
        guard let leaf = chain.first else { throw ExchangeError(.certificateMalformed, "no certificate") }
        _ = try PathValidator.validate(
            leaf,
            purpose: .gatewayTLS,
            at: now,
            checkedAt: now,
            trust: TrustStore(
                anchors: [root.certificate],
                intermediates: Array(chain.dropFirst()),
                revocationLists: lists
            )
        )
    }
}

private struct HolderMaker {
    let directory: String
    let now: ExchangeTime

    func template(
        _ name: String,
        _ purpose: CertificatePurpose,
        validFor seconds: Int64 = 86_400
    ) -> CertificateTemplate {
        CertificateTemplate(
            subject: .init(commonName: name, organizationIdentifier: "KZ-GPO"),
            purpose: purpose,
            notBefore: now.adding(seconds: -172_800),
            notAfter: now.adding(seconds: seconds),
            alternativeNames: purpose == .certificateAuthority ? [] : [.dns("localhost"), .ip([127, 0, 0, 1])]
        )
    }

    func root(_ name: String) throws -> CertificateAuthority {
        try .selfSigned(template(name, .certificateAuthority), key: PrivateKey.generate(.p256))
    }

    func holder(
        _ name: String,
        _ purpose: CertificatePurpose,
        _ issuer: CertificateAuthority,
        validFor seconds: Int64 = 86_400
    ) throws -> TestPKI.Holder {
        let key = try PrivateKey.generate(.p256)
        let leaf = try issuer.issue(template(name, purpose, validFor: seconds), publicKey: key)
        return try write(name, [leaf, issuer.certificate], key)
    }

    func write(_ name: String, _ chain: [PartyCertificate], _ key: PrivateKey) throws -> TestPKI.Holder {
        let holder = TestPKI.Holder(name: name, chain: chain, key: try key.pem(), directory: directory)
        try Tooling.write(chain[0].pem(), to: holder.certificateFile)
        try Tooling.write(chain.map { try $0.pem() }.joined(), to: holder.chainFile)
        try holder.key.withUnsafeBytes { try Tooling.write(String(decoding: $0, as: UTF8.self), to: holder.keyFile) }
        return holder
    }
}
