public import ExchangeModel

extension ErrorCode {
    /// A file of a work calendar is larger, or has more entries, than is taken.
    public static let calendarTooLarge = ErrorCode("calendar.too_large")
    /// A file of a work calendar is not UTF-8 text.
    public static let calendarNotText = ErrorCode("calendar.not_text")
    /// The first line of a work calendar in CSV is not the documented header.
    public static let calendarHeader = ErrorCode("calendar.header")
    /// A line of a work calendar in CSV does not have the four fields, or its quotation marks do not pair.
    public static let calendarRow = ErrorCode("calendar.row")
    /// A day in a work calendar does not exist or is not written as documented.
    public static let calendarDate = ErrorCode("calendar.date")
    /// A line of a work calendar in CSV is of an unknown kind.
    public static let calendarKind = ErrorCode("calendar.kind")
    /// A day of a work calendar has no name, or one that is too long.
    public static let calendarName = ErrorCode("calendar.name")
    /// A day stands twice in a work calendar.
    public static let calendarTwice = ErrorCode("calendar.twice")
    /// A file of a work calendar holds no day at all.
    public static let calendarEmpty = ErrorCode("calendar.empty")
    /// A work calendar in iCalendar form breaks its syntax (RFC 5545).
    public static let calendarSyntax = ErrorCode("calendar.syntax")
    /// A work calendar in iCalendar form uses something that is not taken, such as a recurrence rule.
    public static let calendarUnsupported = ErrorCode("calendar.unsupported")
    /// The calendars shipped with the program do not read.
    public static let calendarShipped = ErrorCode("calendar.shipped")
}
