/// What came back.
public struct OutboundResponse: Hashable, Sendable {
    /// The HTTP status, one of those the request accepts.
    public let status: Int
    /// The header by lower-case names; values of a name that occurs more than once are joined with `, `.
    public let fields: [String: String]
    /// The bytes of the answer, at most the request's limit; empty where they went to a sink.
    public let body: [UInt8]

    /// The `Content-Type` as sent, if any.
    public var contentType: String? { fields["content-type"] }

    /// What went wrong over there, if the answer says so in RFC 9457 problem details.
    public var problem: RemoteProblem? { RemoteProblem(contentType: contentType, body: body) }
}
