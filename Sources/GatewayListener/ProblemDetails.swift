public import ExchangeModel

extension ListenerResponse {
    /// A refusal as problem details (RFC 9457), for one that needs header fields of its own.
    public init(problem error: ExchangeError, status: Int, fields: [String: String] = [:]) {
        self = ProblemDetails(status, error, fields: fields).response
    }
}

/// A refusal as RFC 9457 problem details, with our stable code as an extension member.
struct ProblemDetails: Error {
    let status: Int
    let error: ExchangeError
    var fields: [String: String] = [:]
    /// Whether the connection ends with it.
    var ends = false

    init(_ status: Int, _ error: ExchangeError, fields: [String: String] = [:], ends: Bool = false) {
        self.status = status
        self.error = error
        self.fields = fields
        self.ends = ends
        if let seconds = Self.waits[status], fields["Retry-After"] == nil {
            self.fields["Retry-After"] = String(seconds)
        }
    }

    /// The seconds after which it is worth asking again, where nothing more exact is known (RFC 9110 §10.2.3).
    private static let waits = [429: 1, 503: 5, 507: 60]

    init(
        _ status: Int,
        _ code: ErrorCode,
        _ reason: String,
        hint: String? = nil,
        fields: [String: String] = [:],
        ends: Bool = false
    ) {
        self.init(status, ExchangeError(code, reason, hint: hint), fields: fields, ends: ends)
    }

    /// The fault that says nothing about itself.
    static let silence = ProblemDetails(
        500,
        .listenerInternal,
        "The request could not be answered because of a fault here"
    )

    /// The response that carries it.
    var response: ListenerResponse {
        var members = [
            "\"type\":\"about:blank\"", "\"title\":\(quoted(Self.titles[status] ?? "Refused"))", "\"status\":\(status)",
            "\"detail\":\(quoted(error.reason))", "\"code\":\(quoted(error.code.rawValue))",
        ]
        if let hint = error.hint { members.append("\"hint\":\(quoted(hint))") }
        let text = "{" + members.joined(separator: ",") + "}\n"
        return ListenerResponse(
            status: status,
            contentType: "application/problem+json",
            body: Array(text.utf8),
            fields: fields
        )
    }

    static let titles: [Int: String] = [
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict", 410: "Gone", 411: "Length Required",
        412: "Precondition Failed", 413: "Content Too Large", 415: "Unsupported Media Type",
        416: "Range Not Satisfiable", 417: "Expectation Failed", 422: "Unprocessable Content", 425: "Too Early",
        428: "Precondition Required", 429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented",
        502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
        507: "Insufficient Storage",
    ]

    // A JSON string (RFC 8259 §7).
    private func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..."\u{1f}":
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
