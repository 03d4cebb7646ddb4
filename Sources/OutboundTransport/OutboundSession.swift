public import ExchangeModel
import Synchronization

/// Requests to one peer as one identity, which use each other's connections, one at a time each.
///
/// Connections are never shared with another session. The server's certificate is judged anew for every request, also
/// on a connection that already stands.
public final class OutboundSession: Sendable {
    /// The most unused connections kept.
    public static let mostIdle = 16

    /// Scheme, host and port, such as `https://gateway.example:8443`.
    public let origin: String
    private let identity: ClientIdentity?
    private let check: OutboundRequest.ServerCheck?
    private let unixSocket: String?
    private let idle = Mutex<[Exchange]>([])

    /// Takes the peer's address, our identity, and the check of the peer's certificate.
    public init(
        origin: String,
        identity: ClientIdentity? = nil,
        check: OutboundRequest.ServerCheck? = nil,
        unixSocket: String? = nil
    ) {
        self.origin = origin.hasSuffix("/") ? String(origin.dropLast()) : origin
        self.identity = identity
        self.check = check
        self.unixSocket = unixSocket
    }

    /// Sends a request; its `url` is a path with an optional query, or an address that begins with the origin.
    ///
    /// The session's identity, check and socket take the place of the request's own. Throws as
    /// ``OutboundClient/fetchOnOwnThread(_:)`` does.
    public func fetch(_ request: OutboundRequest) async throws(ExchangeError) -> OutboundResponse {
        var request = request
        if request.url.hasPrefix("/") {
            request.url = origin + request.url
        } else if !request.url.hasPrefix(origin + "/") {
            throw ExchangeError(.transportURL, "The address is not one of \(origin)")
        }
        request.identity = identity
        request.check = check
        request.unixSocket = unixSocket
        let exchange = try take()
        let response = try await OutboundClient.perform(request, on: exchange)
        // Only after a whole answer is the connection known to be in order.
        give(back: exchange)
        return response
    }

    /// Closes unused connections.
    public func close() { idle.withLock { $0 = [] } }

    private func take() throws(ExchangeError) -> Exchange {
        if let exchange = idle.withLock({ $0.popLast() }) { return exchange }
        return try Exchange()
    }

    private func give(back exchange: Exchange) {
        idle.withLock { idle in
            if idle.count < Self.mostIdle, !exchange.isCancelled { idle.append(exchange) }
        }
    }
}
