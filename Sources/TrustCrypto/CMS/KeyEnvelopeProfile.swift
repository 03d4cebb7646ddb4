import ExchangeModel

/// The strict reading of `key.p7m`.
enum KeyEnvelopeProfile {
    private static let fault = ErrorCode.envelopeMalformed

    /// Checks every field and gives the recipients.
    static func recipients(of der: [UInt8]) throws -> [IssuerAndSerialNumber] {
        guard der.count <= KeyEnvelope.largestSize else {
            throw ExchangeError(fault, "The key envelope is larger than 64 KiB")
        }
        var file = DERReader(der[...], fault: fault)
        var outer = try file.enter(DERTag.sequence, "the key envelope")
        guard file.isAtEnd else { throw ExchangeError(.envelopeTrailingBytes, "Bytes follow the key envelope") }
        try DERCanonical.check(der[...], fault: fault)
        guard try outer.objectID("the content type") == .authEnvelopedData else {
            throw ExchangeError(.envelopeAlgorithm, "The key envelope is not AuthEnvelopedData")
        }
        var content = try outer.enter(DERTag.context(0), "the content")
        try outer.end("the key envelope")
        var body = try content.enter(DERTag.sequence, "the content")
        try content.end("the content")
        guard try body.smallInteger("the version") == 0 else { throw body.failure("The version is not 0") }
        let recipients = try body.setOf(DERTag.set, "the recipient set")
        try checkContent(&body)
        try body.end("the key envelope")
        guard (1...KeyEnvelope.mostRecipients).contains(recipients.count) else {
            throw ExchangeError(.envelopeRecipient, "The key envelope has no recipient or more than 64")
        }
        let names = try recipients.map { try name(of: $0) }
        guard Set(names).count == names.count else {
            throw ExchangeError(.envelopeRecipient, "The same recipient is named twice")
        }
        return names
    }

    private static func checkContent(_ body: inout DERReader) throws {
        var info = try body.enter(DERTag.sequence, "the encrypted content")
        guard try info.objectID("the inner content type") == .data else {
            throw info.failure("The inner content type is not data")
        }
        _ = try PartEnvelope.nonce(of: try info.algorithm("the content-encryption algorithm"))
        let ciphertext = try info.next(DERTag.contextPrimitive(0), "the encrypted content")
        try info.end("the encrypted content")
        guard ciphertext.content.count == KeyEnvelope.keySize else {
            throw ExchangeError(.envelopeContentSize, "The key envelope does not hold 32 bytes")
        }
        guard try body.octets("the authentication tag").count == PartEnvelope.tagSize else {
            throw ExchangeError(.envelopeTagLength, "The authentication tag has not 16 bytes")
        }
    }

    private static func name(of recipient: DERElement) throws -> IssuerAndSerialNumber {
        switch recipient.tag {
        case DERTag.sequence: try keyTransport(DERReader(recipient.content, fault: fault))
        case DERTag.context(1): try keyAgreement(DERReader(recipient.content, fault: fault))
        default:
            throw ExchangeError(.envelopeRecipient, "A recipient is neither an RSA nor an EC certificate")
        }
    }

    /// KeyTransRecipientInfo (RFC 5652 §6.2.1) with RSAES-OAEP (RFC 8017 A.2.1).
    private static func keyTransport(_ reader: DERReader) throws -> IssuerAndSerialNumber {
        var fields = reader
        guard try fields.smallInteger("the recipient's version") == 0 else {
            throw ExchangeError(.envelopeRecipient, "A recipient is not named by issuer and serial number")
        }
        let name = try IssuerAndSerialNumber(reading: &fields, "the recipient's name")
        let algorithm = try fields.algorithm("the key-encryption algorithm")
        guard algorithm.id == .rsaOAEP, let parameters = algorithm.parameters, try isOAEP(parameters) else {
            throw ExchangeError(.envelopeRecipient, "A recipient's key is not encrypted with RSA-OAEP and SHA-256")
        }
        let key = try fields.octets("the encrypted key")
        try fields.end("the recipient")
        guard (CryptoSuite.rogatory1.smallestRSAModulus / 8...1_024).contains(key.count) else {
            throw ExchangeError(.envelopeRecipient, "A recipient's encrypted key has a size the suite does not have")
        }
        return name
    }

    private static func isOAEP(_ parameters: DERElement) throws -> Bool {
        guard parameters.tag == DERTag.sequence else { return false }
        var fields = DERReader(parameters.content, fault: fault)
        guard fields.nextTag == DERTag.context(0) else { return false }
        var digest = try fields.enter(DERTag.context(0), "the OAEP digest")
        let digestAlgorithm = try digest.algorithm("the OAEP digest")
        try digest.end("the OAEP digest")
        guard fields.nextTag == DERTag.context(1) else { return false }
        var mask = try fields.enter(DERTag.context(1), "the OAEP mask")
        let maskAlgorithm = try mask.algorithm("the OAEP mask")
        try mask.end("the OAEP mask")
        return digestAlgorithm.id == .sha256 && digestAlgorithm.hasPlainParameters
            && maskAlgorithm.isMaskGeneration(with: .sha256) && fields.isAtEnd
    }

    /// KeyAgreeRecipientInfo (RFC 5652 §6.2.2, RFC 5753 §3.1.1) for one recipient, without user keying material.
    private static func keyAgreement(_ reader: DERReader) throws -> IssuerAndSerialNumber {
        var fields = reader
        guard try fields.smallInteger("the recipient's version") == 3 else {
            throw fields.failure("The recipient's version is not 3")
        }
        let pointSize = try ephemeralPointSize(&fields)
        guard fields.nextTag == DERTag.sequence else {
            throw ExchangeError(.envelopeRecipient, "A recipient has user keying material")
        }
        let algorithm = try fields.algorithm("the key-encryption algorithm")
        guard let parameters = algorithm.parameters else {
            throw ExchangeError(.envelopeRecipient, "A recipient's key agreement names no key wrap")
        }
        var wrapReader = DERReader(parameters.whole, fault: fault)
        let wrap = try wrapReader.algorithm("the key wrap")
        guard wrap.id == .aes256Wrap, wrap.parameters == nil else {
            throw ExchangeError(.envelopeRecipient, "A recipient's key is not wrapped with AES-256 key wrap")
        }
        // An uncompressed point of P-256 goes with SHA-256, one of P-384 with SHA-384.
        switch (algorithm.id, pointSize) {
        case (.ecdhSHA256KDF, 65), (.ecdhSHA384KDF, 97): break
        default: throw ExchangeError(.envelopeRecipient, "A recipient's key agreement is not one of the suite")
        }
        var keys = try fields.enter(DERTag.sequence, "the encrypted keys")
        try fields.end("the recipient")
        var key = try keys.enter(DERTag.sequence, "the encrypted key")
        guard keys.isAtEnd else {
            throw ExchangeError(.envelopeRecipient, "Several recipients share one key agreement")
        }
        guard key.nextTag == DERTag.sequence else {
            throw ExchangeError(.envelopeRecipient, "A recipient is not named by issuer and serial number")
        }
        let name = try IssuerAndSerialNumber(reading: &key, "the recipient's name")
        let wrapped = try key.octets("the wrapped key")
        try key.end("the encrypted key")
        guard wrapped.count == PartEnvelope.wrappedKeySize else {
            throw ExchangeError(.envelopeRecipient, "A recipient's wrapped key has not 40 bytes")
        }
        return name
    }

    private static func ephemeralPointSize(_ fields: inout DERReader) throws -> Int {
        var originator = try fields.enter(DERTag.context(0), "the originator")
        guard originator.nextTag == DERTag.context(1) else {
            throw ExchangeError(.envelopeRecipient, "A recipient's key agreement is not with an ephemeral key")
        }
        var key = try originator.enter(DERTag.context(1), "the ephemeral key")
        try originator.end("the originator")
        let algorithm = try key.algorithm("the ephemeral key's algorithm")
        guard algorithm.id == .ecPublicKey, algorithm.parameters == nil else {
            throw ExchangeError(.envelopeRecipient, "An ephemeral key is not a plain EC key")
        }
        // One byte of unused bits, then the point.
        let bits = try key.next(DERTag.bitString, "the ephemeral key").content
        try key.end("the ephemeral key")
        guard bits.first == 0, bits.dropFirst().first == 0x04 else {
            throw ExchangeError(.envelopeRecipient, "An ephemeral key is not an uncompressed point")
        }
        return bits.count - 1
    }
}

extension DERAlgorithm {
    /// Whether this is MGF1 (RFC 8017 A.2.1) with that digest.
    func isMaskGeneration(with digest: DERObjectID) -> Bool {
        guard id == .maskGeneration1, let parameters else { return false }
        var reader = DERReader(parameters.whole, fault: .envelopeMalformed)
        guard let inner = try? reader.algorithm("the mask digest") else { return false }
        return inner.id == digest && inner.hasPlainParameters
    }
}
