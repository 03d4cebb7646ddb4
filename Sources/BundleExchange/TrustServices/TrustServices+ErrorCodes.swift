public import ExchangeModel

extension ErrorCode {
    /// None of the timestamp authorities answers as it should; what needs a timestamp waits.
    public static let timestampUnavailable = ErrorCode("timestamp.unavailable")
}
