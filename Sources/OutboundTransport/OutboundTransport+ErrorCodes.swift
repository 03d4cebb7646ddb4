public import ExchangeModel

extension ErrorCode {
    /// The address is not an absolute `http` or `https` URL that this request may use, or a header field is not one.
    public static let transportURL = ErrorCode("transport.url")
    /// The name of the other side's host is not known.
    public static let transportName = ErrorCode("transport.name")
    /// No connection to the other side could be made.
    public static let transportUnreachable = ErrorCode("transport.unreachable")
    /// The other side did not answer, or not fast enough, within the request's time limits.
    public static let transportTimeout = ErrorCode("transport.timeout")
    /// No TLS connection could be agreed on, or the server's certificate did not hold.
    public static let transportTLS = ErrorCode("transport.tls")
    /// The other side ended the TLS handshake with an alert, as it does when it does not accept our certificate.
    public static let transportRefused = ErrorCode("transport.refused")
    /// The server's certificate is not for the host that was asked for.
    public static let transportHost = ErrorCode("transport.host")
    /// The server's certificate was not accepted.
    public static let transportCertificate = ErrorCode("transport.certificate")
    /// Our own certificate and key cannot be used together for TLS.
    public static let transportIdentity = ErrorCode("transport.identity")
    /// The connection broke before the answer was whole.
    public static let transportCut = ErrorCode("transport.cut")
    /// What came back is not HTTP.
    public static let transportAnswer = ErrorCode("transport.answer")
    /// The body to be sent is shorter or longer than announced.
    public static let transportBody = ErrorCode("transport.body")
    /// The answer is longer than the request's limit.
    public static let transportTooLarge = ErrorCode("transport.too_large")
    /// The other side answered with an HTTP status that the request does not accept; redirects are among them.
    public static let transportStatus = ErrorCode("transport.status")
    /// The clock of the other side differs from ours by more than a minute.
    public static let transportClock = ErrorCode("transport.clock")
    /// The caller gave up before the answer was there.
    public static let transportCancelled = ErrorCode("transport.cancelled")
    /// The HTTP library failed here, before anything was sent.
    public static let transportInternal = ErrorCode("transport.internal")
}
