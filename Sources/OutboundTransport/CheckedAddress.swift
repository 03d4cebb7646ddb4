import CCurl
import ExchangeModel

/// A request's address, taken apart by the parser that connects, so that check and use cannot disagree about the host.
final class CheckedAddress {
    let pointer: OpaquePointer
    /// The host, an IPv6 address with its brackets.
    let host: String
    let port: String

    init(_ request: OutboundRequest) throws(ExchangeError) {
        func refused(_ reason: String) -> ExchangeError { ExchangeError(.transportURL, reason) }
        guard request.url.utf8.count <= 8_192, request.url.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw refused("the address is longer than 8192 characters or holds characters outside visible ASCII")
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
        func part(_ name: CURLUPart, _ flags: Int32 = 0) -> String? {
            var text: UnsafeMutablePointer<CChar>?
            guard curl_url_get(address, name, &text, UInt32(flags)) == CURLUE_OK, let text else { return nil }
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
        guard let host = part(CURLUPART_HOST), let port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT) else {
            throw refused("the address names no host")
        }
        self.host = host
        self.port = port
        pointer = address
        accepted = true
    }

    deinit { curl_url_cleanup(pointer) }
}

extension OutboundRequest {
    /// Scheme, host and port, as errors name the other side; query strings may hold more than a reader should see.
    var origin: String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        return String(url[..<scheme.upperBound] + authority)
    }
}

/// The header fields of a request, as libcurl takes them.
enum RequestFields {
    // These are libcurl's to write, because they decide where a request goes and where it ends.
    private static let reserved: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "expect", "upgrade", "te", "trailer",
    ]

    static func list(for request: OutboundRequest) throws(ExchangeError) -> UnsafeMutablePointer<curl_slist>? {
        func refused(_ reason: String) -> ExchangeError { ExchangeError(.transportURL, reason) }
        var lines = ["Expect:"]
        if let type = request.contentType, !isValue(type) || type.utf8.count > 256 {
            throw refused("the media type of the request is not a plain one")
        }
        if request.method.sendsBody {
            lines.append("Content-Type: \(request.contentType ?? "application/octet-stream")")
        }
        for (name, value) in request.fields.sorted(by: { $0.key < $1.key }) {
            guard isName(name), isValue(value), !reserved.contains(name.lowercased()) else {
                throw refused("the header field \(name.prefix(64)) is not one that a request may have")
            }
            // Without a value libcurl would leave the field out.
            lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        var list: UnsafeMutablePointer<curl_slist>?
        // Without the empty Expect field libcurl waits for "100 Continue" before a longer body.
        for line in lines { list = curl_slist_append(list, line) }
        return list
    }

    private static func isName(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }

    private static func isValue(_ text: String) -> Bool {
        text.utf8.count <= 8_192 && text.utf8.allSatisfy { (0x20...0x7e).contains($0) }
    }
}
