import ExchangeLog
import ExchangeModel
import Logging
import Persistence
import TrustCrypto

extension ExchangeGateway {
    /// What every start does before anything is served: leftovers of a killed run go, and the start stands in the log.
    public func begin() async throws {
        let removed = try await clearLeftovers()
        if removed > 0 { core.logger.notice("Leftovers were removed", metadata: ["files": "\(removed)"]) }
        try await PullRight.enterEarlier(core: core)
        try await core.note(core.entry(.gatewayStarted))
        try await scheduler.recover()
    }

    /// An orderly stop stands in the log.
    public func finish() async throws { try await core.note(core.entry(.gatewayStopped)) }

    /// Enters the house log's checkpoint in the exchange log, so that nobody can change the one without the other.
    ///
    /// - Throws: `key.*`, `log.*`, `store.*`.
    public func enterHouseCheckpoint() async throws {
        let note = try await core.store.checkpoint(of: .house, signedBy: try await keys.logKey(.house))
        var entry = try core.entry(.houseCheckpoint)
        entry.digest = try SHA256Digest(of: Array(note.utf8))
        try await core.note(entry, in: .exchange)
    }

    /// Free bytes on the disk that holds the data directory.
    ///
    /// - Throws: `data.failed`.
    public func freeBytes() throws -> Int64 { try core.directory.freeBytes() }

    /// How much work waits, and how much of it failed at least once.
    public func waitingWork() async throws -> (all: Int64, failing: Int64) {
        try await core.store.read { store in
            let row = try store.row(
                "SELECT COUNT(*) AS waiting, COALESCE(SUM(CASE WHEN attempts > 0 THEN 1 ELSE 0 END), 0) AS failing FROM outbox"
            )
            return (try row?.integer("waiting") ?? 0, try row?.integer("failing") ?? 0)
        }
    }
}
