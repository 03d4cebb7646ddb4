import ExchangeModel
import TrustCrypto

/// A text with signature lines, as C2SP signed-note defines it.
struct SignedNote {
    struct Signature {
        let name: String
        /// Four bytes of key id, then the signature.
        let bytes: [UInt8]
    }

    /// The longest note that is read, in bytes; it has room for far more than 16 signatures after quantum computers.
    static let largest = 262_144
    /// The most signature lines that are read.
    static let mostSignatures = 64

    /// The signed text with its last LF.
    let text: String
    let signatures: [Signature]

    private static let dash = "\u{2014} "

    /// Takes a note apart; nothing is verified yet.
    ///
    /// - Throws: `log.note_malformed`.
    init(_ note: String) throws {
        let bytes = Array(note.utf8)
        guard bytes.count <= Self.largest else { throw Self.malformed("is too long") }
        // This also refuses CR.
        guard bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0a }) else { throw Self.malformed("has control characters") }
        guard bytes.last == 0x0a else { throw Self.malformed("does not end with a line end") }
        guard let blank = bytes.indices.dropFirst().last(where: { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a }) else {
            throw Self.malformed("has no blank line before its signatures")
        }
        text = String(decoding: bytes[..<blank], as: UTF8.self)
        let lines = bytes[(blank + 1)...].dropLast().split(separator: 0x0a, omittingEmptySubsequences: false)
        guard blank + 1 < bytes.count, lines.count <= Self.mostSignatures else {
            throw Self.malformed("has no signature, or too many")
        }
        var signatures: [Signature] = []
        for line in lines { signatures.append(try Self.signature(Array(line))) }
        self.signatures = signatures
    }

    private static func signature(_ line: [UInt8]) throws -> Signature {
        guard line.starts(with: dash.utf8) else { throw malformed("has a signature line in another form") }
        let words = line.dropFirst(dash.utf8.count).split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 2, let bytes = StrictBase64.decoded(Array(words[1])), bytes.count > 4 else {
            throw malformed("has a signature line in another form")
        }
        let name = String(decoding: words[0], as: UTF8.self)
        guard !name.isEmpty, !name.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0 == "+" }) else {
            throw malformed("has a signature by a name in another form")
        }
        return Signature(name: name, bytes: bytes)
    }

    /// The one signature by a key, without the key id; `nil` when there is none.
    ///
    /// - Throws: `log.note_malformed` when the key signed twice.
    func signature(name: String, keyID: [UInt8]) throws -> [UInt8]? {
        let own = signatures.filter { $0.name.utf8.elementsEqual(name.utf8) && $0.bytes.starts(with: keyID) }
        guard own.count <= 1 else { throw Self.malformed("is signed twice by one key") }
        return own.first.map { Array($0.bytes.dropFirst(keyID.count)) }
    }

    /// Checks the signature of that key; those of other keys are left alone, as the standard wants it.
    ///
    /// - Throws: `log.note_not_signed`, `log.note_signature`, `log.note_malformed` when the key signed twice.
    func verify(by key: LogVerifierKey) throws {
        guard let signature = try signature(name: key.origin, keyID: key.keyID) else {
            throw ExchangeError(.logNoteNotSigned, "The checkpoint is not signed by the key of \(key.origin)")
        }
        let isGenuine = try Ed25519.verify(signature, of: Array(text.utf8), publicKey: key.publicKey)
        guard isGenuine else {
            throw ExchangeError(.logNoteSignature, "The checkpoint's signature by \(key.origin) is not genuine")
        }
    }

    /// The note with one signature.
    static func sign(_ text: String, by key: LogSigningKey) throws -> String {
        let signature = try key.sign(Array(text.utf8))
        return text + "\n" + line(name: key.origin, bytes: key.verifier.keyID + signature)
    }

    /// A signature line with its line end.
    static func line(name: String, bytes: [UInt8]) -> String { dash + name + " " + StrictBase64.text(of: bytes) + "\n" }

    /// The note without all signatures but those of one key.
    func keeping(name: String, keyID: [UInt8]) -> String {
        let own = signatures.filter { $0.name.utf8.elementsEqual(name.utf8) && $0.bytes.starts(with: keyID) }
        return text + "\n" + own.map { Self.line(name: $0.name, bytes: $0.bytes) }.joined()
    }

    private static func malformed(_ what: String) -> ExchangeError {
        ExchangeError(.logNoteMalformed, "The checkpoint \(what)")
    }
}
