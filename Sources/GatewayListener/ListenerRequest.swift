/// A request as handlers see it, within its limits.
public struct ListenerRequest: Sendable {
    /// The method, such as `GET`; `HEAD` arrives as `GET`.
    public var method: String
    /// Whether it is `HEAD`, whose answer has no body.
    public var isHead: Bool
    /// The path as sent, percent-encoding included, without the query.
    public var path: String
    /// What stands after the route's fixed part, for routes that end in `*`, as sent; else empty.
    public var rest: String
    /// The decoded values of the route's `{name}` segments.
    public var parameters: [String: String]
    /// The decoded query; each name occurs once.
    public var query: [String: String]
    /// The header by lower-case names; values of a name that occurs more than once are joined with `, `.
    public var fields: [String: String]
    /// The `Content-Type` as sent, if any.
    public var contentType: String? { fields["content-type"] }
    /// The announced length of the body; `nil` for one sent in chunks, 0 where there is none.
    public var contentLength: Int64?
    /// The body's bytes; empty for streaming routes.
    public var body: [UInt8]
    /// The body of a streaming route, not yet read.
    public var bodyStream: RequestBody?
    /// Who asks.
    public var caller: Caller
    /// The other side's address, without the port; `local` on a Unix socket.
    public var remoteAddress: String

    /// Takes all fields.
    public init(
        method: String,
        isHead: Bool = false,
        path: String,
        rest: String = "",
        parameters: [String: String] = [:],
        query: [String: String] = [:],
        fields: [String: String] = [:],
        contentLength: Int64? = 0,
        body: [UInt8] = [],
        bodyStream: RequestBody? = nil,
        caller: Caller = .anonymous,
        remoteAddress: String = ""
    ) {
        self.method = method
        self.isHead = isHead
        self.path = path
        self.rest = rest
        self.parameters = parameters
        self.query = query
        self.fields = fields
        self.contentLength = contentLength
        self.body = body
        self.bodyStream = bodyStream
        self.caller = caller
        self.remoteAddress = remoteAddress
    }
}
