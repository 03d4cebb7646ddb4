public import ExchangeModel

extension ErrorCode {
    /// A request for assistance has no such step now, or the step belongs to the other side.
    public static let caseWrongStep = ErrorCode("case.wrong_step")
}
