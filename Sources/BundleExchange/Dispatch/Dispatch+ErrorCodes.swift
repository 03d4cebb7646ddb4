public import ExchangeModel

extension ErrorCode {
    /// The partner's gateway refused, and repeating cannot change it; its own code stands in the details.
    public static let peerRefused = ErrorCode("peer.refused")
    /// The partner's gateway answered something that makes no sense in the protocol.
    public static let peerAnswer = ErrorCode("peer.answer")
    /// The partner's gateway lives and asks to come again later: it is busy, its disk is full, or a quota is used up.
    public static let peerLater = ErrorCode("peer.later")
    /// A part did not arrive at the partner's gateway as it was sent.
    public static let peerPartDamaged = ErrorCode("peer.part_damaged")
    /// The partner's gateway is taking the same part on another connection.
    public static let peerPartBusy = ErrorCode("peer.part_busy")
    /// A part of a sealed bundle is damaged on our own disk.
    public static let bundlePartDamaged = ErrorCode("bundle.part_damaged")
}
