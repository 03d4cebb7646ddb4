import DemoTrustServices
import EvidencePackaging
import ExchangeModel
import Foundation
import Testing
import TrustCrypto

/// A certificate with its key and the files that foreign programs read them from.
struct TLSHolder: Sendable {
    let certificate: PartyCertificate
    let key: PrivateKey
    let chain: [PartyCertificate]
    let certificateFile: String
    let keyFile: String
}

/// The minted PKI of two parties, and whatever else their authorities can be made to issue.
struct PartyWorld: Sendable {
    static let kz = PartyID("KZ-GPO")
    static let kg = PartyID("KG-GPO")
    static let now = ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970))

    let directory: String

    static func shared() async throws -> PartyWorld { try await minting.value }

    private static let minting = Task<PartyWorld, any Error> {
        try await Tooling.onOwnThread {
            let directory = try Tooling.temporaryDirectory() + "/pki"
            _ = try DemoPKI.mint(into: directory, now: now)
            return PartyWorld(directory: directory)
        }
    }

    // MARK: - What was minted

    func certificate(_ path: String) throws -> PartyCertificate {
        try #require(try PartyCertificate.list(pem: Tooling.read("\(directory)/\(path).crt")).first)
    }

    func key(_ path: String) throws -> PrivateKey {
        try PrivateKey(pem: Tooling.read("\(directory)/\(path).key").withUnsafeBytes { try SecretBytes(copying: $0) })
    }

    func issuer(of party: String) throws -> PartyCertificate {
        try certificate(party == "KG-GPO" ? "ca/kg-issuing" : "ca/kz-issuing")
    }

    func holder(_ path: String) throws -> TLSHolder {
        let certificate = try certificate(path)
        return TLSHolder(
            certificate: certificate,
            key: try key(path),
            chain: [try issuer(of: certificate.organizationIdentifier ?? "")],
            certificateFile: "\(directory)/\(path).crt",
            keyFile: "\(directory)/\(path).key"
        )
    }

    func gatewayTLS(_ party: String) throws -> TLSHolder { try holder("parties/\(party)/tls") }

    /// Both parties and the timestamp authorities, with the lists as they were minted.
    func trust() throws -> TrustDirectory { try TrustDirectory(reading: directory + "/trust") }

    // MARK: - What is issued beside

    /// A certificate for TLS that a party's authority issues, by default a good one that nobody has registered.
    func issueTLS(
        party: String = "KZ-GPO",
        purpose: CertificatePurpose = .gatewayTLS,
        notBefore: Int64 = -3_600,
        notAfter: Int64 = 86_400,
        names: [CertificateTemplate.AlternativeName] = [.dns("localhost"), .ip([127, 0, 0, 1])]
    ) throws -> TLSHolder {
        let name = party == "KG-GPO" ? "kg-issuing" : "kz-issuing"
        let authority = try CertificateAuthority(certificate: certificate("ca/" + name), key: key("ca/" + name))
        let key = try PrivateKey.generate(.p256)
        let certificate = try authority.issue(
            CertificateTemplate(
                subject: CertificateTemplate.Subject(
                    commonName: "\(party) Gateway",
                    organizationIdentifier: party,
                    country: String(party.prefix(2))
                ),
                purpose: purpose,
                notBefore: Self.now.adding(seconds: notBefore),
                notAfter: Self.now.adding(seconds: notAfter),
                alternativeNames: names,
                crlURL: "http://127.0.0.1:8318/crl/\(name).crl"
            ),
            publicKey: key
        )
        return try written(certificate, key, chain: [authority.certificate])
    }

    /// A certificate for TLS that says the same as KZ-GPO's, of an authority that nobody knows.
    func mimicTLS() throws -> TLSHolder {
        let genuine = try gatewayTLS("KZ-GPO").certificate
        func template(_ purpose: CertificatePurpose, _ name: String) -> CertificateTemplate {
            CertificateTemplate(
                subject: CertificateTemplate.Subject(
                    commonName: name,
                    organizationIdentifier: genuine.organizationIdentifier,
                    country: "KZ"
                ),
                purpose: purpose,
                notBefore: Self.now.adding(seconds: -60),
                notAfter: Self.now.adding(seconds: 3_600),
                alternativeNames: purpose == .gatewayTLS ? [.dns("localhost"), .ip([127, 0, 0, 1])] : []
            )
        }
        let authority = try CertificateAuthority.selfSigned(
            template(.certificateAuthority, "Demonstration Issuing CA of Kazakhstan"),
            key: PrivateKey.generate(.p384)
        )
        let key = try PrivateKey.generate(.p256)
        let certificate = try authority.issue(template(.gatewayTLS, genuine.commonName ?? ""), publicKey: key)
        return try written(certificate, key, chain: [authority.certificate])
    }

    func written(_ certificate: PartyCertificate, _ key: PrivateKey, chain: [PartyCertificate]) throws -> TLSHolder {
        let path = try Tooling.temporaryDirectory() + "/holder"
        try Tooling.write(certificate.pem().utf8, to: path + ".crt")
        try key.pem().withUnsafeBytes { try Tooling.write($0, to: path + ".key") }
        return TLSHolder(
            certificate: certificate,
            key: key,
            chain: chain,
            certificateFile: path + ".crt",
            keyFile: path + ".key"
        )
    }

    /// The party's authority's list with one more certificate on it.
    func listRevoking(_ certificate: PartyCertificate, party: String = "KZ-GPO") throws -> RevocationList {
        let name = party == "KG-GPO" ? "kg-issuing" : "kz-issuing"
        let authority = try CertificateAuthority(certificate: self.certificate("ca/" + name), key: key("ca/" + name))
        return try authority.issueRevocationList(
            revoked: [RevokedCertificate(certificate, date: Self.now.adding(seconds: -60), reason: .keyCompromise)],
            thisUpdate: Self.now,
            nextUpdate: Self.now.adding(seconds: 86_400),
            number: UInt64(Self.now.secondsSince1970 + 1)
        )
    }
}
