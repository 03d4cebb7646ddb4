import ExchangeLog
import ExchangeModel
import Logging
import Persistence
import Synchronization

/// Ends the delivery of what expired, whatever keeps it waiting, and warns of it before.
struct ExpiryKeeper: Sendable {
    /// How long before it expires people are told at the latest, in seconds; of short lives it is the last quarter.
    static let warning: Int64 = 86_400
    /// How long after its end a bundle that the partner has whole is still asked after, in seconds: as long as the partner
    /// keeps what makes no progress.
    static let grace: Int64 = 72 * 3_600
    private static let interval: Int64 = 30
    private static let batch: Int64 = 200

    let core: GatewayCore
    private let last = Last()

    private final class Last: Sendable {
        let time = Mutex<ExchangeTime?>(nil)
    }

    init(core: GatewayCore) { self.core = core }

    /// Looks through what waits, at most every half minute. What fails is tried again then, and holds up nothing else.
    func look() async {
        let now = core.now()
        let isEarly = last.time.withLock { last in
            if let last, now >= last, now < last.adding(seconds: Self.interval) { return true }
            last = now
            return false
        }
        guard !isEarly else { return }
        for state in DeliveryMachine.underWay.sorted(by: { $0.rawValue < $1.rawValue }) {
            do {
                try await warn(state, at: now)
                try await expire(state, at: now)
            } catch {
                core.logger.error(
                    "What expires could not be looked through",
                    metadata: ["state": "\(state.rawValue)", "error": "\(error)"]
                )
            }
        }
    }

    /// The bundles for which an answer is no longer waited.
    static func isOver(_ record: BundleRecord, at now: ExchangeTime) -> Bool {
        switch record.state {
        case .queued, .announced, .transferring: now > record.header.expires
        // It may lie there whole, and then the receipt is still to be had.
        default: now > record.header.expires.adding(seconds: grace)
        }
    }

    private func expire(_ state: BundleRecord.State, at now: ExchangeTime) async throws {
        let limit = state == .completed ? now.adding(seconds: -Self.grace) : now
        while true {
            let found = try await core.store.read { store in
                try store.rows(
                    """
                    SELECT \(BundleRecord.columns) FROM exchange_bundle
                    WHERE direction = 'outgoing' AND state = ? AND expires < ? AND NOT EXISTS (
                        SELECT 1 FROM outbox o
                        WHERE o.sender = exchange_bundle.sender AND o.bundle = exchange_bundle.id
                        AND o.begun IS NOT NULL)
                    LIMIT ?
                    """,
                    [.text(state.rawValue), .integer(limit.secondsSince1970), .integer(Self.batch)]
                ).map(BundleRecord.init)
            }
            let done = await each(found) { try await expire($0) }
            guard done > 0, found.count == Int(Self.batch) else { return }
        }
    }

    /// - Returns: For how many it was done.
    private func each(_ records: [BundleRecord], _ action: (BundleRecord) async throws -> Void) async -> Int {
        var done = 0
        for record in records {
            do {
                try await action(record)
                done += 1
            } catch {
                core.logger.error(
                    "The end of a delivery could not be entered",
                    metadata: ["bundle": "\(record.key.id.uuid)", "error": "\(error)"]
                )
            }
        }
        return done
    }

    /// Ends the delivery of one, and tells its people.
    func expire(_ record: BundleRecord) async throws {
        let entry = try core.entry(
            .bundleExpired,
            of: record,
            outcome: .failed
        )
        let now = core.now()
        let reason =
            record.state == .completed
            ? "The partner has every part, and no receipt came before it expired"
            : "Not delivered before it expired"
        try await core.store.write { [core] store in
            guard let present = try BundleRecord.find(record.key, .outgoing, in: store), present.state == record.state
            else { return }
            try present.move(.expired, because: reason, at: now, in: store)
            try present.stopDelivery(in: store)
            try core.messages?.wasNotDelivered(present, in: store)
            try store.append(entry, to: .exchange)
        }
    }

    private func warn(_ state: BundleRecord.State, at now: ExchangeTime) async throws {
        guard core.messages != nil else { return }
        let found = try await core.store.read { store in
            try store.rows(
                """
                SELECT \(BundleRecord.columns) FROM exchange_bundle
                WHERE direction = 'outgoing' AND state = ? AND expires BETWEEN ? AND ? AND warned IS NULL
                    AND (expires - ?) * 4 <= expires - created
                """,
                [
                    .text(state.rawValue), .integer(now.secondsSince1970),
                    .integer(now.adding(seconds: Self.warning).secondsSince1970), .integer(now.secondsSince1970),
                ]
            ).map(BundleRecord.init)
        }
        _ = await each(found) { record in
            try await core.store.write { [core] store in
                try store.execute(
                    "UPDATE exchange_bundle SET warned = ? WHERE sender = ? AND id = ?",
                    [.integer(now.secondsSince1970)] + record.key.arguments
                )
                try core.messages?.willExpire(record, in: store)
            }
        }
    }
}

extension BundleRecord {
    /// Takes what would bring it to its recipient out of the outbox.
    func stopDelivery(in store: any StoreWriting) throws {
        try store.execute(
            "DELETE FROM outbox WHERE kind IN ('deliver', 'reseal') AND sender = ? AND bundle = ?",
            key.arguments
        )
    }
}
