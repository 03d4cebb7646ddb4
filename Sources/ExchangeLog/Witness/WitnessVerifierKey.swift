import ExchangeModel
public import TrustCrypto

/// The public key of a witness, with its name, as C2SP tlog-cosignature has it: `name+1234abcd+base64`, key type 4.
public struct WitnessVerifierKey: Hashable, Sendable, CustomStringConvertible {
    /// The witness's name, such as `kg-gpo/witness`.
    public let name: String
    /// The 32 bytes of the Ed25519 key.
    public let publicKey: [UInt8]
    /// The first four bytes of SHA-256 over name, LF, the byte 4 and the key.
    public let keyID: [UInt8]

    /// Takes name and key.
    ///
    /// - Throws: `witness.key_malformed` when the name has characters that no name may have or the key is not 32 bytes.
    public init(name: String, publicKey: [UInt8]) throws {
        guard NoteKey.isName(name), publicKey.count == Ed25519.publicKeySize else {
            throw ExchangeError(
                .witnessKeyMalformed,
                "A witness has a name of 1 to 255 visible ASCII characters without “+” and a key of 32 bytes"
            )
        }
        self.name = name
        self.publicKey = publicKey
        keyID = try NoteKey.id(name: name, kind: .witness, publicKey: publicKey)
    }

    /// Reads the text form.
    ///
    /// - Throws: `witness.key_malformed`.
    public init(vkey: String) throws {
        guard let parts = NoteKey.parts(of: vkey, kind: .witness) else {
            throw ExchangeError(
                .witnessKeyMalformed,
                "The text is no public key of a witness",
                hint: "it has the form NAME+KEYID+BASE64, and the key is one for cosignature/v1"
            )
        }
        try self.init(name: parts.name, publicKey: parts.publicKey)
        guard parts.id == Hexadecimal.text(of: keyID) else {
            throw ExchangeError(.witnessKeyMalformed, "The key id of the witness's public key does not belong to it")
        }
    }

    /// The text form.
    public var vkey: String { NoteKey.text(name: name, id: keyID, kind: .witness, publicKey: publicKey) }

    /// The text form.
    public var description: String { vkey }
}

/// The private key of a witness, with the witness's name.
public struct WitnessSigningKey: Sendable {
    /// The public half, which has the witness's name too.
    public let verifier: WitnessVerifierKey
    private let key: Ed25519PrivateKey

    /// Takes name and key.
    ///
    /// - Throws: `witness.key_malformed` when the name has characters that no name may have.
    public init(name: String, key: Ed25519PrivateKey) throws {
        verifier = try WitnessVerifierKey(name: name, publicKey: key.publicKey)
        self.key = key
    }

    func sign(_ message: [UInt8]) throws -> [UInt8] { try key.sign(message) }
}
