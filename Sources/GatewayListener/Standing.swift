import ExchangeModel
import Logging
import NIOPosix
import Synchronization
import TrustCrypto

/// Whether a caller's certificate still holds, asked for every request and again while a long one lasts.
final class Standing: Sendable {
    private let chain: [PartyCertificate]
    private let check: ListenerTLS.Check
    private let interval: Duration
    private let logger: Logger
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    init(chain: [PartyCertificate], check: @escaping ListenerTLS.Check, interval: Duration, logger: Logger) {
        self.chain = chain
        self.check = check
        self.interval = interval
        self.logger = logger
    }

    /// Throws `listener.caller`, which says nothing more; the log has the reason.
    func recheck() async throws {
        last.withLock { $0 = .now }
        let (chain, check) = (chain, check)
        do {
            try await NIOThreadPool.singleton.runIfActive { try check(chain) }
        } catch {
            ConnectionLog.refused(logger, chain: chain, error: error)
            throw ExchangeError(.listenerCaller, "The certificate is not one that is let in")
        }
    }

    func recheckIfDue() async throws {
        let isDue = last.withLock { last in last.map { .now - $0 >= interval } ?? true }
        if isDue { try await recheck() }
    }
}

/// What the log says of connections.
enum ConnectionLog {
    static let silent = Logger(label: "listener") { _ in SwiftLogNoOpLogHandler() }

    static func refused(_ logger: Logger, chain: [PartyCertificate], error: any Error) {
        var metadata: Logger.Metadata = ["reason": "\(error)"]
        if let code = (error as? ExchangeError)?.code { metadata["code"] = "\(code)" }
        if let leaf = chain.first {
            metadata["certificate"] = "\(leaf.sha256)"
            metadata["subject"] = "\(leaf.displayName)"
        }
        logger.notice("client certificate refused", metadata: metadata)
    }
}
