public import CoreMetrics
public import ExchangeModel
import Glibc
import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle
import Synchronization
import UnixSignals

/// An HTTP/1.1 service: an address, routes and limits. Refusals are RFC 9457 problem details.
public struct HTTPService: Sendable {
    /// Where it listens.
    public enum Endpoint: Hashable, Sendable {
        /// A host name or address, and a port; 0 takes any free one.
        case tcp(host: String, port: Int)
        /// A socket file; one that nobody listens on any more is replaced, and the file is for its owner only.
        case unixSocket(path: String)
    }

    /// The HTTP status under which an error may be told to the client with its code, reason and hint; `nil` for one
    /// that is only logged and becomes status 500.
    public typealias ProblemStatus = @Sendable (ExchangeError) -> Int?

    /// Where it listens.
    public let endpoint: Endpoint
    /// What is served.
    public let routes: [ListenerRoute]
    /// TLS, or `nil` for plain HTTP.
    public let tls: ListenerTLS?
    /// What every connection is held to.
    public let limits: ListenerLimits
    private let problem: ProblemStatus
    private let metrics: RequestMetrics?
    private let logger: Logger

    /// Takes all fields. Without a logger nothing is logged.
    public init(
        _ endpoint: Endpoint,
        routes: [ListenerRoute],
        tls: ListenerTLS? = nil,
        limits: ListenerLimits = .init(),
        metrics: (any MetricsFactory)? = nil,
        logger: Logger? = nil,
        problem: @escaping ProblemStatus = { _ in nil }
    ) {
        self.endpoint = endpoint
        self.routes = routes
        self.tls = tls
        self.limits = limits
        self.problem = problem
        self.metrics = metrics.map { RequestMetrics(factory: $0) }
        self.logger = logger ?? ConnectionLog.silent
    }

    /// A service in plain HTTP on a TCP port.
    public init(host: String = "127.0.0.1", port: Int, routes: [ListenerRoute], limits: ListenerLimits = .init()) {
        self.init(.tcp(host: host, port: port), routes: routes, limits: limits)
    }

    /// Serves until the task is cancelled, until `stop` is used, or, with `stopsOnSignals`, until SIGINT or SIGTERM.
    ///
    /// A cancelled task ends every connection at once. Otherwise no connection is taken any more, unused ones are
    /// closed, and running requests have the limits' `stopTimeout` to end.
    ///
    /// `started` gets the bound port once, 0 for a socket file. Throws `listener.address` if the address cannot be bound.
    public func run(
        stopsOnSignals: Bool = false,
        stop: ListenerStop? = nil,
        started: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) async throws(ExchangeError) {
        if case .unixSocket(let path) = endpoint { try SocketFile.checkFree(path) }
        let server = makeServer(started)
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: server)],
            gracefulShutdownSignals: stopsOnSignals ? [.sigterm, .sigint] : [],
            logger: ConnectionLog.silent
        )
        configuration.maximumGracefulShutdownDuration = limits.stopTimeout
        let group = ServiceGroup(configuration: configuration)
        stop?.attach { Task { await group.triggerGracefulShutdown() } }
        do {
            try await group.run()
        } catch is CancellationError {
            return
        } catch {
            throw ExchangeError(
                .listenerAddress,
                "The listener on \(endpoint) could not be started or stopped by a fault",
                hint: "check that the address is free and belongs to this machine",
                details: [String(describing: error)]
            )
        }
    }

    private func makeServer(_ started: @escaping @Sendable (Int) async -> Void) -> any Service {
        let desk = RequestDesk(routes: routes, limits: limits, tls: tls, problem: problem, metrics: metrics)
        let socketPath: String? = if case .unixSocket(let path) = endpoint { path } else { nil }
        let channel = GatewayChannel(
            desk: desk,
            limits: limits,
            tls: tls,
            isLocal: socketPath != nil,
            ledger: ConnectionLedger(
                perAddress: limits.connectionsPerAddress,
                perCertificate: limits.connectionsPerCertificate
            ),
            log: logger
        )
        let address: BindAddress =
            switch endpoint {
            case .tcp(let host, let port): .hostname(host, port: port)
            case .unixSocket(let path): .unixDomainSocket(path: path)
            }
        return Server(
            childChannelSetup: channel,
            configuration: .init(
                address: address,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    limits.connections,
                    logger: ConnectionLog.silent
                )
            ),
            onServerRunning: { channel in
                if let socketPath { chmod(socketPath, 0o600) }
                await started(channel.localAddress?.port ?? 0)
            },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: ConnectionLog.silent
        )
    }
}

extension HTTPService: Service {
    /// Serves until the task is cancelled or its service group stops.
    public func run() async throws { try await run(stopsOnSignals: false) }
}

extension HTTPService.Endpoint: CustomStringConvertible {
    /// The address for people.
    public var description: String {
        switch self {
        case .tcp(let host, let port): "\(host) port \(port)"
        case .unixSocket(let path): "socket \(path)"
        }
    }
}

/// Asks a running service to stop as it should: no new connections, running requests to their end.
public final class ListenerStop: Sendable {
    private struct State {
        var isAsked = false
        var actions: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// Asks for nothing yet.
    public init() {}

    /// Asks; may be called at any time and more than once.
    public func stop() {
        let actions = state.withLock { state in
            state.isAsked = true
            defer { state.actions = [] }
            return state.actions
        }
        for action in actions { action() }
    }

    func attach(_ action: @escaping @Sendable () -> Void) {
        let isAsked = state.withLock { state in
            if !state.isAsked { state.actions.append(action) }
            return state.isAsked
        }
        if isAsked { action() }
    }
}

/// The file of a Unix socket.
enum SocketFile {
    /// Throws when somebody listens on it; a file that is left over is replaced when it is bound.
    static func checkFree(_ path: String) throws(ExchangeError) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { space in
            guard path.utf8.count < space.count else { return false }
            space.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { throw ExchangeError(.listenerAddress, "The path of the socket file is too long") }
        let answered = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard !answered else {
            throw ExchangeError(.listenerAddress, "Another process listens on the socket file \(path)")
        }
    }
}
