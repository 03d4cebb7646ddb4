import ExchangeModel
import TrustCrypto

/// One reading of an export from its first to its last line.
struct LogExportRun {
    private let keys: [LogVerifierKey]
    private let witnesses: [WitnessVerifierKey]
    private let earlierOf: (LogVerifierKey) -> String?
    private let visit: (Int64, LogEntry) throws -> Void

    private(set) var findings = LogFindings()
    private(set) var head: LogExport.Head?
    private(set) var checkpoint: Checkpoint?
    private(set) var entries: Int64 = 0
    private(set) var latest: ExchangeTime?

    private var earlierNote: String?
    private var earlier: Checkpoint?
    private var earlierIsProven = false
    /// The largest checkpoint that each witness cosigned, and when.
    private var cosigned: [WitnessVerifierKey: (size: Int64, time: ExchangeTime)] = [:]
    private var frontier = MerkleFrontier()
    /// Up to here the root of an earlier checkpoint holds.
    private var provenSize: Int64 = 0
    private var wrongSpan: ClosedRange<Int64>?
    private var firstWrongEntry: Int64?
    private var next: Int64 = 0

    init(
        keys: [LogVerifierKey],
        witnesses: [WitnessVerifierKey],
        earlier: @escaping (LogVerifierKey) -> String?,
        visit: @escaping (Int64, LogEntry) throws -> Void
    ) {
        self.keys = keys
        self.witnesses = witnesses
        earlierOf = earlier
        self.visit = visit
    }

    /// The checks that this export asks for.
    var plan: [LogCheck] {
        LogCheck.allCases.filter { check in
            switch check {
            case .root: head?.selection != .selected
            case .inclusion: head?.selection == .selected
            case .earlier: earlierNote != nil
            case .cosignatures: !witnesses.isEmpty
            default: true
            }
        }
    }

    var firstWrong: ClosedRange<Int64>? {
        guard let wrongSpan else { return firstWrongEntry.map { $0...$0 } }
        if let firstWrongEntry, firstWrongEntry < wrongSpan.lowerBound { return firstWrongEntry...firstWrongEntry }
        return wrongSpan
    }

    /// A fault after which the rest of the lines says nothing.
    private struct Stop: Error {
        let check: LogCheck
        let error: ExchangeError
    }

    /// - Throws: ``OutsideError``, and `crypto.internal`.
    mutating func read(
        _ source: @escaping (UnsafeMutableRawBufferPointer) throws -> Int,
        progress: (Int64) throws -> Void
    ) throws {
        var lines = LogLineReader { buffer in try OutsideError.marking { try source(buffer) } }
        var hasher = try SHA256Hasher()
        var merkle = try MerkleHasher()
        var isEnded = false
        do {
            while let bytes = try Self.stopping(.form, { try lines.next() }) {
                guard !isEnded else { throw Self.order("Lines follow the end of the export") }
                let line = try Self.stopping(.form) { try LogExportLine(bytes) }
                if case .end(let count, let digest) = line {
                    isEnded = true
                    try end(count: count, digest: digest, of: hasher.finish())
                    continue
                }
                try bytes.withUnsafeBytes { try hasher.update($0) }
                try withUnsafeBytes(of: UInt8(0x0a)) { try hasher.update($0) }
                try take(line, &merkle)
                if entries & 0xfff == 0 { try OutsideError.marking { try progress(lines.bytesRead) } }
            }
            guard isEnded else {
                throw Stop(check: .form, error: ExchangeError(.logExportCut, "The export ends before its last line"))
            }
            try OutsideError.marking { try progress(lines.bytesRead) }
            judgeCosignatures()
            findings.pass(.form, "Every line is in its form and its place")
        } catch let stop as Stop {
            findings.note(stop.check, stop.error)
        }
    }

    private static func stopping<T>(_ check: LogCheck, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as ExchangeError {
            throw Stop(check: check, error: error)
        }
    }

    private static func order(_ reason: String, _ check: LogCheck = .form) -> Stop {
        Stop(check: check, error: ExchangeError(.logExportOrder, reason))
    }

    // MARK: Lines

    private mutating func take(_ line: LogExportLine, _ merkle: inout MerkleHasher) throws {
        guard let head else {
            guard case .head(let head) = line else { throw Self.order("The export does not begin with its head") }
            return try take(head)
        }
        guard let checkpoint else {
            guard case .checkpoint(let note) = line else {
                throw Self.order("The export's checkpoint does not follow its head")
            }
            return try take(checkpoint: note, head)
        }
        switch line {
        case .head, .end: throw Self.order("The export has a second head")
        case .checkpoint(let note): try take(further: note, head)
        case .consistency(let from, let to, let path):
            guard head.selection == .selected, entries == 0, to == checkpoint.size else {
                throw Self.order("A proof between checkpoints stands where none may")
            }
            let proof = try Self.stopping(.form) { try ConsistencyProof(from: from, to: to, path: path) }
            try take(proof, to: checkpoint)
        case .entry(let index, let entry, let leaf, let path):
            if head.selection == .whole {
                guard let leaf else { throw Self.order("An entry is without its hash") }
                try take(entry, at: index, leaf: leaf, checkpoint, &merkle)
            } else {
                guard let path else { throw Self.order("An entry is without its proof") }
                try take(entry, at: index, path: path, checkpoint, &merkle)
            }
        }
    }

    private mutating func take(_ head: LogExport.Head) throws {
        self.head = head
        earlierNote = earlierOf(head.key)
        guard keys.contains(head.key) else {
            throw Stop(
                check: .key,
                error: ExchangeError(
                    .logExportUnknownKey,
                    "The export is of the log \(head.key.origin), signed by a key that was not given",
                    hint: "the key stands in the party's card; compare it by telephone"
                )
            )
        }
        findings.pass(.key, "It is the log \(head.key.origin), whose key was given")
    }

    private mutating func take(checkpoint note: String, _ head: LogExport.Head) throws {
        let checkpoint = try Self.stopping(.checkpoint) { try Checkpoint(note: note, verifiedBy: head.key) }
        self.checkpoint = checkpoint
        findings.pass(.checkpoint, "The log signed size \(checkpoint.size) with root \(checkpoint.root)")
        takeCosignatures(of: note, head)
        guard let earlierNote else { return }
        do {
            let earlier = try Checkpoint(note: earlierNote, verifiedBy: head.key)
            guard earlier.size <= checkpoint.size else {
                throw ExchangeError(
                    .logShorter,
                    "The export ends at size \(checkpoint.size), before the checkpoint of size \(earlier.size)"
                )
            }
            self.earlier = earlier
            if earlier.size == checkpoint.size || earlier.size == 0 {
                let proof = try ConsistencyProof(from: earlier.size, to: checkpoint.size, path: [])
                try proof.verify(oldRoot: earlier.root, newRoot: checkpoint.root)
                earlierIsProven = true
            }
        } catch let error as ExchangeError {
            findings.note(.earlier, error)
        }
    }

    private mutating func take(_ proof: ConsistencyProof, to checkpoint: Checkpoint) throws {
        guard let earlier, earlier.size == proof.from, !earlierIsProven else { return }
        do {
            try proof.verify(oldRoot: earlier.root, newRoot: checkpoint.root)
            earlierIsProven = true
        } catch let error as ExchangeError {
            findings.note(.earlier, error)
        }
    }

    /// A checkpoint between the entries of a whole export.
    private mutating func take(further note: String, _ head: LogExport.Head) throws {
        guard head.selection == .whole else { throw Self.order("A second checkpoint stands where none may") }
        let further = try Self.stopping(.checkpoint) { try Checkpoint(note: note, verifiedBy: head.key) }
        guard further.size == frontier.size else {
            throw Self.order("The checkpoint of size \(further.size) stands after \(frontier.size) entries")
        }
        takeCosignatures(of: note, head)
        try compareRoot(with: further)
    }

    private mutating func takeCosignatures(of note: String, _ head: LogExport.Head) {
        guard !witnesses.isEmpty else { return }
        do {
            let found = try CosignedCheckpoint(note: note, log: head.key, witnesses: witnesses, now: nil)
            for cosignature in found.cosignatures
            where found.checkpoint.size >= cosigned[cosignature.witness]?.size ?? 0 {
                cosigned[cosignature.witness] = (found.checkpoint.size, cosignature.time)
            }
        } catch let error as ExchangeError {
            findings.note(.cosignatures, error)
        } catch {
            findings.note(.cosignatures, ExchangeError(.logCosignature, "The cosignatures could not be read"))
        }
    }

    /// After the last line: whether each witness cosigned something of this log.
    private mutating func judgeCosignatures() {
        guard !witnesses.isEmpty else { return }
        if let silent = witnesses.first(where: { cosigned[$0] == nil }) {
            let reason = "No checkpoint in the export is cosigned by \(silent.name)"
            findings.note(.cosignatures, ExchangeError(.logCosignatureMissing, reason))
        }
        let told = witnesses.compactMap { witness in
            cosigned[witness].map { "\(witness.name) cosigned size \($0.size) at \($0.time)" }
        }
        findings.pass(.cosignatures, told.joined(separator: ", "))
    }

    private mutating func compareRoot(with checkpoint: Checkpoint) throws {
        guard wrongSpan == nil else { return }
        if try frontier.root == checkpoint.root {
            provenSize = checkpoint.size
            return
        }
        let last = max(checkpoint.size - 1, provenSize)
        wrongSpan = provenSize...last
        findings.note(
            .root,
            ExchangeError(
                .logRootMismatch,
                "The entries do not give the root that the log signed at size \(checkpoint.size); the first wrong one "
                    + (provenSize == last ? "is \(last)" : "is between \(provenSize) and \(last)")
            )
        )
    }

    // MARK: Entries

    private mutating func take(
        _ bytes: [UInt8],
        at index: Int64,
        leaf: SHA256Digest,
        _ checkpoint: Checkpoint,
        _ merkle: inout MerkleHasher
    ) throws {
        guard index == frontier.size, index < checkpoint.size else {
            firstWrongEntry = firstWrongEntry ?? frontier.size
            throw Self.order("Entry \(index) stands where entry \(frontier.size) belongs", .entries)
        }
        let stated = try merkle.leaf(bytes)
        try frontier.append(leaf, hasher: &merkle)
        if let earlier, frontier.size == earlier.size, !earlierIsProven {
            if try frontier.root == earlier.root {
                earlierIsProven = true
            } else {
                findings.note(
                    .earlier,
                    ExchangeError(
                        .logInconsistent,
                        "The first \(earlier.size) entries are not those of the earlier checkpoint"
                    )
                )
            }
        }
        try judge(bytes, at: index) {
            guard stated == leaf else {
                throw ExchangeError(.logEntryAltered, "The entry is not the one whose hash stands in the log")
            }
        }
    }

    private mutating func take(
        _ bytes: [UInt8],
        at index: Int64,
        path: [SHA256Digest],
        _ checkpoint: Checkpoint,
        _ merkle: inout MerkleHasher
    ) throws {
        guard index >= next else { throw Self.order("Entry \(index) stands after entry \(next - 1)", .entries) }
        next = index + 1
        do {
            let proof = try InclusionProof(index: index, size: checkpoint.size, path: path)
            guard try proof.root(ofLeaf: try merkle.leaf(bytes), hasher: &merkle) == checkpoint.root else {
                throw ExchangeError(.logNotIncluded, "The entry does not stand at its index of the signed tree")
            }
        } catch let error as ExchangeError {
            firstWrongEntry = firstWrongEntry ?? index
            findings.note(.inclusion, Self.naming(index, error))
        }
        try judge(bytes, at: index) {}
    }

    private mutating func judge(_ bytes: [UInt8], at index: Int64, _ check: () throws -> Void) throws {
        entries += 1
        do {
            try check()
            let entry = try LogEntry(decoding: bytes)
            guard entry.kind.tree == head?.tree else {
                throw ExchangeError(.logWrongTree, "Entries of the kind \(entry.kind.rawValue) stand in the other tree")
            }
            latest = max(latest ?? entry.time, entry.time)
            try OutsideError.marking { try visit(index, entry) }
        } catch let error as ExchangeError {
            firstWrongEntry = firstWrongEntry ?? index
            findings.note(.entries, Self.naming(index, error))
        }
    }

    private static func naming(_ index: Int64, _ error: ExchangeError) -> ExchangeError {
        ExchangeError(error.code, "Entry \(index): \(error.reason)", hint: error.hint, details: error.details)
    }

    // MARK: End

    private mutating func end(count: Int64, digest: SHA256Digest, of actual: SHA256Digest) throws {
        guard let head, let checkpoint else { throw Self.order("The export ends before its checkpoint") }
        if digest == actual {
            findings.pass(.undamaged, "Its bytes are those that were written")
        } else {
            findings.note(
                .undamaged,
                ExchangeError(.logExportDamaged, "The export's bytes are not those that were written")
            )
        }
        guard count == entries else {
            throw Self.order("The export has \(entries) entries, but says that it has \(count)")
        }
        if head.selection == .whole {
            guard frontier.size == checkpoint.size else {
                firstWrongEntry = firstWrongEntry ?? frontier.size
                throw Self.order("Entries from \(frontier.size) on are missing", .entries)
            }
            try compareRoot(with: checkpoint)
            findings.pass(.root, "The \(checkpoint.size) entries give the root that the log signed")
        } else {
            findings.pass(.inclusion, "Each of the \(entries) entries is proven to stand in the log")
        }
        findings.pass(.entries, "All \(entries) entries are in their form")
        guard let earlier else { return }
        if earlierIsProven {
            // In an export of all entries the earlier root was computed from what the later root has to prove.
            guard head.selection == .selected || !findings.hasFault(.root) else { return }
            findings.pass(.earlier, "The log continues the checkpoint of size \(earlier.size)")
        } else {
            findings.note(
                .earlier,
                ExchangeError(
                    .logProofMissing,
                    "The export carries no proof from the checkpoint of size \(earlier.size)",
                    hint: "ask for an export with a proof from that size, or for one of all entries"
                )
            )
        }
    }
}
