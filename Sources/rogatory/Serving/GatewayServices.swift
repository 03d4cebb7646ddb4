import BundleExchange
import CaseWork
import EvidencePackaging
import ExchangeModel
import GatewayListener
import Logging
import PeerExchange
import Persistence
import ServiceLifecycle
import Synchronization
import TrustCrypto

/// Something done at once and then again and again.
struct RepeatingService: Service {
    let pause: Duration
    let work: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await work()
                try? await Task.sleep(for: pause)
            }
        }
    }
}

/// Ends the process when bytes could not be made durable: it would refuse everything until it is started again, and
/// whoever supervises it can do that.
struct DurabilityWatch: Service {
    let store: GatewayStore
    let logger: Logger

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if let failure = store.failure {
                    logger.critical("The gateway ends, its disk failed", metadata: ["error": "\(failure)"])
                    throw failure
                }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}

/// The outbox at work.
struct OutboxService: Service {
    let scheduler: OutboxScheduler

    func run() async throws {
        await withGracefulShutdownHandler {
            await scheduler.run()
        } onGracefulShutdown: {
            scheduler.stop()
        }
    }
}

/// Submitting our checkpoints to partners at work.
struct WitnessService: Service {
    let witnessing: Witnessing

    func run() async throws {
        await withGracefulShutdownHandler {
            await witnessing.run()
        } onGracefulShutdown: {
            witnessing.stop()
        }
    }
}

/// Reminders and their sending at work.
struct RemindersService: Service {
    let service: NotificationService

    func run() async throws {
        await withGracefulShutdownHandler {
            await service.run()
        } onGracefulShutdown: {
            service.stop()
        }
    }
}

/// The partners' listener, from the moment when there is a key for it.
struct PeersService: Service {
    let process: GatewayProcess
    let metrics: PrometheusMetrics

    func run() async throws {
        let key = try await process.tlsKey()
        guard let key else { return }
        let configuration = process.configuration
        let listener = try await PeerListener(
            ExchangeListenerSettings(
                host: configuration.peersHost,
                port: configuration.peersPort,
                limits: configuration.listenerLimits
            ),
            gateway: process.gateway,
            capabilities: OwnCapabilities(
                largestBundle: configuration.limits.largestBundle,
                treaties: configuration.treaties,
                languages: configuration.languages,
                contact: CapabilitySheet.Contact(
                    name: configuration.contactName ?? "\(process.gateway.core.party)",
                    telephone: configuration.contactTelephone,
                    email: configuration.contactEmail
                )
            ),
            metrics: metrics,
            logger: process.logger
        )
        let stop = ListenerStop()
        try await withGracefulShutdownHandler {
            try await process.following(key) {
                try listener.show($0)
            } during: {
                try await listener.run(stop: stop) { port in
                    process.logger.notice("Partners are served", metadata: ["port": "\(port)"])
                }
            }
        } onGracefulShutdown: {
            stop.stop()
        }
    }
}

/// The people's listener, from the moment when there is a key for it.
struct OfficersService: Service {
    let process: GatewayProcess
    let routes: [ListenerRoute]
    let metrics: PrometheusMetrics

    func run() async throws {
        guard let key = try await process.tlsKey() else { return }
        let state = try TLSStateBox(chain: [key.certificate] + key.chain, key: key.key.pem())
        let tls = ListenerTLS(state: state, clientCertificates: .optional) { chain in
            // Who it is, and whether it still holds, is asked for every request.
            guard chain.first?.purpose == .personSignIn else {
                throw ExchangeError(.accessUnknown, "The certificate is not one for signing in")
            }
        }
        let service = HTTPService(
            .tcp(host: process.configuration.officersHost, port: process.configuration.officersPort),
            routes: routes,
            tls: tls,
            limits: process.configuration.listenerLimits,
            metrics: metrics,
            logger: process.logger
        )
        let stop = ListenerStop()
        try await withGracefulShutdownHandler {
            try await process.following(key) {
                try state.replace(chain: [$0.certificate] + $0.chain, key: $0.key.pem())
            } during: {
                try await service.run(stop: stop) { port in
                    process.logger.notice("People are served", metadata: ["port": "\(port)"])
                }
            }
        } onGracefulShutdown: {
            stop.stop()
        }
    }
}

extension GatewayProcess {
    /// The TLS key, as soon as there is one; `nil` when the gateway stops before.
    func tlsKey() async throws -> InstalledKey? {
        let box = KeyBox()
        await cancelWhenGracefulShutdown {
            var isTold = false
            while !Task.isCancelled {
                if let key = try? await gateway.keys.current(.gatewayTLS) {
                    box.key.withLock { $0 = key }
                    return
                }
                if !isTold {
                    logger.warning("There is no TLS key yet; only the local socket is served")
                    isTold = true
                }
                try? await Task.sleep(for: .seconds(2))
            }
        }
        return box.key.withLock { $0 }
    }

    /// Shows a newer TLS key when one is installed, while something is served.
    func following(
        _ first: InstalledKey,
        show: @escaping @Sendable (InstalledKey) throws -> Void,
        during body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var shown = first.certificate.sha256
                while true {
                    try await Task.sleep(for: .seconds(10))
                    guard let key = try? await gateway.keys.current(.gatewayTLS), key.certificate.sha256 != shown else {
                        continue
                    }
                    do {
                        try show(key)
                        shown = key.certificate.sha256
                        logger.notice("A new TLS certificate is shown")
                    } catch {
                        logger.error("The new TLS certificate cannot be used", metadata: ["error": "\(error)"])
                    }
                }
            }
            defer { group.cancelAll() }
            try await body()
        }
    }
}
