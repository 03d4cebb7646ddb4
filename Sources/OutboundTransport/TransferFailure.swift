import CCurl
import ExchangeModel

/// What libcurl's result means to us.
struct TransferFailure {
    let error: ExchangeError

    init(_ result: CURLcode, _ said: String, _ origin: String, alert: Int32?) {
        var details = [said.isEmpty ? String(cString: curl_easy_strerror(result)) : said]
        if let alert, Self.brokeConnection.contains(result.rawValue) {
            let name = shim_alert_name(alert).map { String(cString: $0) } ?? "unknown"
            details.append("TLS alert \(alert), \(name)")
            guard Self.aboutCertificates.contains(alert) else {
                error = ExchangeError(.transportTLS, "No trusted TLS connection to \(origin)", details: details)
                return
            }
            error = ExchangeError(
                .transportRefused,
                "\(origin) ended the TLS connection with an alert",
                hint: "it may not know our certificate, or not accept it any more",
                details: details
            )
            return
        }
        let (code, reason) = Self.meaning(of: result)
        // A peer that closes at once after its alert can take the alert along.
        let hint = code == .transportCut ? "it may also have refused our certificate; its log says so" : nil
        error = ExchangeError(code, reason(origin), hint: hint, details: details)
    }

    // RFC 8446 §6.2: no_certificate to access_denied, and certificate_required.
    private static let aboutCertificates: Set<Int32> = Set(41...49).union([116])

    private static let brokeConnection: Set<UInt32> = Set(
        [
            CURLE_SSL_CONNECT_ERROR, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_SEND_FAIL_REWIND,
            CURLE_PARTIAL_FILE,
        ].map(\.rawValue)
    )

    private static func meaning(of result: CURLcode) -> (ErrorCode, (String) -> String) {
        switch result {
        case CURLE_COULDNT_RESOLVE_HOST: (.transportName, { "The host of \($0) is not known" })
        case CURLE_OPERATION_TIMEDOUT: (.transportTimeout, { "\($0) did not answer in time" })
        case CURLE_URL_MALFORMAT: (.transportURL, { _ in "The address cannot be used" })
        case CURLE_SSL_CERTPROBLEM:
            (.transportIdentity, { "Our certificate cannot be used for the TLS connection to \($0)" })
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
            CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
            (.transportTLS, { "No trusted TLS connection to \($0)" })
        case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_SEND_FAIL_REWIND:
            (.transportCut, { "The connection to \($0) broke before the answer was whole" })
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING:
            (.transportAnswer, { "What \($0) answered is not HTTP" })
        default: (.transportUnreachable, { "\($0) could not be reached" })
        }
    }
}

/// What was seen on the way of a transfer.
struct TransferTrace: Sendable {
    /// The address that was connected to, if a connection was made.
    let address: String?
    let connected: Bool
    let handshakeDone: Bool
    let chain: [[UInt8]]
    let refusal: ExchangeError?
    let alert: Int32?

    init(_ easy: UnsafeMutableRawPointer, _ watch: TLSWatch) {
        func microseconds(_ info: CURLINFO) -> Int64 {
            var value: curl_off_t = 0
            shim_getinfo_offset(easy, info, &value)
            return Int64(value)
        }
        handshakeDone = microseconds(CURLINFO_APPCONNECT_TIME_T) > 0
        let text = shim_getinfo_string(easy, CURLINFO_PRIMARY_IP).map { String(cString: $0) } ?? ""
        address = text.isEmpty ? nil : text
        chain = watch.chain
        refusal = watch.refusal
        alert = watch.alert
        // The time is set only once TLS stands too.
        connected = microseconds(CURLINFO_CONNECT_TIME_T) > 0 || address != nil || !chain.isEmpty || alert != nil
    }
}
