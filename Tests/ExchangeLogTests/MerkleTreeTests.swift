import ExchangeLog
import ExchangeModel
import Testing

@Suite("Merkle tree")
struct MerkleTreeTests {
    /// The leaves that Certificate Transparency's tests use.
    static let leaves: [[UInt8]] = [
        [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43], Array(0x50...0x57),
        Array(0x60...0x6f),
    ]

    /// Their roots, computed with Python's hashlib.
    static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    @Test("Roots are those of Certificate Transparency", arguments: 0...8)
    func knownRoots(_ size: Int) throws {
        let log = try SampleLog(Self.leaves.prefix(size))
        #expect(try log.frontier.root.hex == Self.roots[size])
        #expect(try MerkleTree.root(ofSize: Int64(size), nodes: log).hex == Self.roots[size])
    }

    @Test("Inclusion proofs are those of Certificate Transparency")
    func knownInclusion() throws {
        let log = try SampleLog(Self.leaves)
        let known: [(Int64, Int64, [String])] = [
            (0, 1, []),
            (
                0, 8,
                [
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ]
            ),
            (
                5, 8,
                [
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ]
            ),
            (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
            (
                1, 5,
                [
                    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ]
            ),
        ]
        for (index, size, path) in known {
            let proof = try InclusionProof(index: index, size: size, nodes: log)
            #expect(proof.path.map(\.hex) == path, "\(index) in \(size)")
            let root = try proof.root(ofLeaf: MerkleTree.leafHash(Self.leaves[Int(index)]))
            #expect(root.hex == Self.roots[Int(size)])
        }
    }

    @Test("Consistency proofs are those of Certificate Transparency")
    func knownConsistency() throws {
        let log = try SampleLog(Self.leaves)
        let known: [(Int64, Int64, [String])] = [
            (1, 1, []),
            (
                1, 8,
                [
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ]
            ),
            (
                6, 8,
                [
                    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ]
            ),
            (
                2, 5,
                [
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ]
            ),
        ]
        for (from, to, path) in known {
            let proof = try ConsistencyProof(from: from, to: to, nodes: log)
            #expect(proof.path.map(\.hex) == path, "\(from) to \(to)")
            let (old, new) = (Self.roots[Int(from)], Self.roots[Int(to)])
            try proof.verify(
                oldRoot: #require(SHA256Digest(hex: old)),
                newRoot: #require(SHA256Digest(hex: new))
            )
        }
    }

    @Test("Every proof of every tree up to 130 leaves is the standard's, and no other index's or size's")
    func allSizes() throws {
        let leaves = (0..<130).map { [UInt8(truncatingIfNeeded: $0)] }
        let log = try SampleLog(leaves)
        let roots = try (0...130).map { try Plain.root(leaves.prefix($0)) }
        #expect(Set(roots).count == roots.count)
        for size in 1...130 {
            let tree = leaves.prefix(size)
            #expect(try MerkleTree.root(ofSize: Int64(size), nodes: log) == roots[size])
            #expect(try MerkleFrontier(size: Int64(size), nodes: log).root == roots[size])
            for index in 0..<size {
                let proof = try InclusionProof(index: Int64(index), size: Int64(size), nodes: log)
                let leaf = try MerkleTree.leafHash(leaves[index])
                #expect(try proof.path == Plain.path(index, tree), "\(index) in \(size)")
                try proof.verify(leaf: leaf, root: roots[size])
                // The same path stands for no other index of this tree.
                let other = Int64((index + 1) % size)
                if size > 1, let moved = try? InclusionProof(index: other, size: Int64(size), path: proof.path) {
                    #expect(code { try moved.verify(leaf: leaf, root: roots[size]) } == .logNotIncluded)
                }
            }
            for from in 0...size {
                let proof = try ConsistencyProof(from: Int64(from), to: Int64(size), nodes: log)
                if from > 0 {
                    #expect(try proof.path == Plain.consistency(from, tree, true), "\(from) to \(size)")
                }
                try proof.verify(oldRoot: roots[from], newRoot: roots[size])
                let wrong = roots[(from + 1) % 131]
                #expect(code { try proof.verify(oldRoot: wrong, newRoot: roots[size]) } == .logInconsistent)
                if from > 0 {
                    let wrong = roots[(size + 1) % 131]
                    #expect(code { try proof.verify(oldRoot: roots[from], newRoot: wrong) } == .logInconsistent)
                }
            }
        }
    }

    @Test("A path with a hash too few, too many or changed proves nothing")
    func wrongPaths() throws {
        let leaves = (0..<20).map { [UInt8($0)] }
        let log = try SampleLog(leaves)
        let alien = try Samples.digest("alien")
        for size in Int64(1)...20 {
            let root = try MerkleTree.root(ofSize: size, nodes: log)
            for index in 0..<size {
                let leaf = try MerkleTree.leafHash(leaves[Int(index)])
                let path = try InclusionProof(index: index, size: size, nodes: log).path
                for wrong in [path + [alien], Array(path.dropLast()), Array(path.dropFirst())] where wrong != path {
                    #expect(
                        code { _ = try InclusionProof(index: index, size: size, path: wrong) } == .logProofMalformed
                    )
                }
                for place in path.indices {
                    var changed = path
                    changed[place] = alien
                    let proof = try InclusionProof(index: index, size: size, path: changed)
                    #expect(code { try proof.verify(leaf: leaf, root: root) } == .logNotIncluded)
                }
                let proof = try InclusionProof(index: index, size: size, path: path)
                #expect(code { try proof.verify(leaf: alien, root: root) } == .logNotIncluded)
                // An inner node is no leaf.
                if size == 2 {
                    #expect(code { try proof.verify(leaf: root, root: root) } == .logNotIncluded)
                }
            }
            for from in 1...size {
                let old = try MerkleTree.root(ofSize: from, nodes: log)
                let path = try ConsistencyProof(from: from, to: size, nodes: log).path
                for wrong in [path + [alien], Array(path.dropLast()), Array(path.dropFirst())] where wrong != path {
                    #expect(code { _ = try ConsistencyProof(from: from, to: size, path: wrong) } == .logProofMalformed)
                }
                for place in path.indices {
                    var changed = path
                    changed[place] = alien
                    let proof = try ConsistencyProof(from: from, to: size, path: changed)
                    #expect(code { try proof.verify(oldRoot: old, newRoot: root) } == .logInconsistent)
                }
            }
        }
    }

    @Test("Sizes and indices outside the tree are refused, also the largest")
    func range() throws {
        let log = try SampleLog([])
        let outside: [(Int64, Int64)] = [(0, 0), (1, 1), (-1, 1), (5, 3), (0, -1), (.max, .max), (.min, .min)]
        for (index, size) in outside {
            #expect(code { _ = try InclusionProof(index: index, size: size, path: []) } == .logRange)
            #expect(code { _ = try InclusionProof(index: index, size: size, nodes: log) } == .logRange)
        }
        let reversed: [(Int64, Int64)] = [(1, 0), (-1, 1), (-2, -1), (.max, 1)]
        for (from, to) in reversed {
            #expect(code { _ = try ConsistencyProof(from: from, to: to, path: []) } == .logRange)
            #expect(code { _ = try ConsistencyProof(from: from, to: to, nodes: log) } == .logRange)
        }
        #expect(code { _ = try MerkleTree.root(ofSize: -1, nodes: log) } == .logRange)
        #expect(code { _ = try MerkleFrontier(size: -1, hashes: []) } == .logRange)
        #expect(code { _ = try MerkleFrontier(size: -1, nodes: log) } == .logRange)
        #expect(code { _ = try MerkleFrontier(size: 3, hashes: []) } == .logNodes)
        let hash = try MerkleTree.emptyRoot()
        let path = [SHA256Digest](repeating: hash, count: 63)
        let longest = try InclusionProof(index: .max - 1, size: .max, path: path.dropLast())
        #expect(code { try longest.verify(leaf: hash, root: hash) } == .logNotIncluded)
        let first = try InclusionProof(index: 0, size: .max, path: path)
        #expect(code { try first.verify(leaf: hash, root: hash) } == .logNotIncluded)
        #expect(
            code { _ = try InclusionProof(index: 0, size: .max, path: path + [hash]) } == .logProofMalformed
        )
        let full = try ConsistencyProof(from: 1, to: .max, path: path)
        #expect(code { try full.verify(oldRoot: hash, newRoot: hash) } == .logInconsistent)
        var frontier = try MerkleFrontier(size: .max, hashes: path)
        let before = frontier
        #expect(code { try frontier.append(hash) } == .logRange)
        #expect(frontier == before)
    }

    @Test("The empty tree is the beginning of every tree, and nothing else is of size 0")
    func emptyTree() throws {
        let empty = try MerkleTree.emptyRoot()
        let alien = try Samples.digest("alien")
        let proof = try ConsistencyProof(from: 0, to: 5, path: [])
        try proof.verify(oldRoot: empty, newRoot: alien)
        #expect(code { try proof.verify(oldRoot: alien, newRoot: alien) } == .logInconsistent)
        let none = try ConsistencyProof(from: 0, to: 0, path: [])
        #expect(code { try none.verify(oldRoot: empty, newRoot: alien) } == .logInconsistent)
        #expect(code { _ = try ConsistencyProof(from: 0, to: 5, path: [alien]) } == .logProofMalformed)
    }

    @Test("A tree is taken up where it was left")
    func continuing() throws {
        let leaves = (0..<40).map { [UInt8($0)] }
        let log = try SampleLog(leaves)
        for size in 0..<40 {
            let stored = try MerkleFrontier(size: Int64(size), nodes: log)
            var frontier = try MerkleFrontier(size: stored.size, hashes: stored.hashes)
            for leaf in leaves[size...] { try frontier.append(MerkleTree.leafHash(leaf)) }
            #expect(frontier == log.frontier)
        }
    }
}
