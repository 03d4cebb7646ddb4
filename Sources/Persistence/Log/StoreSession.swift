import ExchangeLog
import ExchangeModel

/// A transaction as the gateway's code sees it: SQL, and entries for the logs.
final class StoreSession: StoreWriting {
    private let session: any SQLSession
    private let state: LogState
    /// The right edges that this transaction has made.
    private(set) var frontiers: [LogTree: MerkleFrontier] = [:]

    init(_ session: any SQLSession, state: LogState) {
        self.session = session
        self.state = state
    }

    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [StoredRow] { try session.rows(sql, arguments) }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int { try session.execute(sql, arguments) }

    func append(_ entry: LogEntry, to tree: LogTree) throws -> Int64 {
        let bytes = try entry.encoded()
        let leaf = try MerkleTree.leafHash(bytes)
        var frontier = try frontiers[tree] ?? state.frontier(of: tree)
        let index = frontier.size
        let nodes = try frontier.append(leaf)
        let name = SQLValue.text(tree.rawValue)
        try session.execute(
            """
            INSERT INTO log_entry (tree, entry_index, time, kind, outcome, thread, bundle, item, peer, person, leaf_hash, entry)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [name, .integer(index)] + EntryColumns(entry).values + [SQLValue(leaf), .bytes(bytes)]
        )
        for node in nodes where node.level > 0 {
            try session.execute(
                "INSERT INTO log_node (tree, level, node_index, hash) VALUES (?, ?, ?, ?)",
                [name, .integer(Int64(node.level)), .integer(node.index), .bytes(node.hash.bytes)]
            )
        }
        frontiers[tree] = frontier
        return index
    }
}

/// What of an entry stands in columns of its own, for searching; the entry's bytes alone are the record.
struct EntryColumns: Hashable {
    static let names = ["time", "kind", "outcome", "thread", "bundle", "item", "peer", "person"]

    let values: [SQLValue]

    init(_ entry: LogEntry) {
        values = [
            SQLValue(entry.time), .text(entry.kind.rawValue), .text(entry.outcome.rawValue), SQLValue(entry.thread),
            SQLValue(entry.bundle), SQLValue(entry.item), SQLValue(entry.peer), SQLValue(entry.person),
        ]
    }

    init(_ row: StoredRow) throws { values = try Self.names.map { try row.value($0) } }
}
