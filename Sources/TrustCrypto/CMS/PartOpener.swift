import ExchangeModel

/// Decrypts one part, piece by piece.
///
/// What `open` gives is not to be trusted, nor to leave quarantine, before `finish` has returned.
public struct PartOpener: ~Copyable {
    private var cipher: PartCipher
    private var isFinished = false

    /// Checks the prefix byte by byte and unwraps the part's key.
    ///
    /// - Parameters:
    ///   - bundleKey: The 32 bytes of the bundle key.
    ///   - keyIdentifier: The 16 bytes of the bundle id.
    ///   - prefix: The first `PartEnvelope.prefixSize(ofContent:)` bytes of the part.
    ///   - contentSize: The number of content bytes expected.
    /// - Throws: `envelope.key_unwrap` and what `PartEnvelope.check` throws.
    public init(bundleKey: SecretBytes, keyIdentifier: [UInt8], prefix: [UInt8], contentSize: Int64) throws {
        let header = try PartEnvelope.read(prefix: prefix, contentSize: contentSize, keyIdentifier: keyIdentifier)
        guard let key = try KeyWrap.unwrap(header.wrappedKey, under: bundleKey) else {
            throw ExchangeError(.envelopeKeyUnwrap, "The part's key does not unwrap with this bundle key")
        }
        cipher = try PartCipher(key: key, nonce: header.nonce, contentSize: contentSize, encrypts: false)
    }

    /// Decrypts the next bytes into memory of the same length; both may be the same memory.
    ///
    /// - Throws: `envelope.content_size` when the lengths differ or the content gets longer than announced.
    public mutating func open(
        _ ciphertext: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws {
        try cipher.update(ciphertext, into: output)
    }

    /// Checks the trailer and the tag; works once. When it returns, everything opened is what was sealed.
    ///
    /// - Throws: `envelope.tag_mismatch`, `envelope.tag_length`, `envelope.trailing_bytes`, `envelope.malformed`,
    ///   `envelope.content_size`.
    public mutating func finish(trailer: [UInt8]) throws {
        guard !isFinished else { throw ExchangeError(.cryptoInternal, "A part was finished twice") }
        let tag = try PartEnvelope.tag(of: trailer)
        isFinished = true
        guard try cipher.accepts(tag: tag) else {
            throw ExchangeError(.envelopeTagMismatch, "The part was altered: its authentication tag does not hold")
        }
    }
}
