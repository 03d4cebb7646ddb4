import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Synchronization
import TrustCrypto

/// Whom the gateway trusts at one moment: itself, its partners and agencies, with the revocation lists at hand.
struct TrustView: Sendable {
    /// Grows with every change.
    let epoch: Int
    let stores: [PartyID: TrustStore]
    let timestamping: TrustStore
    let peers: [PartyID: PeerEntry]
    let agencies: [String: AgencyEntry]

    func store(for party: PartyID) throws -> TrustStore {
        guard let store = stores[party] else {
            throw ExchangeError(.peerUnknown, "The party \(party) is not registered here")
        }
        return store
    }
}

/// A certificate of a partner, as its card lists it.
struct PeerCertificate: Hashable, Sendable {
    let certificate: PartyCertificate
    let purpose: CertificatePurpose
    let window: AcceptanceWindow
}

/// How a partner's capability sheet stands beside the sheet itself.
struct SheetStanding: Sendable {
    /// When the partner gave it last.
    var fetched: ExchangeTime?
    /// When it was asked for last.
    var tried: ExchangeTime?
    /// A newer one that drops what was agreed.
    var held: [UInt8]?
    /// Since when that one is held.
    var heldSince: ExchangeTime?
}

/// A partner as it stands in the database.
struct PeerEntry: Sendable {
    let party: PartyID
    let name: String
    let url: String
    let logKey: String
    /// The key with which it cosigns, if it does.
    let witnessKey: String?
    let card: [UInt8]
    let capabilities: [UInt8]?
    let added: ExchangeTime
    let suspended: ExchangeTime?
    let anchors: [PartyCertificate]
    let issuers: [PartyCertificate]
    let intermediates: [PartyCertificate]
    /// Anchors and issuers for single purposes, in place of the general ones.
    let authorities: [CertificatePurpose: PurposeAuthorities]
    let certificates: [PeerCertificate]
    let sheet: SheetStanding

    /// Whether a certificate is registered for a purpose, at whatever time.
    func isRegistered(_ certificate: PartyCertificate, for purpose: CertificatePurpose) -> Bool {
        certificates.contains { $0.certificate == certificate && $0.purpose == purpose }
    }

    /// Checks that a registered certificate is accepted at this time.
    ///
    /// - Throws: `peer.outside_window`.
    func requireWindow(of certificate: PartyCertificate, for purpose: CertificatePurpose, at now: ExchangeTime) throws {
        guard let found = certificates.first(where: { $0.certificate == certificate && $0.purpose == purpose }) else {
            return
        }
        guard !found.window.contains(now) else { return }
        throw ExchangeError(
            .peerOutsideWindow,
            "The partner's certificate is accepted \(found.window)",
            hint: "the partner's card says when one certificate takes the place of another",
            details: [certificate.displayName]
        )
    }

    init(
        party: PartyID,
        name: String,
        url: String,
        logKey: String,
        witnessKey: String?,
        card: [UInt8],
        capabilities: [UInt8]?,
        added: ExchangeTime,
        suspended: ExchangeTime?,
        anchors: [PartyCertificate],
        issuers: [PartyCertificate],
        intermediates: [PartyCertificate],
        authorities: [CertificatePurpose: PurposeAuthorities],
        certificates: [PeerCertificate],
        sheet: SheetStanding = SheetStanding()
    ) {
        self.party = party
        self.name = name
        self.url = url
        self.logKey = logKey
        self.witnessKey = witnessKey
        self.card = card
        self.capabilities = capabilities
        self.added = added
        self.suspended = suspended
        self.anchors = anchors
        self.issuers = issuers
        self.intermediates = intermediates
        self.authorities = authorities
        self.certificates = certificates
        self.sheet = sheet
    }

    /// What a partner's card says.
    init(_ card: PeerCard, bytes: [UInt8], added: ExchangeTime) {
        self.init(
            party: card.party,
            name: card.name(),
            url: card.url,
            logKey: card.exchangeLog.vkey,
            witnessKey: card.witness?.vkey,
            card: bytes,
            capabilities: nil,
            added: added,
            suspended: nil,
            anchors: card.anchors,
            issuers: card.issuers,
            intermediates: card.intermediates,
            authorities: card.authorities,
            certificates: PeerCard.purposes.flatMap { purpose in
                card.certificates[purpose, default: []].map {
                    PeerCertificate(certificate: $0, purpose: purpose, window: card.windows[$0.sha256] ?? .always)
                }
            }
        )
    }
}

/// An agency as it stands in the database.
struct AgencyEntry: Sendable {
    let id: String
    let party: PartyID
    let name: String
    let added: ExchangeTime
    let suspended: ExchangeTime?
    let certificates: [RegisteredCertificate]

    func isRegistered(_ certificate: PartyCertificate, for purpose: CertificatePurpose) -> Bool {
        certificates.contains { $0.certificate == certificate && $0.purpose == purpose && $0.withdrawn == nil }
    }
}

/// What is known of revocation at one moment.
struct RevocationKnowledge: Equatable, Sendable {
    var lists: Set<RevocationList> = []
    /// By the SHA-256 of the certificate that each is about.
    var responses: [SHA256Digest: OCSPResponse] = [:]
    /// Services that do not answer, and since when.
    var outages: [String: ExchangeTime] = [:]
    /// How long after its end information still counts, in seconds.
    var grace: Int64 = 0
}

/// Holds the present view; a connection is judged without asking the database.
final class TrustBoard: Sendable {
    private struct State {
        var view: TrustView
        var own: TrustStore
        var timestamping: TrustStore
        var knowledge: RevocationKnowledge
        var readings = 0
        var shownReading = 0
    }

    private let party: PartyID
    private let state: Mutex<State>

    init(party: PartyID, trust: TrustDirectory, grace: Int64 = 0) {
        self.party = party
        // Without anchors nothing is valid.
        let own = (try? trust.store(for: party)) ?? TrustStore(anchors: [], party: party)
        let knowledge = RevocationKnowledge(grace: grace)
        let timestamping = trust.timestampingStore
        state = Mutex(
            State(
                view: TrustView(
                    epoch: 0,
                    stores: [party: Self.adding(knowledge, to: own)],
                    timestamping: Self.adding(knowledge, to: timestamping),
                    peers: [:],
                    agencies: [:]
                ),
                own: own,
                timestamping: timestamping,
                knowledge: knowledge
            )
        )
    }

    var view: TrustView { state.withLock { $0.view } }

    /// Own anchors and issuers, as they stand in the trust directory.
    var own: TrustStore { state.withLock { $0.own } }

    /// A number for a reading of the database that is about to begin.
    func nextReading() -> Int {
        state.withLock { state in
            state.readings += 1
            return state.readings
        }
    }

    /// Takes partners and agencies as a reading found them, unless one that began later has been taken.
    func replace(peers: [PeerEntry], agencies: [AgencyEntry], reading: Int) {
        state.withLock { state in
            guard reading > state.shownReading else { return }
            state.shownReading = reading
            state.view = made(peers, agencies, state)
        }
    }

    /// Takes what is known of revocation.
    func replace(knowledge: RevocationKnowledge) {
        state.withLock { state in
            guard state.knowledge != knowledge else { return }
            state.knowledge = knowledge
            state.view = remade(state)
        }
    }

    /// Takes own anchors and those of timestamp authorities.
    ///
    /// - Throws: `trust.unknown_party`.
    func replace(own trust: TrustDirectory) throws {
        let own = try trust.store(for: party)
        state.withLock { state in
            state.own = own
            state.timestamping = trust.timestampingStore
            state.view = remade(state)
        }
    }

    private func remade(_ state: State) -> TrustView {
        made(Array(state.view.peers.values), Array(state.view.agencies.values), state)
    }

    private func made(_ peers: [PeerEntry], _ agencies: [AgencyEntry], _ state: State) -> TrustView {
        var stores = [party: Self.adding(state.knowledge, to: state.own)]
        for peer in peers where peer.party != party {
            stores[peer.party] = Self.adding(state.knowledge, to: Self.store(for: peer))
        }
        return TrustView(
            epoch: state.view.epoch + 1,
            stores: stores,
            timestamping: Self.adding(state.knowledge, to: state.timestamping),
            peers: Dictionary(peers.map { ($0.party, $0) }) { first, _ in first },
            agencies: Dictionary(agencies.map { ($0.id, $0) }) { first, _ in first }
        )
    }

    /// What a partner's certificates are judged by, without what is known of revocation.
    static func store(for peer: PeerEntry) -> TrustStore {
        var store = TrustStore(
            anchors: peer.anchors,
            requiredIssuers: peer.issuers,
            intermediates: peer.intermediates,
            party: peer.party
        )
        store.authorities = peer.authorities
        return store
    }

    private static func adding(_ knowledge: RevocationKnowledge, to store: TrustStore) -> TrustStore {
        var copy = adding(knowledge.lists, to: store)
        copy.keptResponses = knowledge.responses
        copy.revocationGrace = knowledge.grace
        copy.revocationOutages = knowledge.outages
        return copy
    }

    /// Adds the lists that authorities of the store issued; a store may not carry everybody's.
    static func adding(_ lists: some Sequence<RevocationList>, to store: TrustStore) -> TrustStore {
        let names = Set(store.everyAuthority.map(\.subject))
        return store.adding(revocationLists: lists.filter { names.contains($0.issuer) })
    }
}
