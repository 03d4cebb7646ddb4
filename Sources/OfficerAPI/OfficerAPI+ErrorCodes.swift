public import ExchangeModel

extension ErrorCode {
    /// A body is not the strict JSON that the interface takes.
    public static let apiJSON = ErrorCode("api.json")
    /// A member of a body, or a parameter of a query, is unknown to the operation.
    public static let apiUnknownMember = ErrorCode("api.unknown_member")
    /// A member of a body, or a parameter, is missing, of the wrong kind or outside its limits.
    public static let apiValue = ErrorCode("api.value")
    /// The caller is not signed in: no certificate was shown.
    public static let apiSignIn = ErrorCode("api.sign_in")
    /// The interface's own document does not fit the program.
    public static let apiDocument = ErrorCode("api.document")
}
