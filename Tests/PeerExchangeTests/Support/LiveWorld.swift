import BundleExchange
import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import GatewayListener
import Logging
import OutboundTransport
import PeerExchange
import Persistence
import Synchronization
import Testing
import TrustCrypto

/// The gateways of two states, each with its listener on a free loopback port, over real TLS.
final class LiveWorld: Sendable {
    let pki: PartyWorld
    let clock = Mutex(PartyWorld.now)
    /// Lists that are fetched instead of the minted ones, by file name.
    let lists = Mutex<[String: RevocationList]>([:])
    let ports = Mutex<[PartyID: Int]>([:])
    let progress = Mutex<[PeerProgress]>([])
    let folder: String

    /// One state's gateway.
    struct Side: Sendable {
        let party: PartyID
        let gateway: ExchangeGateway
        let client: PeerClient
        let listener: PeerListener
        let pki: PartyWorld

        var base: String { "parties/\(party)" }

        func person(_ role: String) async throws -> ActingPerson {
            try await gateway.people.identify(
                certificateChain: [
                    try pki.certificate("\(base)/people/\(role)-sign-in"), try pki.issuer(of: party.text),
                ]
            )
        }

        func change(_ change: ProposedChange) async throws {
            let proposed = try await gateway.changes.propose(change, by: person("administrator-1"))
            _ = try await gateway.changes.confirm(proposed.id, by: person("administrator-2"))
        }

        func card() async throws -> [UInt8] {
            try await gateway.peers.ownCard(by: person("administrator-1")).der
        }

        /// Codes of refused connections in the house log.
        func refusals() async throws -> [ErrorCode] {
            var filter = LogFilter()
            filter.kind = .accessRefused
            return try await gateway.core.store.entries(in: .house, matching: filter)
                .compactMap { try LogEntry(decoding: $0.bytes).code }
        }
    }

    /// Runs both listeners for the length of the body; both sides know each other.
    static func with(
        limits: ListenerLimits = .init(),
        exchange: ExchangeLimits = ExchangeLimits(),
        _ body: @escaping @Sendable (_ world: LiveWorld, _ kz: Side, _ kg: Side) async throws -> Void,
        afterwards: (_ kz: Side, _ kg: Side) async throws -> Void = { _, _ in }
    ) async throws {
        let world = LiveWorld(pki: try await PartyWorld.shared(), folder: try Tooling.temporaryDirectory())
        let kz = try await world.make(try #require(PartyWorld.kz), limits, exchange)
        let kg = try await world.make(try #require(PartyWorld.kg), limits, exchange)
        try await kz.change(.addPeer(card: kg.card()))
        try await kg.change(.addPeer(card: kz.card()))
        let stop = ListenerStop()
        let (started, tell) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for side in [kz, kg] {
                group.addTask {
                    try await side.listener.run(stop: stop) { port in
                        world.ports.withLock { $0[side.party] = port }
                        tell.yield()
                    }
                }
            }
            var count = 0
            for await _ in started {
                count += 1
                if count == 2 { break }
            }
            do {
                try await body(world, kz, kg)
            } catch {
                group.cancelAll()
                throw error
            }
            kz.client.close()
            kg.client.close()
            stop.stop()
            try await group.waitForAll()
        }
        // By now every refused connection is in the log.
        try await afterwards(kz, kg)
    }

    private init(pki: PartyWorld, folder: String) {
        self.pki = pki
        self.folder = folder
    }

    func url(of side: Side, host: String = "127.0.0.1") throws -> String {
        "https://\(host):\(try #require(ports.withLock { $0[side.party] }))"
    }

    /// Gives a side another certificate for TLS, which it shows from now on.
    func renewTLS(_ holder: TLSHolder, of side: Side) async throws {
        // Of two installed in one second neither is the later one.
        wait(seconds: 1)
        let chain = try ([holder.certificate] + holder.chain).map { try $0.pem() }.joined()
        let administrator = try await side.person("administrator-1")
        _ = try await side.gateway.keys.importKey(holder.key.pem(), chain: Array(chain.utf8), by: administrator)
        try side.listener.show(await side.gateway.keys.current(.gatewayTLS))
    }

    /// Lets time pass on both sides.
    func wait(seconds: Int64) { clock.withLock { $0 = $0.adding(seconds: seconds) } }

    /// Has a side fetch a list on which a certificate stands.
    func revoke(_ certificate: PartyCertificate, party: String, seenBy side: Side) async throws {
        let list = try pki.listRevoking(certificate, party: party)
        lists.withLock { $0[party == "KG-GPO" ? "kg-issuing.crl" : "kz-issuing.crl"] = list }
        _ = try await side.gateway.peers.revocation.refresh(everything: true)
    }

    // MARK: - Making

    private func make(_ party: PartyID, _ limits: ListenerLimits, _ exchange: ExchangeLimits) async throws -> Side {
        let directory = try DataDirectory(creating: folder + "/" + party.text)
        _ = try GatewayStore.migrate(directory)
        _ = try StoreKey(creating: directory.storeKey)
        let storeKey = try StoreKey(file: directory.storeKey)
        let store = try GatewayStore(opening: directory)
        try await store.check(storeKey)
        let pki = pki
        let core = try GatewayCore(
            store: store,
            blobs: BlobStore(in: directory, key: storeKey),
            directory: directory,
            storeKey: storeKey,
            party: party,
            ownTrust: pki.trust(),
            importDirectories: [folder],
            limits: exchange,
            now: { [weak self] in self?.clock.withLock { $0 } ?? PartyWorld.now },
            timestamps: [TimestampSource("demo") { try SampleBundle.timestamp($0, in: pki) }],
            fetchRevocation: { [weak self] url, body, _ in
                guard body == nil, let name = url.split(separator: "/").last else {
                    throw ExchangeError(.revocationFetchFailed, "offline")
                }
                if let list = self?.lists.withLock({ $0[String(name)] }) { return list.der }
                return try Tooling.read("\(pki.directory)/trust/crls/\(name)")
            },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let made = Mutex<PeerClient?>(nil)
        let gateway = try await ExchangeGateway(core: core) { keys, peers in
            let client = PeerClient(
                endpoint: { [weak self] peer in
                    let port = self?.ports.withLock { $0[peer] } ?? 0
                    return PeerEndpoint(peer: peer, url: "https://127.0.0.1:\(port)") { chain, host in
                        try peers.checkServer(derChain: chain, host: host, of: peer)
                    }
                },
                identity: { try await keys.current(.gatewayTLS) },
                progress: { [weak self] step in self?.progress.withLock { $0.append(step) } }
            )
            made.withLock { $0 = client }
            return client
        }
        try await initialise(gateway, party)
        let listener = try await PeerListener(
            ExchangeListenerSettings(host: "127.0.0.1", port: 0, limits: limits),
            gateway: gateway,
            capabilities: OwnCapabilities(
                largestBundle: 1 << 40,
                treaties: [],
                languages: ["ru"],
                contact: CapabilitySheet.Contact(name: "Duty officer")
            )
        )
        let client = try #require(made.withLock { $0 })
        return Side(party: party, gateway: gateway, client: client, listener: listener, pki: pki)
    }

    /// A request from one side that both its people have signed, in the outbox.
    func sendRequest(from side: Side, to other: Side) async throws -> BundleKey {
        let officer = try await side.person("officer")
        try await send(from: side, to: other) { thread, approver in
            var proposal = DraftProposal(thread: thread, messageType: .request, subject: "Bank records")
            proposal.approver = approver
            return proposal
        }
        // Sealing is work of the outbox too; the next run delivers.
        while try await side.gateway.bundles.list(by: officer).isEmpty {
            guard try await side.gateway.scheduler.runDue() > 0 else { break }
        }
        return try #require(try await side.gateway.bundles.list(by: officer).first).key
    }

    /// Opens a thread, drafts a message in it, has it signed and approved, and sends it.
    func send(
        from side: Side,
        to other: Side,
        _ propose: (ThreadID, PersonID) -> DraftProposal
    ) async throws {
        let officer = try await side.person("officer")
        let approver = try await side.person("approver")
        let thread = try await side.gateway.threads.open(
            to: other.party,
            reference: "15-2-77",
            subject: "Bank records",
            by: officer
        )
        let draft = try await side.gateway.drafts.make(propose(thread.id, approver.person), by: officer).record.id
        let object = try await side.gateway.drafts.objectToSign(draft, by: officer).bytes
        func signature(_ role: String) throws -> [UInt8] {
            let holder = try pki.holder("\(side.base)/people/\(role)-signature")
            return try CAdESSignature.sign(
                content: object,
                certificate: holder.certificate,
                key: holder.key,
                chain: holder.chain,
                time: PartyWorld.now
            ).der
        }
        _ = try await side.gateway.drafts.sign(draft, signature: signature("officer"), by: officer)
        _ = try await side.gateway.drafts.approve(draft, signature: signature("approver"), by: approver)
        try await side.gateway.dispatch.send(draft: draft.text, by: officer)
    }

    /// Does all work that is due on both sides until none is left.
    func settle(_ one: Side, _ other: Side) async throws {
        while try await one.gateway.scheduler.runDue() + other.gateway.scheduler.runDue() > 0 {}
    }

    private func initialise(_ gateway: ExchangeGateway, _ party: PartyID) async throws {
        let base = "parties/\(party)"
        _ = try await gateway.people.initialise(
            name: "Gateway of \(party)",
            url: "https://gateway.\(party.text.lowercased()).example:8443",
            authority: (party.text.lowercased(), "Authority of \(party)"),
            administrators: try (1...2).map {
                FirstAdministrator(
                    name: "Administrator \($0)",
                    certificate: try pki.certificate("\(base)/people/administrator-\($0)-sign-in")
                )
            }
        )
        let administrator = try await gateway.people.identify(
            certificateChain: [
                try pki.certificate("\(base)/people/administrator-1-sign-in"), try pki.issuer(of: party.text),
            ]
        )
        for purpose in ["tls", "seal", "receipt", "encryption"] {
            let holder = try pki.holder("\(base)/\(purpose)")
            _ = try await gateway.keys.importKey(
                holder.key.pem(),
                chain: Array((holder.certificate.pem() + pki.issuer(of: party.text).pem()).utf8),
                by: administrator
            )
        }
        let second = try await gateway.people.identify(
            certificateChain: [
                try pki.certificate("\(base)/people/administrator-2-sign-in"), try pki.issuer(of: party.text),
            ]
        )
        for role in [Role.officer, .approver] {
            let added = try await gateway.changes.propose(
                .addPerson(
                    id: nil,
                    name: "The \(role)",
                    authority: party.text.lowercased(),
                    roles: [role],
                    certificates: ["sign-in", "signature"].map {
                        try pki.certificate("\(base)/people/\(role)-\($0)")
                    },
                    localUser: nil
                ),
                by: administrator
            )
            _ = try await gateway.changes.confirm(added.id, by: second)
        }
    }
}
