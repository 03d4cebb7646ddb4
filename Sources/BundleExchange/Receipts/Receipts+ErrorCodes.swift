public import ExchangeModel

extension ErrorCode {
    /// The receipt is not one that a gateway gives for what it was sent.
    public static let receiptMismatch = ErrorCode("receipt.mismatch")
    /// Another receipt of the same kind was taken for the bundle before.
    public static let receiptConflict = ErrorCode("receipt.conflict")
}
