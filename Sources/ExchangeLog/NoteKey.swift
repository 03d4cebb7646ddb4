import ExchangeModel
import TrustCrypto

/// Names and Ed25519 keys as C2SP signed-note writes them: `name+1234abcd+base64`.
enum NoteKey {
    /// What the signatures of a key mean; the first byte of the key's text form.
    enum Kind: UInt8 {
        /// Signatures over notes.
        case log = 1
        /// Timestamped cosignatures of checkpoints (C2SP tlog-cosignature).
        case witness = 4
    }

    /// The first four bytes of SHA-256 over name, LF, the kind and the key.
    static func id(name: String, kind: Kind, publicKey: [UInt8]) throws -> [UInt8] {
        Array(try SHA256Digest(of: Array(name.utf8) + [0x0a, kind.rawValue] + publicKey).bytes.prefix(4))
    }

    static func text(name: String, id: [UInt8], kind: Kind, publicKey: [UInt8]) -> String {
        "\(name)+\(Hexadecimal.text(of: id))+\(StrictBase64.text(of: [kind.rawValue] + publicKey))"
    }

    /// Takes the text form apart; whether the id belongs to the key is not looked at.
    static func parts(of vkey: String, kind: Kind) -> (name: String, id: String, publicKey: [UInt8])? {
        let parts = vkey.utf8.split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard vkey.utf8.count <= 512, parts.count == 3, let key = StrictBase64.bytes(of: parts[2]),
            key.first == kind.rawValue
        else { return nil }
        return (parts[0], parts[1], Array(key.dropFirst()))
    }

    static func isName(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "+") }
    }
}
