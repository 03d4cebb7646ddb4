/// What is served under one path with one method.
public struct ListenerRoute: Sendable {
    /// Answers a request; an error becomes a problem by the service's mapping, else status 500 that tells nothing.
    public typealias Handler = @Sendable (ListenerRequest) async throws -> ListenerResponse

    /// The method, such as `POST`. A route for `GET` serves `HEAD` too.
    public let method: String
    /// The path: segments compared byte for byte as sent, `{name}` for exactly one segment of any value, and a final
    /// `*` for any rest that is not empty. Where two routes fit, the one that is fixed further to the left answers; one
    /// that ends in `*` only where no other fits the path, with whatever method.
    public let path: String
    /// The media types taken, without parameters; empty takes any.
    public let mediaTypes: [String]
    /// The longest body taken, in bytes.
    public let largestBody: Int64
    /// Whether the handler reads the body itself, as it arrives.
    public let streaming: Bool
    let template: PathTemplate
    let handler: Handler

    /// Makes a route.
    public init(
        _ method: String,
        _ path: String,
        mediaTypes: [String] = [],
        largestBody: Int64 = 65_536,
        streaming: Bool = false,
        handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.mediaTypes = mediaTypes.map { $0.lowercased() }
        self.largestBody = largestBody
        self.streaming = streaming
        self.template = PathTemplate(path)
        self.handler = handler
    }

    /// Whether the media type, its parameters left out, is one that the route takes.
    func takes(mediaType: String?) -> Bool {
        if mediaTypes.isEmpty { return true }
        guard let essence = mediaType?.split(separator: ";", maxSplits: 1).first else { return false }
        let name = essence.lowercased().filter { $0 != " " && $0 != "\t" }
        return mediaTypes.contains(name)
    }
}
