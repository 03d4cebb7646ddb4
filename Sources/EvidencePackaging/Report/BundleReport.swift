public import ExchangeModel
public import GatewayText

/// Everything that a verification found out about a container, as one value: the checks, who signed and when, by which
/// certificates and revocation information, and, once everything is proven, what the container states.
///
/// It has four writings: text, JSON, XML (`Schemas/verification-report.xsd`) and a printable page, each in four languages.
public struct BundleReport: Hashable, Sendable {
    /// What kind of container it is.
    public enum Kind: String, Codable, CaseIterable, Sendable {
        /// A sealed exchange bundle.
        case sealedBundle
        /// A signed container in the clear.
        case signedContainer
        /// A container by another system.
        case foreignContainer
    }

    /// How a report is written.
    public enum Format: String, CaseIterable, Sendable {
        /// Plain text.
        case text
        /// JSON.
        case json
        /// XML by `verification-report.xsd`.
        case xml
        /// One page of HTML that needs nothing else.
        case html

        /// The media type, with the character set where one is needed.
        public var mediaType: String {
            switch self {
            case .text: "text/plain; charset=utf-8"
            case .json: "application/json"
            case .xml: "application/xml"
            case .html: "text/html; charset=utf-8"
            }
        }
    }

    /// A certificate, by what people compare.
    public struct Certificate: Hashable, Codable, Sendable {
        /// SHA-256 of the DER.
        public var sha256: String
        /// The subject, as RFC 2253 text.
        public var subject: String
        /// The issuer, as RFC 2253 text.
        public var issuer: String
        /// The serial number in hexadecimal.
        public var serialNumber: String
        /// The start of the validity.
        public var notBefore: String?
        /// The end of the validity.
        public var notAfter: String?
        /// What it was used for, by the name of the purpose.
        public var purpose: String
        /// The algorithm of the key.
        public var key: String
    }

    /// A statement by which a certificate was found not revoked.
    public struct RevocationSource: Hashable, Codable, Sendable {
        /// SHA-256 of the certificate it is about.
        public var certificate: String
        /// `crl` or `ocsp`.
        public var kind: String
        /// Who issued the list, or the certificate in question.
        public var issuer: String
        /// When the statement was true.
        public var thisUpdate: String
        /// When the next is due.
        public var nextUpdate: String?
        /// Seconds from `thisUpdate` to the check.
        public var age: Int64
        /// When the certificate was revoked, if that was after the proven time.
        public var revokedLater: String?
    }

    /// Where something stands inside a file, in bytes.
    public struct Place: Hashable, Codable, Sendable {
        /// How many bytes stand before it.
        public var offset: Int64
        /// How many it has.
        public var size: Int64
    }

    /// A signature with its timestamp.
    public struct Signature: Hashable, Codable, Sendable {
        /// Its name in the checks, such as `seal` or `signer.1`.
        public var name: String
        /// The object in the container that holds it.
        public var object: String?
        /// The object in the container that it is over.
        public var content: String?
        /// The party whose certificate it must be, if one is known.
        public var party: String?
        /// The name of the signer.
        public var signer: String
        /// SHA-256 of the signer's certificate.
        public var certificate: String
        /// The certificates from the signer's to the anchor, once the path holds.
        public var path: [String] = []
        /// The digest of the signature; empty for a timestamp that stands alone.
        public var digest: String
        /// When the signer says it was signed.
        public var claimedTime: String?
        /// When the timestamp proves it existed; absent unless the token and its authority hold.
        public var provenTime: String?
        /// Who made the timestamp.
        public var authority: String?
        /// SHA-256 of the timestamp authority's certificate.
        public var authorityCertificate: String?
        /// The certificates from the authority's to the anchor, once the path holds.
        public var authorityPath: [String] = []
        /// The revocation information that was used, signer's path first.
        public var revocation: [RevocationSource] = []
        /// Where the signature value stands in the object.
        public var valuePlace: Place?
        /// Where the timestamp token stands in the object.
        public var tokenPlace: Place?
    }

    /// A file of a container by another system.
    public struct Object: Hashable, Codable, Sendable {
        /// Its name in the container; for people, never a path.
        public var name: String
        /// Its size in bytes.
        public var size: Int64
        /// SHA-256 of its bytes.
        public var sha256: String
        /// The names of the signatures and timestamps that prove it.
        public var provenBy: [String]
    }

    /// When it was checked; what is current is decided by this time.
    public var time: ExchangeTime
    /// The program that checked.
    public var program: String
    /// The name of the file, without directories.
    public var file: String?
    /// The size of the file in bytes.
    public var size: Int64?
    /// What it is.
    public var kind: Kind
    /// What is known of its identity.
    public var subject: VerificationReport.Subject
    /// The checks.
    public var report: VerificationReport
    /// The signatures, in the order of the checks.
    public var signatures: [Signature]
    /// The certificates, each once, in the order in which they were met.
    public var certificates: [Certificate]
    /// What is proven of a container by another system.
    public var objects: [Object]
    /// Files of such a container that no signature and no timestamp covers: no evidence.
    public var unsigned: [String]
    /// What the sealed bundle's header states; only once the seal is proven.
    public var header: ExchangeHeader?
    /// What the content states; only once everything is proven.
    public var manifest: EvidenceManifest?

    /// The name and version by which reports call the programs.
    public static let programName = ProgramVersion.named

    /// Takes what there is.
    public init(
        time: ExchangeTime,
        program: String = Self.programName,
        file: String? = nil,
        size: Int64? = nil,
        kind: Kind,
        subject: VerificationReport.Subject,
        report: VerificationReport,
        signatures: [Signature] = [],
        certificates: [Certificate] = [],
        objects: [Object] = [],
        unsigned: [String] = [],
        header: ExchangeHeader? = nil,
        manifest: EvidenceManifest? = nil
    ) {
        self.time = time
        self.program = program
        self.file = file
        self.size = size
        self.kind = kind
        self.subject = subject
        self.report = report
        self.signatures = signatures
        self.certificates = certificates
        self.objects = objects
        self.unsigned = unsigned
        self.header = header
        self.manifest = manifest
    }

    /// The report in one of its writings, as UTF-8.
    ///
    /// - Throws: `xml.bad_character`, `manifest.value`; both are excluded by what the reader accepts.
    public func written(as format: Format, in language: Language = .english) throws -> [UInt8] {
        let words = ReportWords(language)
        return switch format {
        case .text: Array(ReportText(self, words).text.utf8)
        case .json: try statement(words).readableJSON()
        case .xml: try statement(words).xml(root: "verificationReport", namespace: Self.namespace)
        case .html: Array(ReportPage(self, words).html.utf8)
        }
    }

    /// The namespace of the XML.
    public static let namespace = "urn:rogatory:verification-report:1"
}
