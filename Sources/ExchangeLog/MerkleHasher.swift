public import ExchangeModel
import TrustCrypto

/// Hashes leaves and nodes one after another without setting SHA-256 up anew each time.
public struct MerkleHasher: ~Copyable {
    private var hasher: SHA256Hasher

    /// - Throws: `crypto.internal`.
    public init() throws { hasher = try SHA256Hasher() }

    /// The hash of an entry.
    public mutating func leaf(_ entry: [UInt8]) throws -> SHA256Digest {
        try add(prefix: 0)
        try entry.withUnsafeBytes { try hasher.update($0) }
        return try hasher.finish()
    }

    /// The hash over two subtrees.
    public mutating func node(_ left: SHA256Digest, _ right: SHA256Digest) throws -> SHA256Digest {
        try add(prefix: 1)
        try left.bytes.withUnsafeBytes { try hasher.update($0) }
        try right.bytes.withUnsafeBytes { try hasher.update($0) }
        return try hasher.finish()
    }

    private mutating func add(prefix: UInt8) throws {
        try withUnsafeBytes(of: prefix) { try hasher.update($0) }
    }
}
