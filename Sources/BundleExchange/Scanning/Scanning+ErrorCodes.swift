public import ExchangeModel

extension ErrorCode {
    /// The operator's program found something in a received file.
    public static let scanFound = ErrorCode("scan.found")
    /// The operator's program could not look at a received file; nothing is known of it.
    public static let scanFailed = ErrorCode("scan.failed")
    /// A received file is larger than the operator's program is given.
    public static let scanTooLarge = ErrorCode("scan.too_large")
}
