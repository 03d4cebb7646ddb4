public import ExchangeLog
import ExchangeModel
public import Persistence

extension LogDesk {
    /// Takes the bytes of an export in their order.
    public typealias ExportSink = @Sendable (_ bytes: [UInt8]) async throws -> Void

    private static let batch: Int64 = 1_000

    /// Writes a log for verification elsewhere (`evidence-verify log`), in constant memory.
    ///
    /// Without filter and earlier size it is the whole log; otherwise the entries asked for, each with its proof.
    /// - Parameters:
    ///   - tree: Which log.
    ///   - filter: Which entries; its limit and order do not count.
    ///   - earlier: The size of a checkpoint the auditor holds: only later entries, and a proof that the log grew from it.
    ///   - person: The auditor.
    ///   - sink: Takes the bytes.
    /// - Throws: `access.denied`, `log.range`, `log.inconsistent`; what the sink throws.
    public func export(
        _ tree: LogTree,
        _ filter: LogFilter? = nil,
        from earlier: Int64? = nil,
        by person: ActingPerson,
        to sink: ExportSink
    ) async throws {
        try await core.authorise(person, to: .auditLog)
        try await enter(.logExported, tree, by: person)
        let (bare, size) = try await signedState(of: tree)
        let note = try await cosigned(size, of: tree) ?? bare
        let pile = Pile()
        var proofs: [ConsistencyProof] = []
        if let earlier { proofs = [try await core.store.consistencyProof(from: earlier, to: size, in: tree)] }
        let isWhole = filter == nil && earlier == nil
        let head = LogExport.Head(
            party: core.party,
            tree: tree,
            key: try await signingKey(tree).verifier,
            time: core.now(),
            selection: isWhole ? .whole : .selected
        )
        let writer = try LogExportWriter(head: head, checkpoint: note, consistency: proofs) { pile.bytes += $0 }
        if isWhole {
            try await writeAll(tree, size, writer, pile, sink)
        } else {
            try await writeSome(tree, size, filter ?? LogFilter(), from: earlier ?? 0, writer, pile, sink)
        }
        try writer.finish()
        try await pile.empty(into: sink)
    }

    private func writeAll(
        _ tree: LogTree,
        _ size: Int64,
        _ writer: LogExportWriter,
        _ pile: Pile,
        _ sink: ExportSink
    ) async throws {
        var next: Int64 = 0
        while next < size {
            try Task.checkCancellation()
            let end = min(size, next + Self.batch)
            // One signed checkpoint in each batch, so that an altered entry is found more closely.
            let signed = try await landmark(of: tree, after: next, upTo: end)
            let entries = try await core.store.entries(in: tree, from: next, count: Int(end - next))
            for (offset, stored) in entries.enumerated() {
                guard stored.index == next + Int64(offset) else { throw Self.missing(next + Int64(offset), tree) }
                try writer.append(stored.bytes)
                if let signed, signed.size == stored.index + 1, signed.size < size {
                    try writer.append(checkpoint: signed.note)
                }
            }
            guard Int64(entries.count) == end - next else { throw Self.missing(next + Int64(entries.count), tree) }
            next = end
            try await pile.empty(into: sink)
        }
    }

    /// The newest checkpoint of a stretch of the log; one that partners cosigned goes before one that none did.
    private func landmark(of tree: LogTree, after: Int64, upTo end: Int64) async throws -> (size: Int64, note: String)?
    {
        if tree == .exchange {
            let found = try await core.store.read { store -> (size: Int64, note: String)? in
                guard let size = try WitnessRows.cosignedSize(after: after, upTo: end, in: store) else { return nil }
                return try WitnessRows.cosignedNote(ofSize: size, in: store).map { (size, $0) }
            }
            if let found { return found }
        }
        return try await core.store.signedCheckpoint(of: tree, upTo: end)
    }

    private func cosigned(_ size: Int64, of tree: LogTree) async throws -> String? {
        guard tree == .exchange else { return nil }
        return try await core.store.read { try WitnessRows.cosignedNote(ofSize: size, in: $0) }
    }

    private func writeSome(
        _ tree: LogTree,
        _ size: Int64,
        _ asked: LogFilter,
        from earlier: Int64,
        _ writer: LogExportWriter,
        _ pile: Pile,
        _ sink: ExportSink
    ) async throws {
        var filter = asked
        filter.newestFirst = false
        filter.limit = Int(Self.batch)
        filter.afterIndex = max(earlier - 1, asked.newestFirst ? -1 : asked.afterIndex ?? -1)
        while true {
            try Task.checkCancellation()
            let entries = try await core.store.entries(in: tree, matching: filter).filter { $0.index < size }
            for stored in entries {
                let proof = try await core.store.inclusionProof(index: stored.index, size: size, in: tree)
                try writer.append(stored.bytes, proof: proof)
            }
            try await pile.empty(into: sink)
            guard let last = entries.last, entries.count == filter.limit else { return }
            filter.afterIndex = last.index
        }
    }

    private static func missing(_ index: Int64, _ tree: LogTree) -> ExchangeError {
        ExchangeError(.logInconsistent, "Entry \(index) of the log \(tree.rawValue) is not there")
    }
}

/// Bytes that wait to be handed on.
private final class Pile {
    var bytes: [UInt8] = []

    func empty(into sink: LogDesk.ExportSink) async throws {
        guard !bytes.isEmpty else { return }
        let full = bytes
        bytes = []
        try await sink(full)
    }
}
