import NIOHTTP1

/// What a request's header says about its target and its body, held to stricter rules than the parser's (RFC 9112).
struct RequestFraming {
    let path: Substring
    let query: Substring
    let fields: [String: String]
    /// The announced length; 0 where there is no body, `nil` for one in chunks.
    let length: Int64?
    let expectsInvitation: Bool
    /// Whether the client would like another protocol, after which nothing more is read as HTTP.
    let upgrades: Bool
    /// Whether it is HTTP/1.0, which knows neither chunks nor a second request on one connection.
    let isOld: Bool

    var hasNoBody: Bool { length == 0 }

    init(_ head: HTTPRequestHead) throws {
        guard head.version == .http1_1 || head.version == .http1_0 else {
            throw ProblemDetails(505, .listenerRequest, "Only HTTP/1.1 is served", ends: true)
        }
        isOld = head.version == .http1_0
        guard head.uri.utf8.first == UInt8(ascii: "/"), head.uri.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
            !head.uri.utf8.contains(UInt8(ascii: "#"))
        else { throw Self.refusal("The target of the request is not a path") }
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts.first ?? "/"
        query = parts.count == 2 ? parts[1] : ""
        var values: [String: [String]] = [:]
        for (name, value) in head.headers {
            // The parser leaves the white space after a value.
            let end = value.utf8.lastIndex { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
            let trimmed = end.map { String(value[...$0]) } ?? ""
            values[name.lowercased(), default: []].append(trimmed)
        }
        let hosts = values["host"] ?? []
        guard isOld ? hosts.count <= 1 : hosts.count == 1 && hosts != [""] else {
            throw Self.refusal("The request does not name exactly one host")
        }
        for name in ["content-length", "transfer-encoding", "content-type", "content-encoding", "authorization"] {
            if let all = values[name], all.count != 1 { throw Self.refusal("The field \(name) is repeated") }
        }
        length = try Self.length(values["content-length"]?.first, values["transfer-encoding"]?.first)
        switch values["expect"]?.joined(separator: ",").lowercased() {
        case nil: expectsInvitation = false
        case "100-continue": expectsInvitation = true
        default: throw ProblemDetails(417, .listenerRequest, "This expectation cannot be met", ends: true)
        }
        upgrades = values["upgrade"] != nil || head.method == .CONNECT
        if isOld, length == nil { throw Self.refusal("HTTP/1.0 has no transfer codings") }
        fields = values.mapValues { $0.joined(separator: ", ") }
    }

    private static func length(_ announced: String?, _ coding: String?) throws -> Int64? {
        switch (announced, coding) {
        case (nil, nil): return 0
        case (nil, .some(let coding)):
            guard coding.lowercased() == "chunked" else { throw refusal("The transfer coding is not known") }
            return nil
        case (.some(let announced), nil):
            guard !announced.isEmpty, announced.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw refusal("The length of the body is not a number")
            }
            // More than fits is more than any route takes.
            return Int64(announced) ?? .max
        case (.some, .some): throw refusal("The body has both a length and a transfer coding")
        }
    }

    private static func refusal(_ reason: String) -> ProblemDetails {
        ProblemDetails(400, .listenerRequest, reason, ends: true)
    }
}
