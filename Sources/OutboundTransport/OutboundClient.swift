public import ExchangeModel
import Glibc

/// Sends requests to services outside over libcurl.
///
/// Redirects are not followed, proxies, cookies and passwords from the environment are not used, answers are not
/// decompressed, and TLS is 1.2 or later. Every request has a connection of its own; see ``OutboundSession``.
public enum OutboundClient {
    /// What the client calls itself.
    public static let userAgent = "rogatory/0.1"

    /// Sends a request and waits for the answer on the calling thread.
    ///
    /// Throws the `transport.` codes, what the request's closures throw, and `transport.status` for a status that is not
    /// accepted, with the other side's reason and code in the details.
    public static func fetch(_ request: OutboundRequest) throws(ExchangeError) -> OutboundResponse {
        try Exchange().perform(request)
    }

    /// Sends a request on a thread of its own and suspends until the answer is there or the task is cancelled.
    ///
    /// Throws as ``fetch(_:)`` does, and `transport.cancelled`.
    public static func fetchOnOwnThread(_ request: OutboundRequest) async throws(ExchangeError) -> OutboundResponse {
        try await perform(request, on: Exchange())
    }

    static func perform(
        _ request: OutboundRequest,
        on exchange: Exchange
    ) async throws(ExchangeError) -> OutboundResponse {
        let result = await withTaskCancellationHandler {
            await OwnThread.run { () throws(ExchangeError) in try exchange.perform(request) }
        } onCancel: {
            exchange.cancel()
        }
        return try result.get()
    }
}

/// Work that blocks, on a thread of its own.
enum OwnThread {
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(ExchangeError) -> Value
    ) async -> Result<Value, ExchangeError> {
        await withCheckedContinuation { continuation in
            start {
                do throws(ExchangeError) {
                    continuation.resume(returning: Result<Value, ExchangeError>.success(try work()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            } orElse: { error in
                continuation.resume(returning: .failure(error))
            }
        }
    }

    private static func start(_ work: @escaping @Sendable () -> Void, orElse refused: (ExchangeError) -> Void) {
        let job = Unmanaged.passRetained(Job(work))
        var thread = pthread_t()
        let status = pthread_create(
            &thread,
            nil,
            { context in
                if let context { Unmanaged<Job>.fromOpaque(context).takeRetainedValue().work() }
                return nil
            },
            job.toOpaque()
        )
        guard status == 0 else {
            job.release()
            refused(ExchangeError(.transportInternal, "No thread could be started for an outbound request"))
            return
        }
        pthread_detach(thread)
    }

    private final class Job: Sendable {
        let work: @Sendable () -> Void

        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
}
