import ExchangeModel

/// A refusal as RFC 9457 problem details, with our stable code as an extension member.
struct ProblemDetails: Error {
    let status: Int
    let title: String
    let error: ExchangeError
    let fields: [String: String]

    init(_ status: Int, _ title: String, _ error: ExchangeError, fields: [String: String] = [:]) {
        self.status = status
        self.title = title
        self.error = error
        self.fields = fields
    }

    /// The response that carries it.
    var response: ListenerResponse {
        var members = [
            "\"type\":\"about:blank\"", "\"title\":\(quoted(title))", "\"status\":\(status)",
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
