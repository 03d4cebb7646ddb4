public import ExchangeModel

extension ErrorCode {
    /// The address is not an absolute `http` or `https` URL that this request may use.
    public static let transportURL = ErrorCode("transport.url")
    /// The other side could not be reached, or the connection broke before the answer was whole.
    public static let transportUnreachable = ErrorCode("transport.unreachable")
    /// The other side did not answer, or not fast enough, within the request's time limits.
    public static let transportTimeout = ErrorCode("transport.timeout")
    /// No TLS connection could be agreed on, or the server's certificate did not hold.
    public static let transportTLS = ErrorCode("transport.tls")
    /// The answer is longer than the request's limit.
    public static let transportTooLarge = ErrorCode("transport.too_large")
    /// The other side answered with an HTTP status that the request does not accept; redirects are among them.
    public static let transportStatus = ErrorCode("transport.status")
    /// The caller gave up before the answer was there.
    public static let transportCancelled = ErrorCode("transport.cancelled")
}
