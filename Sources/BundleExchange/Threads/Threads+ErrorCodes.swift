public import ExchangeModel

extension ErrorCode {
    /// The party is not a partner of this gateway.
    public static let threadUnknownPeer = ErrorCode("thread.unknown_peer")
    /// The partner is suspended, so nothing new is begun with it.
    public static let threadPeerSuspended = ErrorCode("thread.peer_suspended")
    /// The thread is one with another partner.
    public static let threadOtherPeer = ErrorCode("thread.other_peer")
}
