import ExchangeModel

/// A SignedData (RFC 5652 §5) as other makers write it: the relaxed counterpart of ``SignedDataReader``.
///
/// It takes every version of RFC 5652 §5.1, BER lengths, sets in any order, certificates and revocation information that
/// our profile keeps
/// elsewhere, and unsigned attributes of any kind. What makes a signature mean something stays as strict: signed
/// attributes are there, none twice, with content type, message digest and a reference to the certificate.
struct ForeignSignedData {
    /// The bytes with definite lengths.
    let der: [UInt8]
    let contentType: DERObjectID
    let content: [UInt8]?
    /// The members of `certificates` and `crls`, as they stand.
    let certificateElements: [[UInt8]]
    let revocationElements: [[UInt8]]
    let certificates: [PartyCertificate]
    /// What came along, in the object and in its signers' unsigned attributes.
    let validationData: ValidationData
    let signers: [ForeignSignerInfo]

    /// The most certificates, and the most statements about revocation, that are looked at.
    static let mostElements = 256
    private static let fault = ErrorCode.signatureMalformed

    init(ber: [UInt8], signers expected: ClosedRange<Int>) throws {
        der = try DefiniteForm.bytes(of: ber, fault: Self.fault)
        var file = DERReader(der[...], fault: Self.fault)
        var outer = try file.enter(DERTag.sequence, "the signature object")
        guard try outer.objectID("the content type") == .signedData else {
            throw outer.failure("The object is not SignedData")
        }
        var wrapper = try outer.enter(DERTag.context(0), "the signed data")
        try outer.end("the signature object")
        var body = try wrapper.enter(DERTag.sequence, "the signed data")
        try wrapper.end("the signed data")
        guard [1, 3, 4, 5].contains(try body.smallInteger("the version")) else {
            throw body.failure("The version is not 1, 3, 4 or 5")
        }
        let digests = try body.setOf(DERTag.set, "the digest algorithms", ordered: false).map { element in
            var reader = DERReader(element.whole, fault: Self.fault)
            return try reader.algorithm("a digest algorithm").id
        }
        var info = try body.enter(DERTag.sequence, "the content")
        contentType = try info.objectID("the content type")
        if info.isAtEnd {
            content = nil
        } else {
            var inner = try info.enter(DERTag.context(0), "the content")
            content = try inner.octets("the content")
            try inner.end("the content")
            try info.end("the content")
        }
        certificateElements = try Self.elements(&body, DERTag.context(0), "the certificates")
        revocationElements = try Self.elements(&body, DERTag.context(1), "the revocation information")
        // Attribute certificates and older forms have other tags; they prove nothing here.
        certificates = try certificateElements.filter { $0.first == DERTag.sequence }
            .map { try PartyCertificate.known(der: $0) }
        let signerElements = try body.setOf(DERTag.set, "the signers", ordered: false)
        try body.end("the signed data")
        guard expected.contains(signerElements.count) else {
            throw ExchangeError(.signatureSignerCount, "The number of signers is \(signerElements.count)")
        }
        signers = try signerElements.map { try ForeignSignerInfo($0) }
        var data = ValidationData(certificates: certificates)
        data.add(revocationElements)
        for signer in signers { data.add(signer.values) }
        validationData = data
        guard signers.allSatisfy({ digests.contains($0.digest.id) }) else {
            throw ExchangeError(Self.fault, "A signer's digest is not among the digest algorithms")
        }
        guard signers.allSatisfy({ $0.contentType == contentType }) else {
            throw ExchangeError(.signatureContentType, "The signed content type is another than the content's")
        }
    }

    private static func elements(_ body: inout DERReader, _ tag: UInt8, _ what: String) throws -> [[UInt8]] {
        guard body.nextTag == tag else { return [] }
        let elements = try body.setOf(tag, what, ordered: false)
        guard elements.count <= mostElements else {
            throw ExchangeError(.signatureCertificates, "\(what) are more than \(mostElements)")
        }
        return elements.map { Array($0.whole) }
    }

    /// The certificate that a signer names, from the object itself or from what came along elsewhere.
    func certificate(of signer: ForeignSignerInfo, besides others: [PartyCertificate] = []) throws -> PartyCertificate {
        let all = certificates + signer.values.certificates + others
        let named = Set(try all.filter { try signer.name.isName(of: $0) })
        guard let certificate = named.first else {
            throw ExchangeError(.signatureCertificateMissing, "The certificate of a signer is not at hand")
        }
        guard named.count == 1 else {
            throw ExchangeError(.signatureCertificateMissing, "Several certificates have the name of a signer")
        }
        return certificate
    }
}

/// How a signer is named (RFC 5652 §5.3).
enum ForeignSignerName: Hashable {
    case issuerAndSerialNumber(IssuerAndSerialNumber)
    case subjectKeyIdentifier([UInt8])

    func isName(of certificate: PartyCertificate) throws -> Bool {
        switch self {
        case .issuerAndSerialNumber(let name): try IssuerAndSerialNumber(of: certificate) == name
        case .subjectKeyIdentifier(let identifier): certificate.subjectKeyIdentifier == identifier
        }
    }
}

/// An attribute with all its values.
struct ForeignAttribute {
    let type: DERObjectID
    let values: [[UInt8]]

    /// What an archive timestamp's index has the digest of (EN 319 122-1 §5.5.2): type and value, one after the other.
    func indexed(_ value: [UInt8]) -> [UInt8] { DERWriter.objectID(type) + value }
}

/// A SignerInfo (RFC 5652 §5.3) as other makers write it.
struct ForeignSignerInfo {
    /// Every field up to the signature, as it stands.
    let signedFields: [UInt8]
    let name: ForeignSignerName
    let digest: SignatureDigest
    let scheme: SignatureScheme
    let signature: [UInt8]
    let signed: [DERObjectID: [UInt8]]
    let unsigned: [ForeignAttribute]
    let contentType: DERObjectID
    /// Certificates and revocation information in unsigned attributes.
    let values: ValidationData
    /// The signed attributes under the tag of a SET OF: in DER's order, and as they stand where that differs.
    private let signedBytes: [[UInt8]]

    private static let fault = ErrorCode.signatureMalformed

    init(_ element: DERElement) throws {
        guard element.tag == DERTag.sequence else { throw ExchangeError(Self.fault, "A signer has another type") }
        var fields = DERReader(element.content, fault: Self.fault)
        let version = try fields.smallInteger("the signer's version")
        switch (version, fields.nextTag) {
        case (1, DERTag.sequence):
            name = .issuerAndSerialNumber(try IssuerAndSerialNumber(reading: &fields, "the signer's name"))
        case (3, DERTag.contextPrimitive(0)):
            name = .subjectKeyIdentifier(Array(try fields.next().content))
        default:
            throw ExchangeError(.signatureSignerIdentifier, "A signer is not named as its version demands")
        }
        digest = try SignatureDigest(try fields.algorithm("the digest algorithm"))
        guard fields.nextTag == DERTag.context(0) else {
            throw ExchangeError(.signatureMissingAttribute, "A signature has no signed attributes")
        }
        let signedElements = try fields.setOf(DERTag.context(0), "the signed attributes", ordered: false)
        let members = signedElements.map { Array($0.whole) }
        let inOrder = DERWriter.setOf(members)
        let asTheyStand = DERWriter.element(DERTag.set, joining: members)
        signedBytes = inOrder == asTheyStand ? [inOrder] : [inOrder, asTheyStand]
        var signed: [DERObjectID: [UInt8]] = [:]
        for attribute in try Self.attributes(signedElements) {
            guard let value = attribute.values.first, attribute.values.count == 1, signed[attribute.type] == nil else {
                throw ExchangeError(
                    .signatureDuplicateAttribute,
                    "The signed attribute \(attribute.type.dotted) does not stand once with one value"
                )
            }
            signed[attribute.type] = value
        }
        self.signed = signed
        scheme = try SignatureScheme(try fields.algorithm("the signature algorithm"), digest: digest)
        signature = try fields.octets("the signature")
        signedFields = Array(element.content.prefix(element.content.count - fields.remaining))
        unsigned =
            fields.isAtEnd
            ? [] : try Self.attributes(try fields.setOf(DERTag.context(1), "the unsigned attributes", ordered: false))
        try fields.end("a signer")
        values = ValidationData(unsigned)
        for required in [DERObjectID.contentType, .messageDigest] where signed[required] == nil {
            throw ExchangeError(.signatureMissingAttribute, "The signed attribute \(required.dotted) is missing")
        }
        var type = DERReader((signed[.contentType] ?? [])[...], fault: Self.fault)
        contentType = try type.objectID("the signed content type")
    }

    private static func attributes(_ elements: [DERElement]) throws -> [ForeignAttribute] {
        guard elements.count <= 64 else { throw ExchangeError(fault, "There are more than 64 attributes") }
        return try elements.map { element in
            guard element.tag == DERTag.sequence else { throw ExchangeError(fault, "An attribute has another type") }
            var fields = DERReader(element.content, fault: fault)
            let type = try fields.objectID("an attribute's type")
            let values = try fields.setOf(DERTag.set, "an attribute's values", ordered: false)
            try fields.end("an attribute")
            guard values.count <= 64 else { throw ExchangeError(fault, "An attribute has more than 64 values") }
            return ForeignAttribute(type: type, values: values.map { Array($0.whole) })
        }
    }

    /// Every value of an unsigned attribute.
    func unsigned(_ type: DERObjectID) -> [[UInt8]] { unsigned.filter { $0.type == type }.flatMap(\.values) }

    /// Checks message digest, certificate reference and signature value.
    ///
    /// - Throws: `signature.digest_mismatch`, `.certificate_mismatch`, `.invalid`, `.algorithm`, `key.not_in_suite`.
    func verify(contentDigest: [UInt8], certificate: PartyCertificate, keys: KeyRule) throws {
        var reader = DERReader((signed[.messageDigest] ?? [])[...], fault: Self.fault)
        guard try reader.octets("the message digest") == contentDigest, reader.isAtEnd else {
            throw ExchangeError(.signatureDigestMismatch, "The signed content is not the content at hand")
        }
        try SigningCertificate.check(signed, is: certificate)
        for bytes in signedBytes where try scheme.verify(signature, over: bytes, by: certificate, keys: keys) { return }
        throw ExchangeError(.signatureInvalid, "The signature does not hold under the signer's key")
    }
}

/// Gathering from strangers: nothing of it is trusted, so what cannot be read is left out.
extension ValidationData {
    /// What the unsigned attributes certificate-values and revocation-values carry (EN 319 122-1 Annex A.1).
    init(_ attributes: [ForeignAttribute]) {
        self.init()
        for attribute in attributes {
            for value in attribute.values {
                switch attribute.type {
                case .certificateValues: certificates += Self.members(value).compactMap { try? .known(der: $0) }
                case .revocationValues: addRevocationValues(value)
                default: break
                }
            }
        }
    }

    /// Adds the lists and OCSP responses among RevocationInfoChoices (RFC 5652 §10.2.1), of whatever form.
    mutating func add(_ choices: [[UInt8]]) {
        for choice in choices {
            guard choice.first == DERTag.context(1) else {
                if let list = try? RevocationList(der: choice) { revocationLists.append(list) }
                continue
            }
            var file = DERReader(choice[...], fault: .signatureMalformed)
            guard var fields = try? file.enter(DERTag.context(1), "revocation information"),
                let format = try? fields.objectID("the format"), let value = try? fields.next()
            else { continue }
            let bytes = Array(value.whole)
            switch format {
            case .ocspResponseInfo: if let read = try? OCSPResponse(der: bytes) { ocspResponses.append(read) }
            case .ocspBasic: if let read = try? OCSPResponse(basic: bytes) { ocspResponses.append(read) }
            default: break
            }
        }
    }

    private mutating func addRevocationValues(_ value: [UInt8]) {
        var file = DERReader(value[...], fault: .signatureMalformed)
        guard var fields = try? file.enter(DERTag.sequence, "revocation values") else { return }
        while let field = try? fields.next() {
            guard let list = try? DERReader(field.content, fault: .signatureMalformed).list() else { continue }
            switch field.tag {
            case DERTag.context(0): revocationLists += list.compactMap { try? RevocationList(der: $0) }
            case DERTag.context(1): ocspResponses += list.compactMap { try? OCSPResponse(basic: $0) }
            default: break
            }
        }
    }

    private static func members(_ value: [UInt8]) -> [[UInt8]] {
        (try? DERReader(value[...], fault: .signatureMalformed).list()) ?? []
    }
}

extension DERReader {
    /// The members of the SEQUENCE that comes next, the first of them where there are very many.
    fileprivate func list() throws -> [[UInt8]] {
        var reader = self
        var list = try reader.enter(DERTag.sequence, "values")
        var members: [[UInt8]] = []
        while members.count < ForeignSignedData.mostElements, !list.isAtEnd {
            members.append(Array(try list.next().whole))
        }
        return members
    }
}

extension OCSPResponse {
    /// Reads a BasicOCSPResponse by itself (RFC 6960 §4.2.1), as signatures carry it.
    init(basic: [UInt8]) throws {
        try self.init(
            der: DERWriter.sequence(
                DERWriter.element(0x0a, [0]),
                DERWriter.element(
                    DERTag.context(0),
                    DERWriter.sequence(DERWriter.objectID(.ocspBasic), DERWriter.octets(basic))
                )
            )
        )
    }
}

extension DERObjectID {
    static let certificateValues = DERObjectID(1, 2, 840, 113_549, 1, 9, 16, 2, 23)
    static let revocationValues = DERObjectID(1, 2, 840, 113_549, 1, 9, 16, 2, 24)
    static let archiveTimestampV2 = DERObjectID(1, 2, 840, 113_549, 1, 9, 16, 2, 48)
    static let archiveTimestampV3 = DERObjectID(0, 4, 0, 1_733, 2, 4)
    static let atsHashIndexV3 = DERObjectID(0, 4, 0, 19_122, 1, 5)
    static let counterSignature = DERObjectID(1, 2, 840, 113_549, 1, 9, 6)
    static let ocspBasic = DERObjectID(1, 3, 6, 1, 5, 5, 7, 48, 1, 1)
}
