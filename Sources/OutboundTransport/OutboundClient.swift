import CCurl
public import ExchangeModel
import Glibc
import Synchronization

/// Sends requests to services outside over libcurl.
///
/// Redirects are not followed, proxies, cookies and passwords from the environment are not used, answers are not
/// decompressed, and TLS is 1.2 or later.
public enum OutboundClient {
    /// What the client calls itself.
    public static let userAgent = "rogatory/0.1"

    /// Sends a request and waits for the answer on the calling thread.
    ///
    /// Throws `transport.url`, `transport.unreachable`, `transport.timeout`, `transport.tls`, `transport.too_large` or
    /// `transport.status`.
    public static func fetch(_ request: OutboundRequest) throws(ExchangeError) -> OutboundResponse {
        try Exchange().perform(request)
    }

    /// Sends a request on a thread of its own and suspends until the answer is there or the task is cancelled.
    ///
    /// Throws as ``fetch(_:)`` does, and `transport.cancelled`.
    public static func fetchOnOwnThread(_ request: OutboundRequest) async throws(ExchangeError) -> OutboundResponse {
        let exchange = try Exchange()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                startThread {
                    do throws(ExchangeError) {
                        continuation.resume(returning: Result<_, ExchangeError>.success(try exchange.perform(request)))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                } orElse: { error in
                    continuation.resume(returning: .failure(error))
                }
            }
        } onCancel: {
            exchange.cancel()
        }
        return try result.get()
    }

    private static func startThread(
        _ work: @escaping @Sendable () -> Void,
        orElse refused: (ExchangeError) -> Void
    ) {
        let job = Unmanaged.passRetained(ThreadJob(work))
        var thread = pthread_t()
        let status = pthread_create(
            &thread,
            nil,
            { context in
                if let context { Unmanaged<ThreadJob>.fromOpaque(context).takeRetainedValue().work() }
                return nil
            },
            job.toOpaque()
        )
        guard status == 0 else {
            job.release()
            refused(ExchangeError(.transportUnreachable, "No thread could be started for an outbound request"))
            return
        }
        pthread_detach(thread)
    }
}

private final class ThreadJob: Sendable {
    let work: @Sendable () -> Void

    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
}

// libcurl must be initialised once per process, before any handle; Swift runs this initialiser once.
private let libraryStatus = curl_global_init(Int(CURL_GLOBAL_SSL))

/// One multi handle, used for one transfer, so that a transfer can be woken up and given up from another thread.
///
/// `@unchecked Sendable`: the pointer never changes; of the multi handle only `curl_multi_wakeup` is called from another
/// thread, which libcurl allows, and the handle lives as long as this object.
private final class Exchange: @unchecked Sendable {
    private let multi: UnsafeMutableRawPointer
    private let cancelled = Atomic<Bool>(false)

    init() throws(ExchangeError) {
        guard libraryStatus == CURLE_OK, let multi = curl_multi_init() else {
            throw ExchangeError(.transportUnreachable, "The HTTP library could not be started")
        }
        self.multi = multi
    }

    deinit { curl_multi_cleanup(multi) }

    func cancel() {
        cancelled.store(true, ordering: .releasing)
        curl_multi_wakeup(multi)
    }

    func perform(_ request: OutboundRequest) throws(ExchangeError) -> OutboundResponse {
        let transfer = try Transfer(request)
        return try transfer.run(on: multi) { cancelled.load(ordering: .acquiring) }
    }
}
