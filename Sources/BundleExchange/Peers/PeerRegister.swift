public import EvidencePackaging
public import ExchangeLog
public import ExchangeModel
import Logging
import Persistence
public import TrustCrypto

/// Partners and agencies: who they are, by what they are recognised, what they are trusted with.
///
/// A connection is let in when its certificate is registered for a partner that is not suspended, leads to that partner's
/// anchors, and is not revoked; the same is asked of servers. Changes go through ``ChangeRegister``.
public struct PeerRegister: Sendable {
    let core: GatewayCore
    let keys: KeyRing
    private let limiter = RefusalLimiter()
    /// What is known of witnessing, for those who exchange.
    let witnessBoard = WitnessBoard()

    var hub: TrustHub { keys.hub }

    /// Takes the gateway's core and keys, and reads what is registered and which revocation lists are at hand.
    ///
    /// - Throws: `trust.unknown_party` when there are no own anchors, `register.damaged`.
    public init(core: GatewayCore, keys: KeyRing) async throws {
        self.core = core
        self.keys = keys
        _ = try core.ownTrust.store(for: core.party)
        try await reload()
        try await hub.keeper.load()
        witnessBoard.show(contradicted: try await core.store.read { try WitnessRows.contradicted($0) })
    }

    /// The revocation lists, to be kept fresh by whoever runs the gateway.
    public var revocation: RevocationKeeper { hub.keeper }

    /// Takes partners and agencies as they stand in the database now.
    func reload() async throws {
        let order = hub.board.nextReading()
        let (peers, agencies) = try await core.store.read { reader in
            (try RegisteredRows.peers(reader), try RegisteredRows.agencies(reader))
        }
        hub.board.replace(peers: peers, agencies: agencies, reading: order)
    }

    /// Takes own anchors and those of timestamp authorities as the trust directory has them now; nothing is restarted.
    ///
    /// - Throws: `trust.unknown_party` when the gateway's own are missing, and then those at hand stay; `store.*`.
    public func replaceOwnTrust(_ trust: TrustDirectory) async throws {
        try hub.board.replace(own: trust)
        try await core.note(core.entry(.trustReloaded))
        core.logger.notice("The trust directory was read anew")
    }

    // MARK: Recognising

    /// The partner that a client's certificate stands for; asked anew for every request.
    ///
    /// - Parameter chain: The certificates as presented, leaf first.
    /// - Returns: The partner's party.
    /// - Throws: `peer.unregistered`, `peer.suspended`, and what is wrong with the certificate.
    public func identify(tlsChain chain: [PartyCertificate]) throws -> PartyID {
        guard let leaf = chain.first else { throw Self.unregistered() }
        let found = hub.board.view.peers.values.first { $0.isRegistered(leaf, for: .gatewayTLS) }
        guard let found else { throw Self.unregistered() }
        try Self.requireActive(found)
        try found.requireWindow(of: leaf, for: .gatewayTLS, at: core.now())
        try hub.judge.check(chain, purpose: .gatewayTLS, of: found.party)
        return found.party
    }

    /// The agency that a client's certificate stands for; asked anew for every request.
    ///
    /// - Throws: `agency.unregistered`, `agency.suspended`, `peer.suspended` when its party is, and what is wrong with the certificate.
    public func identifyAgency(tlsChain chain: [PartyCertificate]) throws -> (agency: String, party: PartyID) {
        guard let leaf = chain.first,
            let found = hub.board.view.agencies.values.first(where: { $0.isRegistered(leaf, for: .agencyTLS) })
        else {
            throw ExchangeError(.agencyUnregistered, "The certificate is registered for no agency")
        }
        guard found.suspended == nil else { throw ExchangeError(.agencySuspended, "The agency is suspended") }
        if found.party != core.party { try Self.requireActive(entry(found.party)) }
        try hub.judge.check(chain, purpose: .agencyTLS, of: found.party)
        return (found.id, found.party)
    }

    /// The agency or partner that a client's certificate stands for; asked anew for every request.
    ///
    /// - Throws: As ``identify(tlsChain:)`` and ``identifyAgency(tlsChain:)`` do.
    public func identifyCaller(tlsChain chain: [PartyCertificate]) throws -> PullCaller {
        let agencies = hub.board.view.agencies.values
        if let leaf = chain.first, agencies.contains(where: { $0.isRegistered(leaf, for: .agencyTLS) }) {
            let found = try identifyAgency(tlsChain: chain)
            return .agency(id: found.agency, party: found.party)
        }
        return .gateway(try identify(tlsChain: chain))
    }

    /// Checks the server at the other end of a connection that this gateway opened.
    ///
    /// - Parameters:
    ///   - chain: The certificates as the server presented them, leaf first.
    ///   - host: The host that was called, by name or address.
    ///   - party: The partner that is meant.
    /// - Throws: `peer.unknown`, `peer.suspended`, `peer.unregistered`, `peer.host`, and what is wrong with the
    ///   certificate.
    public func checkServer(_ chain: [PartyCertificate], host: String, of party: PartyID) throws {
        let peer = try entry(party)
        try Self.requireActive(peer)
        guard let leaf = chain.first, peer.isRegistered(leaf, for: .gatewayTLS) else {
            throw ExchangeError(
                .peerUnregistered,
                "The server's certificate is not registered for \(party)",
                hint: "somebody else answers there, or the partner has a new certificate and must send its new card",
                details: chain.prefix(1).map(\.displayName)
            )
        }
        try peer.requireWindow(of: leaf, for: .gatewayTLS, at: core.now())
        guard leaf.isFor(host: host) else {
            throw ExchangeError(
                .peerHost,
                "The server's certificate does not name \(host)",
                details: [leaf.displayName]
            )
        }
        try hub.judge.check(chain, purpose: .gatewayTLS, of: party)
    }

    /// The same for certificates in DER.
    ///
    /// - Throws: `certificate.malformed` beside the others.
    public func checkServer(derChain: [[UInt8]], host: String, of party: PartyID) throws {
        // Nobody needs a longer chain than path validation looks at.
        try checkServer(derChain.prefix(16).map { try PartyCertificate.known(der: $0) }, host: host, of: party)
    }

    /// Enters in the log that a partner's or agency's connection was refused; at most once a minute for a certificate.
    public func noteRefusal(of chain: [PartyCertificate], code: ErrorCode) async throws {
        let digest = chain.first?.sha256
        guard let heldBack = limiter.admit(digest?.hex ?? "no certificate", at: core.now()) else { return }
        var entry = try core.entry(.accessRefused, outcome: .refused, code: code)
        entry.digest = digest
        if let leaf = chain.first {
            let view = hub.board.view
            entry.peer = view.peers.values.first { $0.isRegistered(leaf, for: .gatewayTLS) }?.party
            entry.authority = view.agencies.values.first { $0.isRegistered(leaf, for: .agencyTLS) }?.id
        }
        if heldBack > 0 { entry.subject = "and \(heldBack) more" }
        try await core.note(entry)
    }

    // MARK: Trusting

    /// Whom signatures and seals are judged by now: this gateway and every partner, suspended ones too, because what they
    /// signed before is still to be judged.
    public func trust() async throws -> TrustDirectory { try trustNow() }

    /// The same, for those who cannot wait.
    public func trustNow() throws -> TrustDirectory {
        let view = hub.board.view
        return try TrustDirectory(parties: view.stores, timestamping: view.timestamping)
    }

    /// Checks that a party is a partner that is not suspended and, if the gateway is set up so, whose log has not been
    /// found to contradict itself.
    ///
    /// - Throws: `peer.unknown`, `peer.suspended`, `peer.log_contradicted`.
    public func requireActive(_ party: PartyID) async throws {
        try Self.requireActive(try entry(party))
        guard core.limits.blocksContradicted, witnessBoard.isContradicted(party) else { return }
        throw ExchangeError(
            .peerLogContradicted,
            "The exchange log of \(party) has contradicted itself, and nothing is exchanged until that is settled",
            hint: "rogatory log witness list shows it; the setting witness.block decides"
        )
    }

    /// Where a partner's gateway answers.
    ///
    /// - Throws: `peer.unknown`.
    public func url(of party: PartyID) throws -> String { try entry(party).url }

    /// The key of a partner's exchange log.
    ///
    /// - Throws: `peer.unknown`.
    public func exchangeLogKey(of party: PartyID) async throws -> LogVerifierKey {
        try LogVerifierKey(vkey: entry(party).logKey)
    }

    /// The key with which a partner cosigns our checkpoints, if it does.
    ///
    /// - Throws: `peer.unknown`.
    func witnessKey(of party: PartyID) throws -> WitnessVerifierKey? {
        try entry(party).witnessKey.map { try WitnessVerifierKey(vkey: $0) }
    }

    /// Partners that are not suspended.
    var activePeers: [PartyID] {
        hub.board.view.peers.values.filter { $0.suspended == nil }.map(\.party).sorted { $0.text < $1.text }
    }

    /// The certificates to encrypt a bundle to.
    ///
    /// - Parameters:
    ///   - party: The partner.
    ///   - mode: `gateway` gives the gateway's, `agency` the agency's alone.
    ///   - agency: The agency's id, needed in mode `agency`.
    /// - Returns: At least one, valid now.
    /// - Throws: `peer.unknown`, `peer.suspended`, `agency.unknown`, `agency.suspended`, `peer.no_certificate`.
    public func recipients(
        of party: PartyID,
        mode: ExchangeHeader.Mode,
        agency: String?
    ) async throws -> [PartyCertificate] {
        let peer = try entry(party)
        try Self.requireActive(peer)
        switch mode {
        case .gateway:
            let now = core.now()
            let offered = peer.certificates.filter { $0.purpose == .gatewayEncryption && $0.window.contains(now) }
            return [try newest(offered.map { ($0.certificate, $0.window.from) }, .gatewayEncryption, of: party)]
        case .agency:
            guard let agency, let found = hub.board.view.agencies[agency], found.party == party else {
                throw ExchangeError(
                    .agencyUnknown,
                    "No such agency of \(party) is registered here",
                    hint: "rogatory agency list shows them"
                )
            }
            guard found.suspended == nil else { throw ExchangeError(.agencySuspended, "The agency is suspended") }
            let offered = found.certificates.filter { $0.purpose == .agencyEncryption && $0.withdrawn == nil }
            return [try newest(offered.map { ($0.certificate, nil) }, .agencyEncryption, of: party)]
        }
    }

    // While one certificate replaces another both are offered; the one that begins last is meant to be used.
    private func newest(
        _ offered: [(certificate: PartyCertificate, from: ExchangeTime?)],
        _ purpose: CertificatePurpose,
        of party: PartyID
    ) throws -> PartyCertificate {
        var fault = ExchangeError(.peerNoCertificate, "The partner has no certificate for \(purpose.rawValue)")
        for (certificate, _) in offered.sorted(by: Self.beginsLater) {
            do {
                try hub.judge.check([certificate], purpose: purpose, of: party)
                return certificate
            } catch let error as ExchangeError {
                fault = error
            }
        }
        throw fault
    }

    private static func beginsLater(
        _ left: (certificate: PartyCertificate, from: ExchangeTime?),
        _ right: (certificate: PartyCertificate, from: ExchangeTime?)
    ) -> Bool {
        guard let first = left.from ?? left.certificate.notBefore,
            let second = right.from ?? right.certificate.notBefore, first != second
        else { return left.certificate.sha256.hex < right.certificate.sha256.hex }
        return first > second
    }

    func entry(_ party: PartyID) throws -> PeerEntry {
        guard let found = hub.board.view.peers[party] else {
            throw ExchangeError(
                .peerUnknown,
                "The party \(party) is not registered here",
                hint: "rogatory peer list shows who is"
            )
        }
        return found
    }

    private static func requireActive(_ peer: PeerEntry) throws {
        guard peer.suspended == nil else {
            throw ExchangeError(.peerSuspended, "The partner \(peer.party) is suspended")
        }
    }

    private static func unregistered() -> ExchangeError {
        ExchangeError(
            .peerUnregistered,
            "The certificate is registered for no partner",
            hint: "the administrators of both gateways exchange peer cards first"
        )
    }

    // MARK: Showing

    /// Every partner.
    ///
    /// - Throws: `access.denied`.
    public func list(by person: ActingPerson) async throws -> [PeerRecord] {
        try await core.authorise(person, to: .listPeers)
        return try hub.board.view.peers.values.sorted { $0.party.text < $1.party.text }.map(record)
    }

    /// One partner.
    ///
    /// - Throws: `access.denied`, `peer.unknown`.
    public func show(_ party: PartyID, by person: ActingPerson) async throws -> PeerRecord {
        try await core.authorise(person, to: .listPeers)
        return try record(entry(party))
    }

    /// Every agency.
    ///
    /// - Throws: `access.denied`.
    public func agencies(by person: ActingPerson) async throws -> [AgencyRecord] {
        try await core.authorise(person, to: .listPeers)
        return hub.board.view.agencies.values.sorted { $0.id < $1.id }.map { entry in
            AgencyRecord(
                id: entry.id,
                party: entry.party,
                name: entry.name,
                added: entry.added,
                suspended: entry.suspended,
                certificates: entry.certificates
            )
        }
    }

    private func record(_ entry: PeerEntry) throws -> PeerRecord {
        let card = try PeerCard(signed: entry.card)
        return PeerRecord(
            party: entry.party,
            name: entry.name,
            url: entry.url,
            added: entry.added,
            suspended: entry.suspended,
            card: card,
            fingerprint: try card.fingerprint(),
            capabilities: entry.capabilities,
            sheetFetched: entry.sheet.fetched,
            heldSheet: entry.sheet.held,
            agreement: try? agreement(with: entry.party)
        )
    }
}

extension PeerCard {
    /// Reads the statement of a card whose signature has been checked before.
    init(signed bytes: [UInt8]) throws { try self.init(xml: AttachedSignature(derOrPEM: bytes).content) }
}
