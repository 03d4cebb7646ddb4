import ExchangeModel

/// The form of one part: AuthEnvelopedData (RFC 5083, 5084) with exactly one KEKRecipientInfo, whose key is the bundle
/// key and whose key identifier is the bundle id's 16 bytes.
///
/// Every length but the content's is fixed, so a part is a prefix, the ciphertext, and a trailer with the tag, and
/// its size is a pure function of the content's size. Content has at least one byte.
public enum PartEnvelope {
    /// The number of bytes after the ciphertext: the authentication tag as an OCTET STRING.
    public static let trailerSize = 18

    static let keyIdentifierSize = 16
    static let wrappedKeySize = 40
    static let nonceSize = 12
    static let tagSize = 16
    private static let largestContent: Int64 = 1 << 48

    /// What a part says before its ciphertext.
    struct Header {
        let keyIdentifier: [UInt8]
        let wrappedKey: [UInt8]
        let nonce: [UInt8]
    }

    /// The number of bytes of a part with that many content bytes.
    public static func size(ofContent contentSize: Int64) -> Int64 {
        let bounded = min(max(contentSize, 0), largestContent)
        return Int64(prefixSize(ofContent: bounded)) + bounded + Int64(trailerSize)
    }

    /// The number of bytes before the ciphertext of that size.
    public static func prefixSize(ofContent contentSize: Int64) -> Int {
        let blank = Header(
            keyIdentifier: [UInt8](repeating: 0, count: keyIdentifierSize),
            wrappedKey: [UInt8](repeating: 0, count: wrappedKeySize),
            nonce: [UInt8](repeating: 0, count: nonceSize)
        )
        return prefix(blank, contentSize: min(max(contentSize, 0), largestContent)).count
    }

    /// Checks everything of a part that can be checked without its key: every byte of the prefix and the trailer as
    /// the profile demands. Says nothing about the ciphertext.
    ///
    /// - Parameters:
    ///   - prefix: The first `prefixSize(ofContent:)` bytes.
    ///   - trailer: All bytes after the ciphertext.
    ///   - contentSize: The number of ciphertext bytes.
    ///   - keyIdentifier: The 16 bytes of the bundle id.
    /// - Throws: `envelope.malformed`, `.algorithm`, `.nonce`, `.tag_length`, `.recipient`, `.trailing_bytes`,
    ///   `.key_identifier`.
    public static func check(
        prefix: [UInt8],
        trailer: [UInt8],
        contentSize: Int64,
        keyIdentifier: [UInt8]
    ) throws {
        try check(prefix: prefix, contentSize: contentSize, keyIdentifier: keyIdentifier)
        _ = try tag(of: trailer)
    }

    /// Checks the beginning of a part as ``check(prefix:trailer:contentSize:keyIdentifier:)`` does, before the rest is
    /// there.
    public static func check(prefix: [UInt8], contentSize: Int64, keyIdentifier: [UInt8]) throws {
        _ = try read(prefix: prefix, contentSize: contentSize, keyIdentifier: keyIdentifier)
    }

    static func require(contentSize: Int64) throws {
        guard contentSize >= 1, contentSize <= largestContent else {
            throw ExchangeError(.envelopeContentSize, "A part has no content, or too much")
        }
    }

    static func trailer(tag: [UInt8]) -> [UInt8] { DERWriter.octets(tag) }

    /// Writes everything before the ciphertext.
    static func prefix(_ header: Header, contentSize: Int64) -> [UInt8] {
        let recipient = DERWriter.element(
            DERTag.context(2),
            DERWriter.integer(4),
            DERWriter.sequence(DERWriter.octets(header.keyIdentifier)),
            DERWriter.algorithm(.aes256Wrap),
            DERWriter.octets(header.wrappedKey)
        )
        let start = DERWriter.integer(0) + DERWriter.element(DERTag.set, recipient)
        let parameters = DERWriter.sequence(
            DERWriter.octets(header.nonce),
            DERWriter.integer(UInt8(tagSize))
        )
        let contentInfo =
            DERWriter.objectID(.data) + DERWriter.algorithm(.aes256GCM, parameters: parameters)
            + DERWriter.header(DERTag.contextPrimitive(0), length: contentSize)
        // From the inside out: each header counts what follows it, ciphertext and trailer included.
        var prefix = contentInfo
        func enclose(_ tag: UInt8, after bytes: [UInt8] = [], extra: Int64) {
            prefix = bytes + DERWriter.header(tag, length: Int64(prefix.count) + extra) + prefix
        }
        enclose(DERTag.sequence, after: start, extra: contentSize)
        let behind = contentSize + Int64(trailerSize)
        enclose(DERTag.sequence, extra: behind)
        enclose(DERTag.context(0), after: DERWriter.objectID(.authEnvelopedData), extra: behind)
        enclose(DERTag.sequence, extra: behind)
        return prefix
    }

    /// Reads what stands before the ciphertext and refuses whatever this type would not have written.
    static func read(prefix: [UInt8], contentSize: Int64, keyIdentifier: [UInt8]) throws -> Header {
        try require(contentSize: contentSize)
        var reader = DERReader(prefix[...], fault: .envelopeMalformed)
        let outer = try reader.header()
        guard outer.tag == DERTag.sequence else { throw reader.failure("The part is not a CMS structure") }
        let expected = size(ofContent: contentSize)
        let whole = Int64(prefix.count - reader.remaining) + outer.length
        guard try reader.objectID("the content type") == .authEnvelopedData else {
            throw ExchangeError(.envelopeAlgorithm, "The part is not AuthEnvelopedData")
        }
        _ = try header(DERTag.context(0), of: &reader)
        let body = try header(DERTag.sequence, of: &reader)
        let bodyEnd = Int64(prefix.count - reader.remaining) + body
        guard try reader.smallInteger("the version") == 0 else {
            throw reader.failure("The version is not 0, as originator information would make it")
        }
        let (identifier, wrappedKey) = try recipient(of: &reader)
        _ = try header(DERTag.sequence, of: &reader)
        let nonce = try encryption(of: &reader)
        let ciphertext = try header(DERTag.contextPrimitive(0), of: &reader)
        guard ciphertext == contentSize else {
            throw ExchangeError(.envelopeContentSize, "The part announces another content size than is expected")
        }
        guard reader.isAtEnd else { throw reader.failure("The part's prefix is too long") }
        let tagRoom = bodyEnd - Int64(prefix.count) - contentSize
        guard tagRoom >= Int64(trailerSize) else {
            throw ExchangeError(.envelopeTagLength, "The authentication tag has not 16 bytes")
        }
        guard whole <= expected else { throw reader.failure("The part has fields it must not have") }
        guard whole == expected else {
            throw ExchangeError(.envelopeTrailingBytes, "Bytes follow the part")
        }
        let found = Header(keyIdentifier: identifier, wrappedKey: wrappedKey, nonce: nonce)
        // The last word: whatever the checks above did not name still has to be the very bytes of the profile.
        guard Self.prefix(found, contentSize: contentSize) == prefix else {
            throw reader.failure("The part is not written as the profile demands")
        }
        guard identifier == keyIdentifier else {
            throw ExchangeError(.envelopeKeyIdentifier, "The part belongs to another bundle")
        }
        return found
    }

    /// Reads the trailer and gives the tag.
    static func tag(of trailer: [UInt8]) throws -> [UInt8] {
        var reader = DERReader(trailer[...], fault: .envelopeMalformed)
        let tag = try reader.octets("the authentication tag")
        guard tag.count == tagSize else {
            throw ExchangeError(.envelopeTagLength, "The authentication tag has not 16 bytes")
        }
        guard reader.isAtEnd else { throw ExchangeError(.envelopeTrailingBytes, "Bytes follow the part") }
        return tag
    }

    private static func header(_ tag: UInt8, of reader: inout DERReader) throws -> Int64 {
        let header = try reader.header()
        guard header.tag == tag else { throw reader.failure("The part has other fields than the profile demands") }
        return header.length
    }

    /// Reads the one recipient; its size is not believed, because another kind may be longer than the prefix.
    private static func recipient(of reader: inout DERReader) throws -> (identifier: [UInt8], wrappedKey: [UInt8]) {
        let set = try header(DERTag.set, of: &reader)
        guard reader.nextTag == DERTag.context(2) else {
            throw ExchangeError(.envelopeRecipient, "A part's recipient is not a key-encryption key")
        }
        let before = reader.remaining
        let size = try header(DERTag.context(2), of: &reader)
        guard set == Int64(before - reader.remaining) + size else {
            throw ExchangeError(.envelopeRecipient, "A part has more than one recipient")
        }
        guard try reader.smallInteger("the recipient's version") == 4 else {
            throw reader.failure("The recipient's version is not 4")
        }
        var name = try reader.enter(DERTag.sequence, "the key identifier")
        let identifier = try name.octets("the key identifier")
        try name.end("the key identifier")
        let algorithm = try reader.algorithm("the key-encryption algorithm")
        guard algorithm.id == .aes256Wrap, algorithm.parameters == nil else {
            throw ExchangeError(.envelopeRecipient, "A part's key is not wrapped with AES-256 key wrap")
        }
        let wrappedKey = try reader.octets("the wrapped key")
        guard identifier.count == keyIdentifierSize else {
            throw ExchangeError(.envelopeKeyIdentifier, "A part's key identifier has not 16 bytes")
        }
        guard wrappedKey.count == wrappedKeySize else {
            throw ExchangeError(.envelopeKeyUnwrap, "A part's wrapped key has not 40 bytes")
        }
        return (identifier, wrappedKey)
    }

    private static func encryption(of reader: inout DERReader) throws -> [UInt8] {
        guard try reader.objectID("the inner content type") == .data else {
            throw reader.failure("The part's inner content type is not data")
        }
        _ = try header(DERTag.sequence, of: &reader)
        guard try reader.objectID("the content-encryption algorithm") == .aes256GCM else { throw notGCM }
        _ = try header(DERTag.sequence, of: &reader)
        // Sizes are looked at before anything is read: another nonce moves what follows out of the prefix.
        var ahead = reader
        guard try header(DERTag.octetString, of: &ahead) == Int64(nonceSize) else { throw wrongNonce }
        let nonce = try reader.octets("the nonce")
        guard reader.nextTag == DERTag.integer, try reader.smallInteger("the tag length") == tagSize else {
            throw wrongTagLength
        }
        return nonce
    }

    private static let notGCM = ExchangeError(.envelopeAlgorithm, "The content is not encrypted with AES-256-GCM")
    private static let wrongNonce = ExchangeError(.envelopeNonce, "The nonce has not 12 bytes")
    private static let wrongTagLength = ExchangeError(
        .envelopeTagLength,
        "The authentication tag is not announced with 16 bytes"
    )

    /// Checks that an algorithm is AES-256-GCM with a nonce of 12 and a tag of 16 bytes (RFC 5084 §3.2).
    static func nonce(of algorithm: DERAlgorithm) throws -> [UInt8] {
        guard algorithm.id == .aes256GCM, let parameters = algorithm.parameters, parameters.tag == DERTag.sequence
        else { throw notGCM }
        var fields = DERReader(parameters.content, fault: .envelopeMalformed)
        let nonce = try fields.octets("the nonce")
        guard nonce.count == nonceSize else { throw wrongNonce }
        // An absent length means 12 bytes, so it has to be there.
        guard !fields.isAtEnd, try fields.smallInteger("the tag length") == tagSize else { throw wrongTagLength }
        try fields.end("the GCM parameters")
        return nonce
    }
}
