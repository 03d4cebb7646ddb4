/// One HTTP request to a service outside, with every limit it is held to.
public struct OutboundRequest: Hashable, Sendable {
    /// The methods services of trust use.
    public enum Method: String, CaseIterable, Sendable {
        /// Asks for a document, such as a revocation list.
        case get = "GET"
        /// Sends a body, such as a timestamp request.
        case post = "POST"
    }

    /// What is done.
    public var method: Method
    /// The absolute address, ASCII only, without user name or fragment.
    public var url: String
    /// The bytes sent with `POST`; a `GET` sends none.
    public var body: [UInt8]
    /// The media type of `body`, such as `application/timestamp-query`.
    public var contentType: String?
    /// Whether plain `http` may be used. Right only where the answer is signed itself: timestamps, OCSP, CRLs.
    public var allowsPlainHTTP: Bool
    /// PEM file of the only TLS anchors to accept, instead of the system's.
    public var anchorsFile: String?
    /// The longest answer taken, in bytes.
    public var largestResponse: Int
    /// The time until the connection must stand.
    public var connectTimeout: Duration
    /// The time until the answer must be complete.
    public var totalTimeout: Duration
    /// The statuses that are an answer; any other is an error.
    public var acceptedStatuses: ClosedRange<Int>

    /// Makes a request; the limits suit small signed answers.
    public init(
        _ method: Method,
        url: String,
        body: [UInt8] = [],
        contentType: String? = nil,
        allowsPlainHTTP: Bool = false,
        anchorsFile: String? = nil,
        largestResponse: Int = 1_048_576,
        connectTimeout: Duration = .seconds(10),
        totalTimeout: Duration = .seconds(30),
        acceptedStatuses: ClosedRange<Int> = 200...299
    ) {
        self.method = method
        self.url = url
        self.body = body
        self.contentType = contentType
        self.allowsPlainHTTP = allowsPlainHTTP
        self.anchorsFile = anchorsFile
        self.largestResponse = largestResponse
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.acceptedStatuses = acceptedStatuses
    }
}

/// What came back.
public struct OutboundResponse: Hashable, Sendable {
    /// The HTTP status, one of those the request accepts.
    public let status: Int
    /// The `Content-Type` as sent, if any.
    public let contentType: String?
    /// The bytes of the answer, at most the request's limit.
    public let body: [UInt8]
}
