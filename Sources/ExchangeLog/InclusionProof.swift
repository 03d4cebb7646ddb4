public import ExchangeModel

/// Proves that an entry stands at an index of a tree (RFC 9162 §2.1.3).
public struct InclusionProof: Hashable, Sendable {
    /// The entry's index, from 0.
    public let index: Int64
    /// The size of the tree.
    public let size: Int64
    /// The hashes beside the way from the leaf to the root, the leaf's sibling first.
    public let path: [SHA256Digest]

    /// Takes a proof from outside.
    ///
    /// - Throws: `log.range` when the index is outside the tree, `log.proof_malformed` when the path is not as long as
    ///   it must be.
    public init(index: Int64, size: Int64, path: [SHA256Digest]) throws {
        guard index >= 0, index < size else {
            throw ExchangeError(.logRange, "Index \(index) is outside a tree of size \(size)")
        }
        let expected = Self.pathLength(index: index, size: size)
        guard path.count == expected else {
            throw ExchangeError(
                .logProofMalformed,
                "A proof of index \(index) in a tree of size \(size) has \(expected) hashes, not \(path.count)"
            )
        }
        self.index = index
        self.size = size
        self.path = path
    }

    /// Makes the proof from stored subtrees.
    ///
    /// - Throws: `log.range`; what `nodes` throws.
    public init(index: Int64, size: Int64, nodes: some MerkleNodes) throws {
        guard index >= 0, index < size else {
            throw ExchangeError(.logRange, "Index \(index) is outside a tree of size \(size)")
        }
        var hasher = try MerkleHasher()
        var range = LeafRange(start: 0, count: size)
        var path: [SHA256Digest] = []
        while range.count > 1 {
            let isLeft = index < range.right.start
            path.append(try MerkleTree.root(of: isLeft ? range.right : range.left, nodes: nodes, hasher: &hasher))
            range = isLeft ? range.left : range.right
        }
        try self.init(index: index, size: size, path: path.reversed())
    }

    /// How many hashes the path has.
    static func pathLength(index: Int64, size: Int64) -> Int {
        // Below the place where the ways to this leaf and to the last one part, every level has a sibling; above it,
        // only those where the way goes right.
        let inner = Int64.bitWidth - (index ^ (size - 1)).leadingZeroBitCount
        return inner + (index >> Int64(inner)).nonzeroBitCount
    }

    /// The root that the proof leads to from a leaf's hash (RFC 9162 §2.1.3.2).
    ///
    /// - Throws: `log.proof_malformed`, `crypto.internal`.
    public func root(ofLeaf leaf: SHA256Digest) throws -> SHA256Digest {
        var hasher = try MerkleHasher()
        return try root(ofLeaf: leaf, hasher: &hasher)
    }

    /// The root that the proof leads to, for those who check many.
    ///
    /// - Throws: `log.proof_malformed`, `crypto.internal`.
    public func root(ofLeaf leaf: SHA256Digest, hasher: inout MerkleHasher) throws -> SHA256Digest {
        var place = index
        var last = size - 1
        var hash = leaf
        for sibling in path {
            guard last > 0 else { throw Self.tooLong }
            if place & 1 == 1 || place == last {
                hash = try hasher.node(sibling, hash)
                while place & 1 == 0, place > 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                hash = try hasher.node(hash, sibling)
            }
            place >>= 1
            last >>= 1
        }
        guard last == 0 else { throw ExchangeError(.logProofMalformed, "The proof has too few hashes") }
        return hash
    }

    /// Checks that the leaf stands in the tree of that root.
    ///
    /// - Throws: `log.not_included`, `log.proof_malformed`, `crypto.internal`.
    public func verify(leaf: SHA256Digest, root: SHA256Digest) throws {
        guard try self.root(ofLeaf: leaf) == root else {
            throw ExchangeError(.logNotIncluded, "The entry does not stand at index \(index) of the signed tree")
        }
    }

    private static var tooLong: ExchangeError {
        ExchangeError(.logProofMalformed, "The proof has too many hashes")
    }
}
