import ExchangeLog
import ExchangeModel
import Persistence
public import TrustCrypto

/// One of the two administrators that a gateway begins with.
public struct FirstAdministrator: Sendable {
    /// The person's name.
    public var name: String
    /// The certificate to sign in with.
    public var certificate: PartyCertificate
    /// The user id on this machine, for the local socket.
    public var localUser: UInt32?

    /// Takes all fields.
    public init(name: String, certificate: PartyCertificate, localUser: UInt32? = nil) {
        self.name = name
        self.certificate = certificate
        self.localUser = localUser
    }
}

extension PeopleRegister {
    /// Whether the gateway has its party and first administrators.
    public func isInitialised() async throws -> Bool {
        try await core.store.read { try !$0.rows("SELECT id FROM gateway").isEmpty }
    }

    /// Gives a new gateway its party, its own authority, its first two administrators and the keys of its log, all in one
    /// transaction. From then on every change takes two administrators.
    ///
    /// - Parameters:
    ///   - name: What the gateway is called for partners.
    ///   - url: Where it answers: `https`, host, perhaps port and path, no final slash.
    ///   - authority: The id and name of the authority that runs it.
    ///   - administrators: Exactly two, with different certificates.
    /// - Returns: The ids of the administrators, in order.
    /// - Throws: `gateway.initialised`, `request.value`, and what is wrong with a certificate.
    public func initialise(
        name: String,
        url: String,
        authority: (id: String, name: String),
        administrators: [FirstAdministrator]
    ) async throws -> [PersonID] {
        try ChangeProof.requireLine(name, "the gateway's name")
        guard url.hasPrefix("https://"), !url.hasSuffix("/"), url.utf8.count <= 1_024 else {
            throw ExchangeError(.requestValue, "The gateway's address begins with https:// and has no final slash")
        }
        guard administrators.count == 2 else {
            throw ExchangeError(.requestValue, "A gateway begins with two administrators")
        }
        let users = administrators.compactMap(\.localUser)
        guard Set(users).count == users.count else {
            throw ExchangeError(.requestValue, "The two administrators have the same local user")
        }
        let proof = ChangeProof(core: core, hub: hub)
        try await proof.prove(.addAuthority(id: authority.id, name: authority.name))
        for administrator in administrators {
            guard administrator.certificate.purpose == .personSignIn else {
                throw ExchangeError(
                    .certificateWrongPurpose,
                    "An administrator's certificate is for signing in",
                    details: [administrator.certificate.subject]
                )
            }
            try await proof.prove(
                .addPerson(
                    id: nil,
                    name: administrator.name,
                    authority: authority.id,
                    roles: [.administrator],
                    certificates: [administrator.certificate],
                    localUser: administrator.localUser
                )
            )
        }
        guard Set(administrators.map(\.certificate)).count == 2 else {
            throw ExchangeError(.requestValue, "The two administrators have the same certificate")
        }
        let ids = [try RandomName.person(), try RandomName.person()]
        let (authorityID, authorityName) = authority
        try await core.store.write { [core] writer in
            let now = core.now()
            guard try writer.rows("SELECT id FROM gateway").isEmpty else {
                throw ExchangeError(.gatewayInitialised, "The gateway is initialised already")
            }
            try writer.execute(
                "INSERT INTO gateway (id, party, name, url, initialised) VALUES (1, ?, ?, ?, ?)",
                [SQLValue(core.party), .text(name), .text(url), SQLValue(now)]
            )
            let steps = ChangeSteps(core: core, change: nil, person: nil)
            try steps.note(.gatewayInitialised, writer) { $0.subject = core.party.text }
            try steps.carryOut(.addAuthority(id: authorityID, name: authorityName), at: now, writer)
            for (id, administrator) in zip(ids, administrators) {
                let person = ProposedChange.addPerson(
                    id: id,
                    name: administrator.name,
                    authority: authorityID,
                    roles: [.administrator],
                    certificates: [administrator.certificate],
                    localUser: administrator.localUser
                )
                try steps.check(person, writer)
                try steps.carryOut(person, at: now, writer)
            }
            for purpose in [KeyPurpose.logExchange, .logHouse, .witness] {
                let id = try KeyRows.insertLogKey(purpose, core: core, writer)
                try steps.note(.keyMade, writer) { $0.subject = id }
            }
        }
        return ids
    }
}
