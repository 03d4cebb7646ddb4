public import ExchangeModel

extension ErrorCode {
    /// The listener cannot be bound to its address, or it stopped by a fault.
    public static let listenerAddress = ErrorCode("listener.address")
    /// The listener's own certificate and key cannot be used together for TLS.
    public static let listenerCertificate = ErrorCode("listener.certificate")
    /// The caller's certificate is not one that is let in, or no longer.
    public static let listenerCaller = ErrorCode("listener.caller")
    /// There are too many connections with this certificate at one time.
    public static let listenerBusy = ErrorCode("listener.busy")
    /// The request breaks a rule of HTTP, or uses a part of HTTP that is not served here.
    public static let listenerRequest = ErrorCode("listener.request")
    /// The request's path or query cannot be decoded, or holds what no path may hold.
    public static let listenerTarget = ErrorCode("listener.target")
    /// Nothing is served under this path.
    public static let listenerNotFound = ErrorCode("listener.not_found")
    /// The path is served, but not with this method.
    public static let listenerMethod = ErrorCode("listener.method")
    /// The request's body is longer than this path takes.
    public static let listenerTooLarge = ErrorCode("listener.too_large")
    /// The request's body has a media type that this path does not take, or is compressed.
    public static let listenerMediaType = ErrorCode("listener.media_type")
    /// The field If-Match names something else than what is served.
    public static let listenerPrecondition = ErrorCode("listener.precondition")
    /// The field Range asks for bytes behind the end.
    public static let listenerRange = ErrorCode("listener.range")
    /// The connection broke, or broke the rules of HTTP, before the request was complete.
    public static let listenerBody = ErrorCode("listener.body")
    /// The request could not be answered because of a fault on the server's side.
    public static let listenerInternal = ErrorCode("listener.internal")
}
