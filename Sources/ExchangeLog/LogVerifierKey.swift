import ExchangeModel
import TrustCrypto

/// The public key of a log, with its name, as C2SP signed-note writes it: `origin+1234abcd+base64`.
public struct LogVerifierKey: Hashable, Sendable, CustomStringConvertible {
    /// The log's name, such as `kz-gpo.example/rogatory/exchange`.
    public let origin: String
    /// The 32 bytes of the Ed25519 key.
    public let publicKey: [UInt8]
    /// The first four bytes of SHA-256 over name, LF, the byte 1 and the key.
    public let keyID: [UInt8]

    /// Takes name and key.
    ///
    /// - Throws: `log.key_malformed` when the name has characters that no name may have or the key is not 32 bytes.
    public init(origin: String, publicKey: [UInt8]) throws {
        guard Self.isOrigin(origin) else {
            throw ExchangeError(
                .logKeyMalformed,
                "A log's name is 1 to 255 visible ASCII characters without “+”",
                hint: "write it like kz-gpo.example/rogatory/exchange"
            )
        }
        guard publicKey.count == Ed25519.publicKeySize else {
            throw ExchangeError(.logKeyMalformed, "A log's public key is \(Ed25519.publicKeySize) bytes long")
        }
        self.origin = origin
        self.publicKey = publicKey
        keyID = try NoteKey.id(name: origin, kind: .log, publicKey: publicKey)
    }

    /// Reads the text form.
    ///
    /// - Throws: `log.key_malformed`.
    public init(vkey: String) throws {
        guard let parts = NoteKey.parts(of: vkey, kind: .log) else {
            throw ExchangeError(
                .logKeyMalformed,
                "The text is no public key of a log",
                hint: "it has the form NAME+KEYID+BASE64, and the key is one of Ed25519"
            )
        }
        try self.init(origin: parts.name, publicKey: parts.publicKey)
        guard parts.id == Hexadecimal.text(of: keyID) else {
            throw ExchangeError(.logKeyMalformed, "The key id of the log's public key does not belong to it")
        }
    }

    /// The text form.
    public var vkey: String { NoteKey.text(name: origin, id: keyID, kind: .log, publicKey: publicKey) }

    /// The text form.
    public var description: String { vkey }

    static func isOrigin(_ text: String) -> Bool { NoteKey.isName(text) }
}
