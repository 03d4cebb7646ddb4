public import ExchangeModel
import TrustCrypto

/// The hash tree of RFC 6962 §2.1 (RFC 9162 §2.1), with SHA-256.
public enum MerkleTree {
    /// The most hashes that a path can have: sizes are `Int64`.
    public static let longestPath = 63

    /// The hash of an entry: SHA-256 of the byte 0 and the entry.
    ///
    /// - Throws: `crypto.internal`.
    public static func leafHash(_ entry: [UInt8]) throws -> SHA256Digest {
        var hasher = try MerkleHasher()
        return try hasher.leaf(entry)
    }

    /// The hash over two subtrees: SHA-256 of the byte 1 and both hashes.
    ///
    /// - Throws: `crypto.internal`.
    public static func nodeHash(_ left: SHA256Digest, _ right: SHA256Digest) throws -> SHA256Digest {
        var hasher = try MerkleHasher()
        return try hasher.node(left, right)
    }

    /// The root of the tree without leaves: SHA-256 of nothing.
    ///
    /// - Throws: `crypto.internal`.
    public static func emptyRoot() throws -> SHA256Digest { try SHA256Digest(of: []) }

    /// The root of the first leaves, from stored subtrees.
    ///
    /// - Throws: `log.range` when the size is negative; what `nodes` throws.
    public static func root(ofSize size: Int64, nodes: some MerkleNodes) throws -> SHA256Digest {
        guard size >= 0 else { throw ExchangeError(.logRange, "A tree cannot have the size \(size)") }
        guard size > 0 else { return try emptyRoot() }
        var hasher = try MerkleHasher()
        return try root(of: LeafRange(start: 0, count: size), nodes: nodes, hasher: &hasher)
    }

    /// The root over some leaves; the range must be one that RFC 6962 splits a tree into.
    static func root(
        of range: LeafRange,
        nodes: some MerkleNodes,
        hasher: inout MerkleHasher
    ) throws -> SHA256Digest {
        // Complete subtrees from the left, each smaller than the one before, are joined from the right.
        var hashes: [SHA256Digest] = []
        var rest = range
        while rest.count > 0 {
            let level = Int64.bitWidth - 1 - rest.count.leadingZeroBitCount
            hashes.append(try nodes.hash(level: level, index: rest.start >> Int64(level)))
            rest = LeafRange(start: rest.start + 1 << Int64(level), count: rest.count - 1 << Int64(level))
        }
        guard var root = hashes.popLast() else { return try emptyRoot() }
        while let left = hashes.popLast() { root = try hasher.node(left, root) }
        return root
    }
}

/// Leaves that lie side by side.
struct LeafRange {
    var start: Int64
    var count: Int64

    /// Where RFC 6962 splits it: the largest power of two that is smaller than the count, which must be at least 2.
    var split: Int64 { 1 << Int64(Int64.bitWidth - 1 - (count - 1).leadingZeroBitCount) }

    var left: LeafRange { LeafRange(start: start, count: split) }
    var right: LeafRange { LeafRange(start: start + split, count: count - split) }
}

/// Where the hashes of complete subtrees are kept.
public protocol MerkleNodes {
    /// The hash of the subtree of 2^level leaves that is the index-th of its level from the left.
    ///
    /// It is asked for only where all its leaves exist.
    func hash(level: Int, index: Int64) throws -> SHA256Digest
}
