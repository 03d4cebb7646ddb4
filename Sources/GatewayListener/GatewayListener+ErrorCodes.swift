public import ExchangeModel

extension ErrorCode {
    /// The listener cannot be bound to its address, or it stopped by a fault.
    public static let listenerAddress = ErrorCode("listener.address")
    /// Nothing is served under this path.
    public static let listenerNotFound = ErrorCode("listener.not_found")
    /// The path is served, but not with this method.
    public static let listenerMethod = ErrorCode("listener.method")
    /// The request's body is longer than this path takes.
    public static let listenerTooLarge = ErrorCode("listener.too_large")
    /// The request's body has a media type that this path does not take.
    public static let listenerMediaType = ErrorCode("listener.media_type")
    /// The connection broke, or broke the rules of HTTP, before the request was complete.
    public static let listenerBody = ErrorCode("listener.body")
    /// The request could not be answered because of a fault on the server's side.
    public static let listenerInternal = ErrorCode("listener.internal")
}
