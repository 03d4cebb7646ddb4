public import BundleExchange
public import ExchangeModel
public import OutboundTransport

/// Where a partner's gateway is, and how its certificate is judged.
public struct PeerEndpoint: Sendable {
    /// The partner.
    public let peer: PartyID
    /// The address as the partner's card gives it: `https`, host, perhaps port and path, no final slash.
    public let url: String
    /// Throws when a chain that the server shows is not the partner's, registered and valid now.
    public let check: OutboundRequest.ServerCheck

    /// Takes all fields.
    public init(peer: PartyID, url: String, check: @escaping OutboundRequest.ServerCheck) {
        self.peer = peer
        self.url = url
        self.check = check
    }
}

/// How much of a part has been sent.
public struct PeerProgress: Hashable, Sendable {
    /// The recipient.
    public let peer: PartyID
    /// The bundle.
    public let bundle: BundleKey
    /// The part, from 1.
    public let part: Int
    /// The bytes handed to the connection.
    public let sent: Int64
    /// The part's length in bytes.
    public let total: Int64
}
