public import BundleExchange
import ExchangeModel
import OutboundTransport

extension PeerEndpoint {
    /// Finds partners in the register, and judges their servers by it.
    public static func finder(in peers: PeerRegister) -> PeerClient.FindEndpoint {
        { peer in
            PeerEndpoint(peer: peer, url: try peers.url(of: peer)) { chain, host in
                try peers.checkServer(derChain: chain, host: host, of: peer)
            }
        }
    }
}

extension PeerClient {
    /// The client of a gateway: partners by its register, with its key for TLS as it stands at each call.
    ///
    /// - Parameters:
    ///   - keys: The gateway's keys.
    ///   - peers: The gateway's partners.
    ///   - progress: Told how much of a part was sent; called often, on a thread of the transfer.
    public convenience init(
        keys: KeyRing,
        peers: PeerRegister,
        progress: @escaping @Sendable (PeerProgress) -> Void = { _ in }
    ) {
        self.init(
            endpoint: PeerEndpoint.finder(in: peers),
            identity: { try await keys.current(.gatewayTLS) },
            progress: progress
        )
    }
}

extension PeerPing {
    /// The walk of a gateway to its partners; the sheet goes into the partner's record.
    public init(_ gateway: ExchangeGateway) {
        let (keys, peers) = (gateway.keys, gateway.peers)
        self.init(
            endpoint: PeerEndpoint.finder(in: peers),
            identity: { try await keys.current(.gatewayTLS) },
            now: gateway.core.now,
            take: { try await peers.takeSheet($0, of: $1) }
        )
    }
}
