public import ExchangeModel
import TrustCrypto

/// Takes the digests of evidence while its bytes pass on to where they are kept.
public struct IntakeDigest: ~Copyable, Sendable {
    /// What the intake saw.
    public struct Seen: Hashable, Sendable {
        /// The number of bytes.
        public let size: Int64
        /// SHA-256 of the bytes.
        public let sha256: SHA256Digest
        /// CRC-32 of the bytes, as ZIP wants it.
        public let crc32: UInt32
    }

    /// The number of bytes so far.
    public private(set) var size: Int64 = 0
    private var hasher: SHA256Hasher
    private var crc = CRC32()

    /// Starts with no bytes.
    ///
    /// - Throws: `crypto.internal`.
    public init() throws { hasher = try SHA256Hasher() }

    /// Takes the next bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) throws {
        try hasher.update(bytes)
        crc.update(bytes)
        size += Int64(bytes.count)
    }

    /// What was seen of all bytes; afterwards it starts again with none.
    public mutating func finish() throws -> Seen {
        let seen = Seen(size: size, sha256: try hasher.finish(), crc32: crc.value)
        crc = CRC32()
        size = 0
        return seen
    }
}
