public import ExchangeLog
import ExchangeModel

extension GatewayStore {
    /// Hashes every entry again and compares leaves, subtrees, checkpoints and the columns for searching.
    ///
    /// It runs in short reads, so nobody waits for it; entries appended meanwhile are left for the next time. Damage is
    /// remembered: the log then takes no more entries and signs nothing. `progress` is told how many entries are checked and
    /// are to be checked.
    ///
    /// - Throws: `log.inconsistent` naming the first wrong entry, what `read` throws.
    public func verify(
        _ tree: LogTree,
        progress: @escaping @Sendable (_ checked: Int64, _ of: Int64) -> Void = { _, _ in }
    ) async throws {
        try await marking(tree) {
            let expected = state.durableFrontier(of: tree)
            let size: Int64
            if let expected { size = expected.size } else { size = try await self.size(of: tree) }
            var verification = LogVerification(tree)
            // One turn even for an empty log: it can have a checkpoint.
            repeat {
                let current = verification
                verification = try await read { session in
                    var next = current
                    try next.advance(to: size, in: session)
                    return next
                }
                progress(verification.frontier.size, size)
            } while verification.frontier.size < size
            if let expected, verification.frontier != expected {
                throw tree.damaged(at: size, "somebody else changed the log")
            }
            let last = verification
            try await read { try last.finish(in: $0) }
        }
    }
}
