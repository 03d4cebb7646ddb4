import ExchangeLog
import ExchangeModel

/// Hashes a stored log again from its first entry and compares everything that is stored about it.
struct LogVerification {
    private static let chunk: Int64 = 512

    let tree: LogTree
    private(set) var frontier = MerkleFrontier()

    init(_ tree: LogTree) { self.tree = tree }

    /// Checks the next entries below `size`, with the subtrees and checkpoints that end among them.
    mutating func advance(to size: Int64, in session: any StoreReading) throws {
        let first = frontier.size
        let end = min(size, first + Self.chunk)
        var nodes: [MerkleFrontier.Node] = []
        var roots: [Int64: SHA256Digest] = [first: try frontier.root]
        let checkpoints = try checkpoints(from: first, to: end, in: session)
        var hasher = try MerkleHasher()
        var entries = try entries(from: first, to: end, in: session).makeIterator()
        for index in first..<end {
            guard let row = entries.next(), try row.integer("entry_index") == index else {
                throw tree.damaged(at: index, "the entry is missing")
            }
            let leaf = try check(row, at: index, hasher: &hasher)
            try frontier.append(leaf, hasher: &hasher) { nodes.append($0) }
            if checkpoints.contains(where: { $0.size == index + 1 }) { roots[index + 1] = try frontier.root }
        }
        try compare(nodes, from: first, to: end, in: session)
        for checkpoint in checkpoints { try compare(checkpoint, with: roots[checkpoint.size]) }
    }

    /// Checks, after the last entry, that nothing is stored beyond it.
    func finish(in session: any StoreReading) throws {
        let name = SQLValue.text(tree.rawValue)
        let size = try LogState.size(of: tree, in: session)
        let strays = "SELECT entry_index FROM log_entry WHERE tree = ? AND entry_index < 0 LIMIT 1"
        guard try session.row(strays, [name]) == nil else { throw tree.damaged(at: 0, "an index is negative") }
        let counts = "SELECT level, COUNT(*) AS nodes FROM log_node WHERE tree = ? GROUP BY level"
        for row in try session.rows(counts, [name]) {
            let level = try row.integer("level")
            guard (1...Int64(MerkleTree.longestPath)).contains(level), try row.integer("nodes") == size >> level else {
                throw tree.damaged(at: size, "there are more subtrees of level \(level) than the log has")
            }
        }
        let beyond = "SELECT size FROM log_checkpoint WHERE tree = ? AND (size > ? OR size < 0) LIMIT 1"
        if let row = try session.row(beyond, [name, .integer(size)]) {
            throw tree.damaged(at: size, "\(try row.integer("size")) entries were signed, \(size) are left")
        }
    }

    private func entries(from first: Int64, to end: Int64, in session: any StoreReading) throws -> [StoredRow] {
        try session.rows(
            """
            SELECT entry_index, \(EntryColumns.names.joined(separator: ", ")), leaf_hash, entry FROM log_entry
            WHERE tree = ? AND entry_index >= ? AND entry_index < ? ORDER BY entry_index
            """,
            [.text(tree.rawValue), .integer(first), .integer(end)]
        )
    }

    private func check(_ row: StoredRow, at index: Int64, hasher: inout MerkleHasher) throws -> SHA256Digest {
        let bytes = try reading(index) { try row.bytes("entry") }
        let leaf = try hasher.leaf(bytes)
        guard try reading(index, { try row.text("leaf_hash") }) == leaf.hex else {
            throw tree.damaged(at: index, "its bytes do not have the hash that was stored with them")
        }
        let entry: LogEntry
        do {
            entry = try LogEntry(decoding: bytes)
        } catch let error as ExchangeError {
            throw tree.damaged(at: index, error.reason)
        }
        guard try EntryColumns(row) == EntryColumns(entry) else {
            throw tree.damaged(at: index, "the columns for searching do not say what the entry says")
        }
        return leaf
    }

    private func compare(
        _ nodes: [MerkleFrontier.Node],
        from first: Int64,
        to end: Int64,
        in session: any StoreReading
    ) throws {
        let levels = Dictionary(grouping: nodes.filter { $0.level > 0 }, by: \.level)
        for (level, nodes) in levels.sorted(by: { $0.key < $1.key }) {
            let rows = try session.rows(
                """
                SELECT node_index, hash FROM log_node WHERE tree = ? AND level = ? AND node_index >= ? AND node_index < ?
                ORDER BY node_index
                """,
                [
                    .text(tree.rawValue), .integer(Int64(level)), .integer(first >> Int64(level)),
                    .integer(end >> Int64(level)),
                ]
            )
            var stored = rows.makeIterator()
            for node in nodes {
                let place = node.index << Int64(level)
                guard let row = stored.next(), try row.value("node_index") == .integer(node.index),
                    try row.value("hash") == .bytes(node.hash.bytes)
                else { throw tree.damaged(at: place, "its subtree of level \(level) is missing or another") }
            }
        }
    }

    private struct SignedSize {
        let size: Int64
        let root: String
        let note: String
    }

    private func checkpoints(from first: Int64, to end: Int64, in session: any StoreReading) throws -> [SignedSize] {
        // The chunk before has checked the checkpoint at its own end; only an empty log has one at its beginning.
        let sql = """
            SELECT size, root, note FROM log_checkpoint WHERE tree = ? AND size > ? AND size <= ? ORDER BY size
            """
        let rows = try session.rows(
            sql,
            [.text(tree.rawValue), .integer(first == 0 ? -1 : first), .integer(end)]
        )
        return try rows.map { row in
            try reading(first) {
                SignedSize(size: try row.integer("size"), root: try row.text("root"), note: try row.text("note"))
            }
        }
    }

    private func compare(_ checkpoint: SignedSize, with root: SHA256Digest?) throws {
        // The signature is for those who have the log's public key; here the text is held against the tree.
        guard let root, checkpoint.root == root.hex,
            let origin = checkpoint.note.split(separator: "\n", maxSplits: 1).first,
            try checkpoint.note.utf8.starts(
                with: (Checkpoint(origin: String(origin), size: checkpoint.size, root: root).text + "\n").utf8
            )
        else {
            throw tree.damaged(at: checkpoint.size, "the checkpoint of this size was signed over another log")
        }
    }

    private func reading<T>(_ index: Int64, _ read: () throws -> T) throws -> T {
        do {
            return try read()
        } catch let error as ExchangeError where error.code == .storeUnexpectedValue {
            throw tree.damaged(at: index, error.reason)
        }
    }
}
