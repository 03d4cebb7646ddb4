public import ExchangeModel

/// A timestamp token (RFC 3161 §2.4.2) as other makers keep it: with revocation information and unsigned attributes of its
/// own, in BER, its authority's certificate perhaps elsewhere; see ``TimestampToken`` for that of our profile.
public struct ForeignTimestamp: Sendable {
    /// The bytes as they were given.
    public let bytes: [UInt8]
    /// The instant the authority vouches for, fractions of a second dropped.
    public let genTime: ExchangeTime
    /// The policy it works under, dotted.
    public let policy: String
    /// The token's serial number at the authority, as lower-case hexadecimal digits.
    public let serialNumber: String
    /// The authority's certificate.
    public let tsaCertificate: PartyCertificate
    /// Every certificate, list and OCSP response the token carries.
    public let validationData: ValidationData
    /// The digest of the imprint.
    public let imprintDigest: SignatureDigest

    let hashIndex: [UInt8]?
    private let imprint: [UInt8]
    private let info: [UInt8]
    private let signer: ForeignSignerInfo

    /// The largest token, in bytes.
    public static let largestSize = 4 << 20

    /// Reads BER or DER.
    ///
    /// - Parameters:
    ///   - ber: The token.
    ///   - others: Certificates in which the authority's may be, when the token does not carry it.
    /// - Throws: `timestamp.malformed`, `.weak_digest`, `.certificate_missing`, `.signature`.
    public init(ber: [UInt8], certificates others: [PartyCertificate] = []) throws {
        guard ber.count <= Self.largestSize else {
            throw ExchangeError(.timestampMalformed, "The timestamp token is too large")
        }
        let (read, signer, certificate, info) = try TimestampToken.inTerms {
            let read = try ForeignSignedData(ber: ber, signers: 1...1)
            guard let signer = read.signers.first, let info = read.content, read.contentType == .timestampInfo else {
                throw ExchangeError(.timestampMalformed, "The timestamp token has no content")
            }
            return (read, signer, try read.certificate(of: signer, besides: others), info)
        }
        guard signer.signed[.signingCertificateV2] != nil || signer.signed[.signingCertificate] != nil else {
            throw ExchangeError(.timestampMalformed, "The timestamp does not name its authority's certificate")
        }
        let fields = try TimestampInfo(der: info)
        bytes = ber
        genTime = fields.genTime
        policy = fields.policy
        serialNumber = fields.serialNumber
        imprintDigest = fields.digest
        imprint = fields.imprint
        tsaCertificate = certificate
        validationData = read.validationData
        hashIndex = signer.unsigned(.atsHashIndexV3).first
        self.info = info
        self.signer = signer
    }

    func checkImprint(_ digest: [UInt8]) throws {
        guard digest == imprint else {
            throw ExchangeError(.timestampImprintMismatch, "The timestamp is for other bytes")
        }
    }

    /// Checks that the token is over content of that digest; ``verify(now:allowingSkew:)`` checks the rest.
    ///
    /// - Parameter contentDigest: Gives the digest of the bytes.
    /// - Throws: `timestamp.imprint_mismatch`.
    public func check(over contentDigest: (SignatureDigest) throws -> [UInt8]) throws {
        try checkImprint(try contentDigest(imprintDigest))
    }

    /// Checks that the token's signature and certificate reference hold, and that it does not lie in the future. The
    /// authority's path and purpose are checked elsewhere.
    ///
    /// - Throws: `timestamp.signature`, `timestamp.future`.
    public func verify(now: ExchangeTime, allowingSkew skew: Int64 = 300) throws {
        do {
            try signer.verify(
                contentDigest: try signer.digest.digest(of: info),
                certificate: tsaCertificate,
                keys: .common
            )
        } catch let error as ExchangeError {
            throw ExchangeError(.timestampSignature, "The timestamp does not hold: " + error.reason)
        }
        guard genTime <= now.adding(seconds: skew) else {
            throw ExchangeError(.timestampFuture, "The timestamp lies in the future, at \(genTime)")
        }
    }
}
