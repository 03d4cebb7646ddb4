import ExchangeModel
import Glibc
import Persistence

/// What announced bundles may take up before they are whole: how many, how many bytes, and what must stay free.
///
/// Nothing is kept of a reservation but the bundle's own state, so it ends with that: received, or given up.
struct IncomingQuota: Sendable {
    let core: GatewayCore

    /// Refuses a bundle for which there is no room; called in the transaction that enters it.
    ///
    /// - Throws: `quota.bundles`, `quota.bytes`, `quota.disk`.
    func reserve(_ size: Int64, by peer: PartyID, in store: any StoreReading) throws {
        let limits = core.limits
        let row = try store.row(
            """
            SELECT COUNT(*) AS bundles, COALESCE(SUM(size), 0) AS bytes FROM exchange_bundle
            WHERE direction = 'incoming' AND state = 'announced' AND peer = ?
            """,
            [.text(peer.text)]
        )
        let (bundles, bytes) = (try row?.integer("bundles") ?? 0, try row?.integer("bytes") ?? 0)
        guard bundles < Int64(limits.unfinishedBundles) else {
            throw ExchangeError(
                .quotaBundles,
                "\(bundles) bundles of yours are announced here and not complete, and more are not taken at one time",
                hint: "complete those first"
            )
        }
        let quota = limits.quotaBytes(of: peer)
        guard size <= quota - min(bytes, quota) else {
            throw ExchangeError(
                .quotaBytes,
                "Your unfinished bundles would have \(bytes) and \(size) bytes; at most \(quota) are taken",
                hint: "complete those that are announced first"
            )
        }
        try requireRoom(for: size, in: store)
    }

    /// Refuses bytes that would leave less than the floor.
    ///
    /// - Throws: `quota.disk`, `store.failed`.
    func requireRoom(for size: Int64) throws {
        guard try core.directory.freeBytes() - size >= core.limits.diskFloor else { throw Self.noRoom() }
    }

    private func requireRoom(for size: Int64, in store: any StoreReading) throws {
        let spare = try core.directory.freeBytes() - core.limits.diskFloor - size
        let announced = try store.row(
            "SELECT COALESCE(SUM(size), 0) AS bytes FROM exchange_bundle WHERE direction = 'incoming' AND state = 'announced'"
        )
        guard try announced?.integer("bytes") ?? 0 > spare else { return }
        // Of those under assembly a part lies on the disk already.
        let rows = try store.rows(
            "SELECT sender, id, size FROM exchange_bundle WHERE direction = 'incoming' AND state = 'announced'"
        )
        var missing: Int64 = 0
        for row in rows {
            var status = stat()
            let path = core.incomingPath(try BundleKey(row))
            let there = lstat(path, &status) == 0 ? Int64(status.st_blocks) * 512 : 0
            missing += max(0, try row.integer("size") - there)
        }
        guard missing <= spare else { throw Self.noRoom() }
    }

    private static func noRoom() -> ExchangeError {
        ExchangeError(
            .quotaDisk,
            "There is no room left here for this bundle",
            hint: "the gateway takes it when its administrator has made room"
        )
    }
}
