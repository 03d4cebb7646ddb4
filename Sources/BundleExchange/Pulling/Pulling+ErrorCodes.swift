public import ExchangeModel

extension ErrorCode {
    /// The place in the listing that was named is none of the caller's.
    public static let pullCursor = ErrorCode("pull.cursor")
    /// The caller is fetching as many bundles at once as it may.
    public static let pullTooMany = ErrorCode("pull.too_many")
}
