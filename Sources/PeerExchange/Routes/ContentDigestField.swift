import ExchangeModel
import Foundation

/// The `Content-Digest` field (RFC 9530 §2): a dictionary (RFC 8941 §3.2) of byte sequences, one for each algorithm.
///
/// Here `sha-256` must be there; other algorithms are read and ignored. Of two members of one name RFC 8941 takes the
/// last; here they are refused, because nobody has a reason to send two.
enum ContentDigestField {
    /// The field's name in lower case.
    static let name = "content-digest"

    private static let longest = 2_048

    /// The field for one digest.
    static func text(_ digest: SHA256Digest) -> String {
        "sha-256=:" + Data(digest.bytes).base64EncodedString() + ":"
    }

    /// The SHA-256 that the field states.
    ///
    /// - Throws: `exchange.content_digest`.
    static func sha256(in field: String?) throws -> SHA256Digest {
        guard let field else { throw refused("The field Content-Digest is missing") }
        guard field.utf8.count <= longest else { throw refused("The field Content-Digest is too long") }
        var rest = Array(field.utf8)[...]
        var names: Set<[UInt8]> = []
        var found: SHA256Digest?
        skipSpaces(&rest)
        while true {
            guard let (name, value) = member(&rest) else {
                throw refused("The field Content-Digest is no dictionary of byte sequences")
            }
            guard names.insert(name).inserted else {
                throw refused("The field Content-Digest names one algorithm twice")
            }
            if name.elementsEqual("sha-256".utf8) {
                guard let digest = SHA256Digest(bytes: value) else {
                    throw refused("The sha-256 in the field Content-Digest has not 32 bytes")
                }
                found = digest
            }
            skipSpaces(&rest)
            guard let comma = rest.popFirst() else { break }
            guard comma == UInt8(ascii: ",") else {
                throw refused("The field Content-Digest is no dictionary of byte sequences")
            }
            skipSpaces(&rest)
        }
        guard let found else { throw refused("The field Content-Digest has no sha-256") }
        return found
    }

    private static func refused(_ reason: String) -> ExchangeError {
        ExchangeError(
            .exchangeContentDigest,
            reason,
            hint: "send Content-Digest: sha-256=:BASE64:, the SHA-256 of the body (RFC 9530)"
        )
    }

    private static func skipSpaces(_ rest: inout ArraySlice<UInt8>) {
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
    }

    // key "=" ":" base64 ":", without parameters, which RFC 9530 has none of.
    private static func member(_ rest: inout ArraySlice<UInt8>) -> (name: [UInt8], value: [UInt8])? {
        let name = rest.prefix(while: isKeyByte)
        guard let first = name.first, isLetter(first) || first == UInt8(ascii: "*") else { return nil }
        rest = rest.dropFirst(name.count)
        guard rest.popFirst() == UInt8(ascii: "="), rest.popFirst() == UInt8(ascii: ":") else { return nil }
        let coded = rest.prefix { $0 != UInt8(ascii: ":") }
        rest = rest.dropFirst(coded.count)
        // Only the canonical form: the decoder is lenient about unused bits, writing it again is not.
        guard rest.popFirst() == UInt8(ascii: ":"), let value = Data(base64Encoded: Data(coded)),
            value.base64EncodedData().elementsEqual(coded)
        else { return nil }
        return (Array(name), Array(value))
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || (0x30...0x39).contains(byte) || Array("_-.*".utf8).contains(byte)
    }
}
