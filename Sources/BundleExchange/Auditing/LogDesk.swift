public import ExchangeLog
import ExchangeModel
public import Persistence
import TrustCrypto

/// An entry of a log with its place.
public struct LoggedEntry: Hashable, Sendable {
    /// Its place, from 0.
    public let index: Int64
    /// What it says.
    public let entry: LogEntry
    /// The canonical bytes, which the tree hashes.
    public let bytes: [UInt8]
}

/// The proof that an entry stands in a log, complete in itself.
public struct LoggedProof: Hashable, Sendable {
    /// The entry.
    public let entry: LoggedEntry
    /// The proof in the form of C2SP tlog-proof, with a signed checkpoint.
    public let text: String
}

/// The proof that a log has only grown between two sizes.
public struct LogGrowth: Hashable, Sendable {
    /// The proof.
    public let proof: ConsistencyProof
    /// The signed checkpoint of the later size, where one was signed at just that size.
    public let note: String?
}

/// Where auditors read, prove, verify and export the logs. That they did stands in the log of the house.
public struct LogDesk: Sendable {
    /// Gives the key that signs a tree's checkpoints.
    typealias SigningKey = @Sendable (LogTree) async throws -> LogSigningKey

    let core: GatewayCore
    let signingKey: SigningKey

    init(core: GatewayCore, signingKey: @escaping SigningKey) {
        self.core = core
        self.signingKey = signingKey
    }

    /// Entries that a filter asks for.
    ///
    /// - Throws: `access.denied`, `log.range`, `log.entry_malformed` for a damaged entry.
    public func search(
        _ tree: LogTree,
        _ filter: LogFilter = LogFilter(),
        by person: ActingPerson
    ) async throws -> [LoggedEntry] {
        try await core.authorise(person, to: .readLog)
        try await enter(.viewLog, tree, by: person) {
            $0.thread = filter.thread
            $0.bundle = filter.bundle
            $0.item = filter.item.flatMap { EvidenceID($0)?.text }
        }
        return try await core.store.entries(in: tree, matching: filter).map(Self.logged)
    }

    /// One entry.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `log.entry_malformed` for a damaged entry.
    public func show(_ index: Int64, in tree: LogTree, by person: ActingPerson) async throws -> LoggedEntry {
        try await core.authorise(person, to: .readLog)
        let found = try await existing(index, in: tree)
        try await enter(.viewLog, tree, by: person)
        return found
    }

    /// The signed state of a log, which covers every durable entry.
    ///
    /// - Returns: A C2SP signed note.
    /// - Throws: `access.denied`, `log.inconsistent`.
    public func checkpoint(of tree: LogTree, by person: ActingPerson) async throws -> String {
        try await core.authorise(person, to: .auditLog)
        try await enter(.viewLog, tree, by: person)
        return try await checkpoint(tree)
    }

    /// The checkpoint of the last day that most partners cosigned, the newest of these, with their cosignatures; the one
    /// that was cosigned last when none was for a day.
    ///
    /// - Returns: A C2SP signed note with cosignatures (tlog-cosignature).
    /// - Throws: `access.denied`, `request.not_found` when no partner has cosigned one; the log `house` is shown to none.
    public func cosignedCheckpoint(of tree: LogTree, by person: ActingPerson) async throws -> String {
        try await core.authorise(person, to: .auditLog)
        try await enter(.viewLog, tree, by: person)
        let day = core.now().adding(seconds: -86_400)
        let found = try await core.store.read { store -> String? in
            guard tree == .exchange, let size = try WitnessRows.bestSize(since: day, in: store) else { return nil }
            return try WitnessRows.cosignedNote(ofSize: size, in: store)
        }
        guard let found else {
            throw ExchangeError(
                .notFound,
                "No checkpoint of the log \(tree.rawValue) has been cosigned",
                hint: "rogatory log witness list shows which partners cosign"
            )
        }
        return found
    }

    /// Proves that an entry stands in a log.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `log.inconsistent`.
    public func proof(of index: Int64, in tree: LogTree, by person: ActingPerson) async throws -> LoggedProof {
        try await core.authorise(person, to: .auditLog)
        let found = try await existing(index, in: tree)
        try await enter(.viewLog, tree, by: person)
        let (note, size) = try await signedState(of: tree)
        let proof = try await core.store.inclusionProof(index: index, size: size, in: tree)
        return LoggedProof(entry: found, text: TlogProof(proof, note: note).text)
    }

    /// Proves that the log of one size is the beginning of the log of a later size.
    ///
    /// The later size is the present one when it is `nil`, with a checkpoint signed for it.
    /// - Throws: `access.denied`, `log.range`, `log.inconsistent`.
    public func consistency(
        of tree: LogTree,
        from: Int64,
        to: Int64? = nil,
        by person: ActingPerson
    ) async throws -> LogGrowth {
        try await core.authorise(person, to: .auditLog)
        try await enter(.viewLog, tree, by: person)
        guard let to else {
            let (note, size) = try await signedState(of: tree)
            return LogGrowth(proof: try await core.store.consistencyProof(from: from, to: size, in: tree), note: note)
        }
        let proof = try await core.store.consistencyProof(from: from, to: to, in: tree)
        let signed = try await core.store.signedCheckpoint(of: tree, upTo: to)
        return LogGrowth(proof: proof, note: signed.flatMap { $0.size == to ? $0.note : nil })
    }

    /// Hashes every entry of a log again and compares with what was signed.
    ///
    /// The progress is told entries checked and in all.
    /// - Throws: `access.denied`, `log.inconsistent` naming the first wrong entry; what kept the look from being entered
    ///   in the log of the house, after all entries were found good.
    public func verify(
        _ tree: LogTree,
        by person: ActingPerson,
        progress: @escaping @Sendable (_ checked: Int64, _ total: Int64) -> Void = { _, _ in }
    ) async throws {
        try await core.authorise(person, to: .auditLog)
        // A log found damaged takes no entries, and must be verifiable all the same.
        var fault: (any Error)?
        do { try await enter(.viewLog, tree, by: person) } catch { fault = error }
        try await core.store.verify(tree, progress: progress)
        if let fault { throw fault }
    }

    // MARK: - Within

    func enter(
        _ kind: LogEntry.Kind,
        _ tree: LogTree,
        by person: ActingPerson,
        _ describe: (inout LogEntry) -> Void = { _ in }
    ) async throws {
        var entry = try core.entry(kind, by: person)
        entry.subject = tree.rawValue
        describe(&entry)
        try await core.note(entry)
    }

    func checkpoint(_ tree: LogTree) async throws -> String {
        let key = try await signingKey(tree)
        return try await core.store.checkpoint(of: tree, signedBy: key, at: core.now())
    }

    /// A checkpoint of now and its size.
    func signedState(of tree: LogTree) async throws -> (note: String, size: Int64) {
        let note = try await checkpoint(tree)
        return (note, try Checkpoint(note: note, verifiedBy: await signingKey(tree).verifier).size)
    }

    private func existing(_ index: Int64, in tree: LogTree) async throws -> LoggedEntry {
        guard index >= 0, let found = try await core.store.entries(in: tree, from: index, count: 1).first,
            found.index == index
        else { throw ExchangeError.notFound("entry in the log \(tree.rawValue)", String(index)) }
        return try Self.logged(found)
    }

    private static func logged(_ stored: (index: Int64, bytes: [UInt8])) throws -> LoggedEntry {
        LoggedEntry(index: stored.index, entry: try LogEntry(decoding: stored.bytes), bytes: stored.bytes)
    }
}
