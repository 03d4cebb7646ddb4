import EvidencePackaging
import ExchangeLog
public import ExchangeModel
import Logging
import Persistence
import Synchronization
import TrustCrypto

/// Does what stands in the outbox, in lanes that do not wait for each other: what is done here apart from what goes out,
/// every partner apart from the others, large bundles apart from small ones, emergencies ahead.
public final class OutboxScheduler: Sendable {
    let core: GatewayCore
    private let sealing: SealingDesk
    private let delivery: DeliveryDesk
    private let opening: OpeningWork
    private let scanning: ScanWork
    private let receipts: ReceiptDesk
    private let keeper: ExpiryKeeper
    let board: Mutex<LaneBoard>
    private let attempts = Mutex<[String: Task<Void, Never>]>([:])
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
        scanning = ScanWork(core: core)
        keeper = ExpiryKeeper(core: core)
        board = Mutex(LaneBoard(core.limits))
        (signal, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Looks at the outbox soon; called after whatever may have entered work.
    public func wake() { continuation.yield() }

    /// Begins nothing more and lets running work end; ``run()`` returns then.
    public func stop() {
        Interruption.request()
        continuation.finish()
    }

    /// How the way to a partner stands.
    public func way(to party: PartyID) -> PeerWay {
        PeerWay(board.withLock { $0.breakers[party.text] } ?? PeerBreaker())
    }

    // MARK: - Working

    /// Works until the task is cancelled or ``stop()`` is called.
    public func run() async {
        let timers = OneTimer()
        await withDiscardingTaskGroup { group in
            wake()
            for await _ in signal {
                guard !Task.isCancelled else { break }
                do {
                    await keeper.look()
                    let chosen = try await claim()
                    for (entry, lane) in chosen {
                        group.addTask {
                            await self.attempt(entry, in: lane)
                            self.wake()
                        }
                    }
                    timers.start(after: try await pause()) { self.wake() }
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
    /// - Parameter most: After so many pieces it ends.
    /// - Returns: How many pieces were attempted.
    /// - Throws: `store.*`.
    @discardableResult
    public func runDue(most: Int = .max) async throws -> Int {
        await keeper.look()
        var attempted = 0
        while true {
            guard attempted < most else { return attempted }
            guard let (entry, lane) = try await claim(most: 1).first else { return attempted }
            await attempt(entry, in: lane)
            attempted += 1
        }
    }

    /// Chooses what is due and has room, and enters that it is being done.
    func claim(most: Int = .max) async throws -> [(OutboxEntry, OutboxLane)] {
        let now = core.now()
        let chosen = try await core.store.read { store in
            try self.choose(most: most, at: now, in: store)
        }
        guard !chosen.isEmpty else { return [] }
        let begun: [Bool]
        do {
            begun = try await core.store.write { store in try chosen.map { try $0.0.begin(at: now, in: store) } }
        } catch {
            board.withLock { board in
                for (_, lane) in chosen { board.end(lane) }
            }
            throw error
        }
        var claimed: [(OutboxEntry, OutboxLane)] = []
        for (piece, isBegun) in zip(chosen, begun) {
            if isBegun {
                claimed.append(piece)
            } else {
                ended(piece.1)
            }
        }
        return claimed
    }

    func choose(most: Int, at now: ExchangeTime, in store: any StoreReading) throws
        -> [(OutboxEntry, OutboxLane)]
    {
        let lanes = try OutboxLane.all(in: store)
        board.withLock { $0.keep(Set(lanes)) }
        var chosen: [(OutboxEntry, OutboxLane)] = []
        for rank in OutboxEntry.emergency...2 {
            var waiting: [OutboxLane: ArraySlice<OutboxEntry>] = [:]
            for lane in lanes {
                let room = min(most, board.withLock { $0.room(in: lane, rank: rank, at: now) })
                guard room > 0 else { continue }
                waiting[lane] = try OutboxEntry.due(in: lane, rank: rank, at: now, limit: room, in: store)[...]
            }
            // One from each lane in turn: within work of one kind no partner takes all the room.
            var found = true
            while found {
                found = false
                for lane in board.withLock({ $0.inTurn(Array(waiting.keys)) }) where chosen.count < most {
                    let mayBegin = board.withLock { $0.room(in: lane, rank: rank, at: now) > 0 }
                    guard mayBegin, let next = waiting[lane]?.popFirst() else { continue }
                    board.withLock { $0.begin(lane) }
                    chosen.append((next, lane))
                    found = true
                }
            }
        }
        return chosen
    }

    /// Seconds until something may be due.
    private func pause() async throws -> Int64 {
        let now = core.now()
        let next = try await core.store.read { store in
            try store.row(
                "SELECT MIN(due) AS next FROM outbox WHERE due > ? AND held IS NULL",
                [.integer(now.secondsSince1970)]
            )?.optionalInteger("next")
        }
        let probe = board.withLock { $0.nextProbe?.secondsSince1970 }
        let soonest = [next, probe].compactMap(\.self).min() ?? .max
        return soonest == .max ? 60 : max(1, min(60, soonest - now.secondsSince1970))
    }

    private func ended(_ lane: OutboxLane) { board.withLock { $0.end(lane) } }

    // MARK: - One piece

    /// Does one piece in a task of its own, which can be called off.
    private func attempt(_ entry: OutboxEntry, in lane: OutboxLane) async {
        let task = Task { await self.work(on: entry) }
        attempts.withLock { $0[entry.id] = task }
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        attempts.withLock { _ = $0.removeValue(forKey: entry.id) }
        ended(lane)
    }

    /// Calls off what is being done of these pieces of work.
    func callOff(_ ids: [String]) {
        for task in attempts.withLock({ attempts in ids.compactMap { attempts[$0] } }) { task.cancel() }
    }

    /// Tries a partner now, and all that waits for it.
    func probe(_ party: PartyID) {
        board.withLock { $0.probeNow(party.text, at: core.now()) }
        wake()
    }

    /// Does one piece; a failure that may pass puts it off.
    private func work(on entry: OutboxEntry) async {
        do {
            let reached = try await act(on: entry)
            if entry.kind.isOutward { await told(entry, reached ? .reached : .nothing) }
        } catch {
            let known =
                error as? ExchangeError ?? ExchangeError(.cryptoInternal, "The work ended unexpectedly: \(error)")
            let isCalledOff =
                Task.isCancelled || known.code == .interrupted || error is CancellationError
                || known.code.rawValue == "transport.cancelled"
            if entry.kind.isOutward {
                await told(
                    entry,
                    isCalledOff
                        ? .nothing : known.isConnectionFailure ? .failed(known) : known.isAnswer ? .reached : .nothing
                )
            }
            await putOff(entry, isCalledOff ? nil : known)
        }
    }

    /// - Returns: Whether a partner answered.
    private func act(on entry: OutboxEntry) async throws -> Bool {
        switch entry.kind {
        case .seal: try await sealing.seal(entry)
        case .reseal: try await sealing.reseal(entry)
        case .deliver: return try await delivery.deliver(entry)
        case .open: try await opening.open(entry)
        case .scan: try await scanning.scan(entry)
        case .issueReceipt: try await receipts.issue(entry)
        case .sendReceipt: return try await delivery.deliverReceipt(entry)
        }
        return false
    }

    private func putOff(_ entry: OutboxEntry, _ error: ExchangeError?) async {
        let store = core.store
        let now = core.now()
        if let error {
            core.logger.warning(
                "Work was put off",
                metadata: [
                    "work": "\(entry.kind.rawValue)", "code": "\(error.code)", "attempt": "\(entry.attempts + 1)",
                ]
            )
        }
        let delay = Backoff.delay(after: entry.attempts, jitter: Self.jitter)
        let due = now.adding(seconds: max(delay, error?.retryAfter ?? 0))
        // Also when this task was called off: what is being done is known by this row.
        let noting = Task {
            do {
                try await store.write { store in
                    guard let error else { return try entry.giveUp(in: store) }
                    try entry.postpone(until: due, because: error, in: store)
                }
            } catch {
                self.core.logger.error("Work could not be put off", metadata: ["error": "\(error)"])
            }
        }
        await noting.value
    }

    private static var jitter: UInt8 { (try? randomBytes(1).first) ?? 128 }

    // MARK: - Ways to partners

    private enum Finding {
        case reached
        case failed(ExchangeError)
        case nothing
    }

    private func told(_ entry: OutboxEntry, _ finding: Finding) async {
        guard let party = entry.peer?.text else { return }
        let now = core.now()
        switch finding {
        case .nothing: board.withLock { $0.learnedNothing(party, at: now) }
        case .failed(let error):
            guard board.withLock({ $0.failed(party, error, at: now, jitter: Self.jitter) }) else { return }
            core.logger.warning(
                "The partner cannot be reached and is only probed from now on",
                metadata: ["peer": "\(party)", "code": "\(error.code)"]
            )
        case .reached:
            guard board.withLock({ $0.succeeded(party) }) else { return }
            core.logger.notice("The partner can be reached again", metadata: ["peer": "\(party)"])
            do {
                try await core.store.write { store in
                    for group in OutboxLane.Group.allCases where group.isOutward {
                        try store.execute(
                            "UPDATE outbox SET due = ? WHERE lane = ? AND held IS NULL AND due > ?",
                            [
                                .integer(now.secondsSince1970), .text(OutboxLane(group, party).text),
                                .integer(now.secondsSince1970),
                            ]
                        )
                    }
                }
                wake()
            } catch {
                core.logger.error("Work could not be made due", metadata: ["error": "\(error)"])
            }
        }
    }
}
