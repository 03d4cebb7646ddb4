/// An instant in UTC with a resolution of one second, written as RFC 3339 `2026-11-22T10:00:00Z`.
public struct ExchangeTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    public let secondsSince1970: Int64

    /// The earliest and latest instants that four-digit years can write.
    private static let writable: ClosedRange<Int64> = -62_167_219_200...253_402_300_799

    /// Makes an instant; values outside the years 0000 to 9999 are moved to the nearest end.
    public init(secondsSince1970: Int64) {
        self.secondsSince1970 = min(max(secondsSince1970, Self.writable.lowerBound), Self.writable.upperBound)
    }

    /// Reads the one accepted form, `YYYY-MM-DDThh:mm:ssZ`; anything else, also an impossible date, is `nil`.
    public init?(rfc3339 text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 20 else { return nil }
        for (position, expected) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "Z")] {
            guard bytes[position] == expected.utf8.first else { return nil }
        }
        func number(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for byte in bytes[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1...12).contains(month), day >= 1, day <= CivilDate.days(inMonth: Int(month), of: Int(year)),
            hour < 24, minute < 60, second < 60
        else { return nil }
        let days = CivilDate.daysSince1970(year: year, month: month, day: day)
        self.init(secondsSince1970: days * 86_400 + hour * 3_600 + minute * 60 + second)
    }

    /// The instant some seconds later, or earlier when negative.
    public func adding(seconds: Int64) -> ExchangeTime {
        let (sum, overflow) = secondsSince1970.addingReportingOverflow(seconds)
        return ExchangeTime(secondsSince1970: overflow ? (seconds > 0 ? .max : .min) : sum)
    }

    /// Earlier instants come first.
    public static func < (left: ExchangeTime, right: ExchangeTime) -> Bool {
        left.secondsSince1970 < right.secondsSince1970
    }

    /// The RFC 3339 form.
    public var description: String {
        var days = secondsSince1970 / 86_400
        var rest = secondsSince1970 % 86_400
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        let (year, month, day) = CivilDate.civil(daysSince1970: days)
        var text: [UInt8] = []
        text.reserveCapacity(20)
        func append(_ value: Int64, _ width: Int, _ separator: Unicode.Scalar) {
            var divisor: Int64 = width == 4 ? 1_000 : 10
            while divisor > 0 {
                text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
                divisor /= 10
            }
            text.append(UInt8(ascii: separator))
        }
        append(Int64(year), 4, "-")
        append(Int64(month), 2, "-")
        append(Int64(day), 2, "T")
        append(rest / 3_600, 2, ":")
        append(rest / 60 % 60, 2, ":")
        append(rest % 60, 2, "Z")
        return String(decoding: text, as: UTF8.self)
    }
}
