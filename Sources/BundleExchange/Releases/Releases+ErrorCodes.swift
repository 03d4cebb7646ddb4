public import ExchangeModel

extension ErrorCode {
    /// One person releases a message alone only in an emergency, and the delivery order states no such priority.
    public static let releaseNotEmergency = ErrorCode("release.not_emergency")
    /// The message is none that one person can release alone: it certifies a destruction, or only an agency can open it.
    public static let releaseNotAlone = ErrorCode("release.not_alone")
    /// A second signature is for a bundle that one person did not release alone.
    public static let releaseNotSole = ErrorCode("release.not_sole")
    /// The second signature was given already.
    public static let releaseGiven = ErrorCode("release.given")
    /// The supplement that should carry a second signature does not have the form of one.
    public static let releaseForm = ErrorCode("release.form")
    /// The second signature is for a bundle that was not opened here; it is kept until that happens.
    public static let releaseUnknownBundle = ErrorCode("release.unknown_bundle")
    /// The second signature of a bundle that one person released did not come within a day.
    public static let releaseSecondSignatureMissing = ErrorCode("release.second_signature_missing")
}
