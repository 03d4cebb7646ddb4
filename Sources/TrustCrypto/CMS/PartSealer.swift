import ExchangeModel

/// Encrypts one part, piece by piece, under a fresh key and nonce.
///
/// The part is `prefix`, then what `seal` gives in order, then what `finish` gives.
public struct PartSealer: ~Copyable {
    /// The bytes before the ciphertext.
    public let prefix: [UInt8]
    private var cipher: PartCipher
    private var isFinished = false

    /// Starts a part of exactly that many content bytes.
    ///
    /// - Parameters:
    ///   - bundleKey: The 32 bytes of the bundle key.
    ///   - keyIdentifier: The 16 bytes of the bundle id.
    ///   - contentSize: At least 1.
    /// - Throws: `envelope.content_size`, `envelope.key_identifier`, `crypto.internal`.
    public init(bundleKey: SecretBytes, keyIdentifier: [UInt8], contentSize: Int64) throws {
        try PartEnvelope.require(contentSize: contentSize)
        guard keyIdentifier.count == PartEnvelope.keyIdentifierSize else {
            throw ExchangeError(.envelopeKeyIdentifier, "A key identifier has 16 bytes")
        }
        let key = try SecretBytes(randomCount: 32)
        let nonce = try randomBytes(PartEnvelope.nonceSize)
        let header = PartEnvelope.Header(
            keyIdentifier: keyIdentifier,
            wrappedKey: try KeyWrap.wrap(key, under: bundleKey),
            nonce: nonce
        )
        let cipher = try PartCipher(key: key, nonce: nonce, contentSize: contentSize, encrypts: true)
        self.cipher = cipher
        prefix = PartEnvelope.prefix(header, contentSize: contentSize)
    }

    /// Encrypts the next bytes into memory of the same length; both may be the same memory.
    ///
    /// - Throws: `envelope.content_size` when the lengths differ or the content gets longer than announced.
    public mutating func seal(
        _ plain: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws {
        try cipher.update(plain, into: output)
    }

    /// Ends the part and gives its trailer; works once.
    ///
    /// - Throws: `envelope.content_size` when content is missing.
    public mutating func finish() throws -> [UInt8] {
        guard !isFinished else { throw ExchangeError(.cryptoInternal, "A part was finished twice") }
        let tag = try cipher.makeTag()
        isFinished = true
        return PartEnvelope.trailer(tag: tag)
    }
}
