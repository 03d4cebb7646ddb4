public import ExchangeModel

/// The answer to a request.
public struct ListenerResponse: Sendable {
    /// Where the body's bytes come from.
    public enum Body: Sendable {
        /// Bytes in memory.
        case bytes([UInt8])
        /// A file, or the part of it from the lower bound up to, not including, the upper.
        case file(path: String, range: Range<Int64>?)
        /// Bytes made while they are sent; with a length exactly so many, else in chunks.
        ///
        /// An error ends the connection before the body's end, so that the client cannot take the part for the whole.
        case stream(length: Int64?, @Sendable (ResponseStream) async throws -> Void)
    }

    /// The HTTP status.
    public var status: Int
    /// The media type of the body.
    public var contentType: String
    /// The body.
    public var body: Body
    /// Further header fields by name.
    public var fields: [String: String]

    /// Answers with bytes in memory.
    public init(status: Int = 200, contentType: String, body: [UInt8], fields: [String: String] = [:]) {
        self.init(status: status, contentType: contentType, content: .bytes(body), fields: fields)
    }

    /// Takes all fields.
    public init(status: Int = 200, contentType: String, content: Body, fields: [String: String] = [:]) {
        self.status = status
        self.contentType = contentType
        self.body = content
        self.fields = fields
    }

    /// A refusal as RFC 9457 problem details, with the error's code.
    public static func problem(
        _ status: Int,
        _ error: ExchangeError,
        fields: [String: String] = [:]
    ) -> ListenerResponse {
        ProblemDetails(status, error, fields: fields).response
    }

    /// An answer without a body, such as 204.
    public static func empty(status: Int = 204, fields: [String: String] = [:]) -> ListenerResponse {
        ListenerResponse(status: status, contentType: "", body: [], fields: fields)
    }
}
