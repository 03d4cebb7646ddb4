import ExchangeModel

/// The one thing a certificate is for; each purpose is recognised by an exact set of extended key usages.
///
/// A certificate with more or fewer usages than a purpose's set has no purpose here, so a key of one role can never
/// act in another.
public enum CertificatePurpose: String, CaseIterable, Hashable, Sendable {
    /// A gateway in TLS, as server and as client.
    case gatewayTLS
    /// A partner agency in TLS, as client only.
    case agencyTLS
    /// A gateway that seals bundles.
    case gatewaySeal
    /// A gateway or agency that signs receipts.
    case receipt
    /// A gateway that bundle keys are encrypted to.
    case gatewayEncryption
    /// An agency that bundle keys are encrypted to.
    case agencyEncryption
    /// An administrator whom backups are encrypted to.
    case backupEncryption
    /// An officer or approver who signs content.
    case personSignature
    /// A person who signs in to a gateway.
    case personSignIn
    /// Somebody who signs containers by means of others (``KeyRule/common``); not known by a set of usages.
    case foreignSignature
    /// A time-stamping authority (RFC 3161).
    case timestamping
    /// An OCSP responder (RFC 6960).
    case ocspSigning
    /// A certificate authority.
    case certificateAuthority

    /// The purposes that certificates of an exchange are issued for.
    public static let allCases: [CertificatePurpose] = [
        .gatewayTLS, .agencyTLS, .gatewaySeal, .receipt, .gatewayEncryption, .agencyEncryption, .backupEncryption,
        .personSignature, .personSignIn, .timestamping, .ocspSigning, .certificateAuthority,
    ]

    /// The arc of the gateway's own extended key usages; a UUID-based OID (ITU-T X.667).
    static let arc = "2.25.263198237183420567215386107512482095121"
    private static let serverAuthentication = "1.3.6.1.5.5.7.3.1"
    private static let clientAuthentication = "1.3.6.1.5.5.7.3.2"

    /// The exact set of extended key usages, as dotted OIDs; empty for a certificate authority.
    public var extendedKeyUsage: [String] {
        switch self {
        case .gatewayTLS: [Self.serverAuthentication, Self.clientAuthentication]
        case .agencyTLS: [Self.clientAuthentication, Self.arc + ".7"]
        case .gatewaySeal: [Self.arc + ".1"]
        case .receipt: [Self.arc + ".2"]
        case .gatewayEncryption: [Self.arc + ".3"]
        case .agencyEncryption: [Self.arc + ".4"]
        case .backupEncryption: [Self.arc + ".8"]
        case .personSignature: [Self.arc + ".5"]
        case .personSignIn: [Self.clientAuthentication, Self.arc + ".6"]
        case .timestamping: ["1.3.6.1.5.5.7.3.8"]
        case .ocspSigning: ["1.3.6.1.5.5.7.3.9"]
        case .foreignSignature, .certificateAuthority: []
        }
    }

    /// The key usage that a certificate of this purpose is issued with.
    public func keyUsage(for key: KeyAlgorithm) -> KeyUsage {
        switch self {
        case .gatewayTLS, .agencyTLS, .personSignIn, .ocspSigning: .digitalSignature
        case .gatewaySeal, .receipt, .personSignature, .foreignSignature, .timestamping:
            [.digitalSignature, .nonRepudiation]
        case .gatewayEncryption, .agencyEncryption, .backupEncryption:
            if case .rsa = key { .keyEncipherment } else { .keyAgreement }
        case .certificateAuthority: [.certificateSigning, .revocationListSigning]
        }
    }

    /// Whether a key usage found in a certificate fits.
    ///
    /// Exact, but for services that parties buy from others: time-stamping authorities and OCSP responders may have
    /// either or both of the signature bits, and authorities may also sign other things.
    func allows(_ found: KeyUsage, for key: KeyAlgorithm) -> Bool {
        switch self {
        case .timestamping, .ocspSigning:
            !found.isEmpty && found.isSubset(of: [.digitalSignature, .nonRepudiation])
        case .certificateAuthority: found.contains(.certificateSigning)
        default: found == keyUsage(for: key)
        }
    }
}

extension PartyCertificate {
    /// Usages that rule a signer out when the certificate has no other: servers, code, timestamps, OCSP, and our own
    /// purposes but that of persons.
    private static let otherThanSigning: Set<String> = Set(
        ["1", "3", "5", "6", "7", "8", "9"].map { "1.3.6.1.5.5.7.3." + $0 }
            + [1, 2, 3, 4, 6, 7, 8].map { "\(CertificatePurpose.arc).\($0)" }
    )

    /// Others mark signers in many ways; what counts is that the key may sign and is not for something else only.
    private func requireForeignSignature() throws {
        guard !isAuthority, extendedKeyUsage.map({ !Self.otherThanSigning.isSuperset(of: $0) }) ?? true else {
            throw ExchangeError(
                .certificateWrongPurpose,
                "The certificate is not for signing documents",
                details: [subject]
            )
        }
        guard let keyUsage, !keyUsage.isDisjoint(with: [.digitalSignature, .nonRepudiation]) else {
            throw ExchangeError(
                .certificateKeyUsage,
                "The certificate's key may not sign",
                details: [subject, "key usage: \(keyUsage?.description ?? "none")"]
            )
        }
    }

    /// The purpose whose set of extended key usages this certificate has exactly, if there is one.
    ///
    /// This recognises; ``requirePurpose(_:)`` checks.
    public var purpose: CertificatePurpose? {
        if isAuthority { return .certificateAuthority }
        guard let usages = extendedKeyUsage.map(Set.init), !usages.isEmpty else { return nil }
        return CertificatePurpose.allCases.first { Set($0.extendedKeyUsage) == usages }
    }

    /// Checks that the certificate is for exactly this purpose and its key usage fits.
    ///
    /// - Throws: `certificate.wrong_purpose`, `certificate.key_usage`.
    public func requirePurpose(_ wanted: CertificatePurpose) throws {
        guard wanted != .foreignSignature else { return try requireForeignSignature() }
        guard purpose == wanted else {
            throw ExchangeError(
                .certificateWrongPurpose,
                "The certificate is for \(purpose?.rawValue ?? "no known purpose"), not for \(wanted.rawValue)",
                details: [subject]
            )
        }
        // RFC 3161 §2.3: one usage, and critical.
        if wanted == .timestamping, !isExtendedKeyUsageCritical {
            throw ExchangeError(
                .certificateWrongPurpose,
                "The time-stamping usage is not critical",
                details: [subject]
            )
        }
        guard let keyUsage, wanted.allows(keyUsage, for: keyAlgorithm) else {
            throw ExchangeError(
                .certificateKeyUsage,
                "The certificate's key usage does not fit \(wanted.rawValue)",
                details: [subject, "key usage: \(keyUsage?.description ?? "none")"]
            )
        }
    }
}
