import BundleExchange
import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import GatewayListener
import GatewayTesting
import PeerExchange
import Persistence
import ProgramHarness
import Synchronization

/// Two gateways in this process that speak mutual TLS over TCP, each reached through a proxy that makes faults. Time
/// passes when a test says so, so that no retry is waited for.
final class LiveGateways: Sendable {
    let two: TwoGateways
    /// Before the gateway of Kyrgyzstan, which receives.
    let proxy: FaultProxy
    /// Before the gateway of Kazakhstan, which gets receipts.
    let returning: FaultProxy
    private let clients: Mutex<[PeerClient]>
    private let delivered = Mutex<[BundleKey]>([])

    /// What came of a delivery.
    struct Outcome: Sendable {
        let bundle: BundleKey
        /// How often somebody had to try again.
        let retries: Int
        /// The bytes that passed on the way there.
        let traffic: FaultProxy.Traffic
    }

    /// Runs both for the length of the body.
    static func with<T: Sendable>(_ body: @escaping @Sendable (LiveGateways) async throws -> T) async throws -> T {
        let live = try await LiveGateways()
        defer { live.two.end() }
        let stop = ListenerStop()
        let listeners = [
            (try await live.listener(live.two.kg), live.proxy), (try await live.listener(live.two.kz), live.returning),
        ]
        let (started, tell) = AsyncStream.makeStream(of: Void.self)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for (listener, proxy) in listeners {
                group.addTask {
                    try await listener.run(stop: stop) { port in
                        proxy.lead(to: port)
                        tell.yield()
                    }
                }
            }
            var count = 0
            for await _ in started {
                count += 1
                if count == listeners.count { break }
            }
            do {
                let result = try await body(live)
                live.close()
                for proxy in [live.proxy, live.returning] { proxy.stop() }
                stop.stop()
                try await group.waitForAll()
                return result
            } catch {
                group.cancelAll()
                throw error
            }
        }
    }

    private init() async throws {
        let proxies = [try FaultProxy(), try FaultProxy()]
        (proxy, returning) = (proxies[0], proxies[1])
        let ports = ["KG-GPO": proxies[0].port, "KZ-GPO": proxies[1].port]
        let made = Mutex<[PeerClient]>([])
        two = try await TwoGateways(connect: { _, keys, peers in
            let client = PeerClient(
                endpoint: { peer in
                    PeerEndpoint(peer: peer, url: "https://127.0.0.1:\(ports[peer.text] ?? 0)") { chain, host in
                        try peers.checkServer(derChain: chain, host: host, of: peer)
                    }
                },
                identity: { try await keys.current(.gatewayTLS) }
            )
            made.withLock { $0.append(client) }
            return client
        })
        clients = Mutex(made.withLock { $0 })
    }

    private func listener(_ side: TwoGateways.Side) async throws -> PeerListener {
        try await PeerListener(
            ExchangeListenerSettings(host: "127.0.0.1", port: 0),
            gateway: side.gateway,
            capabilities: OwnCapabilities(
                largestBundle: 1 << 30,
                treaties: [],
                languages: ["ru"],
                contact: CapabilitySheet.Contact(name: "Duty officer")
            )
        )
    }

    /// Closes unused connections, so that the next request makes one.
    func close() { for client in clients.withLock({ $0 }) { client.close() } }

    // MARK: - An exchange

    /// A bundle goes from Kazakhstan to Kyrgyzstan and is opened there, its first connections with faults; what is put
    /// off is tried again until everything is done.
    /// - Parameters:
    ///   - faults: Those of the first connections.
    ///   - vanishing: Connections of the exchange before stay, and lead nowhere; nobody hears of it.
    /// - Returns: What came of it.
    /// - Throws: `HarnessError` when it is not done after many attempts.
    func exchange(_ faults: [FaultProxy.Fault?], vanishing: Bool = false) async throws -> Outcome {
        let draft = try await two.approved(from: two.kz, to: two.kg)
        let before = try await keys()
        if vanishing { proxy.vanish() } else { close() }
        proxy.plan(faults)
        try await two.kz.gateway.dispatch.send(draft: draft.text, by: two.kz.person("officer"))
        var retries = 0
        try await two.settle()
        guard let key = try await keys().subtracting(before).first else {
            throw HarnessError("the bundle was not sealed")
        }
        let officer = try await two.kg.person("officer")
        while true {
            let there = try await list(two.kg).first { $0.key == key }
            let here = try await list(two.kz).first { $0.key == key }
            let held = try await two.kz.gateway.bundles.show(key, by: two.kz.person("officer")).receipts.count
            switch (here?.state, there?.state) {
            case (.opened, .opened) where held == 2:
                delivered.withLock { $0.append(key) }
                return Outcome(bundle: key, retries: retries, traffic: proxy.traffic)
            case (_, .received): try await two.kg.gateway.opening.open(key, by: officer)
            default:
                guard retries < 12 else {
                    throw HarnessError("not done: \(here?.state as Any), \(there?.state as Any)")
                }
                retries += 1
                // Longer than any pause after so many failures.
                two.wait(seconds: 8 << Int64(min(retries, 7)))
            }
            try await two.settle()
        }
    }

    private func list(_ side: TwoGateways.Side) async throws -> [BundleRecord] {
        try await side.gateway.bundles.list(limit: 500, by: side.person("officer"))
    }

    private func keys() async throws -> Set<BundleKey> { Set(try await list(two.kz).map(\.key)) }

    /// What is wrong with the outcome of everything so far.
    func faults() async throws -> [String] {
        var faults: [String] = []
        let keys = delivered.withLock { $0 }
        for (side, wanted) in [
            (two.kz, [LogEntry.Kind.bundleSealed: 1, .bundleAnnounced: 1, .bundleSent: 1, .receiptStored: 2]),
            (two.kg, [.bundleAnnounced: 1, .bundleReceived: 1, .bundleOpened: 1, .receiptIssued: 2]),
        ] {
            let (auditor, officer) = (try await side.person("auditor"), try await side.person("officer"))
            for key in keys {
                var filter = LogFilter()
                filter.bundle = key.id
                let kinds = try await side.gateway.core.store.entries(in: .exchange, matching: filter)
                    .map { try LogEntry(decoding: $0.bytes).kind }
                for (kind, count) in wanted {
                    let found = kinds.filter { $0 == kind }.count
                    if found != count { faults.append("\(side.party): \(found) entries \(kind) of \(key.id)") }
                }
                let (record, receipts, pending) = try await side.gateway.bundles.show(key, by: officer)
                if record.state != .opened || receipts.count != 2 || !pending.isEmpty {
                    faults.append("\(side.party): \(key.id) is \(record.state) with \(receipts.count) receipts")
                }
            }
            for tree in LogTree.allCases { try await side.gateway.log.verify(tree, by: auditor) }
        }
        return try await faults + reconciliation()
    }

    private func reconciliation() async throws -> [String] {
        let room = try Room()
        var words = ["log"]
        for side in [two.kz, two.kg] {
            let bytes = Mutex<[UInt8]>([])
            try await side.gateway.log.export(.exchange, by: side.person("auditor")) { piece in
                bytes.withLock { $0 += piece }
            }
            let path = try room.write(side.party.text, Data(bytes.withLock { $0 }))
            let other = side.party == two.kz.party ? two.kg : two.kz
            let key = try await other.gateway.peers.exchangeLogKey(of: side.party)
            words += [path, "--key", "\(key)"]
        }
        let finished = try await room.evidenceVerify(words)
        return finished.status == 0 ? [] : ["\(finished)"]
    }
}
