import ExchangeLog
import ExchangeModel
import Persistence
import TrustCrypto

/// Changes of persons, roles, certificates, partners and agencies: one administrator proposes, another confirms.
///
/// A change is checked whole when it is proposed and again when it is confirmed. Whoever confirms must have signed in with
/// a certificate, so that nobody with a shell on the machine can stand for the second person.
public struct ChangeRegister: Sendable {
    private let core: GatewayCore
    private let peers: PeerRegister
    private let proof: ChangeProof

    /// Takes the registers that the changes concern.
    public init(core: GatewayCore, people: PeopleRegister, peers: PeerRegister) {
        self.core = core
        self.peers = peers
        proof = ChangeProof(core: core, hub: peers.hub)
    }

    // MARK: Proposing

    /// Proposes a change, or puts one that only takes something away into effect at once.
    ///
    /// - Parameters:
    ///   - change: What is to change; for a new person without an id.
    ///   - urgency: Why it must not wait for a second administrator, who then reviews it; only for those whose kind may be
    ///     at once, and only with a certificate.
    ///   - person: An administrator.
    /// - Returns: The change as it stands, with its id.
    /// - Throws: `access.denied`, `change.…`, `request.value`, `request.not_found`, and what is wrong with a certificate
    ///   or card.
    public func propose(
        _ change: ProposedChange,
        atOnceBecause urgency: String? = nil,
        by person: ActingPerson
    ) async throws -> ChangeRecord {
        try await core.authorise(person, to: .changePeople)
        if let urgency {
            guard change.kind.mayBeAtOnce else {
                throw ExchangeError(
                    .changeNotAtOnce,
                    "A change of the kind \(change.kind.rawValue) waits for a second administrator"
                )
            }
            try Self.requireCertificate(person)
            try ChangeProof.requireLine(urgency, "the reason")
        }
        let named = try Self.naming(change)
        try await proof.prove(named)
        let id = try RandomName.uuid()
        let record = try await core.store.write { [core] writer in
            // One instant for both, by which undoing knows what was done at once.
            let now = core.now()
            let steps = ChangeSteps(core: core, change: id, person: person)
            try steps.check(named, writer)
            try ChangeRows.insert(
                named,
                id: id,
                state: urgency == nil ? .proposed : .inEffect,
                reason: urgency,
                by: person.person,
                at: now,
                writer
            )
            try steps.note(.changeProposed, writer)
            if urgency != nil { try steps.carryOut(named, at: now, writer) }
            return try ChangeRows.change(id, writer)
        }
        if urgency != nil { try await peers.reload() }
        return record
    }

    // The id is fixed with the proposal, so that both administrators speak of the same person.
    private static func naming(_ change: ProposedChange) throws -> ProposedChange {
        guard case .addPerson(let id, let name, let authority, let roles, let certificates, let localUser) = change
        else { return change }
        guard id == nil else {
            throw ExchangeError(.requestValue, "A person's id is chosen by the gateway")
        }
        return .addPerson(
            id: try RandomName.person(),
            name: name,
            authority: authority,
            roles: roles,
            certificates: certificates,
            localUser: localUser
        )
    }

    // MARK: Deciding

    /// Confirms a change of somebody else and carries it out, or confirms that one carried out at once was right.
    ///
    /// - Throws: `access.denied`, `change.needs_certificate`, `change.own`, `change.decided`, `change.proposer_gone`,
    ///   `change.too_few_administrators`, and everything that proposing it throws.
    public func confirm(_ id: String, by person: ActingPerson) async throws -> ChangeRecord {
        try await core.authorise(person, to: .changePeople)
        try await refusing(id, by: person) { try Self.requireCertificate(person) }
        let found = try await core.store.read { try ChangeRows.change(id, $0) }
        try await refusing(id, by: person) { try Self.requireOther(found, person) }
        if found.state == .proposed { try await proof.prove(found.change) }
        let record = try await core.store.write { [core] writer in
            let record = try ChangeRows.change(id, writer)
            try Self.requireOpen(record)
            try Self.requireOther(record, person)
            let now = core.now()
            let steps = ChangeSteps(core: core, change: id, person: person)
            try Self.requireActing(person.person, writer, now: now)
            if record.state == .proposed {
                guard try PeopleRows.isActiveAdministrator(record.proposer, writer) else {
                    throw ExchangeError(
                        .changeProposerGone,
                        "Whoever proposed the change is no acting administrator any more",
                        hint: "decline it and propose it anew"
                    )
                }
                try steps.check(record.change, writer)
                try steps.carryOut(record.change, at: now, writer)
            }
            try ChangeRows.decide(id, .confirmed, reason: nil, by: person.person, at: now, writer)
            try steps.note(.changeConfirmed, writer)
            return try ChangeRows.change(id, writer)
        }
        try await peers.reload()
        return record
    }

    /// Declines a change; whoever proposed it may take it back so. One that is in effect is undone, and that takes a
    /// second administrator as confirming does.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `change.decided`, `change.own`, `change.needs_certificate`.
    public func decline(_ id: String, reason: String? = nil, by person: ActingPerson) async throws -> ChangeRecord {
        try await core.authorise(person, to: .changePeople)
        if let reason { try ChangeProof.requireLine(reason, "the reason") }
        let record = try await core.store.write { [core] writer in
            let record = try ChangeRows.change(id, writer)
            try Self.requireOpen(record)
            let now = core.now()
            let steps = ChangeSteps(core: core, change: id, person: person)
            if record.state == .inEffect {
                try Self.requireCertificate(person)
                try Self.requireOther(record, person)
                try Self.requireActing(person.person, writer, now: now)
                try steps.undo(record, writer)
            }
            try ChangeRows.decide(id, .declined, reason: reason, by: person.person, at: now, writer)
            try steps.note(.changeDeclined, writer)
            return try ChangeRows.change(id, writer)
        }
        try await peers.reload()
        return record
    }

    // MARK: Showing

    /// Every change, those that wait first.
    ///
    /// - Throws: `access.denied`.
    public func list(by person: ActingPerson) async throws -> [ChangeRecord] {
        try await core.authorise(person, to: .changePeople)
        return try await core.store.read { try ChangeRows.all($0) }
    }

    /// One change.
    ///
    /// - Throws: `access.denied`, `request.not_found`.
    public func show(_ id: String, by person: ActingPerson) async throws -> ChangeRecord {
        try await core.authorise(person, to: .changePeople)
        return try await core.store.read { try ChangeRows.change(id, $0) }
    }

    // MARK: Rules

    // A try to get round the second person is kept in the log.
    private func refusing(_ id: String, by person: ActingPerson, _ rule: () throws -> Void) async throws {
        do {
            try rule()
        } catch let error as ExchangeError {
            var entry = try core.entry(.accessRefused, by: person, outcome: .refused, code: error.code)
            entry.subject = id
            try await core.note(entry)
            throw error
        }
    }

    private static func requireCertificate(_ person: ActingPerson) throws {
        guard case .certificate = person.channel else {
            throw ExchangeError(
                .changeNeedsCertificate,
                "A change is confirmed with a certificate, not through the local socket",
                hint: "act with --as and your own certificate"
            )
        }
    }

    private static func requireOther(_ record: ChangeRecord, _ person: ActingPerson) throws {
        guard record.proposer != person.person else {
            throw ExchangeError(
                .changeOwn,
                "A change is confirmed by another administrator than the one who proposed it"
            )
        }
    }

    private static func requireOpen(_ record: ChangeRecord) throws {
        guard record.state.isOpen else { throw ExchangeError(.changeDecided, "The change was decided before") }
    }

    // Roles may have changed since the person was recognised.
    private static func requireActing(_ person: PersonID, _ reader: any StoreReading, now: ExchangeTime) throws {
        guard try PeopleRows.isActiveAdministrator(person, reader) else {
            throw ExchangeError(.accessDenied, "None of your roles allows this")
        }
    }
}
