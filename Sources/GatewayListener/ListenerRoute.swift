/// A request as handlers see it, complete and within its limits.
public struct ListenerRequest: Hashable, Sendable {
    /// The method, such as `GET`; `HEAD` arrives as `GET`.
    public let method: String
    /// The path as sent, percent-encoding included, without the query.
    public let path: String
    /// What stands after the route's fixed part, for routes that end in `*`; else empty.
    public let rest: String
    /// The `Content-Type` as sent, if any.
    public let contentType: String?
    /// The body's bytes.
    public let body: [UInt8]
}

/// The answer to a request.
public struct ListenerResponse: Hashable, Sendable {
    /// The HTTP status.
    public var status: Int
    /// The media type of the body.
    public var contentType: String
    /// The body's bytes.
    public var body: [UInt8]
    /// Further header fields by name.
    public var fields: [String: String]

    /// Takes all fields.
    public init(status: Int = 200, contentType: String, body: [UInt8], fields: [String: String] = [:]) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.fields = fields
    }
}

/// What is served under one path with one method.
public struct ListenerRoute: Sendable {
    /// Answers a request; any error becomes status 500 and tells the client nothing.
    public typealias Handler = @Sendable (ListenerRequest) async throws -> ListenerResponse

    /// The method, such as `POST`. A route for `GET` serves `HEAD` too.
    public let method: String
    /// The path, compared byte for byte; a final `*` stands for any rest that is not empty.
    public let path: String
    /// The media types taken, without parameters; empty takes any.
    public let mediaTypes: [String]
    /// The longest body taken, in bytes.
    public let largestBody: Int
    let handler: Handler

    /// Makes a route.
    public init(
        _ method: String,
        _ path: String,
        mediaTypes: [String] = [],
        largestBody: Int = 65_536,
        handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.mediaTypes = mediaTypes.map { $0.lowercased() }
        self.largestBody = largestBody
        self.handler = handler
    }

    /// What stands for the `*` if the route serves the path, else `nil`.
    func rest(of requested: Substring) -> Substring? {
        guard path.last == "*" else { return requested == path ? "" : nil }
        let fixed = path.dropLast()
        guard requested.hasPrefix(fixed), requested.utf8.count > fixed.utf8.count else { return nil }
        return requested.dropFirst(fixed.count)
    }

    /// Whether the media type, its parameters left out, is one that the route takes.
    func takes(mediaType: String?) -> Bool {
        if mediaTypes.isEmpty { return true }
        guard let essence = mediaType?.split(separator: ";", maxSplits: 1).first else { return false }
        let name = essence.lowercased().filter { $0 != " " && $0 != "\t" }
        return mediaTypes.contains(name)
    }
}
