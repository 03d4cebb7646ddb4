public import ExchangeModel

extension ErrorCode {
    /// libcrypto failed in a way no input explains.
    public static let cryptoInternal = ErrorCode("crypto.internal")
    /// The machine's libcrypto accepts a message that was forged with a one-byte tag.
    public static let cryptoForgedTagAccepted = ErrorCode("crypto.forged_tag_accepted")
    /// A certificate cannot be read.
    public static let certificateMalformed = ErrorCode("certificate.malformed")
    /// A private key cannot be read, or its passphrase is wrong.
    public static let keyUnreadable = ErrorCode("key.unreadable")
    /// A private key does not belong to the certificate.
    public static let keyMismatch = ErrorCode("key.mismatch")
    /// A key's algorithm or size is outside the suite.
    public static let keyNotInSuite = ErrorCode("key.not_in_suite")
}
