import ExchangeModel

extension ErrorCode {
    /// The profile that says how a gateway is reached cannot be used.
    static let profileInvalid = ErrorCode("profile.invalid")
    /// Nothing says which gateway is meant.
    static let clientNoGateway = ErrorCode("client.no_gateway")
    /// The gateway answered with something that is not part of the interface.
    static let clientAnswer = ErrorCode("client.answer")
    /// What the gateway sent is not what it said that it would send.
    static let clientDigest = ErrorCode("client.digest")
    /// What was fetched is another bundle than the one that was asked for.
    static let clientOtherBundle = ErrorCode("client.other_bundle")
    /// A name, or the beginning of an id, stands for nothing or for more than one thing.
    static let clientAmbiguous = ErrorCode("client.ambiguous")
    /// Two sides have not compared what they must compare.
    static let clientNotCompared = ErrorCode("client.not_compared")
    /// Work at the gateway ended otherwise than hoped for.
    static let clientOutcome = ErrorCode("client.outcome")
}
