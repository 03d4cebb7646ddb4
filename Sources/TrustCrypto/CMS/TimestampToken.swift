public import ExchangeModel

/// A timestamp token (RFC 3161 §2.4.2, RFC 5816): SignedData over a TSTInfo, by one authority.
///
/// Reading is strict: definite canonical DER, exactly one signer, SHA-2, the authority's certificate inside and named
/// by ESSCertID or ESSCertIDv2. Unlike the suite's own signatures, PKCS#1 v1.5 is accepted here: authorities know
/// little else. The authority's path and purpose are the path validator's matter.
public struct TimestampToken: Sendable {
    /// The exact bytes.
    public let der: [UInt8]
    /// The instant the authority vouches for, fractions of a second dropped.
    public let genTime: ExchangeTime
    /// The policy it works under, dotted.
    public let policy: String
    /// The token's serial number at the authority, as lower-case hexadecimal digits.
    public let serialNumber: String
    /// The authority's certificate.
    public let tsaCertificate: PartyCertificate
    /// Every certificate the token carries.
    public let certificates: [PartyCertificate]
    /// The certificates and the revocation information that the token carries.
    public let validationData: ValidationData

    let imprintDigest: SignatureDigest
    let imprint: [UInt8]
    let nonce: [UInt8]?
    private let info: [UInt8]
    private let signer: SignerInfoReader

    static let largestSize = 1 << 18
    /// The largest token that stands in a container, with what it carries for its validation, in bytes.
    public static let largestArchived = 1 << 20

    private let fixedFields: (before: [UInt8], signers: [UInt8])

    private static func profile(isArchived: Bool) -> SignedDataReader.Profile {
        SignedDataReader.Profile(
            version: 3,
            contentType: .timestampInfo,
            isDetached: false,
            signers: 1...1,
            unsignedAttributes: [],
            signedAttributes: nil,
            ordersCertificates: false,
            allowsRevocationInformation: isArchived
        )
    }

    /// Reads a token as an authority gives it, without revocation information.
    ///
    /// - Throws: `timestamp.malformed`, `.weak_digest`, `.certificate_missing`, `.signature` for an algorithm
    ///   outside the suite.
    public init(der: [UInt8]) throws { try self.init(der: der, isArchived: false) }

    /// Reads a token that stands in a container by itself and may carry revocation information for its own validation.
    ///
    /// - Throws: As `init(der:)`.
    public init(archived der: [UInt8]) throws { try self.init(der: der, isArchived: true) }

    private init(der: [UInt8], isArchived: Bool) throws {
        guard der.count <= (isArchived ? Self.largestArchived : Self.largestSize) else {
            throw ExchangeError(.timestampMalformed, "The timestamp token is too large")
        }
        let (read, signer, certificate, info) = try Self.inTerms {
            let read = try SignedDataReader(der: der, profile: Self.profile(isArchived: isArchived))
            guard let signer = read.signers.first, let info = read.content else {
                throw ExchangeError(.timestampMalformed, "The timestamp token has no content")
            }
            return (read, signer, try read.certificate(of: signer), info)
        }
        self.signer = signer
        self.info = info
        tsaCertificate = certificate
        certificates = read.certificates
        validationData = ValidationData(
            certificates: read.certificates,
            revocationLists: read.revocation.revocationLists,
            ocspResponses: read.revocation.ocspResponses
        )
        fixedFields = read.fixedFields
        guard signer.signed[.signingCertificateV2] != nil || signer.signed[.signingCertificate] != nil else {
            throw ExchangeError(.timestampMalformed, "The timestamp does not name its authority's certificate")
        }
        let fields = try TimestampInfo(der: info)
        genTime = fields.genTime
        policy = fields.policy
        serialNumber = fields.serialNumber
        imprintDigest = fields.digest
        imprint = fields.imprint
        nonce = fields.nonce
        self.der = der
    }

    /// Certificates that stand in none of the paths, so that nobody needs them.
    public func unusedCertificates(besides paths: [[PartyCertificate]]) -> [PartyCertificate] {
        let used = Set(paths.joined())
        return certificates.filter { !used.contains($0) }
    }

    /// The digest of the bytes that are stamped.
    public var digest: SignatureDigest { imprintDigest }

    /// The same token that carries exactly this for its validation, and its authority's certificate: none of it is
    /// covered by the authority's signature.
    ///
    /// - Throws: `timestamp.malformed` when it would be too large or carry too much.
    public func carrying(_ data: ValidationData) throws -> TimestampToken {
        var data = data
        if !data.certificates.contains(tsaCertificate) { data.certificates.append(tsaCertificate) }
        let body = DERWriter.sequence(
            DERWriter.integer(UInt8(data.signedDataVersion(otherwise: 3))),
            fixedFields.before,
            DERWriter.setOf(data.certificates.map { $0.der }, tag: DERTag.context(0)),
            data.revocationChoicesDER,
            fixedFields.signers
        )
        return try TimestampToken(
            archived: DERWriter.sequence(
                DERWriter.objectID(.signedData),
                DERWriter.element(DERTag.context(0), body)
            )
        )
    }

    /// Whether the token answers the request: the same imprint and nonce.
    public func matches(_ request: TimestampRequest) -> Bool {
        (try? check(answers: request)) != nil
    }

    func check(answers request: TimestampRequest) throws {
        guard imprintDigest == request.digest, imprint == request.imprint else {
            throw ExchangeError(.timestampImprintMismatch, "The timestamp is for other bytes than were asked for")
        }
        guard nonce == request.nonce else {
            throw ExchangeError(.timestampNonceMismatch, "The timestamp answers another request")
        }
    }

    func checkImprint(of bytes: [UInt8]) throws {
        guard try imprintDigest.digest(of: bytes) == imprint else {
            throw ExchangeError(.timestampImprintMismatch, "The timestamp is for other bytes")
        }
    }

    /// Checks that the token is over the bytes, that its signature and certificate reference hold, and that it does
    /// not lie in the future. The authority's path and purpose are checked elsewhere.
    ///
    /// - Parameters:
    ///   - bytes: What was stamped: for a signature timestamp, the signature value.
    ///   - now: The present.
    ///   - skew: How far clocks may differ, in seconds.
    /// - Throws: `timestamp.imprint_mismatch`, `timestamp.signature`, `timestamp.future`, `key.not_in_suite`.
    public func verify(over bytes: [UInt8], now: ExchangeTime, allowingSkew skew: Int64 = 300) throws {
        try checkImprint(of: bytes)
        do {
            try signer.verify(content: info, certificate: tsaCertificate)
        } catch let error as ExchangeError where error.code != .keyNotInSuite {
            throw ExchangeError(.timestampSignature, "The timestamp does not hold: " + error.reason)
        }
        guard genTime <= now.adding(seconds: skew) else {
            throw ExchangeError(.timestampFuture, "The timestamp lies in the future, at \(genTime)")
        }
    }

    /// Says in a timestamp's codes what the common reader said in a signature's.
    static func inTerms<R>(_ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as ExchangeError {
            let code: ErrorCode =
                switch error.code {
                case .signatureWeakDigest: .timestampWeakDigest
                case .signatureCertificateMissing: .timestampCertificateMissing
                case .signatureAlgorithm: .timestampSignature
                default: .timestampMalformed
                }
            throw ExchangeError(code, "The timestamp token is refused: " + error.reason, details: error.details)
        }
    }
}

/// A TSTInfo (RFC 3161 §2.4.2).
struct TimestampInfo {
    let policy: String
    let digest: SignatureDigest
    let imprint: [UInt8]
    let serialNumber: String
    let genTime: ExchangeTime
    let nonce: [UInt8]?

    init(der: [UInt8]) throws {
        try DERCanonical.check(der[...], fault: .timestampMalformed)
        var file = DERReader(der[...], fault: .timestampMalformed)
        var fields = try file.enter(DERTag.sequence, "the timestamp")
        guard try fields.smallInteger("the version") == 1 else { throw fields.failure("The version is not 1") }
        policy = try fields.objectID("the policy").dotted
        var message = try fields.enter(DERTag.sequence, "the imprint")
        digest = try SignatureDigest(try message.algorithm("the imprint's digest"), weak: .timestampWeakDigest)
        imprint = try message.octets("the imprint")
        try message.end("the imprint")
        guard imprint.count == digest.size else { throw fields.failure("The imprint has a wrong size") }
        serialNumber = Hexadecimal.text(of: try fields.integer("the serial number"))
        let time = try fields.next(DERTag.generalizedTime, "the time")
        guard let genTime = SigningTime.generalized(time.content) else {
            throw fields.failure("The time is not a time of DER")
        }
        self.genTime = genTime
        _ = try fields.optional(DERTag.sequence)
        if let ordering = try fields.optional(DERTag.boolean), ordering.content.first == 0 {
            throw fields.failure("A default value is written out")
        }
        nonce = try fields.optional(DERTag.integer).map { Array($0.whole) }
        _ = try fields.optional(DERTag.context(0))
        if let extensions = try fields.optional(DERTag.context(1)) {
            try Self.refuseCritical(DERReader(extensions.content, fault: .timestampMalformed))
        }
        try fields.end("the timestamp")
    }

    /// Nobody here understands an extension, so none may be critical.
    private static func refuseCritical(_ reader: DERReader) throws {
        var list = reader
        while !list.isAtEnd {
            var fields = try list.enter(DERTag.sequence, "an extension")
            _ = try fields.objectID("an extension")
            guard fields.nextTag == DERTag.octetString else {
                throw fields.failure("The timestamp has a critical extension")
            }
        }
    }
}
