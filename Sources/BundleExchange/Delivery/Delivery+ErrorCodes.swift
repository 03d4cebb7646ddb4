public import ExchangeModel

extension ErrorCode {
    /// The recipient's gateway has the whole bundle, so its delivery can no longer be stopped or replaced.
    public static let deliveryComplete = ErrorCode("delivery.complete")
    /// The delivery of the bundle has ended; nothing more can happen to it in this way.
    public static let deliveryEnded = ErrorCode("delivery.ended")
    /// This cannot happen to a bundle that stands where this one stands.
    public static let deliveryOrder = ErrorCode("delivery.order")
    /// A bundle cannot be sealed again: its recipient has rejected its content, or what it was made of is gone.
    public static let deliveryReseal = ErrorCode("delivery.reseal")
    /// Work ended the gateway several times while it was being done, and waits for a person.
    public static let workCrashed = ErrorCode("work.crashed")
}
