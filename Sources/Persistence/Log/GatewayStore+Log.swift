public import ExchangeLog
public import ExchangeModel
import Glibc

extension GatewayStore {
    /// How many durable entries a log has.
    ///
    /// - Throws: `log.inconsistent`, and what `read` throws.
    public func size(of tree: LogTree) async throws -> Int64 {
        try await read { try LogState.size(of: tree, in: $0) }
    }

    /// A signed note over every entry that is durable; stored before it is returned, and the same bytes whenever the
    /// log has the same size.
    ///
    /// The log must be the continuation of the last checkpoint that was signed, as the stored subtrees have it. The time
    /// is kept beside the note; the machine's clock gives it if it is left out.
    ///
    /// - Throws: `log.inconsistent`, and nothing is signed then or later; `log.origin`; what `write` throws.
    public func checkpoint(
        of tree: LogTree,
        signedBy key: LogSigningKey,
        at time: ExchangeTime? = nil
    ) async throws -> String {
        let state = self.state
        let time = time ?? ExchangeTime(secondsSince1970: Int64(Glibc.time(nil)))
        return try await marking(tree) {
            try await self.write { session in
                let frontier = try state.frontier(of: tree)
                let size = try LogState.size(of: tree, in: session)
                guard size == frontier.size else {
                    throw tree.damaged(at: min(size, frontier.size), "somebody else changed the log")
                }
                try LogState.requireContinuation(of: tree, to: frontier, in: session)
                let name = SQLValue.text(tree.rawValue)
                let sql = "SELECT note FROM log_checkpoint WHERE tree = ? AND size = ?"
                if let row = try session.row(sql, [name, .integer(size)]) { return try row.text("note") }
                let checkpoint = try Checkpoint(origin: key.origin, size: size, root: frontier.root)
                let note = try checkpoint.signedNote(by: key)
                try session.execute(
                    "INSERT INTO log_checkpoint (tree, size, root, note, signed) VALUES (?, ?, ?, ?, ?)",
                    [name, .integer(size), SQLValue(checkpoint.root), .text(note), SQLValue(time)]
                )
                return note
            }
        }
    }

    /// The newest signed note whose size is at most so large, if any was signed.
    ///
    /// - Throws: what `read` throws.
    public func signedCheckpoint(of tree: LogTree, upTo size: Int64 = .max) async throws -> (size: Int64, note: String)?
    {
        try await read { session in
            let sql = "SELECT size, note FROM log_checkpoint WHERE tree = ? AND size <= ? ORDER BY size DESC LIMIT 1"
            return try session.row(sql, [.text(tree.rawValue), .integer(size)])
                .map { (try $0.integer("size"), try $0.text("note")) }
        }
    }

    /// Proves that an entry stands in the log of a size.
    ///
    /// - Throws: `log.range` if the log has no such entry or is smaller, `log.inconsistent`, what `read` throws.
    public func inclusionProof(index: Int64, size: Int64, in tree: LogTree) async throws -> InclusionProof {
        try await read { session in
            try Self.require(size, of: tree, in: session)
            return try InclusionProof(index: index, size: size, nodes: StoredNodes(session: session, tree: tree))
        }
    }

    /// Proves that the log of one size is the beginning of the log of a later size.
    ///
    /// - Throws: `log.range` if the sizes are not in order or the log is smaller, `log.inconsistent`, what `read` throws.
    public func consistencyProof(from: Int64, to: Int64, in tree: LogTree) async throws -> ConsistencyProof {
        try await read { session in
            try Self.require(to, of: tree, in: session)
            return try ConsistencyProof(from: from, to: to, nodes: StoredNodes(session: session, tree: tree))
        }
    }

    /// The root of the log of a size, from the stored subtrees.
    ///
    /// - Throws: `log.range` if the log is smaller, `log.inconsistent`, what `read` throws.
    public func root(of tree: LogTree, size: Int64) async throws -> SHA256Digest {
        try await read { session in
            try Self.require(size, of: tree, in: session)
            return try MerkleTree.root(ofSize: size, nodes: StoredNodes(session: session, tree: tree))
        }
    }

    /// Entries in order from an index on, at most 10,000, as they were hashed.
    ///
    /// - Throws: `log.range` for a negative index or count, what `read` throws.
    public func entries(
        in tree: LogTree,
        from index: Int64,
        count: Int
    ) async throws -> [(index: Int64, bytes: [UInt8])] {
        guard index >= 0, count >= 0 else { throw ExchangeError(.logRange, "A log has no negative indexes") }
        guard count > 0 else { return [] }
        var filter = LogFilter()
        filter.afterIndex = index - 1
        filter.limit = min(count, 10_000)
        return try await entries(in: tree, matching: filter)
    }

    /// The entries that a filter asks for, as they were hashed.
    ///
    /// - Throws: `log.range` if the filter's limit is not from 1 to 10,000, what `read` throws.
    public func entries(
        in tree: LogTree,
        matching filter: LogFilter
    ) async throws -> [(index: Int64, bytes: [UInt8])] {
        guard (1...10_000).contains(filter.limit) else {
            throw ExchangeError(.logRange, "A log is read by 1 to 10,000 entries at a time")
        }
        let condition = filter.condition
        let order = filter.newestFirst ? "DESC" : "ASC"
        let sql = """
            SELECT entry_index, entry FROM log_entry WHERE tree = ?\(condition.sql)
            ORDER BY entry_index \(order) LIMIT ?
            """
        let arguments = [.text(tree.rawValue)] + condition.arguments + [.integer(Int64(filter.limit))]
        return try await read { session in
            try session.rows(sql, arguments).map {
                (index: try $0.integer("entry_index"), bytes: try $0.bytes("entry"))
            }
        }
    }

    /// Remembers damage that the work comes upon.
    func marking<T>(_ tree: LogTree, _ work: () async throws -> T) async throws -> T {
        do {
            return try await work()
        } catch let error as ExchangeError where LogState.isDamage(error) {
            state.markDamaged(tree, error)
            throw tree.damaged(by: error)
        }
    }

    private static func require(_ size: Int64, of tree: LogTree, in session: any StoreReading) throws {
        let stored = try LogState.size(of: tree, in: session)
        guard size <= stored else {
            throw ExchangeError(.logRange, "The \(tree.rawValue) log has \(stored) entries, not \(size)")
        }
    }
}
