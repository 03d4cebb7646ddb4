public import ExchangeLog
public import ExchangeModel
import Logging
import Persistence
import Synchronization

/// Partners cosign the checkpoints of each other's exchange logs (C2SP tlog-witness): each submits its newest one after
/// every exchange and every hour, and whoever cosigned once notices when the log does not continue what it was.
public final class Witnessing: Sendable {
    private struct State {
        var waiting: Set<PartyID> = []
        var running: Set<PartyID> = []
        var last: [PartyID: ContinuousClock.Instant] = [:]
    }

    let core: GatewayCore
    let keys: KeyRing
    let peers: PeerRegister
    private let transport: any PeerTransport
    private let state = Mutex(State())
    private let signal: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    var alarm: WitnessAlarm { WitnessAlarm(core: core, board: peers.witnessBoard) }

    /// Takes what it works with.
    init(core: GatewayCore, keys: KeyRing, peers: PeerRegister, transport: any PeerTransport) {
        self.core = core
        self.keys = keys
        self.peers = peers
        self.transport = transport
        (signal, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        peers.witnessBoard.answer { [weak self] in self?.exchanged(with: $0) }
    }

    // MARK: - When

    /// Something was exchanged with a partner, so our newest checkpoint goes to it soon; once for many exchanges.
    public func exchanged(with peer: PartyID) {
        state.withLock { _ = $0.waiting.insert(peer) }
        continuation.yield()
    }

    /// Has our newest checkpoint go to every partner, and thins out old cosignatures; done hourly.
    ///
    /// - Throws: `store.*`.
    public func hourly() async throws {
        let now = core.now()
        try await core.store.write { try WitnessRows.thin(at: now, in: $0) }
        let active = peers.activePeers
        state.withLock { state in
            state.waiting.formUnion(active)
            for peer in active { state.last[peer] = nil }
        }
        continuation.yield()
    }

    /// Submits until the task is cancelled or ``stop()`` is called.
    public func run() async {
        let timer = OneTimer()
        await withDiscardingTaskGroup { group in
            for await _ in signal {
                guard !Task.isCancelled else { break }
                let (due, next) = takeDue()
                for peer in due {
                    group.addTask {
                        await self.submitTelling(peer)
                        self.end(peer)
                    }
                }
                if let next { timer.start(after: next) { self.continuation.yield() } }
            }
            timer.cancel()
            if Task.isCancelled { group.cancelAll() }
        }
    }

    /// Begins nothing more; ``run()`` returns then.
    public func stop() { continuation.finish() }

    /// Submits to all who wait, one after the other, without any pause.
    ///
    /// - Returns: How many partners were asked.
    @discardableResult
    public func submitWaiting() async -> Int {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting.sorted { $0.text < $1.text }
        }
        for peer in waiting { await submitTelling(peer) }
        return waiting.count
    }

    /// The partners whose turn it is, and the seconds until the next one's.
    private func takeDue() -> (due: [PartyID], next: Int64?) {
        let (now, pause) = (ContinuousClock.now, Duration.seconds(core.limits.witnessPause))
        return state.withLock { state in
            var due: [PartyID] = []
            var rest: Duration?
            for peer in state.waiting where !state.running.contains(peer) {
                let wait = state.last[peer].map { pause - (now - $0) } ?? .zero
                if wait <= .zero {
                    due.append(peer)
                } else {
                    rest = min(rest ?? wait, wait)
                }
            }
            for peer in due {
                state.waiting.remove(peer)
                state.running.insert(peer)
                state.last[peer] = now
            }
            return (due, rest.map { $0.components.seconds + 1 })
        }
    }

    private func end(_ peer: PartyID) {
        let isWaiting = state.withLock { state in
            state.running.remove(peer)
            return state.waiting.contains(peer)
        }
        if isWaiting { continuation.yield() }
    }

    private func submitTelling(_ peer: PartyID) async {
        do {
            try await submit(to: peer)
        } catch {
            // It is tried again after the next exchange and within the hour.
            core.logger.warning(
                "A partner did not cosign our checkpoint",
                metadata: ["peer": "\(peer)", "error": "\(error)"]
            )
        }
    }

    // MARK: - Submitting

    /// Submits our newest checkpoint to a partner and keeps its cosignature.
    ///
    /// When the partner has cosigned another log than this one is, or a longer one, that is an alarm here and no error.
    ///
    /// - Returns: What was cosigned; `nil` when the partner is no witness, or when the alarm was raised.
    /// - Throws: `peer.*`, `transport.*`, `log.*`, `store.*`.
    @discardableResult
    public func submit(to peer: PartyID) async throws -> Cosignature? {
        guard let witness = try peers.witnessKey(of: peer) else { return nil }
        let key = try await keys.logKey(.exchange)
        var old = try await core.store.read { try WitnessRows.cosignedSize(by: peer, witness, in: $0) }
        // Once more after the partner has said which size it cosigned, and once more because the log goes on growing.
        for _ in 1...3 {
            let note = try await core.store.checkpoint(of: .exchange, signedBy: key, at: core.now())
            let checkpoint = try Checkpoint(note: note, verifiedBy: key.verifier)
            old = min(old, checkpoint.size)
            let proof = try await core.store.consistencyProof(from: old, to: checkpoint.size, in: .exchange)
            let answer = try await transport.submit(
                AddCheckpoint(oldSize: old, path: proof.path, note: note),
                oldRoot: try await core.store.root(of: .exchange, size: old),
                to: peer
            )
            let own = ForkProof.Side(checkpoint, note: note)
            switch answer {
            case .cosigned(let lines):
                return try await keep(lines, by: witness, of: peer, checkpoint, key.verifier)
            case .conflict(let size, let theirs):
                let present = try await core.store.size(of: .exchange)
                if size <= present, size != old {
                    old = size
                    continue
                }
                guard size > present || size == checkpoint.size else { continue }
                try await contradicted(by: theirs, claiming: size, own, peer, key.verifier)
                return nil
            case .notProven(_, let theirs):
                try await contradicted(by: theirs, claiming: old, own, peer, key.verifier)
                return nil
            }
        }
        throw ExchangeError(.peerAnswer, "\(peer) goes on saying that it cosigned another size")
    }

    private func keep(
        _ lines: String,
        by witness: WitnessVerifierKey,
        of peer: PartyID,
        _ checkpoint: Checkpoint,
        _ log: LogVerifierKey
    ) async throws -> Cosignature {
        let now = core.now()
        let cosignature = try Cosignature(in: lines, by: witness, of: checkpoint, now: now)
        try await core.store.write { [core] store in
            try WitnessRows.keep(cosignature, of: checkpoint.size, by: peer, at: now, in: store)
            _ = try WitnessRows.clear(peer, .own, log, core: core, in: store)
        }
        return cosignature
    }

    /// The partner does not cosign, because of what it cosigned before: the one or the other log is wrong, or ours.
    private func contradicted(
        by note: String?,
        claiming size: Int64,
        _ own: ForkProof.Side,
        _ peer: PartyID,
        _ key: LogVerifierKey
    ) async throws {
        let finding: WitnessFinding
        if let note, let theirs = try? Checkpoint(note: note, verifiedBy: key) {
            let cosigned = ForkProof.Side(theirs, note: note)
            guard let proof = try await proof(cosigned, own, found: peer) else {
                throw ExchangeError(.peerAnswer, "\(peer) refuses a checkpoint that continues what it cosigned")
            }
            finding = try WitnessFinding(proof, party: peer, side: .own, log: key)
        } else {
            // The partner's word alone.
            finding = try WitnessFinding(
                party: peer,
                side: .own,
                log: key,
                kind: size > own.checkpoint.size ? .shorter : .notProven,
                sizes: (size, own.checkpoint.size),
                proof: nil,
                found: core.now()
            )
        }
        let isNew = try await core.store.write { [core] in try WitnessRows.enter(finding, core: core, in: $0) }
        try await alarm.tell(finding, isNew: isNew)
    }

    /// How our own log contradicts what a partner cosigned of it.
    private func proof(
        _ cosigned: ForkProof.Side,
        _ own: ForkProof.Side,
        found peer: PartyID
    ) async throws -> ForkProof? {
        let (size, present) = (cosigned.checkpoint.size, own.checkpoint.size)
        guard size > 0, size < present else {
            return try ForkProof(cosigned: cosigned, shown: own, witness: peer, at: core.now())
        }
        return try ForkProof(
            cosigned: cosigned,
            shown: own,
            path: await core.store.consistencyProof(from: size, to: present, in: .exchange).path,
            beginning: await core.store.root(of: .exchange, size: size),
            witness: peer,
            at: core.now()
        )
    }
}
