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

/// A partner as it stands in the database.
struct PeerEntry: Sendable {
    let party: PartyID
    let name: String
    let url: String
    let logKey: String
    let card: [UInt8]
    let capabilities: [UInt8]?
    let added: ExchangeTime
    let suspended: ExchangeTime?
    let anchors: [PartyCertificate]
    let issuers: [PartyCertificate]
    let intermediates: [PartyCertificate]
    let certificates: [(certificate: PartyCertificate, purpose: CertificatePurpose)]

    func isRegistered(_ certificate: PartyCertificate, for purpose: CertificatePurpose) -> Bool {
        certificates.contains { $0.certificate == certificate && $0.purpose == purpose }
    }

    init(
        party: PartyID,
        name: String,
        url: String,
        logKey: String,
        card: [UInt8],
        capabilities: [UInt8]?,
        added: ExchangeTime,
        suspended: ExchangeTime?,
        anchors: [PartyCertificate],
        issuers: [PartyCertificate],
        intermediates: [PartyCertificate],
        certificates: [(certificate: PartyCertificate, purpose: CertificatePurpose)]
    ) {
        self.party = party
        self.name = name
        self.url = url
        self.logKey = logKey
        self.card = card
        self.capabilities = capabilities
        self.added = added
        self.suspended = suspended
        self.anchors = anchors
        self.issuers = issuers
        self.intermediates = intermediates
        self.certificates = certificates
    }

    /// What a partner's card says.
    init(_ card: PeerCard, bytes: [UInt8], added: ExchangeTime) {
        self.init(
            party: card.party,
            name: card.name(),
            url: card.url,
            logKey: card.exchangeLog.vkey,
            card: bytes,
            capabilities: nil,
            added: added,
            suspended: nil,
            anchors: card.anchors,
            issuers: card.issuers,
            intermediates: card.intermediates,
            certificates: PeerCard.purposes.flatMap { purpose in
                card.certificates[purpose, default: []].map { ($0, purpose) }
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

/// Holds the present view; a connection is judged without asking the database.
final class TrustBoard: Sendable {
    private struct State {
        var view: TrustView
        var lists: [RevocationList] = []
        var readings = 0
        var shownReading = 0
    }

    private let party: PartyID
    private let own: TrustStore
    private let timestamping: TrustStore
    private let state: Mutex<State>

    init(party: PartyID, trust: TrustDirectory) {
        self.party = party
        // Without anchors nothing is valid.
        own = (try? trust.store(for: party)) ?? TrustStore(anchors: [], party: party)
        timestamping = trust.timestampingStore
        state = Mutex(
            State(
                view: TrustView(epoch: 0, stores: [party: own], timestamping: timestamping, peers: [:], agencies: [:])
            )
        )
    }

    var view: TrustView { state.withLock { $0.view } }

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
            let lists = state.lists
            state.view = made(peers, agencies, lists, epoch: state.view.epoch + 1)
        }
    }

    /// Takes the revocation lists at hand.
    func replace(lists: [RevocationList]) {
        state.withLock { state in
            guard Set(state.lists) != Set(lists) else { return }
            state.lists = lists
            let (peers, agencies) = (Array(state.view.peers.values), Array(state.view.agencies.values))
            state.view = made(peers, agencies, lists, epoch: state.view.epoch + 1)
        }
    }

    private func made(
        _ peers: [PeerEntry],
        _ agencies: [AgencyEntry],
        _ lists: [RevocationList],
        epoch: Int
    ) -> TrustView {
        var stores = [party: Self.adding(lists, to: own)]
        for peer in peers where peer.party != party {
            stores[peer.party] = Self.store(for: peer, lists)
        }
        return TrustView(
            epoch: epoch,
            stores: stores,
            timestamping: Self.adding(lists, to: timestamping),
            peers: Dictionary(peers.map { ($0.party, $0) }) { first, _ in first },
            agencies: Dictionary(agencies.map { ($0.id, $0) }) { first, _ in first }
        )
    }

    /// What a partner's certificates are judged by.
    static func store(for peer: PeerEntry, _ lists: [RevocationList]) -> TrustStore {
        adding(
            lists,
            to: TrustStore(
                anchors: peer.anchors,
                requiredIssuers: peer.issuers,
                intermediates: peer.intermediates,
                party: peer.party
            )
        )
    }

    /// Adds the lists that authorities of the store issued; a store may not carry everybody's.
    static func adding(_ lists: [RevocationList], to store: TrustStore) -> TrustStore {
        let names = Set((store.anchors + store.requiredIssuers + store.intermediates).map(\.subject))
        return store.adding(revocationLists: lists.filter { names.contains($0.issuer) })
    }
}
