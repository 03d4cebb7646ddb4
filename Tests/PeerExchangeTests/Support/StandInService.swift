import BundleExchange
import ExchangeModel
import GatewayListener
import PeerExchange
import TrustCrypto

/// Listeners with a side's real certificate, and something else behind it.
enum StandInService {
    /// Serves the protocol with a desk in memory for the length of the body; everybody is taken for KZ-GPO.
    static func with(
        _ desk: StandInDesk,
        of side: LiveWorld.Side,
        _ body: @escaping @Sendable (_ base: String) async throws -> Void
    ) async throws {
        guard let sender = PartyWorld.kz else { return }
        let listener = try PeerListener(
            ExchangeListenerSettings(host: "127.0.0.1", port: 0),
            routes: PeerRoutes(
                reception: desk,
                witness: { _, _, _ in .cosigned(lines: "") },
                identify: { _ in sender },
                sheet: { [0x30, 0x00] }
            ),
            key: try await side.gateway.keys.current(.gatewayTLS),
            check: { _ in }
        )
        try await running({ try await listener.run(stop: $0, started: $1) }, "https", body)
    }

    /// Gives one answer to everything for the length of the body.
    static func with(
        answer: @escaping ListenerRoute.Handler,
        of side: LiveWorld.Side,
        usesTLS: Bool = true,
        _ body: @escaping @Sendable (_ base: String) async throws -> Void
    ) async throws {
        let key = try await side.gateway.keys.current(.gatewayTLS)
        let state = try TLSStateBox(chain: [key.certificate] + key.chain, key: key.key.pem())
        let routes = ["GET", "PUT", "POST"].map { method in
            ListenerRoute(method, "/*", largestBody: 1 << 30, handler: answer)
        }
        let service = HTTPService(
            .tcp(host: "127.0.0.1", port: 0),
            routes: routes,
            tls: usesTLS ? ListenerTLS(state: state, clientCertificates: .required) { _ in } : nil
        )
        try await running({ try await service.run(stop: $0, started: $1) }, usesTLS ? "https" : "http", body)
    }

    private static func running(
        _ run: @escaping @Sendable (ListenerStop, @escaping @Sendable (Int) async -> Void) async throws -> Void,
        _ scheme: String,
        _ body: @escaping @Sendable (_ base: String) async throws -> Void
    ) async throws {
        let stop = ListenerStop()
        let (ports, tell) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { tell.finish() }
                try await run(stop) { port in tell.yield(port) }
            }
            for await port in ports {
                do {
                    try await body("\(scheme)://127.0.0.1:\(port)")
                } catch {
                    group.cancelAll()
                    throw error
                }
                break
            }
            stop.stop()
            try await group.waitForAll()
        }
    }
}
