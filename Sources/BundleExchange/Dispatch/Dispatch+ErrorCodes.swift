public import ExchangeModel

extension ErrorCode {
    /// The partner's gateway refused, and repeating cannot change it; its own code stands in the details.
    public static let peerRefused = ErrorCode("peer.refused")
    /// The partner's gateway answered something that makes no sense in the protocol.
    public static let peerAnswer = ErrorCode("peer.answer")
}
