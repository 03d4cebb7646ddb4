extension Texts {
    /// A day in long form: `22 November 2026`, `22 ноября 2026 г.`, `2026 жылғы 22 қараша`, `2026年11月22日`. The month
    /// counts from 1; one outside 1 to 12 is written as a number.
    public func date(year: Int, month: Int, day: Int) -> String {
        let name = (1...TextKeys.months.count).contains(month) ? self(TextKeys.months[month - 1]) : String(month)
        return self("date.long", ["year": String(year), "month": name, "day": String(day)])
    }

    /// An instant with the offset of its clock from UTC: `22 November 2026, 15:04 (UTC+05:00)`. Date and time are
    /// those which that clock shows; the offset is in minutes, eastwards positive.
    public func instant(
        year: Int,
        month: Int,
        day: Int,
        hour: Int,
        minute: Int,
        offsetMinutes: Int = 0
    ) -> String {
        self(
            "date.instant",
            [
                "date": date(year: year, month: month, day: day),
                "time": Self.padded(hour) + ":" + Self.padded(minute),
                "offset": Self.offset(minutes: offsetMinutes),
            ]
        )
    }

    /// `UTC`, `UTC+05:00` or `UTC−03:30`.
    static func offset(minutes: Int) -> String {
        guard minutes != 0 else { return "UTC" }
        let magnitude = Int(clamping: minutes.magnitude)
        return "UTC" + (minutes < 0 ? "\u{2212}" : "+") + padded(magnitude / 60) + ":" + padded(magnitude % 60)
    }

    private static func padded(_ value: Int) -> String {
        (0...9).contains(value) ? "0" + String(value) : String(value)
    }
}
