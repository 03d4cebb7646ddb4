import ExchangeModel
import TrustCrypto

/// Writes an export line by line, in constant memory. What it is given out of order it refuses.
public final class LogExportWriter {
    private let head: LogExport.Head
    private let sink: ([UInt8]) throws -> Void
    private let size: Int64
    private var hasher: SHA256Hasher
    private var merkle: MerkleHasher
    private var buffer: [UInt8] = []
    private var entries: Int64 = 0
    private var next: Int64 = 0
    private var isFinished = false

    private static let bufferSize = 262_144

    /// Writes what stands before the entries.
    ///
    /// - Parameters:
    ///   - head: What is exported.
    ///   - checkpoint: The signed note that the export reaches to.
    ///   - consistency: For an export of some entries: proofs from earlier checkpoints, as far as an auditor holds some,
    ///     to this one. An export of all entries needs none.
    ///   - sink: Takes the bytes in their order.
    /// - Throws: What ``Checkpoint/init(note:verifiedBy:)`` throws; `log.export_order` when a proof does not lead to the
    ///   checkpoint or there are too many; what `sink` throws.
    public init(
        head: LogExport.Head,
        checkpoint: String,
        consistency: [ConsistencyProof] = [],
        sink: @escaping ([UInt8]) throws -> Void
    ) throws {
        let size = try Checkpoint(note: checkpoint, verifiedBy: head.key).size
        guard consistency.isEmpty || head.selection == .selected,
            consistency.count <= LogExport.mostConsistencyProofs, consistency.allSatisfy({ $0.to == size })
        else {
            throw ExchangeError(.logExportOrder, "An export's proofs must lead to its checkpoint")
        }
        self.head = head
        self.sink = sink
        self.size = size
        hasher = try SHA256Hasher()
        merkle = try MerkleHasher()
        try write(.head(head))
        try write(.checkpoint(checkpoint))
        for proof in consistency { try write(.consistency(from: proof.from, to: proof.to, path: proof.path)) }
    }

    /// Writes the next entry of an export of all entries.
    ///
    /// - Parameter entry: The entry's canonical bytes.
    /// - Throws: `log.export_order`; what the sink throws.
    public func append(_ entry: [UInt8]) throws {
        guard head.selection == .whole, next < size else { throw Self.order }
        try write(.entry(index: next, entry: entry, leaf: try merkle.leaf(entry), path: nil))
        next += 1
        entries += 1
    }

    /// Writes an entry of an export of some entries; each has a higher index than the one before.
    ///
    /// - Throws: `log.export_order` also when the proof is of a tree of another size; what the sink throws.
    public func append(_ entry: [UInt8], proof: InclusionProof) throws {
        guard head.selection == .selected, proof.size == size, proof.index >= next else { throw Self.order }
        try write(.entry(index: proof.index, entry: entry, leaf: nil, path: proof.path))
        next = proof.index + 1
        entries += 1
    }

    /// Writes an earlier checkpoint into an export of all entries, directly after the last entry that it covers; with
    /// these an altered entry is found more closely.
    ///
    /// - Throws: What ``Checkpoint/init(note:verifiedBy:)`` throws; `log.export_order`; what the sink throws.
    public func append(checkpoint note: String) throws {
        let checkpoint = try Checkpoint(note: note, verifiedBy: head.key)
        guard head.selection == .whole, checkpoint.size == next else { throw Self.order }
        try write(.checkpoint(note))
    }

    /// Writes the end; nothing can follow.
    ///
    /// - Throws: `log.export_order` when entries are missing; what the sink throws.
    public func finish() throws {
        guard !isFinished, head.selection == .selected || next == size else { throw Self.order }
        buffer += LogExportLine.end(entries: entries, digest: try hasher.finish()).bytes
        isFinished = true
        try sink(buffer)
        buffer = []
    }

    private func write(_ line: LogExportLine) throws {
        guard !isFinished else { throw Self.order }
        let bytes = line.bytes
        try bytes.withUnsafeBytes { try hasher.update($0) }
        buffer += bytes
        guard buffer.count >= Self.bufferSize else { return }
        try sink(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    private static var order: ExchangeError {
        ExchangeError(.logExportOrder, "The lines of an export were given in an order that no export has")
    }
}
