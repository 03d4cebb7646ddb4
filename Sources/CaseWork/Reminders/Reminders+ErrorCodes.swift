public import ExchangeModel

extension ErrorCode {
    /// A notification reached its person on none of the attempts of one way.
    public static let notificationUndelivered = ErrorCode("notification.undelivered")
    /// The command that takes notifications could not be started.
    public static let notificationCommandUnusable = ErrorCode("notification.command_unusable")
    /// The command that takes notifications ended with another status than 0.
    public static let notificationCommandFailed = ErrorCode("notification.command_failed")
    /// The command that takes notifications did not end in time and was killed.
    public static let notificationCommandTimeout = ErrorCode("notification.command_timeout")
    /// A setting for notifications cannot be used.
    public static let notificationSettings = ErrorCode("notification.settings")
}
