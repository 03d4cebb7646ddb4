public import ExchangeModel

extension ErrorCode {
    /// The gateway has no key with a certificate for this purpose that is valid now.
    public static let keyNoneUsable = ErrorCode("key.none_usable")
    /// What was asked for does not fit the purpose of the key, such as a certificate for a log's key.
    public static let keyPurpose = ErrorCode("key.purpose")
    /// A stored private key was changed or wrapped under another store key.
    public static let keyDamaged = ErrorCode("key.damaged")
}
