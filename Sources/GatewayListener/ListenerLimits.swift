/// What a listener holds every connection and request to.
public struct ListenerLimits: Hashable, Sendable {
    /// The time in which a TLS handshake must be complete.
    public var handshakeTimeout: Duration = .seconds(10)
    /// The time in which a request's header must arrive, and after which an unused connection is closed.
    public var idleTimeout: Duration = .seconds(30)
    /// The fewest bytes of a body that must arrive in a second, averaged over ``rateWindow``, while we wait for them.
    public var bodyRate = 1_024
    /// The time over which ``bodyRate`` is averaged.
    public var rateWindow: Duration = .seconds(30)
    /// The time after which a client that takes too little of an answer is cut off.
    public var slowReaderTimeout: Duration = .seconds(30)
    /// The longest single header field, in bytes; the request line counts as one.
    public var headerField = 8_192
    /// The longest header, in bytes.
    public var headerList = 16_384
    /// The most header fields.
    public var headerFields = 64
    /// The most connections at one time; further ones wait in the kernel's queue.
    public var connections = 256
    /// The most connections at one time from one address; further ones are closed at once.
    public var connectionsPerAddress = 64
    /// The most connections at one time with one client certificate; further ones are answered with status 503.
    public var connectionsPerCertificate = 32
    /// How often a caller's certificate is checked again while one request or answer lasts.
    public var recheckInterval: Duration = .seconds(10)
    /// The time that running requests have to end when the service is asked to stop.
    public var stopTimeout: Duration = .seconds(30)

    /// The usual limits.
    public init() {}
}
