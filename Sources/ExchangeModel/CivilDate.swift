/// A day of the Gregorian calendar without a time zone, written as ISO 8601 `2026-11-22`; years 0001 to 9999.
public struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Days since 1970-01-01.
    public let daysSince1970: Int64

    private static let writable: ClosedRange<Int64> = -719_162...2_932_896

    /// Makes a day; values outside the years 0001 to 9999 are moved to the nearest end.
    public init(daysSince1970: Int64) {
        self.daysSince1970 = min(max(daysSince1970, Self.writable.lowerBound), Self.writable.upperBound)
    }

    /// A day that exists; 29 February of a common year is `nil`.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9_999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.days(inMonth: month, of: year)
        else { return nil }
        self.init(daysSince1970: Self.daysSince1970(year: Int64(year), month: Int64(month), day: Int64(day)))
    }

    /// Reads the one accepted form, `YYYY-MM-DD`; anything else, also an impossible date, is `nil`.
    public init?(iso text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            bytes[range].reduce(0) { value, byte in
                guard let value, (0x30...0x39).contains(byte) else { return nil }
                return value * 10 + Int(byte - 0x30)
            }
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// Year, month from 1 to 12, day from 1.
    public var components: (year: Int, month: Int, day: Int) { Self.civil(daysSince1970: daysSince1970) }

    /// The day of the week (ISO 8601): 1 is Monday, 7 is Sunday.
    public var weekday: Int { Int(((daysSince1970 + 3) % 7 + 7) % 7) + 1 }

    /// The day so many days later, or earlier when negative.
    public func adding(days: Int64) -> CivilDate {
        let (sum, overflow) = daysSince1970.addingReportingOverflow(days)
        return CivilDate(daysSince1970: overflow ? (days > 0 ? .max : .min) : sum)
    }

    /// The same-numbered day so many months later, or the last day of that month when it has no such day.
    public func adding(months: Int) -> CivilDate {
        let (year, month, day) = components
        let (sum, overflow) = (year * 12 + month - 1).addingReportingOverflow(months)
        let place = overflow ? (months > 0 ? 9_999 * 12 + 11 : 12) : min(max(sum, 12), 9_999 * 12 + 11)
        let (newYear, newMonth) = (place / 12, place % 12 + 1)
        let last = Self.days(inMonth: newMonth, of: newYear)
        return CivilDate(
            daysSince1970: Self.daysSince1970(
                year: Int64(newYear),
                month: Int64(newMonth),
                day: Int64(min(day, last))
            )
        )
    }

    /// How many days a month has.
    static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    // Counted in eras of 400 years from 1 March, proleptic Gregorian.
    static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    static func civil(daysSince1970 days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), Int(month), Int(day))
    }

    /// Earlier days come first.
    public static func < (left: CivilDate, right: CivilDate) -> Bool { left.daysSince1970 < right.daysSince1970 }

    /// The ISO 8601 form.
    public var description: String {
        let (year, month, day) = components
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2)
    }
}
