import ExchangeLog
public import ExchangeModel
import Persistence

extension Witnessing {
    /// Judges what a partner submits, and cosigns it when it continues what was cosigned before (C2SP tlog-witness).
    ///
    /// What is cosigned is compared and stored in one transaction, and durable before the cosignature is given out.
    ///
    /// - Parameters:
    ///   - body: The request's body.
    ///   - oldRoot: The root that the partner says its log has at the old size, if it says so. By it a fork can be proven
    ///     also where a consistency proof leaves that root out.
    ///   - peer: Who submits it.
    /// - Returns: The cosignature, or why there is none.
    /// - Throws: `witness.request`, `witness.unknown_log`, `witness.not_signed`, `witness.old_size`, `witness.no_key`,
    ///   `store.*`.
    public func answer(_ body: [UInt8], oldRoot: SHA256Digest? = nil, by peer: PartyID) async throws -> WitnessAnswer {
        guard let key = try await keys.witnessKey() else {
            throw ExchangeError(.witnessNoKey, "This gateway has no witness key yet")
        }
        let submission = try AddCheckpoint(body: body)
        let log = try await peers.exchangeLogKey(of: peer)
        let checkpoint = try submission.checkpoint(of: log)
        let shown = ForkProof.Side(checkpoint, note: try Checkpoint.bare(note: submission.note, of: log))
        let work = AnswerWork(core: core, peer: peer, log: log, key: key)
        let judged = try await core.store.write { try work.judge(submission, shown, oldRoot, in: $0) }
        if let finding = judged.finding { try await alarm.tell(finding, isNew: true) }
        if judged.hasCleared { try await alarm.refresh() }
        return judged.answer
    }
}

/// The transaction behind an answer.
private struct AnswerWork: Sendable {
    struct Judged: Sendable {
        let answer: WitnessAnswer
        /// What was found and is new.
        var finding: WitnessFinding?
        var hasCleared = false
    }

    let core: GatewayCore
    let peer: PartyID
    let log: LogVerifierKey
    let key: WitnessSigningKey

    func judge(
        _ submission: AddCheckpoint,
        _ shown: ForkProof.Side,
        _ oldRoot: SHA256Digest?,
        in store: any StoreWriting
    ) throws -> Judged {
        let known = try WitnessRows.witnessed(peer, log, in: store)
        let verdict = try WitnessVerdict(on: submission, of: shown.checkpoint, after: known?.checkpoint)
        let now = core.now()
        let answer: WitnessAnswer
        var kind: WitnessFinding.Kind?
        switch verdict {
        case .cosign:
            // The time is taken here, where no larger checkpoint can have been cosigned before.
            let line = try Cosignature(of: shown.checkpoint, by: key, at: now).line
            try WitnessRows.keep(shown.checkpoint, note: shown.note + line, of: peer, log, at: now, in: store)
            let cleared = try WitnessRows.clear(peer, .partner, log, core: core, in: store)
            return Judged(answer: .cosigned(lines: line), hasCleared: cleared > 0)
        case .stale(let size):
            answer = .conflict(size: size, note: known?.note)
        case .otherRoot:
            answer = .conflict(size: shown.checkpoint.size, note: known?.note)
        case .notProven(let error):
            answer = .notProven(error, note: known?.note)
            kind = .notProven
        }
        guard let known, let finding = try finding(known, shown, submission, oldRoot, kind, at: now) else {
            return Judged(answer: answer)
        }
        let isNew = try WitnessRows.enter(finding, core: core, in: store)
        return Judged(answer: answer, finding: isNew ? finding : nil)
    }

    private func finding(
        _ known: WitnessedLog,
        _ shown: ForkProof.Side,
        _ submission: AddCheckpoint,
        _ oldRoot: SHA256Digest?,
        _ kind: WitnessFinding.Kind?,
        at now: ExchangeTime
    ) throws -> WitnessFinding? {
        let proof = try ForkProof(
            cosigned: ForkProof.Side(known.checkpoint, note: known.note),
            shown: shown,
            path: submission.path,
            beginning: oldRoot,
            witness: core.party,
            at: now
        )
        if let proof { return try WitnessFinding(proof, party: peer, side: .partner, log: log) }
        guard let kind else { return nil }
        return try WitnessFinding(
            party: peer,
            side: .partner,
            log: log,
            kind: kind,
            sizes: (known.checkpoint.size, shown.checkpoint.size),
            proof: nil,
            found: now
        )
    }
}
