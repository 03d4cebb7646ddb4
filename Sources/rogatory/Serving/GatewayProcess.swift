import BundleExchange
import CaseWork
import CommandSurface
import EvidencePackaging
import ExchangeModel
import Foundation
import GatewayListener
import LegalAssistance
import Logging
import OfficerAPI
import OutboundTransport
import PeerExchange
import Persistence
import ServiceLifecycle
import TrustCrypto
import UnixSignals

/// A running gateway: its listeners, its outbox, and what it does by the hour.
struct GatewayProcess: Sendable {
    let configuration: GatewayConfiguration
    let gateway: ExchangeGateway
    let office: CaseOffice
    let logger: Logger
    private let metrics = PrometheusMetrics()
    private let trustWatch: TrustDirectoryWatch

    /// Opens the data directory, which nobody else may have open.
    ///
    /// - Throws: `data.*`, `store.*`, `trust.*`, `treaty.*`, `gateway.not_initialised`.
    init(_ configuration: GatewayConfiguration) async throws {
        self.configuration = configuration
        let level = configuration.logLevel
        let logger = Logger(label: "rogatory") { _ in StructuredLog(level: level) }
        self.logger = logger
        let directory = try DataDirectory(locking: configuration.data)
        let storeKey = try Self.storeKey(configuration, directory)
        let store = try GatewayStore(opening: directory)
        try await store.check(storeKey)
        let party = try await GatewayCore.party(in: store)
        let now: @Sendable () -> ExchangeTime = {
            ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970))
        }
        trustWatch = TrustDirectoryWatch(configuration.trust, logger: logger)
        let book = try CaseBook(of: party, configuration, now: now, logger: logger)
        let core = GatewayCore(
            store: store,
            blobs: BlobStore(in: directory, key: storeKey),
            directory: directory,
            storeKey: storeKey,
            party: party,
            ownTrust: try TrustDirectory(reading: configuration.trust),
            importDirectories: configuration.importDirectories,
            limits: configuration.limits,
            now: now,
            timestamps: configuration.timestamps.map { TimestampSource($0, ask: Timestamping.over(url: $0)) },
            revocationGrace: configuration.revocationGrace,
            signatureLevel: configuration.signatureLevel,
            scanner: configuration.scanner,
            fetchRevocation: { url, body, contentType in
                var request = OutboundRequest(body == nil ? .get : .post, url: url, allowsPlainHTTP: true)
                request.body = body ?? []
                request.contentType = contentType
                request.largestResponse = 16_777_216
                return try await OutboundClient.fetchOnOwnThread(request).body
            },
            messages: book,
            logger: logger
        )
        gateway = try await ExchangeGateway(core: core) { keys, peers in PeerClient(keys: keys, peers: peers) }
        office = CaseOffice(gateway, book: book)
    }

    static func storeKey(_ configuration: GatewayConfiguration, _ directory: DataDirectory) throws -> StoreKey {
        if let credentials = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"],
            FileManager.default.fileExists(atPath: credentials + "/" + StoreKey.credentialName)
        {
            return try StoreKey(credentialIn: credentials)
        }
        return try StoreKey(file: configuration.storeKey ?? directory.storeKey)
    }

    /// Serves until SIGTERM or SIGINT; running requests and work have half a minute to end.
    func run() async throws {
        try await gateway.begin()
        let people = try OfficerInterface(gateway, office: office, hooks: hooks())
        let ping = PeerPing(gateway)
        let services: [any Service] = [
            HTTPService(
                .unixSocket(path: gateway.core.directory.socket),
                routes: people.routes + house(people),
                metrics: metrics,
                logger: logger
            ),
            PeersService(process: self, metrics: metrics),
            OfficersService(
                process: self,
                routes: people.routes + house(people) + CalendarRoute(office.feeds).routes,
                metrics: metrics
            ),
            // Lists are fetched only when they are due.
            RepeatingService(pause: .seconds(60)) { await self.refreshRevocation() },
            RepeatingService(pause: .seconds(3_600)) { await self.keepHouse() },
            RepeatingService(pause: .seconds(300)) { await self.askForSheets(ping) },
            DurabilityWatch(store: gateway.core.store, logger: logger),
            OutboxService(scheduler: gateway.scheduler),
            WitnessService(witnessing: gateway.witnessing),
            RemindersService(
                service: NotificationService(
                    gateway: gateway,
                    book: office.book,
                    settings: configuration.notifications
                )
            ),
        ]
        var group = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        group.maximumGracefulShutdownDuration = .seconds(30)
        logger.notice("The gateway is up", metadata: ["party": "\(gateway.core.party)"])
        try await ServiceGroup(configuration: group).run()
        try await gateway.finish()
        try gateway.core.store.close()
        logger.notice("The gateway has stopped")
    }

    // MARK: - Again and again

    private func refreshRevocation() async {
        await trustWatch.look { try await gateway.peers.replaceOwnTrust($0) }
        do {
            for list in try await gateway.peers.revocation.refresh() {
                guard let error = list.lastError else { continue }
                logger.warning(
                    "A revocation list could not be fetched",
                    metadata: ["url": "\(list.address)", "code": "\(error.code)"]
                )
            }
        } catch {
            logger.error("Revocation lists could not be kept", metadata: ["error": "\(error)"])
        }
    }

    private func keepHouse() async {
        do {
            try await gateway.reception.abandonSilent()
            try await gateway.enterHouseCheckpoint()
            try await gateway.expiry.warn()
            try await gateway.witnessing.hourly()
        } catch {
            logger.error("The hourly work failed", metadata: ["error": "\(error)"])
        }
    }

    /// Asks partners for their capability sheets, a day old or near their end.
    private func askForSheets(_ ping: PeerPing) async {
        do {
            for peer in try await gateway.peers.dueSheets() {
                try Task.checkCancellation()
                try await gateway.peers.beginSheet(of: peer)
                let report = try? await ping.ping(peer)
                guard let line = report?.lines.first(where: { $0.outcome == .failed }) else { continue }
                logger.warning(
                    "A partner's capability sheet could not be renewed",
                    metadata: [
                        "peer": "\(peer)", "step": "\(line.step.rawValue)", "code": "\(line.code?.rawValue ?? "none")",
                    ]
                )
            }
        } catch is CancellationError {
        } catch {
            logger.error("Capability sheets could not be kept", metadata: ["error": "\(error)"])
        }
    }

    // MARK: - State

    /// Whether the gateway can do its work, thing by thing.
    func conditions() async -> [GatewayCondition] {
        var found: [GatewayCondition] = []
        func note(_ name: String, _ good: String, _ check: () async throws -> String?) async {
            do {
                let fault = try await check()
                found.append(GatewayCondition(name: name, isGood: fault == nil, detail: fault ?? good))
            } catch {
                let reason = (error as? ExchangeError)?.reason ?? "It could not be examined"
                found.append(GatewayCondition(name: name, isGood: false, detail: reason))
            }
        }
        await note("store", "The database answers") {
            _ = try await gateway.waitingWork()
            return nil
        }
        for purpose in [KeyPurpose.gatewayTLS, .gatewaySeal, .gatewayEncryption, .receipt] {
            await note("key " + purpose.rawValue, "A key is installed and valid") {
                _ = try await gateway.keys.current(purpose)
                return nil
            }
        }
        found += trustConditions()
        await note("disk", "Enough is free") {
            try gateway.freeBytes() < configuration.limits.diskFloor ? "Less is free than the configured floor" : nil
        }
        return found
    }

    /// Services that fail are shown; the gateway serves all the same, because only what needs them waits.
    private func trustConditions() -> [GatewayCondition] {
        let states = gateway.core.services.states
        return TrustServiceKind.allCases.compactMap { kind in
            let all = states.filter { $0.kind == kind }
            let failing = all.filter { $0.standing == .failing }
            guard !all.isEmpty else { return nil }
            let detail = failing.map { service in
                "\(service.address) fails since \(service.since)"
                    + (service.lastSuccess.map { ", answered last at \($0)" } ?? "")
            }
            return GatewayCondition(
                name: "trust service " + kind.rawValue,
                isGood: failing.isEmpty,
                detail: failing.isEmpty ? "All answer as they should" : detail.joined(separator: "; "),
                isVital: false
            )
        }
    }

    private func hooks() -> OfficerHooks {
        let ping = PeerPing(gateway)
        let (logger, gateway) = (logger, gateway)
        return OfficerHooks(
            ping: { try await ping.ping($0).json() },
            conditions: { await self.conditions() },
            backup: { certificate, person in
                let backup = try await gateway.backup.begin(to: certificate, by: person)
                return .stream(length: backup.size) { stream in
                    while true {
                        let bytes = try await backup.next()
                        guard !bytes.isEmpty else { return }
                        try await stream.write(bytes)
                    }
                }
            },
            onFault: { operation, error in
                logger.error("A request met a fault", metadata: ["operation": "\(operation)", "error": "\(error)"])
            }
        )
    }

    /// What is asked by machines: life, readiness, metrics.
    private func house(_ people: OfficerInterface) -> [ListenerRoute] {
        return [
            ListenerRoute("GET", "/healthz") { _ in
                ListenerResponse(contentType: "text/plain", body: Array("ok\n".utf8))
            },
            ListenerRoute("GET", "/readyz") { _ in
                let isReady = await conditions().allSatisfy { $0.isGood || !$0.isVital }
                return ListenerResponse(
                    status: isReady ? 200 : 503,
                    contentType: "text/plain",
                    body: Array((isReady ? "ready\n" : "not ready\n").utf8)
                )
            },
            ListenerRoute("GET", "/metrics") { request in
                // Queue lengths say something about cases: only for those who keep or audit the gateway.
                guard let person = try? await people.person(request.caller), person.may(.seeStatus) else {
                    return ListenerResponse(status: 403, contentType: "text/plain", body: Array("not allowed\n".utf8))
                }
                let work = try await gateway.waitingWork()
                metrics.set("rogatory_outbox_waiting", to: Double(work.all))
                metrics.set("rogatory_outbox_failing", to: Double(work.failing))
                for service in gateway.core.services.states {
                    let labels = [("kind", service.kind.rawValue), ("address", service.address)]
                    metrics.set("rogatory_trust_service_up", labels, to: service.standing == .failing ? 0 : 1)
                    guard let success = service.lastSuccess else { continue }
                    metrics.set(
                        "rogatory_trust_service_last_success_timestamp_seconds",
                        labels,
                        to: Double(success.secondsSince1970)
                    )
                }
                metrics.set("rogatory_disk_free_bytes", to: Double(try gateway.freeBytes()))
                return ListenerResponse(
                    contentType: "text/plain; version=0.0.4; charset=utf-8",
                    body: Array(metrics.text().utf8)
                )
            },
        ]
    }
}
