import CCurl
import ExchangeModel
import TrustCrypto

/// One easy handle that hands over one mail.
final class MailTransfer {
    private let easy: UnsafeMutableRawPointer
    private let url: OpaquePointer
    private let errorText: UnsafeMutablePointer<CChar>
    private let bytes: [UInt8]
    private var sent = 0
    private let server: MailServer
    private var recipients: UnsafeMutablePointer<curl_slist>?
    /// The status codes of the last refusal, such as `550 5.1.1`.
    private var reply = ""

    init(
        _ message: MailMessage,
        _ server: MailServer,
        _ connectTimeout: Duration,
        _ totalTimeout: Duration
    ) throws(ExchangeError) {
        guard let easy = curl_easy_init() else { throw Self.failed }
        guard let url = curl_url() else {
            curl_easy_cleanup(easy)
            throw Self.failed
        }
        self.easy = easy
        self.url = url
        self.server = server
        bytes = message.bytes
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        try setAddress()
        try setLimits(connectTimeout, totalTimeout)
        try setTLS()
        try setLogin()
        try setMail(message)
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_url_cleanup(url)
        curl_slist_free_all(recipients)
        errorText.deallocate()
    }

    /// Hands the mail over.
    func run(on exchange: Exchange) throws(ExchangeError) {
        let result = try exchange.run(easy)
        guard result != CURLE_OK else { return }
        var status = 0
        shim_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status)
        throw MailFailure.error(
            result,
            status: status,
            reply: reply,
            said: String(cString: errorText),
            server: "\(server.host):\(server.port)"
        )
    }

    private static let longestReply = 30
    private static let failed = ExchangeError(.transportInternal, "The mail library gave no handle")

    // MARK: Options

    private func setAddress() throws(ExchangeError) {
        let host = server.host.contains(":") ? "[\(server.host)]" : server.host
        let parts: [(CURLUPart, String)] = [
            (CURLUPART_SCHEME, server.security == .implicitTLS ? "smtps" : "smtp"),
            (CURLUPART_HOST, host), (CURLUPART_PORT, "\(server.port)"), (CURLUPART_PATH, "/\(server.ownName ?? "")"),
        ]
        for (part, text) in parts where curl_url_set(url, part, text, 0) != CURLUE_OK {
            throw ExchangeError(.mailSettings, "The mail server is not a host name or address with a port")
        }
        try check(shim_setopt_pointer(easy, CURLOPT_CURLU, UnsafeMutableRawPointer(url)))
        try check(shim_setopt_string(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps"))
        // An empty name also keeps the proxy variables of the environment out.
        try check(shim_setopt_string(easy, CURLOPT_PROXY, ""))
        try check(shim_setopt_long(easy, CURLOPT_NETRC, 0))
        try check(shim_setopt_pointer(easy, CURLOPT_ERRORBUFFER, errorText))
    }

    private func setLimits(_ connectTimeout: Duration, _ totalTimeout: Duration) throws(ExchangeError) {
        try check(shim_setopt_long(easy, CURLOPT_NOSIGNAL, 1))
        try check(shim_setopt_long(easy, CURLOPT_CONNECTTIMEOUT_MS, connectTimeout.wholeMilliseconds))
        try check(shim_setopt_long(easy, CURLOPT_TIMEOUT_MS, totalTimeout.wholeMilliseconds))
        // Each reply, that to the farewell too, which no other limit covers.
        let reply = max(1, min(totalTimeout.wholeMilliseconds / 1_000, Self.longestReply))
        try check(shim_setopt_long(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, reply))
        // The farewell is said here, and not wherever the last reference to the connection goes.
        try check(shim_setopt_long(easy, CURLOPT_FORBID_REUSE, 1))
    }

    private func setTLS() throws(ExchangeError) {
        let use = server.security == .none ? CURLUSESSL_NONE : CURLUSESSL_ALL
        try check(shim_setopt_long(easy, CURLOPT_USE_SSL, Int(use.rawValue)))
        try check(shim_setopt_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)))
        try check(shim_setopt_long(easy, CURLOPT_SSL_VERIFYPEER, 1))
        try check(shim_setopt_long(easy, CURLOPT_SSL_VERIFYHOST, 2))
        guard let file = server.caFile else { return }
        try check(shim_setopt_string(easy, CURLOPT_CAINFO, file))
        try check(shim_setopt_pointer(easy, CURLOPT_CAPATH, nil))
    }

    private func setLogin() throws(ExchangeError) {
        guard let username = server.username, let password = server.password else { return }
        try check(shim_setopt_string(easy, CURLOPT_USERNAME, username))
        // libcurl wants a string that ends with a zero byte, and keeps a copy for as long as the handle lives.
        var text: [CChar] = password.withUnsafeBytes { $0.map { CChar(bitPattern: $0) } + [0] }
        let isText = !text.dropLast().contains(0)
        let code = shim_setopt_string(easy, CURLOPT_PASSWORD, &text)
        text.withUnsafeMutableBytes { shim_wipe($0.baseAddress, $0.count) }
        guard isText else { throw ExchangeError(.mailSettings, "The password for the mail server holds a zero byte") }
        try check(code)
    }

    private func setMail(_ message: MailMessage) throws(ExchangeError) {
        try check(shim_setopt_string(easy, CURLOPT_MAIL_FROM, message.from.address))
        for recipient in message.to { recipients = curl_slist_append(recipients, recipient.address) }
        try check(shim_setopt_list(easy, CURLOPT_MAIL_RCPT, recipients))
        try check(shim_setopt_long(easy, CURLOPT_UPLOAD, 1))
        try check(shim_setopt_offset(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(bytes.count)))
        let context = Unmanaged.passUnretained(self).toOpaque()
        try check(shim_setopt_pointer(easy, CURLOPT_READDATA, context))
        try check(
            shim_setopt_read(easy) { bytes, size, count, context in
                guard let bytes, let context else { return Int(CURL_READFUNC_ABORT) }
                let transfer = Unmanaged<MailTransfer>.fromOpaque(context).takeUnretainedValue()
                return transfer.fill(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
            }
        )
        try check(shim_setopt_pointer(easy, CURLOPT_HEADERDATA, context))
        try check(
            shim_setopt_header(easy) { bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                let transfer = Unmanaged<MailTransfer>.fromOpaque(context).takeUnretainedValue()
                transfer.see(UnsafeRawBufferPointer(start: bytes, count: size * count))
                return size * count
            }
        )
        // Replies come here too, and must not go to standard output.
        try check(shim_setopt_write(easy) { _, size, count, _ in size * count })
    }

    private func fill(_ space: UnsafeMutableRawBufferPointer) -> Int {
        let part = bytes[sent...].prefix(space.count)
        space.copyBytes(from: part)
        sent += part.count
        return part.count
    }

    /// Keeps the codes of a reply (RFC 5321 §4.2, RFC 3463 §2), never its text.
    private func see(_ line: UnsafeRawBufferPointer) {
        let words = line.prefix(16).split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard let status = words.first, status.count == 3, status.allSatisfy({ (0x30...0x39).contains($0) }),
            status.first == UInt8(ascii: "4") || status.first == UInt8(ascii: "5")
        else { return }
        reply = String(decoding: status, as: UTF8.self)
        guard words.count > 1 else { return }
        let isEnhanced =
            words[1].allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
            && words[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).count == 3
        if isEnhanced { reply += " " + String(decoding: words[1], as: UTF8.self) }
    }

    private func check(_ code: CURLcode) throws(ExchangeError) {
        guard code != CURLE_OK else { return }
        throw ExchangeError(
            .transportInternal,
            "The mail library refused an option",
            details: [String(cString: curl_easy_strerror(code))]
        )
    }
}

/// What libcurl's result means for a mail.
enum MailFailure {
    static func error(
        _ result: CURLcode,
        status: Int,
        reply: String,
        said: String,
        server: String
    ) -> ExchangeError {
        var details = [said.isEmpty ? String(cString: curl_easy_strerror(result)) : said]
        switch result {
        case CURLE_COULDNT_RESOLVE_HOST:
            return ExchangeError(.mailUnreachable, "The mail server \(server) is not known", details: details)
        case CURLE_COULDNT_CONNECT:
            return ExchangeError(.mailUnreachable, "The mail server \(server) cannot be reached", details: details)
        case CURLE_OPERATION_TIMEDOUT:
            return ExchangeError(.mailTimeout, "The mail server \(server) did not answer in time", details: details)
        case CURLE_USE_SSL_FAILED:
            return ExchangeError(
                .mailTLS,
                "The mail server \(server) does not offer STARTTLS, so nothing was sent",
                details: details
            )
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_INVALIDCERTSTATUS:
            return ExchangeError(.mailTLS, "No trusted TLS connection to the mail server \(server)", details: details)
        default: break
        }
        if !reply.isEmpty { details = ["reply \(reply)"] }
        if result == CURLE_LOGIN_DENIED {
            return ExchangeError(
                .mailLogin,
                "The mail server \(server) did not accept user name and password",
                details: reply.isEmpty ? [] : details
            )
        }
        switch status {
        case 400..<500:
            return ExchangeError(
                .mailDeferred,
                "The mail server \(server) does not take the mail now",
                details: details
            )
        case 500..<600:
            return ExchangeError(.mailRefused, "The mail server \(server) refused the mail", details: details)
        default:
            return ExchangeError(
                .mailAnswer,
                "The mail server \(server) broke off or does not speak SMTP",
                details: details
            )
        }
    }
}
