import ExchangeModel

/// Days read from a file, gathered and checked before any of them counts.
struct CalendarDays {
    /// Whether people work on a day.
    enum Kind: String {
        case off
        case working
    }

    private struct Entry {
        let kind: Kind
        var name: String
        let line: Int
    }

    private var entries: [CivilDate: Entry] = [:]
    private var sources: [Int: [String]] = [:]

    /// The longest name, in UTF-8 bytes.
    static let longestName = 200
    /// The longest source, in UTF-8 bytes.
    static let longestSource = 500
    /// The years that calendars are kept for.
    static let years = 2000...2100

    /// Takes a day. A second one of the same date is refused unless both are days off and `merging` says that two
    /// holidays may fall together.
    mutating func add(
        _ date: CivilDate,
        _ kind: Kind,
        name: String,
        source: String,
        line: Int,
        merging: Bool = false
    ) throws {
        let year = date.components.year
        guard Self.years.contains(year) else {
            throw ExchangeError(.calendarDate, "line \(line): the year \(year) is outside \(Self.years)")
        }
        try Self.check(name, longest: Self.longestName, "name", line)
        if !source.isEmpty { try Self.check(source, longest: Self.longestSource, "source", line) }
        if let other = entries[date] {
            guard merging, other.kind == kind else {
                throw ExchangeError(
                    .calendarTwice,
                    "line \(line): \(date) stands in line \(other.line) already"
                )
            }
            let both = other.name == name ? name : other.name + " / " + name
            if both.utf8.count <= Self.longestName { entries[date]?.name = both }
        } else {
            entries[date] = Entry(kind: kind, name: name, line: line)
        }
        if !source.isEmpty, sources[year, default: []].contains(source) == false {
            sources[year, default: []].append(source)
        }
    }

    /// The years that the days fall in, or those asked for.
    func years(covering: Set<Int>?, confidence: Confidence) throws -> [Int: WorkCalendar.Year] {
        var result: [Int: WorkCalendar.Year] = [:]
        for (date, entry) in entries {
            let number = date.components.year
            if let covering, !covering.contains(number) { continue }
            var year =
                result[number]
                ?? WorkCalendar.Year(
                    daysOff: [:],
                    source: Self.joined(sources[number] ?? []),
                    confidence: confidence
                )
            let name = Self.name(entry.name)
            switch entry.kind {
            case .off: year.daysOff[date] = name
            case .working: year.workingDays[date] = name
            }
            result[number] = year
        }
        guard !result.isEmpty else {
            throw ExchangeError(.calendarEmpty, "the file holds no day of the years asked for")
        }
        for (number, year) in result where year.source.isEmpty {
            throw ExchangeError(
                .calendarName,
                "the year \(number) has no source",
                hint: "name in the column `source` where the days were read"
            )
        }
        return result
    }

    private static func joined(_ sources: [String]) -> String {
        var result = ""
        for source in sources {
            let longer = result.isEmpty ? source : result + "; " + source
            guard longer.utf8.count <= longestSource else { return result }
            result = longer
        }
        return result
    }

    private static func name(_ text: String) -> WorkCalendar.DayName {
        let isKey =
            text.hasPrefix("holiday.")
            && text.dropFirst(8).utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == 0x2d }
        return isKey ? .key(text) : .text(text)
    }

    private static func check(_ text: String, longest: Int, _ what: String, _ line: Int) throws {
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw ExchangeError(.calendarName, "line \(line): the \(what) is empty")
        }
        guard text.utf8.count <= longest else {
            throw ExchangeError(.calendarName, "line \(line): the \(what) is longer than \(longest) bytes")
        }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else {
            throw ExchangeError(.calendarName, "line \(line): the \(what) holds a control character")
        }
    }
}
