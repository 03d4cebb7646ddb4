import EvidencePackaging
import ExchangeModel
import Logging
import Persistence
import Synchronization
import TrustCrypto

/// Does what stands in the outbox: work of this gateway one piece after the other, and for each partner one piece at a
/// time, so that a slow partner delays nobody else.
public final class OutboxScheduler: Sendable {
    private let core: GatewayCore
    private let sealing: SealingDesk
    private let delivery: DeliveryDesk
    private let opening: OpeningWork
    private let receipts: ReceiptDesk
    private let busy = Mutex<Set<String>>([])
    private let signal: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    /// Takes the desks that do the work.
    public init(core: GatewayCore, keys: KeyRing, peers: PeerRegister, drafts: DraftDesk, transport: any PeerTransport)
    {
        self.core = core
        receipts = ReceiptDesk(core: core, keys: keys, peers: peers)
        sealing = SealingDesk(core: core, keys: keys, peers: peers, drafts: drafts)
        delivery = DeliveryDesk(core: core, peers: peers, receipts: receipts, transport: transport)
        opening = OpeningWork(core: core, keys: keys, peers: peers)
        (signal, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Looks at the outbox soon; called after whatever may have entered work.
    public func wake() { continuation.yield() }

    /// Begins nothing more and lets running work end; ``run()`` returns then.
    public func stop() {
        Interruption.request()
        continuation.finish()
    }

    /// Works until the task is cancelled or ``stop()`` is called.
    public func run() async {
        let timers = OneTimer()
        await withDiscardingTaskGroup { group in
            wake()
            for await _ in signal {
                guard !Task.isCancelled else { break }
                do {
                    let next = try await startDue(in: &group)
                    let delay = max(1, min(60, next.map { $0.secondsSince1970 - core.now().secondsSince1970 } ?? 60))
                    timers.start(after: delay) { self.wake() }
                } catch {
                    core.logger.error("The outbox could not be read", metadata: ["error": "\(error)"])
                    timers.start(after: 5) { self.wake() }
                }
            }
            timers.cancel()
            if Task.isCancelled { group.cancelAll() }
        }
    }

    /// Does everything that is due now, one piece after the other, and what that work entered, until nothing is due.
    ///
    /// - Returns: How many pieces were attempted.
    @discardableResult
    public func runDue() async throws -> Int {
        var attempted = 0
        while let entry = try await due().first {
            await work(on: entry)
            attempted += 1
        }
        return attempted
    }

    private func due() async throws -> [OutboxEntry] {
        let now = core.now()
        return try await core.store.read { store in
            // Emergencies first, then in the order of entry.
            try store.rows(
                """
                SELECT outbox.* FROM outbox
                LEFT JOIN exchange_bundle b ON b.sender = outbox.sender AND b.id = outbox.bundle
                WHERE due <= ? ORDER BY CASE WHEN b.priority = 'emergency' THEN 0 ELSE 1 END, entered, outbox.id
                """,
                [.integer(now.secondsSince1970)]
            ).map(OutboxEntry.init)
        }
    }

    /// Starts what is due in lanes that are free; gives the time of the next later work.
    private func startDue(in group: inout DiscardingTaskGroup) async throws -> ExchangeTime? {
        for entry in try await due() {
            let lane = entry.peer.map { "peer " + $0.text } ?? "here"
            guard busy.withLock({ $0.insert(lane).inserted }) else { continue }
            group.addTask {
                await self.work(on: entry)
                self.busy.withLock { _ = $0.remove(lane) }
                self.wake()
            }
        }
        let now = core.now()
        return try await core.store.read { store in
            try store.row("SELECT MIN(due) AS next FROM outbox WHERE due > ?", [.integer(now.secondsSince1970)])?
                .optionalInteger("next").map { ExchangeTime(secondsSince1970: $0) }
        }
    }

    /// Does one piece; a failure that may pass puts it off.
    private func work(on entry: OutboxEntry) async {
        do {
            switch entry.kind {
            case .seal: try await sealing.seal(entry)
            case .deliver: try await delivery.deliver(entry)
            case .open: try await opening.open(entry)
            case .issueReceipt: try await receipts.issue(entry)
            case .sendReceipt: try await delivery.deliverReceipt(entry)
            }
        } catch {
            let known =
                error as? ExchangeError ?? ExchangeError(.cryptoInternal, "The work ended unexpectedly: \(error)")
            guard known.code != .interrupted, !(error is CancellationError) else { return }
            core.logger.warning(
                "Work was put off",
                metadata: [
                    "work": "\(entry.kind.rawValue)", "code": "\(known.code)", "attempt": "\(entry.attempts + 1)",
                ]
            )
            let jitter = (try? randomBytes(1).first) ?? 128
            let due = core.now().adding(seconds: Backoff.delay(after: entry.attempts, jitter: jitter))
            do {
                try await core.store.write { try entry.postpone(until: due, because: known, in: $0) }
            } catch {
                core.logger.error("Work could not be put off", metadata: ["error": "\(error)"])
            }
        }
    }
}
