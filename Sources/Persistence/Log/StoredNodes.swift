import ExchangeLog
import ExchangeModel

/// The subtrees of a log as the database keeps them: leaves with their entries, larger ones in a table of their own.
struct StoredNodes: MerkleNodes {
    let session: any StoreReading
    let tree: LogTree

    func hash(level: Int, index: Int64) throws -> SHA256Digest {
        let column = level == 0 ? "leaf_hash" : "hash"
        let row =
            if level == 0 {
                try session.row(
                    "SELECT leaf_hash FROM log_entry WHERE tree = ? AND entry_index = ?",
                    [.text(tree.rawValue), .integer(index)]
                )
            } else {
                try session.row(
                    "SELECT hash FROM log_node WHERE tree = ? AND level = ? AND node_index = ?",
                    [.text(tree.rawValue), .integer(Int64(level)), .integer(index)]
                )
            }
        let hash: SHA256Digest? =
            switch try row?.value(column) {
            case .text(let text) where level == 0: SHA256Digest(hex: text)
            case .bytes(let bytes) where level > 0: SHA256Digest(bytes: bytes)
            default: nil
            }
        guard let hash else {
            throw tree.damaged(at: index << Int64(level), "its subtree of level \(level) is missing or unreadable")
        }
        return hash
    }
}

extension LogTree {
    /// An error that shows damage, as `log.inconsistent`.
    func damaged(by error: ExchangeError) -> ExchangeError {
        guard error.code != .logInconsistent else { return error }
        return ExchangeError(.logInconsistent, "The stored \(rawValue) log cannot be read", details: [error.reason])
    }

    /// The error for a stored log that does not hold, with the first entry that is concerned.
    func damaged(at index: Int64, _ what: String) -> ExchangeError {
        ExchangeError(
            .logInconsistent,
            "The \(rawValue) log is damaged at entry \(index): \(what)",
            hint: "Keep the data directory for examination; the log takes no more entries and signs nothing",
            details: ["entry \(index)"]
        )
    }
}
