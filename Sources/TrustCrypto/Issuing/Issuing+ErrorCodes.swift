public import ExchangeModel

extension ErrorCode {
    /// A certificate, revocation list or OCSP response could not be made from what was asked for.
    public static let issuingFailed = ErrorCode("issuing.failed")
}
