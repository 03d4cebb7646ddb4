import ExchangeModel

extension ErrorCode {
    /// A setting of the gateway is missing, unknown or not acceptable; the details list every fault.
    static let configurationInvalid = ErrorCode("configuration.invalid")
}
