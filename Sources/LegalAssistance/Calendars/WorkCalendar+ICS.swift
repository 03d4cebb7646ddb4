import ExchangeModel

extension WorkCalendar {
    /// Files larger than this are refused, in bytes.
    public static let largestICS = 1_048_576
    /// Files with more events are refused.
    public static let mostICSEvents = 5_000

    /// A calendar read from iCalendar (RFC 5545). Every `VEVENT` is one or more whole days: a day off named by its
    /// `SUMMARY`, or, with the category `WORKING-DAY`, a day of the weekend on which people work. Every year that a day
    /// falls in is taken to be complete. Throws with the number of the line, and takes nothing, where something is
    /// wrong or not taken: `calendar.syntax`, `calendar.unsupported` (recurrence, times of day, other durations than
    /// days and weeks), `calendar.date`, `calendar.kind`, `calendar.name`, `calendar.twice`, `calendar.too_large`,
    /// `calendar.not_text`, `calendar.empty`.
    public init(
        ics bytes: [UInt8],
        source: String,
        state: StateCode,
        weekend: Set<Int> = [6, 7],
        zones: [ZoneName] = [],
        rule: CountingRule? = nil,
        confidence: Confidence = .recalled
    ) throws {
        self.init(
            state: state,
            weekend: weekend,
            zones: zones,
            rule: rule,
            years: try Self.years(ics: bytes, source: source, weekend: weekend, confidence: confidence)
        )
    }

    /// The years of a calendar in iCalendar form, for ``replacing(_:)``; only those in `covering` where that is given,
    /// which leaves out a year that only the last holiday of the one before reaches into.
    public static func years(
        ics bytes: [UInt8],
        source: String,
        covering: Set<Int>? = nil,
        weekend: Set<Int> = [6, 7],
        confidence: Confidence = .recalled
    ) throws -> [Int: Year] {
        var days = CalendarDays()
        for event in try ICalendarDays.events(in: bytes) {
            let kind: CalendarDays.Kind = event.isWorkingDay ? .working : .off
            for offset in 0..<event.count {
                let date = event.first.adding(days: Int64(offset))
                guard kind == .off || weekend.contains(date.weekday) else {
                    throw ExchangeError(
                        .calendarKind,
                        "line \(event.line): \(date) is no day of the weekend and works anyway"
                    )
                }
                try days.add(date, kind, name: event.name, source: source, line: event.line, merging: true)
            }
        }
        return try days.years(covering: covering, confidence: confidence)
    }
}
