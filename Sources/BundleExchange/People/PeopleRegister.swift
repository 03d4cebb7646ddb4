import ExchangeLog
public import ExchangeModel
import Persistence
public import TrustCrypto

/// Who may act at this gateway: authorities, persons, their roles and certificates.
///
/// It recognises people and shows them; changes go through ``ChangeRegister``.
public struct PeopleRegister: Sendable {
    let core: GatewayCore
    let hub: TrustHub
    private let limiter = RefusalLimiter()

    /// Takes the gateway's core, and the register whose trust it shares.
    public init(core: GatewayCore, peers: PeerRegister) {
        self.core = core
        hub = peers.hub
    }

    // MARK: Recognising

    /// Recognises the person who proved to hold a certificate's key; asked anew for every request, so a suspension or a
    /// revocation bites at once.
    ///
    /// - Parameter chain: The certificates as presented, leaf first.
    /// - Returns: The person, with the roles held now.
    /// - Throws: `access.unknown` when nobody active is registered with it; otherwise what is wrong with the certificate.
    public func identify(certificateChain chain: [PartyCertificate]) async throws -> ActingPerson {
        guard let leaf = chain.first else { throw unknown() }
        let found = try await core.store.read { reader -> (PersonRecord, AuthorityRecord?)? in
            guard let person = try PeopleRows.holder(of: leaf.sha256, purpose: .personSignIn, reader) else {
                return nil
            }
            return (person, try PeopleRows.authority(person.authority, reader))
        }
        guard let (person, authority) = found else {
            try await enterRefusal(.accessUnknown, kind: leaf.sha256.hex, certificate: leaf.sha256)
            throw unknown()
        }
        guard person.suspended == nil, let authority, authority.suspended == nil else {
            try await enterRefusal(.accessUnknown, kind: leaf.sha256.hex, person: person)
            throw unknown()
        }
        do {
            try hub.judge.check(chain, purpose: .personSignIn, of: core.party)
        } catch let error as ExchangeError {
            try await enterRefusal(error.code, kind: leaf.sha256.hex, person: person)
            throw error
        }
        return acting(person, by: .certificate(leaf.sha256))
    }

    /// Recognises an administrator by the user id of the process at the other end of the local socket.
    ///
    /// - Throws: `access.unknown` for everybody else.
    public func identify(localUser: UInt32) async throws -> ActingPerson {
        let found = try await core.store.read { reader -> (PersonRecord, AuthorityRecord?)? in
            guard let person = try PeopleRows.person(localUser: localUser, reader) else { return nil }
            return (person, try PeopleRows.authority(person.authority, reader))
        }
        guard let (person, authority) = found else {
            try await enterRefusal(.accessUnknown, kind: "local user \(localUser)")
            throw unknown()
        }
        guard person.suspended == nil, let authority, authority.suspended == nil,
            person.roles.contains(.administrator)
        else {
            try await enterRefusal(.accessUnknown, kind: "local user \(localUser)", person: person)
            throw unknown()
        }
        return acting(person, by: .localSocket(localUser))
    }

    /// The active person a certificate for signing is registered for.
    ///
    /// It says nothing about the certificate's validity.
    public func holder(ofSignature certificate: SHA256Digest) async throws -> PersonRecord? {
        try await core.store.read { reader in
            guard let person = try PeopleRows.holder(of: certificate, purpose: .personSignature, reader),
                person.suspended == nil, try PeopleRows.authority(person.authority, reader)?.suspended == nil
            else { return nil }
            return person
        }
    }

    private func acting(_ person: PersonRecord, by channel: ActingPerson.Channel) -> ActingPerson {
        ActingPerson(
            person: person.id,
            name: person.name,
            authority: person.authority,
            roles: person.roles,
            channel: channel,
            digest: person.digest
        )
    }

    // The same for everybody, so that it does not tell whether somebody is suspended or was never there.
    private func unknown() -> ExchangeError {
        ExchangeError(
            .accessUnknown,
            "Nobody who may act here is known by this certificate or local user",
            hint: "ask an administrator whether your certificate is registered and you are not suspended"
        )
    }

    private func enterRefusal(
        _ code: ErrorCode,
        kind: String,
        certificate: SHA256Digest? = nil,
        person: PersonRecord? = nil
    ) async throws {
        guard let heldBack = limiter.admit(kind, at: core.now()) else { return }
        var entry = try core.entry(.accessRefused, outcome: .refused, code: code)
        entry.person = person?.digest
        entry.authority = person?.authority
        entry.digest = certificate
        if heldBack > 0 { entry.subject = "and \(heldBack) more" }
        try await core.note(entry)
    }

    // MARK: Showing

    /// Every authority.
    ///
    /// - Throws: `access.denied`.
    public func authorities(by person: ActingPerson) async throws -> [AuthorityRecord] {
        try await core.authorise(person, to: .listPeople)
        return try await core.store.read { try PeopleRows.authorities($0) }
    }

    /// One authority with its persons.
    ///
    /// - Throws: `access.denied`, `request.not_found`.
    public func authority(
        _ id: String,
        by person: ActingPerson
    ) async throws -> (authority: AuthorityRecord, persons: [PersonRecord]) {
        try await core.authorise(person, to: .listPeople)
        return try await core.store.read { reader in
            guard let authority = try PeopleRows.authority(id, reader) else {
                throw ExchangeError(.notFound, "There is no such authority")
            }
            return (authority, try PeopleRows.persons(reader).filter { $0.authority == id })
        }
    }

    /// Every person.
    ///
    /// - Throws: `access.denied`.
    public func persons(by person: ActingPerson) async throws -> [PersonRecord] {
        try await core.authorise(person, to: .listPeople)
        return try await core.store.read { try PeopleRows.persons($0) }
    }

    /// One person.
    ///
    /// - Throws: `access.denied`, `request.not_found`.
    public func person(_ id: PersonID, by person: ActingPerson) async throws -> PersonRecord {
        try await core.authorise(person, to: .listPeople)
        return try await core.store.read { reader in
            guard let found = try PeopleRows.person(id, reader) else {
                throw ExchangeError(.notFound, "There is no such person")
            }
            return found
        }
    }
}
