public import ExchangeModel

extension ErrorCode {
    /// A bundle says that it takes the place of one that has another content, thread or number.
    public static let announcementSupersedes = ErrorCode("announcement.supersedes")
    /// A later bundle with the same content has taken the bundle's place.
    public static let announcementSuperseded = ErrorCode("announcement.superseded")
    /// The announced header names another bundle than the request.
    public static let announcementName = ErrorCode("announcement.name")
    /// A gateway announced a bundle of another party.
    public static let announcementSender = ErrorCode("announcement.sender")
    /// The announced bundle is addressed to another party.
    public static let announcementRecipient = ErrorCode("announcement.recipient")
    /// The announced bundle is encrypted to no key known here.
    public static let announcementRecipientKey = ErrorCode("announcement.recipient_key")
    /// The announced bundle has expired.
    public static let announcementExpired = ErrorCode("announcement.expired")
    /// The announced bundle was made in the future.
    public static let announcementTime = ErrorCode("announcement.time")
    /// The same name was announced before with other bytes.
    public static let announcementConflict = ErrorCode("announcement.conflict")
    /// Completion was said while parts are missing.
    public static let partMissing = ErrorCode("part.missing")

    /// As many bundles of the partner are announced and unfinished as may be at one time.
    public static let quotaBundles = ErrorCode("quota.bundles")
    /// The partner's unfinished bundles would take more bytes than they may at one time.
    public static let quotaBytes = ErrorCode("quota.bytes")
    /// The bytes would leave less of the disk free than must stay so.
    public static let quotaDisk = ErrorCode("quota.disk")
    /// The bytes that arrived are not those that the sender said it sends.
    public static let exchangeDigestMismatch = ErrorCode("exchange.digest_mismatch")
}
