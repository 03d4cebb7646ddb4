import ExchangeModel
import TrustCrypto

/// The digests of every entry, all made in one pass.
struct ForeignDigests {
    private let digests: [String: [SignatureDigest: [UInt8]]]

    /// Reads every entry to its end, which also checks sizes and CRC-32.
    init(of archive: ForeignArchive, by algorithms: Set<SignatureDigest>, progress: ProgressHandler?) throws {
        var digests: [String: [SignatureDigest: [UInt8]]] = [:]
        let total = archive.entries.reduce(0) { $0 + $1.size }
        var done: Int64 = 0
        for entry in archive.entries {
            let hashers = try algorithms.map { try Running($0) }
            try archive.forEachChunk(of: entry) { bytes in
                try Interruption.check()
                for hasher in hashers { try hasher.hasher.update(bytes) }
                done += Int64(bytes.count)
                progress?(done, total)
            }
            var own: [SignatureDigest: [UInt8]] = [:]
            for hasher in hashers { own[hasher.hasher.algorithm] = try hasher.hasher.finish() }
            digests[entry.name] = own
        }
        self.digests = digests
    }

    /// One of the digests that were asked for.
    func digest(of name: String, by algorithm: SignatureDigest) throws -> [UInt8] {
        guard let digest = digests[name]?[algorithm] else {
            throw ExchangeError(.asicObjectMissing, "\(ZipName.shown(name)) is not in the container")
        }
        return digest
    }

    private final class Running {
        var hasher: MessageHasher

        init(_ algorithm: SignatureDigest) throws { hasher = try MessageHasher(algorithm) }
    }
}
