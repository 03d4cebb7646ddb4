extension Texts {
    /// A whole number with its thousands grouped as the language writes them: `1,234,567` or `1 234 567`, the space
    /// being one that does not break.
    public func number(_ value: Int64) -> String {
        let digits = Array(String(value.magnitude))
        var text = value < 0 ? "\u{2212}" : ""
        for (position, digit) in digits.enumerated() {
            if position > 0, (digits.count - position) % 3 == 0 { text += groupSeparator }
            text.append(digit)
        }
        return text
    }

    /// A whole number with its thousands grouped.
    public func number(_ value: Int) -> String { number(Int64(value)) }

    /// A size in bytes, in decimal units (IEC 80000-13) rounded to a tenth: `512 bytes`, `1.5 GB`.
    public func byteSize(_ bytes: Int64) -> String {
        guard let place = Self.units.lastIndex(where: { bytes >= $0.bytes }) else { return count("size.bytes", bytes) }
        var (whole, tenths) = Self.rounded(bytes, by: Self.units[place].bytes)
        var key = Self.units[place].key
        // 999,950 bytes are 1 MB, not 1,000 kB.
        if whole == 1_000, Self.units.indices.contains(place + 1) {
            (whole, tenths) = (1, 0)
            key = Self.units[place + 1].key
        }
        return self(key, ["n": number(whole) + (tenths == 0 ? "" : decimalSeparator + String(tenths))])
    }

    /// A number of calendar days: `3 days`.
    public func days(_ number: Int) -> String { count("unit.days", number) }

    /// A number of hours: `72 hours`.
    public func hours(_ number: Int) -> String { count("unit.hours", number) }

    /// A number of months: `2 months`.
    public func months(_ number: Int) -> String { count("unit.months", number) }

    /// A number of working days: `10 working days`.
    public func workingDays(_ number: Int) -> String { count("unit.workingDays", number) }

    private static let units: [(bytes: Int64, key: String)] = [
        (1_000, "size.kB"), (1_000_000, "size.MB"), (1_000_000_000, "size.GB"), (1_000_000_000_000, "size.TB"),
    ]

    private static func rounded(_ bytes: Int64, by unit: Int64) -> (whole: Int64, tenths: Int64) {
        let tenths = (bytes % unit * 10 + unit / 2) / unit
        return tenths == 10 ? (bytes / unit + 1, 0) : (bytes / unit, tenths)
    }

    private var groupSeparator: String {
        switch language {
        case .english, .chinese: ","
        case .russian, .kazakh: "\u{a0}"
        }
    }

    private var decimalSeparator: String {
        switch language {
        case .english, .chinese: "."
        case .russian, .kazakh: ","
        }
    }
}
