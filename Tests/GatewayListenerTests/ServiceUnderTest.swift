import ExchangeModel
import GatewayListener
import Logging
import Synchronization

/// Runs a service for the length of the body.
func withService(
    _ service: HTTPService,
    stop: ListenerStop? = nil,
    _ body: @escaping @Sendable (_ port: Int) async throws -> Void
) async throws {
    let (ports, started) = AsyncStream.makeStream(of: Int.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { started.finish() }
            try await service.run(stop: stop) { port in started.yield(port) }
        }
        for await port in ports {
            try await body(port)
            break
        }
        group.cancelAll()
        try await group.waitForAll()
    }
}

func withService(
    _ routes: [ListenerRoute],
    limits: ListenerLimits = .init(),
    _ body: @escaping @Sendable (_ base: String) async throws -> Void
) async throws {
    try await withService(HTTPService(port: 0, routes: routes, limits: limits)) { port in
        try await body("http://127.0.0.1:\(port)")
    }
}

/// A service with TLS under the test PKI.
func tlsService(
    _ pki: TestPKI,
    _ routes: [ListenerRoute],
    clientCertificates: ListenerTLS.ClientCertificates = .required,
    limits: ListenerLimits = .init(),
    state: TLSStateBox? = nil,
    log: LogLines = LogLines(),
    check: ListenerTLS.Check? = nil
) throws -> HTTPService {
    let state = try state ?? TLSStateBox(chain: pki.server.chain, key: pki.server.key)
    return HTTPService(
        .tcp(host: "127.0.0.1", port: 0),
        routes: routes,
        tls: ListenerTLS(
            state: state,
            clientCertificates: clientCertificates,
            check: check ?? { chain in try pki.check(chain) }
        ),
        limits: limits,
        logger: log.logger
    )
}

/// Counts.
final class Tally: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func add(_ amount: Int = 1) { count.add(amount, ordering: .sequentiallyConsistent) }
}

/// A door that is closed until it is opened once.
final class Door: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func open() { continuation.finish() }

    func waitUntilOpen() async { for await _ in stream {} }
}

/// Keeps what is logged.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(lines: self) }
    }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            let fields = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            lines.lines.withLock { $0.append("\(event.message) " + fields.joined(separator: " ")) }
        }
    }
}
