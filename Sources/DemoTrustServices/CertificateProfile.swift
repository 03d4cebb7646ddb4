import ExchangeModel
import TrustCrypto

/// What one certificate says, as `profiles.json` and the page show it.
struct CertificateProfile: Codable, Hashable, Sendable {
    let path: String
    let purpose: String
    let subject: String
    let issuer: String
    let serialNumber: String
    let key: String
    let notBefore: String
    let notAfter: String
    let keyUsage: String
    let extendedKeyUsage: [String]
    let revocationLists: [String]
    let ocsp: [String]
    let sha256: String
    /// `expired`, `revoked` or `misplaced` for those made to be refused.
    let fault: String?

    init(of certificate: PartyCertificate, path: String, fault: String? = nil) {
        self.path = path
        purpose = certificate.purpose?.rawValue ?? "none"
        subject = certificate.subject
        issuer = certificate.issuer
        serialNumber = certificate.serialNumber
        key = certificate.keyAlgorithm.description
        notBefore = certificate.notBefore?.description ?? ""
        notAfter = certificate.notAfter?.description ?? ""
        keyUsage = certificate.keyUsage?.description ?? "none"
        extendedKeyUsage = certificate.extendedKeyUsage ?? []
        revocationLists = certificate.crlDistributionPointURLs
        ocsp = certificate.ocspURLs
        sha256 = certificate.sha256.hex
        self.fault = fault
    }

    /// The file name of the issuing authority, taken from the address of its revocation list.
    var issuerName: String? {
        guard let name = revocationLists.first?.split(separator: "/").last, name.hasSuffix(".crl") else { return nil }
        return String(name.dropLast(4))
    }
}

/// The content of `profiles.json`.
struct PKIDocument: Codable, Hashable, Sendable {
    let services: String
    let minted: String
    let certificates: [CertificateProfile]
}
