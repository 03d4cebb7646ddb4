public import ExchangeModel

extension ErrorCode {
    /// An officer rejected the bundle.
    public static let bundleRejectedByOfficer = ErrorCode("bundle.rejected_by_officer")
}
