public import ExchangeModel

extension ErrorCode {
    /// The step does not fit where the request stands, or belongs to the other side.
    public static let caseWrongStep = ErrorCode("case.wrong_step")
    /// The request takes a channel on which this is not done.
    public static let caseWrongChannel = ErrorCode("case.wrong_channel")
    /// A draft lacks what the treaty demands.
    public static let caseIncomplete = ErrorCode("case.incomplete")
    /// The request has no deadline of that id.
    public static let deadlineUnknown = ErrorCode("deadline.unknown")
    /// A table cannot be imported; each bad line is named.
    public static let importTable = ErrorCode("import.table")
}
