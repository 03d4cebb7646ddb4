public import ExchangeModel

/// A detached CAdES signature object (EN 319 122-1) that another tool made, at any level, with one or more signers.
///
/// It is read by rules that the standard gives, not by those of our profile; see ``CAdESSignature`` for that one. Whether
/// anybody should be believed is not decided here.
public struct ForeignSignature: Sendable {
    /// The most signers that are looked at.
    public static let mostSigners = 32
    /// The largest object, in bytes.
    public static let largestSize = 8 << 20

    /// Every signer, in the order of the bytes.
    public let signers: [ForeignSigner]
    /// Every certificate, list and OCSP response that the object carries.
    public let validationData: ValidationData

    // Nothing in it changes after `init`.
    private let parts: Parts

    private struct Parts: Sendable {
        let certificates: [[UInt8]]
        let revocations: [[UInt8]]
    }

    /// Reads BER or DER.
    ///
    /// - Throws: `signature.*`, `certificate.malformed`.
    public init(ber: [UInt8]) throws {
        guard ber.count <= Self.largestSize else {
            throw ExchangeError(.signatureMalformed, "The signature object is larger than 8 MiB")
        }
        let read = try ForeignSignedData(ber: ber, signers: 1...Self.mostSigners)
        guard read.contentType == .data else {
            throw ExchangeError(.signatureContentType, "The signed content has another type")
        }
        guard read.content == nil else {
            throw ExchangeError(.signatureNotDetached, "The signature object carries its content")
        }
        validationData = read.validationData
        parts = Parts(certificates: read.certificateElements, revocations: read.revocationElements)
        signers = try read.signers.enumerated().map { index, signer in
            guard signer.signed[.signingCertificateV2] != nil else {
                guard signer.signed[.signingCertificate] == nil else {
                    throw ExchangeError(
                        .signatureWeakDigest,
                        "The signature names its certificate by SHA-1 only (signing-certificate without v2)"
                    )
                }
                throw ExchangeError(
                    .signatureMissingAttribute,
                    "The signed attribute signing-certificate-v2 is missing"
                )
            }
            return ForeignSigner(
                index: index,
                certificate: try read.certificate(of: signer),
                claimedSigningTime: try signer.signed[.signingTime].map { try SigningTime.read($0) },
                reader: signer
            )
        }
    }

    /// Checks one signature: message digest, certificate reference and signature value.
    ///
    /// - Parameters:
    ///   - signer: Whose.
    ///   - contentDigest: Gives the digest of the content.
    /// - Throws: `signature.*`, `key.not_in_suite`.
    public func verify(_ signer: ForeignSigner, contentDigest: (SignatureDigest) throws -> [UInt8]) throws {
        try signer.reader.verify(
            contentDigest: try contentDigest(signer.digest),
            certificate: signer.certificate,
            keys: .common
        )
    }

    /// Checks that an archive timestamp of version 3 is over this signature and this content (EN 319 122-1 §5.5.3).
    ///
    /// - Returns: Which unsigned attributes it covers.
    /// - Throws: `timestamp.index_missing`, `.index_malformed`, `.index_mismatch`, `.imprint_mismatch`.
    public func check(
        archiveTimestamp token: ForeignTimestamp,
        of signer: ForeignSigner,
        contentDigest: (SignatureDigest) throws -> [UInt8]
    ) throws -> ArchiveCoverage {
        guard let bytes = token.hashIndex else {
            throw ExchangeError(.timestampIndexMissing, "The archive timestamp has no ats-hash-index-v3")
        }
        let index = try ATSHashIndex(der: bytes)
        guard index.digest == token.imprintDigest else {
            throw ExchangeError(
                .timestampIndexMalformed,
                "The archive timestamp and its index use different digests"
            )
        }
        let values = signer.reader.unsigned.flatMap { attribute in attribute.values.map { attribute.indexed($0) } }
        for (listed, present, what) in [
            (index.certificates, parts.certificates, "certificate"),
            (index.revocations, parts.revocations, "revocation statement"),
            (index.attributes, values, "unsigned attribute"),
        ] {
            let digests = Set(try present.map { try index.digest.digest(of: $0) })
            guard listed.isSubset(of: digests) else {
                throw ExchangeError(
                    .timestampIndexMismatch,
                    "The archive timestamp covers a \(what) that is not in the signature object"
                )
            }
        }
        let stamped = DERWriter.objectID(.data) + (try contentDigest(index.digest)) + signer.reader.signedFields + bytes
        try token.checkImprint(try index.digest.digest(of: stamped))
        return ArchiveCoverage(index: index)
    }
}

/// Which unsigned attributes an archive timestamp covers.
public struct ArchiveCoverage: Sendable {
    fileprivate let index: ATSHashIndex

    /// Whether it covers a timestamp token that stands in an unsigned attribute of the signer.
    public func covers(_ token: [UInt8], of signer: ForeignSigner) -> Bool {
        signer.reader.unsigned.contains { attribute in
            attribute.values.contains(token)
                && (try? index.digest.digest(of: attribute.indexed(token))).map(index.attributes.contains) ?? false
        }
    }
}

/// One signer of a foreign signature object: what is said, not yet whether it holds.
public struct ForeignSigner: Sendable {
    /// The place among the signers, from 0.
    public let index: Int
    /// The certificate the signer names.
    public let certificate: PartyCertificate
    /// The time the signer claims; only a timestamp proves one.
    public let claimedSigningTime: ExchangeTime?

    let reader: ForeignSignerInfo

    /// The digest of the content and of the signed attributes.
    public var digest: SignatureDigest { reader.digest }
    /// The signature value: what a signature timestamp is over.
    public var signatureValue: [UInt8] { reader.signature }
    /// Signature timestamp tokens, in the order of the bytes.
    public var timestamps: [[UInt8]] { reader.unsigned(.signatureTimestamp) }
    /// Archive timestamp tokens of version 3, in the order of the bytes.
    public var archiveTimestamps: [[UInt8]] { reader.unsigned(.archiveTimestampV3) }
    /// How many archive timestamps of version 2 (TS 101 733) there are, which are not checked.
    public var olderArchiveTimestamps: Int { reader.unsigned(.archiveTimestampV2).count }
    /// How many countersignatures there are, which are not checked.
    public var counterSignatures: Int { reader.unsigned(.counterSignature).count }
}

/// An ATSHashIndexV3 (EN 319 122-1 §5.5.2).
struct ATSHashIndex: Sendable {
    let digest: SignatureDigest
    let certificates: Set<[UInt8]>
    let revocations: Set<[UInt8]>
    let attributes: Set<[UInt8]>

    init(der: [UInt8]) throws {
        var file = DERReader(der[...], fault: .timestampIndexMalformed)
        var fields = try file.enter(DERTag.sequence, "the index")
        digest = try SignatureDigest(try fields.algorithm("the index's digest"), weak: .timestampWeakDigest)
        let size = digest.size
        func digests(_ what: String) throws -> Set<[UInt8]> {
            var list = try fields.enter(DERTag.sequence, what)
            var found: Set<[UInt8]> = []
            while !list.isAtEnd {
                let digest = try list.octets(what)
                guard digest.count == size else { throw list.failure("A digest of the index has a wrong size") }
                found.insert(digest)
            }
            return found
        }
        certificates = try digests("the index of certificates")
        revocations = try digests("the index of revocation information")
        attributes = try digests("the index of unsigned attributes")
        try fields.end("the index")
        try file.end("the index")
    }
}
