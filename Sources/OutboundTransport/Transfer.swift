import CCurl
import ExchangeModel
import Glibc

/// One easy handle with everything that must live as long as it does.
final class Transfer {
    private let easy: UnsafeMutableRawPointer
    private let address: OpaquePointer
    private let headers: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>
    private let received: ResponseBuffer
    private let request: OutboundRequest

    /// Checks the address and sets every option.
    init(_ request: OutboundRequest) throws(ExchangeError) {
        let address = try Self.checkedAddress(of: request)
        guard let easy = curl_easy_init() else {
            curl_url_cleanup(address)
            throw ExchangeError(.transportUnreachable, "The HTTP library gave no handle")
        }
        self.request = request
        self.easy = easy
        self.address = address
        received = ResponseBuffer(limit: max(0, request.largestResponse))
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        // Without the empty Expect field libcurl waits for "100 Continue" before a longer body.
        var lines = curl_slist_append(nil, "Expect:")
        if request.method == .post {
            lines = curl_slist_append(lines, "Content-Type: \(request.contentType ?? "application/octet-stream")")
        }
        headers = lines
        try setOptions()
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_url_cleanup(address)
        curl_slist_free_all(headers)
        errorText.deallocate()
    }

    /// Runs the transfer to its end, or until `isCancelled`, which is asked whenever the multi handle is woken.
    func run(on multi: UnsafeMutableRawPointer, isCancelled: () -> Bool) throws(ExchangeError) -> OutboundResponse {
        guard curl_multi_add_handle(multi, easy) == CURLM_OK else {
            throw ExchangeError(.transportUnreachable, "The HTTP library did not take the request")
        }
        defer { curl_multi_remove_handle(multi, easy) }
        var running: Int32 = 1
        while true {
            if isCancelled() { throw ExchangeError(.transportCancelled, "The request was given up") }
            guard curl_multi_perform(multi, &running) == CURLM_OK else {
                throw ExchangeError(.transportUnreachable, "The HTTP library failed")
            }
            if running == 0 { break }
            guard curl_multi_poll(multi, nil, 0, 1_000, nil) == CURLM_OK else {
                throw ExchangeError(.transportUnreachable, "The HTTP library failed")
            }
        }
        var left: Int32 = 0
        guard let message = curl_multi_info_read(multi, &left), message.pointee.msg == CURLMSG_DONE else {
            throw ExchangeError(.transportUnreachable, "The HTTP library reported no result")
        }
        return try response(after: message.pointee.data.result)
    }

    private func response(after result: CURLcode) throws(ExchangeError) -> OutboundResponse {
        let origin = request.origin
        if received.overflowed {
            throw ExchangeError(
                .transportTooLarge,
                "The answer from \(origin) is longer than \(request.largestResponse) bytes"
            )
        }
        guard result == CURLE_OK else { throw failure(result, origin) }
        var status = 0
        shim_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status)
        guard request.acceptedStatuses.contains(status) else {
            throw ExchangeError(.transportStatus, "\(origin) answered with HTTP status \(status)")
        }
        var field: UnsafeMutablePointer<curl_header>?
        var contentType: String?
        if curl_easy_header(easy, "Content-Type", 0, UInt32(CURLH_HEADER), -1, &field) == CURLHE_OK,
            let value = field?.pointee.value
        {
            contentType = String(cString: value)
        }
        return OutboundResponse(status: status, contentType: contentType, body: received.bytes)
    }

    private func failure(_ result: CURLcode, _ origin: String) -> ExchangeError {
        let said = String(cString: errorText)
        let details = [said.isEmpty ? String(cString: curl_easy_strerror(result)) : said]
        switch result {
        case CURLE_OPERATION_TIMEDOUT:
            return ExchangeError(.transportTimeout, "\(origin) did not answer in time", details: details)
        case CURLE_FILESIZE_EXCEEDED, CURLE_WRITE_ERROR:
            return ExchangeError(
                .transportTooLarge,
                "The answer from \(origin) is longer than \(request.largestResponse) bytes",
                details: details
            )
        case CURLE_URL_MALFORMAT:
            return ExchangeError(.transportURL, "The address cannot be used", details: details)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
            return ExchangeError(.transportTLS, "No trusted TLS connection to \(origin)", details: details)
        default:
            return ExchangeError(.transportUnreachable, "\(origin) could not be reached", details: details)
        }
    }

    private func setOptions() throws(ExchangeError) {
        let longs: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1),
            (CURLOPT_FOLLOWLOCATION, 0),
            (CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.wholeMilliseconds),
            (CURLOPT_TIMEOUT_MS, request.totalTimeout.wholeMilliseconds),
            // Less than 64 bytes a second for 20 seconds is no answer.
            (CURLOPT_LOW_SPEED_LIMIT, 64),
            (CURLOPT_LOW_SPEED_TIME, 20),
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            (CURLOPT_SSL_VERIFYPEER, 1),
            (CURLOPT_SSL_VERIFYHOST, 2),
            (CURLOPT_NETRC, 0),
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
        if let file = request.anchorsFile {
            try check(shim_setopt_string(easy, CURLOPT_CAINFO, file))
            try check(shim_setopt_pointer(easy, CURLOPT_CAPATH, nil))
        }
        try check(shim_setopt_offset(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(max(1, request.largestResponse))))
        try check(shim_setopt_pointer(easy, CURLOPT_CURLU, UnsafeMutableRawPointer(address)))
        try check(shim_setopt_pointer(easy, CURLOPT_ERRORBUFFER, errorText))
        try check(shim_setopt_list(easy, CURLOPT_HTTPHEADER, headers))
        try check(shim_setopt_pointer(easy, CURLOPT_WRITEDATA, Unmanaged.passUnretained(received).toOpaque()))
        try check(
            shim_setopt_write(easy) { bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                let buffer = Unmanaged<ResponseBuffer>.fromOpaque(context).takeUnretainedValue()
                let (length, overflow) = size.multipliedReportingOverflow(by: count)
                guard !overflow, buffer.append(UnsafeRawBufferPointer(start: bytes, count: length)) else { return 0 }
                return length
            }
        )
        if request.method == .post {
            try check(shim_setopt_long(easy, CURLOPT_POST, 1))
            try check(shim_setopt_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
            let code = request.body.withUnsafeBytes { body in
                shim_setopt_pointer(easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: body.baseAddress))
            }
            try check(code)
            if request.body.isEmpty { try check(shim_setopt_string(easy, CURLOPT_COPYPOSTFIELDS, "")) }
        }
    }

    private func check(_ code: CURLcode) throws(ExchangeError) {
        guard code == CURLE_OK else {
            throw ExchangeError(
                .transportUnreachable,
                "The HTTP library refused an option",
                details: [String(cString: curl_easy_strerror(code))]
            )
        }
    }

    // The parser that connects is the parser that checks, so the two cannot disagree about the host.
    private static func checkedAddress(of request: OutboundRequest) throws(ExchangeError) -> OpaquePointer {
        func refused(_ reason: String) -> ExchangeError { ExchangeError(.transportURL, reason) }
        guard request.url.utf8.count <= 8_192, request.url.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw refused("the address is longer than 8192 characters or holds characters outside visible ASCII")
        }
        if let type = request.contentType {
            guard type.utf8.count <= 256, type.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
                throw refused("the media type of the request is not a plain one")
            }
        }
        // libcurl also reads addresses with one or three slashes.
        let start = request.url.prefix(8).lowercased()
        guard start.hasPrefix("http://") || start.hasPrefix("https://") else {
            throw refused("the address is not an absolute http or https URL")
        }
        guard let address = curl_url() else { throw refused("the address cannot be read") }
        var accepted = false
        defer { if !accepted { curl_url_cleanup(address) } }
        guard curl_url_set(address, CURLUPART_URL, request.url, 0) == CURLUE_OK else {
            throw refused("the address is not an absolute URL")
        }
        func part(_ name: CURLUPart) -> String? {
            var text: UnsafeMutablePointer<CChar>?
            guard curl_url_get(address, name, &text, 0) == CURLUE_OK, let text else { return nil }
            defer { curl_free(text) }
            return String(cString: text)
        }
        switch part(CURLUPART_SCHEME) {
        case "https": break
        case "http" where request.allowsPlainHTTP: break
        case "http": throw refused("the address is plain http, which this request may not use")
        default: throw refused("the address is neither http nor https")
        }
        guard part(CURLUPART_USER) == nil, part(CURLUPART_PASSWORD) == nil, part(CURLUPART_FRAGMENT) == nil else {
            throw refused("the address holds a user name, a password or a fragment")
        }
        accepted = true
        return address
    }
}

/// Gathers the answer up to a limit.
private final class ResponseBuffer {
    private(set) var bytes: [UInt8] = []
    private(set) var overflowed = false
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func append(_ chunk: UnsafeRawBufferPointer) -> Bool {
        guard chunk.count <= limit - bytes.count else {
            overflowed = true
            return false
        }
        bytes.append(contentsOf: chunk)
        return true
    }
}

extension OutboundRequest {
    /// Scheme, host and port, as errors name the other side; query strings may hold more than a reader should see.
    fileprivate var origin: String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        return String(url[..<scheme.upperBound] + authority)
    }
}

extension Duration {
    /// Whole milliseconds, at least 1, because 0 would mean "no limit" to libcurl.
    fileprivate var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        let (sum, carried) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return overflow || carried ? Int(Int32.max) : Int(min(max(sum, 1), Int64(Int32.max)))
    }
}
