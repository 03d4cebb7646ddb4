public import ExchangeModel

extension ErrorCode {
    /// The message waits for another one; it is applied when that one is here.
    public static let actParked = ErrorCode("act.parked")
    /// A message names an act that this version does not know.
    public static let actUnknown = ErrorCode("act.unknown")
    /// A field of an act is missing, there twice, not known, or not in its form.
    public static let actInvalid = ErrorCode("act.invalid")
    /// The act belongs to the other side.
    public static let actWrongSide = ErrorCode("act.wrong_side")
    /// The act came before there was a request.
    public static let actBeforeRequest = ErrorCode("act.before_request")
    /// The act is of a request for assistance in a preservation, or the other way round.
    public static let actWrongKind = ErrorCode("act.wrong_kind")
    /// The act does not fit the phase that the request was in for its sender.
    public static let actWrongPhase = ErrorCode("act.wrong_phase")
    /// The act came for a request that its sender knew to be closed.
    public static let actAfterClose = ErrorCode("act.after_close")
    /// The act names an item that was never requested.
    public static let actUnknownItem = ErrorCode("act.unknown_item")
    /// The act names an item that is already executed, refused, returned or withdrawn.
    public static let actItemSettled = ErrorCode("act.item_settled")
    /// A supplement adds an item under an id that stands already.
    public static let actDuplicateItem = ErrorCode("act.duplicate_item")
    /// A refusal names no ground.
    public static let actNoGround = ErrorCode("act.no_ground")
    /// The act needs reasons and gives none.
    public static let actNoReason = ErrorCode("act.no_reason")
    /// A second signature for a message that does not wait for one.
    public static let actNotAwaited = ErrorCode("act.not_awaited")
    /// A preservation would end no later than it does already, or before it begins.
    public static let actNotLater = ErrorCode("act.not_later")
    /// A side sent two different messages under one sequence number.
    public static let chainFork = ErrorCode("chain.fork")
    /// A message has a sequence number below 1.
    public static let chainSequence = ErrorCode("chain.sequence")
}
