public import ExchangeModel

extension ErrorCode {
    /// An address for mail is not a plain ASCII one of the form `name@host`.
    public static let mailAddress = ErrorCode("mail.address")
    /// A value for a header field of a mail is empty, too long or holds a control character such as a line break.
    public static let mailHeader = ErrorCode("mail.header")
    /// The settings of a mail server contradict each other or name no host.
    public static let mailSettings = ErrorCode("mail.settings")
    /// The mail server is not known or no connection to it could be made.
    public static let mailUnreachable = ErrorCode("mail.unreachable")
    /// The mail server did not answer within the time limits.
    public static let mailTimeout = ErrorCode("mail.timeout")
    /// No TLS connection to the mail server could be agreed on, or its certificate did not hold.
    public static let mailTLS = ErrorCode("mail.tls")
    /// The mail server did not accept user name and password, or offers no way to give them.
    public static let mailLogin = ErrorCode("mail.login")
    /// The mail server does not take the mail now and may take it later (a reply of 4xx).
    public static let mailDeferred = ErrorCode("mail.deferred")
    /// The mail server refused the sender, a recipient or the mail for good (a reply of 5xx).
    public static let mailRefused = ErrorCode("mail.refused")
    /// The mail server broke off, or what it said is not SMTP.
    public static let mailAnswer = ErrorCode("mail.answer")
}
