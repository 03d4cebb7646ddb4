public import BundleExchange
public import CoreMetrics
public import ExchangeModel
public import GatewayListener
public import Logging
import Synchronization
public import TrustCrypto

/// Where partners reach this gateway.
public struct ExchangeListenerSettings: Hashable, Sendable {
    /// The host name or address to bind to.
    public var host: String
    /// The port to bind to; 0 takes any free one.
    public var port: Int
    /// What connections and requests are held to.
    public var limits: ListenerLimits

    /// Takes all fields.
    public init(host: String, port: Int, limits: ListenerLimits = .init()) {
        self.host = host
        self.port = port
        self.limits = limits
    }
}

/// The partners' listener, put together: mutual TLS with our certificate of the day, the routes, the errors.
public final class PeerListener: Sendable {
    /// Told of a chain that was not let in.
    public typealias NoteRefusal = @Sendable (_ chain: [PartyCertificate], _ code: ErrorCode) async -> Void

    private let service: HTTPService
    private let state: TLSStateBox
    private let shown: Mutex<SHA256Digest>
    private let notes = RefusalNotes()
    private let noteRefusal: NoteRefusal

    /// Puts the listener together.
    ///
    /// - Parameters:
    ///   - settings: Where it listens.
    ///   - routes: What it serves.
    ///   - key: Our certificate and key for TLS.
    ///   - check: Throws for a client's chain that is not to be let in; asked at the handshake and for every request.
    ///   - noteRefusal: Told of each chain that was not let in, as far as it keeps up.
    ///   - metrics: Counts requests.
    ///   - logger: Told of refused connections.
    /// - Throws: `listener.certificate`.
    public init(
        _ settings: ExchangeListenerSettings,
        routes: PeerRoutes,
        key: InstalledKey,
        check: @escaping ListenerTLS.Check,
        noteRefusal: @escaping NoteRefusal = { _, _ in },
        metrics: (any MetricsFactory)? = nil,
        logger: Logger? = nil
    ) throws {
        state = try TLSStateBox(chain: [key.certificate] + key.chain, key: key.key.pem())
        shown = Mutex(key.certificate.sha256)
        self.noteRefusal = noteRefusal
        let notes = notes
        let tls = ListenerTLS(state: state, clientCertificates: .required) { chain in
            do {
                try check(chain)
            } catch {
                notes.add(chain, error)
                throw error
            }
        }
        service = HTTPService(
            .tcp(host: settings.host, port: settings.port),
            routes: routes.routes,
            tls: tls,
            limits: settings.limits,
            metrics: metrics,
            logger: logger,
            problem: ProblemStatus.of
        )
    }

    /// The listener of a gateway.
    ///
    /// - Parameters:
    ///   - settings: Where it listens.
    ///   - gateway: Whose listener it is.
    ///   - capabilities: What the gateway says of itself on its capability sheet.
    ///   - metrics: Counts requests.
    ///   - logger: Told of refused connections.
    /// - Throws: `key.none_usable`, `listener.certificate`.
    public convenience init(
        _ settings: ExchangeListenerSettings,
        gateway: ExchangeGateway,
        capabilities: OwnCapabilities,
        metrics: (any MetricsFactory)? = nil,
        logger: Logger? = nil
    ) async throws {
        let peers = gateway.peers
        let core = gateway.core
        try self.init(
            settings,
            routes: PeerRoutes(
                reception: gateway.reception,
                pulling: gateway.pulling,
                witness: { try await gateway.witnessing.answer($0, oldRoot: $1, by: $2) },
                identify: { try peers.identify(tlsChain: $0) },
                sheet: { try await peers.ownSheet(capabilities) },
                limits: core.limits
            ),
            key: try await gateway.keys.current(.gatewayTLS),
            check: { _ = try peers.identifyCaller(tlsChain: $0) },
            noteRefusal: { chain, code in
                do {
                    try await peers.noteRefusal(of: chain, code: code)
                } catch {
                    core.logger.error("refusal not entered in the log", metadata: ["error": "\(error)"])
                }
            },
            metrics: metrics,
            logger: logger
        )
    }

    /// Serves until the task is cancelled or `stop` is used.
    ///
    /// `started` gets the bound port once. Throws `listener.address`.
    public func run(
        stop: ListenerStop? = nil,
        started: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.notes.forEach(self.noteRefusal) }
            defer { notes.end() }
            try await service.run(stop: stop, started: started)
            notes.end()
            try await group.waitForAll()
        }
    }

    /// Shows another certificate to later connections if it is not the one shown now; on an error the old one stays.
    ///
    /// - Returns: Whether it was changed.
    /// - Throws: `listener.certificate`.
    @discardableResult
    public func show(_ key: InstalledKey) throws -> Bool {
        try shown.withLock { shown in
            guard shown != key.certificate.sha256 else { return false }
            try state.replace(chain: [key.certificate] + key.chain, key: key.key.pem())
            shown = key.certificate.sha256
            return true
        }
    }
}
