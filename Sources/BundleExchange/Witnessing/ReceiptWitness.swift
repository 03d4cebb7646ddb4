import ExchangeLog
import ExchangeModel
import Logging
import Persistence

/// Holds the proofs in partners' receipts against what was cosigned of their logs.
struct ReceiptWitness: Sendable {
    let core: GatewayCore
    let board: WitnessBoard

    /// Finds a receipt's checkpoint that contradicts what was cosigned.
    ///
    /// A receipt may be delivered long after it was made, so that its checkpoint is smaller shows nothing by itself. But an
    /// act that came after the cosigning must stand behind what was cosigned, and two roots of one size never agree.
    func hold(
        _ logged: (entry: LogEntry, checkpoint: Checkpoint),
        _ proof: TlogProof,
        of peer: PartyID,
        key: LogVerifierKey
    ) async throws {
        guard let known = try await core.store.read({ try WitnessRows.witnessed(peer, key, in: $0) }) else { return }
        let (cosigned, shown) = (known.checkpoint, logged.checkpoint)
        let isFork = shown.size == cosigned.size && shown.root != cosigned.root
        let isTooEarly =
            proof.index < cosigned.size && logged.entry.time > known.cosigned.adding(seconds: Cosignature.clockSkew)
        guard isFork || isTooEarly && shown.size < cosigned.size else { return }
        let found = try ForkProof(
            cosigned: ForkProof.Side(cosigned, note: known.note),
            shown: ForkProof.Side(shown, note: Checkpoint.bare(note: proof.note, of: key)),
            witness: core.party,
            at: core.now()
        )
        guard let found else { return }
        let finding = try WitnessFinding(found, party: peer, side: .partner, log: key)
        let isNew = try await core.store.write { try WitnessRows.enter(finding, core: core, in: $0) }
        try await WitnessAlarm(core: core, board: board).tell(finding, isNew: isNew)
    }
}

/// Tells the operator of findings.
struct WitnessAlarm: Sendable {
    let core: GatewayCore
    let board: WitnessBoard

    func tell(_ finding: WitnessFinding, isNew: Bool) async throws {
        guard isNew else { return }
        core.logger.critical(
            "ALARM: \(finding.sentence)",
            metadata: [
                "finding": "\(finding.id)", "peer": "\(finding.party)", "log": "\(finding.log.origin)",
                "code": "\(finding.kind.code)",
            ]
        )
        try await refresh()
    }

    /// Takes what stands in the database now.
    func refresh() async throws {
        board.show(contradicted: try await core.store.read { try WitnessRows.contradicted($0) })
    }
}
