public import ExchangeModel

extension ErrorCode {
    /// The receipt is not one that a gateway gives for what it was sent.
    public static let receiptMismatch = ErrorCode("receipt.mismatch")
    /// The receipt is signed with a certificate that is not registered for the agency's receipts, or not any more.
    public static let receiptNotRegistered = ErrorCode("receipt.not_registered")
    /// Another receipt of the same kind was taken for the bundle before, or one that says the opposite.
    public static let receiptConflict = ErrorCode("receipt.conflict")
}
