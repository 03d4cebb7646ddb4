public import ExchangeModel

extension ErrorCode {
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
}
