public import ExchangeModel

/// What a certificate is to say.
public struct CertificateTemplate: Sendable {
    /// The holder's names.
    public struct Subject: Hashable, Sendable {
        /// ISO 3166-1 alpha-2 code of the state.
        public var country: String?
        /// The organization's name.
        public var organization: String?
        /// The party's id (X.520 organizationIdentifier, 2.5.4.97).
        public var organizationIdentifier: String?
        /// A number that tells persons of one name apart.
        public var serialNumber: String?
        /// The holder's name.
        public var commonName: String

        /// Names a holder.
        public init(
            commonName: String,
            organization: String? = nil,
            organizationIdentifier: String? = nil,
            country: String? = nil,
            serialNumber: String? = nil
        ) {
            self.commonName = commonName
            self.organization = organization
            self.organizationIdentifier = organizationIdentifier
            self.country = country
            self.serialNumber = serialNumber
        }
    }

    /// Another name of the holder (RFC 5280 §4.2.1.6).
    public enum AlternativeName: Hashable, Sendable {
        /// A host name.
        case dns(String)
        /// An IPv4 (4 bytes) or IPv6 (16 bytes) address.
        case ip([UInt8])
        /// A mail address.
        case email(String)
    }

    /// The holder's names.
    public var subject: Subject
    /// What the certificate is for.
    public var purpose: CertificatePurpose
    /// First instant of the validity.
    public var notBefore: ExchangeTime
    /// Last instant of the validity.
    public var notAfter: ExchangeTime
    /// Further names of the holder.
    public var alternativeNames: [AlternativeName]
    /// Where the issuer publishes its revocation list.
    public var crlURL: String?
    /// Where the issuer answers OCSP requests.
    public var ocspURL: String?
    /// Where the issuer's certificate is published.
    public var issuerCertificateURL: String?
    /// How many authorities may follow below an authority; `nil` for no limit.
    public var pathLength: UInt?

    /// Describes a certificate.
    public init(
        subject: Subject,
        purpose: CertificatePurpose,
        notBefore: ExchangeTime,
        notAfter: ExchangeTime,
        alternativeNames: [AlternativeName] = [],
        crlURL: String? = nil,
        ocspURL: String? = nil,
        issuerCertificateURL: String? = nil,
        pathLength: UInt? = nil
    ) {
        self.subject = subject
        self.purpose = purpose
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.alternativeNames = alternativeNames
        self.crlURL = crlURL
        self.ocspURL = ocspURL
        self.issuerCertificateURL = issuerCertificateURL
        self.pathLength = pathLength
    }
}

/// Departures from the rules of issuing, with which tests make the certificates and lists that must be refused.
package struct IssuingDefects: Sendable {
    /// Other extended key usages than the purpose's; empty for no extension.
    package var extendedKeyUsage: [String]?
    /// Another criticality of the extended key usage.
    package var extendedKeyUsageIsCritical: Bool?
    /// Another key usage; empty for no extension.
    package var keyUsage: KeyUsage?
    /// libcrypto's name of another digest, such as `SHA1`.
    package var digest: String?
    /// Whether an RSA key signs with PSS padding.
    package var usesPSS = false
    /// Another claim about being an authority.
    package var isAuthority: Bool?
    /// Whether basic constraints are critical.
    package var basicConstraintsAreCritical = true
    /// Whether the key identifiers are left out.
    package var omitsKeyIdentifiers = false
    /// Extensions to add: identifier, criticality, DER of the value.
    package var extensions: [(identifier: String, isCritical: Bool, value: [UInt8])] = []
    /// Whether a bit of the signature is turned.
    package var breaksSignature = false

    /// No defects.
    package init() {}
}
