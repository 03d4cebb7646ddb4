import CCurl
import ExchangeModel
import TrustCrypto

/// One easy handle with everything that must live as long as it does.
final class Transfer {
    private let easy: UnsafeMutableRawPointer
    private let address: CheckedAddress
    private let watch: TLSWatch
    private let headers: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>
    private let flow: TransferFlow
    private let request: OutboundRequest

    /// Checks the address and sets every option.
    init(_ request: OutboundRequest, _ watch: TLSWatch) throws(ExchangeError) {
        let address = try CheckedAddress(request)
        let lines = try RequestFields.list(for: request)
        guard let easy = curl_easy_init() else {
            curl_slist_free_all(lines)
            throw ExchangeError(.transportInternal, "The HTTP library gave no handle")
        }
        self.request = request
        self.easy = easy
        self.address = address
        self.watch = watch
        headers = lines
        flow = TransferFlow(request, easy)
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        try setOptions()
        try setTLS()
        try setBody()
        try watch.prepare(for: request, host: address.host)
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(headers)
        errorText.deallocate()
    }

    /// What was seen on the way.
    var trace: TransferTrace { TransferTrace(easy, watch) }

    /// Runs the transfer to its end, or until `isCancelled`, which is asked whenever the multi handle is woken.
    func run(on multi: UnsafeMutableRawPointer, isCancelled: () -> Bool) throws(ExchangeError) -> OutboundResponse {
        try response(after: TransferRun.run(easy, on: multi, isCancelled: isCancelled))
    }

    private func response(after result: CURLcode) throws(ExchangeError) -> OutboundResponse {
        if let refusal = watch.refusal { throw refusal }
        if let error = flow.failure { throw error }
        let head = flow.head()
        if head.status != 0, !flow.accepts(head.status), result == CURLE_OK || flow.droppedRefusal {
            throw refusedStatus(OutboundResponse(status: head.status, fields: head.fields, body: flow.bytes))
        }
        guard result == CURLE_OK else {
            let said = String(cString: errorText)
            throw TransferFailure(result, said, request.origin, alert: watch.alert).error
        }
        guard flow.accepts(head.status) else {
            throw ExchangeError(.transportAnswer, "\(request.origin) answered without an HTTP status")
        }
        try flow.seeHead(head)
        return OutboundResponse(status: head.status, fields: head.fields, body: flow.bytes)
    }

    private func refusedStatus(_ response: OutboundResponse) -> ExchangeError {
        let status = "HTTP status \(response.status)"
        guard let problem = response.problem else {
            return ExchangeError(.transportStatus, "\(request.origin) answered with \(status)", details: [status])
        }
        return ExchangeError(
            .transportStatus,
            "\(request.origin) refused: \(problem.reason)",
            hint: problem.hint,
            details: [status] + (problem.code.map { [$0.rawValue] } ?? [])
        )
    }

    // MARK: Options

    private func setOptions() throws(ExchangeError) {
        let longs: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1),
            (CURLOPT_FOLLOWLOCATION, 0),
            (CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.wholeMilliseconds),
            (CURLOPT_TIMEOUT_MS, request.totalTimeout?.wholeMilliseconds ?? 0),
            (CURLOPT_LOW_SPEED_LIMIT, max(0, request.lowestRate)),
            (CURLOPT_LOW_SPEED_TIME, max(1, request.lowestRateTime.wholeMilliseconds / 1_000)),
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            (CURLOPT_NETRC, 0),
            // A server closes unused connections; one that is nearly that old is not worth the risk.
            (CURLOPT_MAXAGE_CONN, 20),
            (CURLOPT_BUFFERSIZE, 262_144),
            (CURLOPT_UPLOAD_BUFFERSIZE, 262_144),
        ]
        for (option, value) in longs { try check(shim_setopt_long(easy, option, value)) }
        let strings: [(CURLoption, String)] = [
            (CURLOPT_PROTOCOLS_STR, request.allowsPlainHTTP ? "http,https" : "https"),
            (CURLOPT_REDIR_PROTOCOLS_STR, "https"),
            (CURLOPT_USERAGENT, OutboundClient.userAgent),
            // An empty name also keeps the proxy variables of the environment out.
            (CURLOPT_PROXY, ""),
        ]
        for (option, value) in strings { try check(shim_setopt_string(easy, option, value)) }
        if let path = request.unixSocket { try check(shim_setopt_string(easy, CURLOPT_UNIX_SOCKET_PATH, path)) }
        try check(shim_setopt_pointer(easy, CURLOPT_CURLU, UnsafeMutableRawPointer(address.pointer)))
        try check(shim_setopt_pointer(easy, CURLOPT_ERRORBUFFER, errorText))
        try check(shim_setopt_list(easy, CURLOPT_HTTPHEADER, headers))
        try flow.install { code throws(ExchangeError) in try check(code) }
    }

    private func setTLS() throws(ExchangeError) {
        let oldest = request.requiresTLS13 ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_TLSv1_2
        try check(shim_setopt_long(easy, CURLOPT_SSLVERSION, Int(oldest)))
        try check(shim_setopt_long(easy, CURLOPT_SSL_VERIFYPEER, 1))
        // A resumed session would show no certificate.
        try check(shim_setopt_long(easy, CURLOPT_SSL_SESSIONID_CACHE, 0))
        try check(shim_setopt_ssl_ctx(easy, installWatch))
        try check(shim_setopt_pointer(easy, CURLOPT_SSL_CTX_DATA, watch.pointer))
        if request.check != nil {
            // The watch looks at the name too, and needs no anchors.
            try check(shim_setopt_long(easy, CURLOPT_SSL_VERIFYHOST, 0))
            try check(shim_setopt_pointer(easy, CURLOPT_CAINFO, nil))
            try check(shim_setopt_pointer(easy, CURLOPT_CAPATH, nil))
        } else {
            try check(shim_setopt_long(easy, CURLOPT_SSL_VERIFYHOST, 2))
            if let file = request.anchorsFile {
                try check(shim_setopt_string(easy, CURLOPT_CAINFO, file))
                try check(shim_setopt_pointer(easy, CURLOPT_CAPATH, nil))
            }
        }
        guard let identity = request.identity else { return }
        try check(shim_setopt_string(easy, CURLOPT_SSLCERTTYPE, "PEM"))
        try check(shim_setopt_string(easy, CURLOPT_SSLKEYTYPE, "PEM"))
        let certificate = identity.chainPEM.withUnsafeBytes { bytes in
            let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            return shim_setopt_blob(easy, CURLOPT_SSLCERT_BLOB, start, bytes.count, UInt32(CURL_BLOB_COPY))
        }
        try check(certificate)
        // Not copied: the secret stays where it is, and the request, which holds it, outlives the handle.
        let key = identity.key.withUnsafeBytes { bytes in
            let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            return shim_setopt_blob(easy, CURLOPT_SSLKEY_BLOB, start, bytes.count, UInt32(CURL_BLOB_NOCOPY))
        }
        try check(key)
    }

    private func setBody() throws(ExchangeError) {
        let length = curl_off_t(flow.bodyLength)
        switch request.method {
        case .get: try check(shim_setopt_long(easy, CURLOPT_HTTPGET, 1))
        case .head: try check(shim_setopt_long(easy, CURLOPT_NOBODY, 1))
        case .delete: try check(shim_setopt_string(easy, CURLOPT_CUSTOMREQUEST, "DELETE"))
        case .post:
            try check(shim_setopt_long(easy, CURLOPT_POST, 1))
            try check(shim_setopt_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, length))
        case .patch:
            try check(shim_setopt_long(easy, CURLOPT_POST, 1))
            try check(shim_setopt_string(easy, CURLOPT_CUSTOMREQUEST, "PATCH"))
            try check(shim_setopt_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, length))
        case .put:
            try check(shim_setopt_long(easy, CURLOPT_UPLOAD, 1))
            try check(shim_setopt_offset(easy, CURLOPT_INFILESIZE_LARGE, length))
        }
    }

    private func check(_ code: CURLcode) throws(ExchangeError) {
        guard code == CURLE_OK else {
            throw ExchangeError(
                .transportInternal,
                "The HTTP library refused an option",
                details: [String(cString: curl_easy_strerror(code))]
            )
        }
    }
}

/// One easy handle on a multi handle.
enum TransferRun {
    /// Runs a transfer to its end, or until `isCancelled`, which is asked whenever the multi handle is woken.
    static func run(
        _ easy: UnsafeMutableRawPointer,
        on multi: UnsafeMutableRawPointer,
        isCancelled: () -> Bool
    ) throws(ExchangeError) -> CURLcode {
        guard curl_multi_add_handle(multi, easy) == CURLM_OK else {
            throw ExchangeError(.transportInternal, "The HTTP library did not take the request")
        }
        defer { curl_multi_remove_handle(multi, easy) }
        var running: Int32 = 1
        while true {
            if isCancelled() { throw ExchangeError(.transportCancelled, "The request was given up") }
            guard curl_multi_perform(multi, &running) == CURLM_OK else {
                throw ExchangeError(.transportInternal, "The HTTP library failed")
            }
            if running == 0 { break }
            guard curl_multi_poll(multi, nil, 0, 1_000, nil) == CURLM_OK else {
                throw ExchangeError(.transportInternal, "The HTTP library failed")
            }
        }
        var left: Int32 = 0
        guard let message = curl_multi_info_read(multi, &left), message.pointee.msg == CURLMSG_DONE else {
            throw ExchangeError(.transportInternal, "The HTTP library reported no result")
        }
        return message.pointee.data.result
    }
}

private func installWatch(
    _ easy: UnsafeMutableRawPointer?,
    _ context: UnsafeMutableRawPointer?,
    _ watch: UnsafeMutableRawPointer?
) -> CURLcode {
    guard let context, let watch else { return CURLE_SSL_CONNECT_ERROR }
    shim_watch_install(context, watch.assumingMemoryBound(to: shim_watch.self))
    return CURLE_OK
}

extension Duration {
    /// Whole milliseconds, at least 1, because 0 would mean "no limit" to libcurl.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        let (sum, carried) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return overflow || carried ? Int(Int32.max) : Int(min(max(sum, 1), Int64(Int32.max)))
    }
}
