public import ExchangeLog
public import ExchangeModel
import Persistence

/// How witnessing stands with one partner.
public struct WitnessStanding: Hashable, Sendable {
    /// The partner.
    public let party: PartyID
    /// The key with which it cosigns; `nil` when its card has none.
    public let witness: WitnessVerifierKey?
    /// How many entries of its log we cosigned last, and when.
    public let cosignedHere: Mark?
    /// How many entries of ours it cosigned last, and when by its clock.
    public let cosignedThere: Mark?
    /// How many findings about either log are open.
    public let alarms: Int

    /// A size at a time.
    public struct Mark: Hashable, Sendable {
        /// The size.
        public let size: Int64
        /// The time.
        public let time: ExchangeTime
    }
}

extension Witnessing {
    /// How witnessing stands with every partner.
    ///
    /// - Throws: `access.denied`, `store.*`.
    public func standings(by person: ActingPerson) async throws -> [WitnessStanding] {
        try await core.authorise(person, to: .seeWitnesses)
        let keys = try peers.hub.board.view.peers.values.sorted { $0.party.text < $1.party.text }.map { peer in
            (peer.party, try LogVerifierKey(vkey: peer.logKey), try peers.witnessKey(of: peer.party))
        }
        return try await core.store.read { store in
            let open = try WitnessRows.findings(openOnly: true, limit: .max, skip: 0, in: store)
            return try keys.map { party, log, witness in
                let here = try WitnessRows.witnessed(party, log, in: store)
                let there = try store.row(
                    "SELECT size, made FROM cosignature WHERE party = ? ORDER BY size DESC LIMIT 1",
                    [SQLValue(party)]
                )
                return WitnessStanding(
                    party: party,
                    witness: witness,
                    cosignedHere: here.map { .init(size: $0.checkpoint.size, time: $0.cosigned) },
                    cosignedThere: try there.map { .init(size: try $0.integer("size"), time: try $0.time("made")) },
                    alarms: open.count { $0.party == party }
                )
            }
        }
    }

    /// Findings, the newest first.
    ///
    /// - Parameters:
    ///   - openOnly: Leave out those that were cleared.
    ///   - limit: How many at most, 1 to 500.
    ///   - skip: How many to leave out at the beginning.
    ///   - person: An auditor or administrator.
    /// - Returns: The findings.
    /// - Throws: `access.denied`, `request.value`, `store.*`.
    public func findings(
        openOnly: Bool = false,
        limit: Int = 100,
        skip: Int = 0,
        by person: ActingPerson
    ) async throws -> [WitnessFinding] {
        try await core.authorise(person, to: .seeWitnesses)
        guard (1...500).contains(limit), skip >= 0 else {
            throw ExchangeError(.requestValue, "At most 500 findings are listed at once")
        }
        return try await core.store.read {
            try WitnessRows.findings(openOnly: openOnly, limit: limit, skip: skip, in: $0)
        }
    }

    /// One finding.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `store.*`.
    public func finding(_ id: WitnessFindingID, by person: ActingPerson) async throws -> WitnessFinding {
        try await core.authorise(person, to: .seeWitnesses)
        guard let found = try await core.store.read({ try WitnessRows.finding(id, in: $0) }) else {
            throw ExchangeError.notFound("finding", id.text)
        }
        return found
    }

    /// The proof of a finding, for others (`evidence-verify fork`).
    ///
    /// - Throws: `access.denied`, `request.not_found` also when nothing but a partner's word stands behind the finding.
    public func proof(of id: WitnessFindingID, by person: ActingPerson) async throws -> [UInt8] {
        let found = try await finding(id, by: person)
        guard let proof = found.proof else {
            throw ExchangeError(
                .notFound,
                "There is no proof for others of this finding",
                hint: found.side == .own ? "the partner did not show what it cosigned" : nil
            )
        }
        return proof
    }

    /// Findings that are open, for those who tell people of them.
    public func openFindings() async throws -> [WitnessFinding] {
        try await core.store.read { try WitnessRows.findings(openOnly: true, limit: 500, skip: 0, in: $0) }
    }
}
