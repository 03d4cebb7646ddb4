public import ExchangeModel

/// A calendar of deadlines as a file that calendar programs subscribe to (iCalendar, RFC 5545).
///
/// It goes to programs and services outside the gateway, so the caller gives references and dates, no case facts.
public struct CalendarFeed: Hashable, Sendable {
    /// When an entry is.
    public enum Start: Hashable, Sendable {
        /// A whole day, in whatever time zone the reader is.
        case day(CivilDate)
        /// An instant, written in UTC.
        case instant(ExchangeTime)
    }

    /// One event of the calendar.
    public struct Entry: Hashable, Sendable {
        /// A name that never changes, and that no other calendar uses (section 3.8.4.7).
        public var uid: String
        /// How often start, summary or cancellation changed, from 0 (section 3.8.7.4).
        public var sequence: Int
        /// When it is.
        public var start: Start
        /// The line that calendars show.
        public var summary: String
        /// What they show when it is opened.
        public var description: String?
        /// When to remind, in seconds from the start, a whole day starting at midnight: negative is before.
        public var alarms: [Int64]
        /// When the entry last changed.
        public var lastModified: ExchangeTime
        /// Whether it no longer holds; calendars then strike it out.
        public var isCancelled: Bool

        /// Takes all fields.
        public init(
            uid: String,
            sequence: Int = 0,
            start: Start,
            summary: String,
            description: String? = nil,
            alarms: [Int64] = [],
            lastModified: ExchangeTime,
            isCancelled: Bool = false
        ) {
            self.uid = uid
            self.sequence = sequence
            self.start = start
            self.summary = summary
            self.description = description
            self.alarms = alarms
            self.lastModified = lastModified
            self.isCancelled = isCancelled
        }
    }

    /// The events, in the order in which they are written.
    public var entries: [Entry]
    /// The name that calendars show.
    public var name: String
    /// Names the program that writes it, such as `-//Rogatory//Deadlines//EN` (section 3.7.3).
    public var productID: String

    /// Takes all fields.
    public init(entries: [Entry], name: String, productID: String = "-//Rogatory//Deadlines//EN") {
        self.entries = entries
        self.name = name
        self.productID = productID
    }

    /// The file: UTF-8, lines ended by CR LF and folded at 75 octets; the same entries give the same bytes.
    public var ics: String {
        var lines = CalendarLines()
        lines.add("BEGIN", "VCALENDAR")
        lines.add("VERSION", "2.0")
        lines.add("PRODID", text: productID)
        lines.add("CALSCALE", "GREGORIAN")
        // The name as RFC 7986 has it, and as programs from before it look for it.
        lines.add("NAME", text: name)
        lines.add("X-WR-CALNAME", text: name)
        lines.add("REFRESH-INTERVAL;VALUE=DURATION", "PT1H")
        for entry in entries { lines.add(entry) }
        lines.add("END", "VCALENDAR")
        return lines.text
    }
}
