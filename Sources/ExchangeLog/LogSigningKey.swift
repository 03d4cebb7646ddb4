import ExchangeModel
public import TrustCrypto

/// The private key of a log, with the log's name.
public struct LogSigningKey: Sendable {
    /// The public half, which has the log's name too.
    public let verifier: LogVerifierKey
    private let key: Ed25519PrivateKey

    /// Takes name and key.
    ///
    /// - Throws: `log.key_malformed` when the name has characters that no name may have.
    public init(origin: String, key: Ed25519PrivateKey) throws {
        verifier = try LogVerifierKey(origin: origin, publicKey: key.publicKey)
        self.key = key
    }

    /// The log's name.
    public var origin: String { verifier.origin }

    func sign(_ text: [UInt8]) throws -> [UInt8] { try key.sign(text) }
}
