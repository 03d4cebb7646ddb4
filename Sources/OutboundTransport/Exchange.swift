import CCurl
import ExchangeModel
import Synchronization

// libcurl must be initialised once per process, before any handle; Swift runs this initialiser once.
private let libraryStatus = curl_global_init(Int(CURL_GLOBAL_SSL))

/// One multi handle with at most one connection, so that a transfer can be woken up and given up from another thread,
/// and the connection be used again by the next one.
///
/// `@unchecked Sendable`: the pointers never change; of the multi handle only `curl_multi_wakeup` is called from another
/// thread, which libcurl allows; everything else is used by one transfer at a time.
final class Exchange: @unchecked Sendable {
    private let multi: UnsafeMutableRawPointer
    private let watch = TLSWatch()
    private let cancelled = Atomic<Bool>(false)

    init() throws(ExchangeError) {
        guard libraryStatus == CURLE_OK, let multi = curl_multi_init() else {
            throw ExchangeError(.transportInternal, "The HTTP library could not be started")
        }
        self.multi = multi
        shim_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, 1)
    }

    // Connections go first: closing them may still speak to the watch.
    deinit { curl_multi_cleanup(multi) }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func cancel() {
        cancelled.store(true, ordering: .releasing)
        curl_multi_wakeup(multi)
    }

    /// Runs a transfer of any protocol to its end.
    func run(_ easy: UnsafeMutableRawPointer) throws(ExchangeError) -> CURLcode {
        try TransferRun.run(easy, on: multi) { isCancelled }
    }

    func perform(_ request: OutboundRequest) throws(ExchangeError) -> OutboundResponse {
        try perform(request, seeing: { _ in })
    }

    /// Runs a transfer; `seeing` gets what was seen on the way, whether it failed or not.
    func perform(
        _ request: OutboundRequest,
        seeing: (TransferTrace) -> Void
    ) throws(ExchangeError) -> OutboundResponse {
        let transfer = try Transfer(request, watch)
        defer { seeing(transfer.trace) }
        return try transfer.run(on: multi) { isCancelled }
    }
}
