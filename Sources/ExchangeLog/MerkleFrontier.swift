public import ExchangeModel

/// The right edge of a tree: all that is needed to append a leaf and to know the root.
public struct MerkleFrontier: Hashable, Sendable {
    /// A complete subtree.
    public struct Node: Hashable, Sendable {
        /// It has 2^level leaves.
        public let level: Int
        /// Its place among the subtrees of its level, from the left, from 0.
        public let index: Int64
        /// Its hash.
        public let hash: SHA256Digest

        /// Takes all fields.
        public init(level: Int, index: Int64, hash: SHA256Digest) {
            self.level = level
            self.index = index
            self.hash = hash
        }
    }

    /// How many leaves the tree has.
    public private(set) var size: Int64
    /// The hashes of the complete subtrees that the size's binary digits name, the largest first.
    public private(set) var hashes: [SHA256Digest]

    /// The tree without leaves.
    public init() {
        size = 0
        hashes = []
    }

    /// Takes up a tree where it was left.
    ///
    /// - Throws: `log.range`, and `log.nodes` when there are more or fewer hashes than a tree of that size has.
    public init(size: Int64, hashes: [SHA256Digest]) throws {
        guard size >= 0 else { throw ExchangeError(.logRange, "A tree cannot have the size \(size)") }
        guard hashes.count == size.nonzeroBitCount else {
            throw ExchangeError(.logNodes, "A tree of size \(size) does not have \(hashes.count) subtrees at its edge")
        }
        self.size = size
        self.hashes = hashes
    }

    /// Takes up a tree from its stored subtrees.
    ///
    /// - Throws: `log.range`; what `nodes` throws.
    public init(size: Int64, nodes: some MerkleNodes) throws {
        guard size >= 0 else { throw ExchangeError(.logRange, "A tree cannot have the size \(size)") }
        var hashes: [SHA256Digest] = []
        for level in (0..<Int64(MerkleTree.longestPath)).reversed() where size >> level & 1 == 1 {
            hashes.append(try nodes.hash(level: Int(level), index: (size >> level) - 1))
        }
        self.size = size
        self.hashes = hashes
    }

    /// The root.
    ///
    /// - Throws: `crypto.internal`.
    public var root: SHA256Digest {
        get throws {
            guard var root = hashes.last else { return try MerkleTree.emptyRoot() }
            var hasher = try MerkleHasher()
            for left in hashes.dropLast().reversed() { root = try hasher.node(left, root) }
            return root
        }
    }

    /// Appends a leaf.
    ///
    /// - Parameter leaf: Its hash.
    /// - Returns: The leaf and every subtree that it completed, the smallest first, to be stored.
    /// - Throws: `log.range` when the tree is full, `crypto.internal`; the tree is then unchanged.
    @discardableResult
    public mutating func append(_ leaf: SHA256Digest) throws -> [Node] {
        var hasher = try MerkleHasher()
        var nodes = [Node(level: 0, index: size, hash: leaf)]
        try append(leaf, hasher: &hasher) { nodes.append($0) }
        return nodes
    }

    /// Appends a leaf, for those who append many.
    ///
    /// - Throws: `log.range` when the tree is full, `crypto.internal`; the tree is then unchanged.
    public mutating func append(
        _ leaf: SHA256Digest,
        hasher: inout MerkleHasher,
        completed: (Node) throws -> Void = { _ in }
    ) throws {
        let (grown, isFull) = size.addingReportingOverflow(1)
        guard !isFull else { throw ExchangeError(.logRange, "The tree is full") }
        // As many subtrees are completed as the size has ones at its end.
        let joined = (~size).trailingZeroBitCount
        var hash = leaf
        for level in 0..<joined {
            hash = try hasher.node(hashes[hashes.count - 1 - level], hash)
            try completed(Node(level: level + 1, index: size >> Int64(level + 1), hash: hash))
        }
        hashes.removeLast(joined)
        hashes.append(hash)
        size = grown
    }
}
