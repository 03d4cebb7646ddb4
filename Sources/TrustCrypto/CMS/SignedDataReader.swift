import ExchangeModel

/// A SignedData (RFC 5652 §5), read strictly; the common ground of signatures and timestamp tokens.
struct SignedDataReader {
    /// What differs between the two.
    struct Profile {
        let version: Int
        let contentType: DERObjectID
        let isDetached: Bool
        let signers: ClosedRange<Int>
        let unsignedAttributes: Set<DERObjectID>
        /// `nil` lets every signed attribute pass.
        let signedAttributes: Set<DERObjectID>?
        /// Whether certificates must be in DER order; authorities that build tokens as PKCS #7 leave them as they come.
        let ordersCertificates: Bool
        /// Whether revocation information may be carried along.
        var allowsRevocationInformation = false
    }

    let content: [UInt8]?
    let certificates: [PartyCertificate]
    let signers: [SignerInfoReader]
    /// Revocation information that is carried along.
    let revocation: ValidationData
    /// The fields that carrying more along leaves as they are: digest algorithms, content, and signers.
    let fixedFields: (before: [UInt8], signers: [UInt8])

    static let mostCertificates = 64
    private static let fault = ErrorCode.signatureMalformed

    init(der: [UInt8], profile: Profile) throws {
        try DERCanonical.check(der[...], fault: Self.fault)
        var file = DERReader(der[...], fault: Self.fault)
        var outer = try file.enter(DERTag.sequence, "the signature object")
        guard try outer.objectID("the content type") == .signedData else {
            throw outer.failure("The object is not SignedData")
        }
        var wrapper = try outer.enter(DERTag.context(0), "the signed data")
        try outer.end("the signature object")
        var body = try wrapper.enter(DERTag.sequence, "the signed data")
        try wrapper.end("the signed data")

        let version = try body.smallInteger("the version")
        let wrongVersion = body.failure("The version is not the one that the fields demand")
        guard version == profile.version || profile.allowsRevocationInformation && version == 5 else {
            throw wrongVersion
        }
        let start = body
        let digests = try body.setOf(DERTag.set, "the digest algorithms").map { element in
            var reader = DERReader(element.whole, fault: Self.fault)
            return try SignatureDigest(try reader.algorithm("a digest algorithm"))
        }
        content = try Self.content(&body, profile: profile)
        let before = start.bytes(upTo: body)
        certificates = try Self.certificates(&body, ordered: profile.ordersCertificates)
        revocation = try Self.revocation(&body, profile: profile)
        guard version == revocation.signedDataVersion(otherwise: profile.version) else { throw wrongVersion }
        fixedFields = (before, start.bytes(from: body))
        let signers = try body.setOf(DERTag.set, "the signers")
        try body.end("the signed data")
        guard profile.signers.contains(signers.count) else {
            throw ExchangeError(.signatureSignerCount, "The number of signers is \(signers.count)")
        }
        self.signers = try signers.map { try SignerInfoReader($0, profile: profile) }
        guard Set(self.signers.map { $0.name }).count == signers.count else {
            throw ExchangeError(.signatureDuplicateSigner, "The same signer signs twice")
        }
        guard self.signers.allSatisfy({ digests.contains($0.digest) }) else {
            throw ExchangeError(Self.fault, "A signer's digest is not among the digest algorithms")
        }
        guard profile.ordersCertificates else { return }
        let message = try CMSMessage(der: der, fault: Self.fault)
        guard try message.der() == der else {
            throw ExchangeError(Self.fault, "The signature object is not canonical DER")
        }
    }

    /// The one certificate that a signer names.
    func certificate(of signer: SignerInfoReader) throws -> PartyCertificate {
        let named = try certificates.filter { try IssuerAndSerialNumber(of: $0) == signer.name }
        guard let certificate = named.first, named.count == 1 else {
            throw ExchangeError(
                .signatureCertificateMissing,
                "The signature object holds \(named.count) certificates for a signer instead of one"
            )
        }
        return certificate
    }

    private static func content(_ body: inout DERReader, profile: Profile) throws -> [UInt8]? {
        var info = try body.enter(DERTag.sequence, "the content")
        guard try info.objectID("the content type") == profile.contentType else {
            throw ExchangeError(.signatureContentType, "The signed content has another type")
        }
        if profile.isDetached {
            guard info.isAtEnd else {
                throw ExchangeError(.signatureNotDetached, "The signature object carries its content")
            }
            return nil
        }
        guard !info.isAtEnd else {
            throw ExchangeError(.signatureNotAttached, "The signature object does not carry its content")
        }
        var wrapper = try info.enter(DERTag.context(0), "the content")
        try info.end("the content")
        let content = try wrapper.octets("the content")
        try wrapper.end("the content")
        return content
    }

    private static func revocation(_ body: inout DERReader, profile: Profile) throws -> ValidationData {
        guard body.nextTag == DERTag.context(1) else { return ValidationData() }
        guard profile.allowsRevocationInformation else {
            throw ExchangeError(.signatureRevocationLists, "The signature object holds revocation lists")
        }
        let elements = try body.setOf(
            DERTag.context(1),
            "the revocation information",
            ordered: profile.ordersCertificates
        )
        return try ValidationData(revocationChoices: elements, fault: fault)
    }

    private static func certificates(_ body: inout DERReader, ordered: Bool) throws -> [PartyCertificate] {
        guard body.nextTag == DERTag.context(0) else { return [] }
        let elements = try body.setOf(DERTag.context(0), "the certificates", ordered: ordered)
        guard elements.count <= mostCertificates else {
            throw ExchangeError(.signatureCertificates, "The signature object holds more than 64 certificates")
        }
        let certificates = try elements.map { element in
            guard element.tag == DERTag.sequence else {
                throw ExchangeError(
                    .signatureCertificates,
                    "The signature object holds something else than certificates"
                )
            }
            return try PartyCertificate.known(der: Array(element.whole))
        }
        guard Set(certificates).count == certificates.count else {
            throw ExchangeError(.signatureCertificates, "The signature object holds a certificate twice")
        }
        return certificates
    }
}

/// A SignerInfo (RFC 5652 §5.3), read strictly.
struct SignerInfoReader {
    /// The exact bytes without unsigned attributes' length: every field up to the signature, and the whole.
    let signedFields: [UInt8]
    let der: [UInt8]
    let name: IssuerAndSerialNumber
    let digest: SignatureDigest
    let scheme: SignatureScheme
    let signature: [UInt8]
    /// Value by attribute; each has exactly one.
    let signed: [DERObjectID: [UInt8]]
    let unsigned: [DERObjectID: [UInt8]]
    /// The signed attributes as they are digested: under the tag of a SET OF (RFC 5652 §5.4).
    let signedBytes: [UInt8]

    private static let fault = ErrorCode.signatureMalformed

    init(_ element: DERElement, profile: SignedDataReader.Profile) throws {
        guard element.tag == DERTag.sequence else {
            throw ExchangeError(Self.fault, "A signer has another type")
        }
        der = Array(element.whole)
        var fields = DERReader(element.content, fault: Self.fault)
        let version = try fields.smallInteger("the signer's version")
        guard version == 1, fields.nextTag == DERTag.sequence else {
            throw ExchangeError(.signatureSignerIdentifier, "A signer is not named by issuer and serial number")
        }
        name = try IssuerAndSerialNumber(reading: &fields, "the signer's name")
        digest = try SignatureDigest(try fields.algorithm("the digest algorithm"))
        guard fields.nextTag == DERTag.context(0) else {
            throw ExchangeError(.signatureMissingAttribute, "A signature has no signed attributes")
        }
        let start = fields
        let signedElements = try fields.setOf(DERTag.context(0), "the signed attributes")
        var again = start
        let signedContent = try again.next().content
        signedBytes = DERWriter.element(DERTag.set, Array(signedContent))
        signed = try Self.attributes(signedElements)
        scheme = try SignatureScheme(try fields.algorithm("the signature algorithm"), digest: digest)
        signature = try fields.octets("the signature")
        signedFields = Array(element.content.prefix(element.content.count - fields.remaining))
        if fields.isAtEnd {
            unsigned = [:]
        } else {
            unsigned = try Self.attributes(try fields.setOf(DERTag.context(1), "the unsigned attributes"))
            guard !unsigned.isEmpty else { throw fields.failure("The unsigned attributes are empty") }
        }
        try fields.end("a signer")

        for required in [DERObjectID.contentType, .messageDigest] where signed[required] == nil {
            throw ExchangeError(.signatureMissingAttribute, "The signed attribute \(required.dotted) is missing")
        }
        if let listed = profile.signedAttributes, let other = signed.keys.first(where: { !listed.contains($0) }) {
            throw ExchangeError(
                .signatureUnlistedSignedAttribute,
                "The signed attribute \(other.dotted) is not one of the profile"
            )
        }
        if let other = unsigned.keys.first(where: { !profile.unsignedAttributes.contains($0) }) {
            throw ExchangeError(
                .signatureUnlistedUnsignedAttribute,
                "The unsigned attribute \(other.dotted) is not one of the profile"
            )
        }
        var contentType = DERReader((signed[.contentType] ?? [])[...], fault: Self.fault)
        guard try contentType.objectID("the signed content type") == profile.contentType else {
            throw ExchangeError(.signatureContentType, "The signed content type is another than the content's")
        }
    }

    /// Reads attributes of which each has one value and stands once.
    private static func attributes(_ elements: [DERElement]) throws -> [DERObjectID: [UInt8]] {
        guard elements.count <= 32 else { throw ExchangeError(fault, "There are more than 32 attributes") }
        var found: [DERObjectID: [UInt8]] = [:]
        for element in elements {
            guard element.tag == DERTag.sequence else { throw ExchangeError(fault, "An attribute has another type") }
            var fields = DERReader(element.content, fault: fault)
            let id = try fields.objectID("an attribute's type")
            let values = try fields.setOf(DERTag.set, "an attribute's values")
            try fields.end("an attribute")
            guard let value = values.first, values.count == 1, found[id] == nil else {
                throw ExchangeError(
                    .signatureDuplicateAttribute,
                    "The attribute \(id.dotted) does not stand once with one value"
                )
            }
            found[id] = Array(value.whole)
        }
        return found
    }

    /// Checks digest, certificate reference and signature value.
    ///
    /// - Throws: `signature.digest_mismatch`, `.certificate_mismatch`, `.invalid`, `.algorithm`, `key.not_in_suite`.
    func verify(content: [UInt8], certificate: PartyCertificate) throws {
        var reader = DERReader((signed[.messageDigest] ?? [])[...], fault: Self.fault)
        guard try reader.octets("the message digest") == digest.digest(of: content), reader.isAtEnd else {
            throw ExchangeError(.signatureDigestMismatch, "The signed content is not the content at hand")
        }
        try SigningCertificate.check(signed, is: certificate)
        guard try scheme.verify(signature, over: signedBytes, by: certificate) else {
            throw ExchangeError(.signatureInvalid, "The signature does not hold under the signer's key")
        }
    }
}
