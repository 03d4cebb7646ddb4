import ExchangeLog
import ExchangeModel
import Synchronization

/// What is known of each log between transactions: its right edge, or why it takes nothing any more.
///
/// It follows the database: a new edge is entered only after the transaction that made it is durable.
final class LogState: Sendable {
    private enum Edge: Sendable {
        case sound(MerkleFrontier)
        case damaged(ExchangeError)
    }

    private struct Edges: Sendable {
        var durable: [LogTree: Edge] = [:]
        /// Edges of transactions that are carried out and about to become durable, on which the next ones build.
        var staged: [LogTree: MerkleFrontier] = [:]
    }

    private let edges = Mutex(Edges())

    /// Reads the right edges and holds each log against the last checkpoint that was signed.
    func load(from session: any StoreReading) throws {
        for tree in LogTree.allCases {
            do {
                let frontier = try Self.frontier(of: tree, in: session)
                edges.withLock { $0.durable[tree] = .sound(frontier) }
            } catch let error as ExchangeError where Self.isDamage(error) {
                markDamaged(tree, error)
            }
        }
    }

    /// The right edge for the next transaction, or the error for which the log takes no more entries.
    func frontier(of tree: LogTree) throws -> MerkleFrontier {
        let (durable, staged) = edges.withLock { ($0.durable[tree], $0.staged[tree]) }
        switch durable {
        case .damaged(let error): throw error
        case .sound(let frontier): return staged ?? frontier
        case nil: return staged ?? MerkleFrontier()
        }
    }

    /// The right edge of what is durable, or `nil` if the log was found damaged.
    func durableFrontier(of tree: LogTree) -> MerkleFrontier? {
        switch edges.withLock({ $0.durable[tree] }) {
        case .sound(let frontier): frontier
        case .damaged: nil
        case nil: MerkleFrontier()
        }
    }

    /// Enters edges that a transaction made and that are not durable yet.
    func stage(_ frontiers: [LogTree: MerkleFrontier]) {
        edges.withLock { $0.staged.merge(frontiers) { _, new in new } }
    }

    /// Enters edges that have become durable, or forgets what was staged: transactions become durable together or not.
    func settle(_ frontiers: [LogTree: MerkleFrontier], isDurable: Bool) {
        edges.withLock { edges in
            for (tree, frontier) in frontiers {
                if edges.staged[tree] == frontier || !isDurable { edges.staged[tree] = nil }
                if case .damaged = edges.durable[tree] { continue }
                if isDurable { edges.durable[tree] = .sound(frontier) }
            }
        }
    }

    /// From here on the log takes no more entries and signs nothing, until the process starts again.
    func markDamaged(_ tree: LogTree, _ error: ExchangeError) {
        edges.withLock { $0.durable[tree] = .damaged(tree.damaged(by: error)) }
    }

    /// Whether an error says that the stored log is wrong, and not that it could not be read just now.
    static func isDamage(_ error: ExchangeError) -> Bool {
        [.logInconsistent, .logNodes, .storeUnexpectedValue].contains(error.code)
    }

    /// How many entries the database has.
    static func size(of tree: LogTree, in session: any StoreReading) throws -> Int64 {
        let sql = "SELECT MAX(entry_index) AS last FROM log_entry WHERE tree = ?"
        guard let last = try session.row(sql, [.text(tree.rawValue)])?.optionalInteger("last") else { return 0 }
        guard last >= 0, last < .max else { throw tree.damaged(at: 0, "an entry has an impossible index") }
        return last + 1
    }

    private static func frontier(of tree: LogTree, in session: any StoreReading) throws -> MerkleFrontier {
        let size = try size(of: tree, in: session)
        let frontier = try MerkleFrontier(size: size, nodes: StoredNodes(session: session, tree: tree))
        try requireContinuation(of: tree, to: frontier, in: session)
        return frontier
    }

    /// Demands that the last signed checkpoint is the beginning of the log, as the stored subtrees have it.
    static func requireContinuation(
        of tree: LogTree,
        to frontier: MerkleFrontier,
        in session: any StoreReading
    ) throws {
        let sql = "SELECT size, root FROM log_checkpoint WHERE tree = ? ORDER BY size DESC LIMIT 1"
        guard let row = try session.row(sql, [.text(tree.rawValue)]) else { return }
        let signed = try row.integer("size")
        let root = try row.digest("root")
        guard signed <= frontier.size else {
            throw tree.damaged(at: frontier.size, "\(signed) entries were signed, \(frontier.size) are left")
        }
        let nodes = StoredNodes(session: session, tree: tree)
        // The proof leaves out what its reader knows, so both roots are made anew from what is stored as well.
        let isContinuation =
            try MerkleTree.root(ofSize: signed, nodes: nodes) == root
            && MerkleTree.root(ofSize: frontier.size, nodes: nodes) == frontier.root
            && isProven(ConsistencyProof(from: signed, to: frontier.size, nodes: nodes), root, frontier.root)
        guard isContinuation else {
            throw ExchangeError(
                .logInconsistent,
                "The \(tree.rawValue) log is not the continuation of what was signed at size \(signed)",
                hint: "Keep the data directory for examination; the log takes no more entries and signs nothing"
            )
        }
    }

    private static func isProven(
        _ proof: ConsistencyProof,
        _ oldRoot: SHA256Digest,
        _ newRoot: SHA256Digest
    ) throws -> Bool {
        do {
            try proof.verify(oldRoot: oldRoot, newRoot: newRoot)
            return true
        } catch let error as ExchangeError where error.code == .logInconsistent {
            return false
        }
    }
}
