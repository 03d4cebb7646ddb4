public import ExchangeModel

extension ErrorCode {
    /// None of the person's roles allows what was asked for.
    public static let accessDenied = ErrorCode("access.denied")
    /// Nobody is known by the certificate or local user, or the person or authority is suspended.
    public static let accessUnknown = ErrorCode("access.unknown")
    /// What was asked for does not exist, or not for this person.
    public static let notFound = ErrorCode("request.not_found")
    /// What was asked for does not fit the state things are in.
    public static let wrongState = ErrorCode("request.wrong_state")
    /// A value in a request is missing or not acceptable.
    public static let requestValue = ErrorCode("request.value")
}
