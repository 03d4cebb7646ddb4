public import ExchangeModel

/// Proves that a tree is the beginning of a later one (RFC 9162 §2.1.4).
public struct ConsistencyProof: Hashable, Sendable {
    /// The size of the earlier tree.
    public let from: Int64
    /// The size of the later tree.
    public let to: Int64
    /// The hashes from which both roots follow.
    public let path: [SHA256Digest]

    /// Takes a proof from outside.
    ///
    /// - Throws: `log.range` when the sizes are not in order, `log.proof_malformed` when the path is not as long as it
    ///   must be.
    public init(from: Int64, to: Int64, path: [SHA256Digest]) throws {
        let expected = try Self.steps(from: from, to: to).count
        guard path.count == expected else {
            throw ExchangeError(
                .logProofMalformed,
                "A proof from size \(from) to size \(to) has \(expected) hashes, not \(path.count)"
            )
        }
        self.from = from
        self.to = to
        self.path = path
    }

    /// Makes the proof from stored subtrees.
    ///
    /// - Throws: `log.range`; what `nodes` throws.
    public init(from: Int64, to: Int64, nodes: some MerkleNodes) throws {
        var hasher = try MerkleHasher()
        var path: [SHA256Digest] = []
        for step in try Self.steps(from: from, to: to) {
            path.append(try MerkleTree.root(of: step, nodes: nodes, hasher: &hasher))
        }
        self.from = from
        self.to = to
        self.path = path
    }

    /// The ranges whose roots are the path, in its order (RFC 6962 §2.1.2, SUBPROOF).
    private static func steps(from: Int64, to: Int64) throws -> [LeafRange] {
        guard from >= 0, from <= to else {
            throw ExchangeError(.logRange, "A tree of size \(from) is not the beginning of one of size \(to)")
        }
        guard from > 0, from < to else { return [] }
        var range = LeafRange(start: 0, count: to)
        var steps: [LeafRange] = []
        while range.start + range.count != from {
            if from <= range.right.start {
                steps.append(range.right)
                range = range.left
            } else {
                steps.append(range.left)
                range = range.right
            }
        }
        // The verifier knows the earlier root, so it is left out where it is a subtree of its own.
        if range.start != 0 { steps.append(range) }
        return steps.reversed()
    }

    /// Checks that the tree of the old root is the beginning of the tree of the new one (RFC 9162 §2.1.4.2).
    ///
    /// - Throws: `log.inconsistent`, `log.proof_malformed`, `crypto.internal`.
    public func verify(oldRoot: SHA256Digest, newRoot: SHA256Digest) throws {
        guard from > 0 else {
            // Every tree begins with the empty one, which has one root.
            guard try oldRoot == MerkleTree.emptyRoot(), to > 0 || newRoot == oldRoot else { throw inconsistent }
            return
        }
        guard from < to else {
            guard oldRoot == newRoot else { throw inconsistent }
            return
        }
        let (old, new) = try roots(beginning: oldRoot)
        guard old == oldRoot, new == newRoot else { throw inconsistent }
    }

    /// The root that the earlier tree has according to a proof that leads to the later tree's root.
    ///
    /// The proof alone says it, unless the earlier tree is one subtree of the later one, whose hash a proof leaves out:
    /// then it must be given.
    ///
    /// - Returns: The earlier root, or `nil` when the proof does not lead to the later root.
    /// - Throws: `log.proof_malformed`, `crypto.internal`.
    func beginning(of newRoot: SHA256Digest, given: SHA256Digest?) throws -> SHA256Digest? {
        guard from > 0, from < to, !leavesOutBeginning || given != nil else { return nil }
        let (old, new) = try roots(beginning: given)
        return new == newRoot ? old : nil
    }

    /// Whether the earlier tree is one subtree of the later one.
    private var leavesOutBeginning: Bool { from.nonzeroBitCount == 1 }

    /// Both roots that follow from the path.
    private func roots(beginning: SHA256Digest?) throws -> (old: SHA256Digest, new: SHA256Digest) {
        let hashes = leavesOutBeginning ? (beginning.map { [$0] } ?? []) + path : path
        guard let first = hashes.first else { throw malformed }
        var hasher = try MerkleHasher()
        var place = from - 1
        var last = to - 1
        while place & 1 == 1 {
            place >>= 1
            last >>= 1
        }
        var old = first
        var new = first
        for hash in hashes.dropFirst() {
            guard last > 0 else { throw malformed }
            if place & 1 == 1 || place == last {
                old = try hasher.node(hash, old)
                new = try hasher.node(hash, new)
                while place & 1 == 0, place > 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                new = try hasher.node(new, hash)
            }
            place >>= 1
            last >>= 1
        }
        guard last == 0 else { throw malformed }
        return (old, new)
    }

    private var malformed: ExchangeError {
        ExchangeError(.logProofMalformed, "The proof from size \(from) to size \(to) has the wrong number of hashes")
    }

    private var inconsistent: ExchangeError {
        ExchangeError(.logInconsistent, "The log of size \(from) is not the beginning of the log of size \(to)")
    }
}
