import ExchangeModel

extension WorkCalendar {
    /// The header of a calendar in CSV (RFC 4180, UTF-8): the day as `YYYY-MM-DD`; `off` for a day off or `working`
    /// for a day of the weekend on which people work; its name, or a key such as `holiday.new-year`; where it was read.
    public static let csvHeader = "date,kind,name,source"
    /// Files larger than this are refused, in bytes.
    public static let largestCSV = 262_144
    /// Files with more lines are refused.
    public static let mostCSVLines = 4_000

    /// A calendar read from CSV. Every year that a day falls in is taken to be complete. Throws with the number of the
    /// line, and takes nothing, where a line is wrong: `calendar.header`, `calendar.row`, `calendar.date`,
    /// `calendar.kind`, `calendar.name`, `calendar.twice`, `calendar.too_large`, `calendar.not_text`, `calendar.empty`.
    public init(
        csv bytes: [UInt8],
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
            years: try Self.years(csv: bytes, weekend: weekend, confidence: confidence)
        )
    }

    /// The years of a calendar in CSV, for ``replacing(_:)``; only those in `covering` where that is given. A working
    /// day must fall on the weekend, or it would say nothing.
    public static func years(
        csv bytes: [UInt8],
        covering: Set<Int>? = nil,
        weekend: Set<Int> = [6, 7],
        confidence: Confidence = .recalled
    ) throws -> [Int: Year] {
        var days = CalendarDays()
        for (line, fields) in try rows(of: bytes) {
            guard fields.count == 4 else {
                throw ExchangeError(.calendarRow, "line \(line): \(fields.count) fields instead of 4")
            }
            guard let date = CivilDate(iso: fields[0]) else {
                throw ExchangeError(.calendarDate, "line \(line): `\(fields[0].prefix(40))` is no day as YYYY-MM-DD")
            }
            guard let kind = CalendarDays.Kind(rawValue: fields[1]) else {
                throw ExchangeError(.calendarKind, "line \(line): `\(fields[1].prefix(40))` is neither off nor working")
            }
            guard kind == .off || weekend.contains(date.weekday) else {
                throw ExchangeError(.calendarKind, "line \(line): \(date) is no day of the weekend and works anyway")
            }
            try days.add(date, kind, name: fields[2], source: fields[3], line: line)
        }
        return try days.years(covering: covering, confidence: confidence)
    }

    /// The calendar in CSV; reading it again gives the same years, but for their confidence.
    public func csv() -> String {
        var lines = [Self.csvHeader]
        for (_, year) in years.sorted(by: { $0.key < $1.key }) {
            let days =
                year.daysOff.map { ($0.key, "off", $0.value.text) }
                + year.workingDays.map { ($0.key, "working", $0.value.text) }
            for (date, kind, name) in days.sorted(by: { $0.0 < $1.0 }) {
                lines.append("\(date),\(kind),\(Self.quoted(name)),\(Self.quoted(year.source))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func quoted(_ field: String) -> String {
        guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
        return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// The lines after the header, with their numbers. A quoted field may not hold a line break: no name does.
    private static func rows(of bytes: [UInt8]) throws -> [(line: Int, fields: [String])] {
        guard bytes.count <= largestCSV else {
            throw ExchangeError(.calendarTooLarge, "the calendar has \(bytes.count) bytes; \(largestCSV) are taken")
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw ExchangeError(.calendarNotText, "the calendar is not UTF-8 text")
        }
        if text.unicodeScalars.first == "\u{feff}" { text.unicodeScalars.removeFirst() }
        var lines = text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false).map { line in
            line.last == 0x0d ? line.dropLast() : line
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        guard lines.count <= mostCSVLines else {
            throw ExchangeError(.calendarTooLarge, "the calendar has \(lines.count) lines; \(mostCSVLines) are taken")
        }
        guard let header = lines.first, String(Substring(header)) == csvHeader else {
            throw ExchangeError(.calendarHeader, "line 1: the header is not `\(csvHeader)`")
        }
        return try lines.enumerated().dropFirst().map { index, line in
            (index + 1, try fields(of: Array(line), line: index + 1))
        }
    }

    private static func fields(of bytes: [UInt8], line: Int) throws -> [String] {
        var fields: [[UInt8]] = [[]]
        var isQuoted = false
        var wasQuoted = false
        var position = 0
        func wrong(_ what: String) -> ExchangeError { ExchangeError(.calendarRow, "line \(line): \(what)") }
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if isQuoted {
                guard byte == 0x22 else {
                    fields[fields.count - 1].append(byte)
                    continue
                }
                if position < bytes.count, bytes[position] == 0x22 {
                    fields[fields.count - 1].append(0x22)
                    position += 1
                } else {
                    isQuoted = false
                    wasQuoted = true
                }
            } else if byte == 0x2c {
                fields.append([])
                wasQuoted = false
            } else if byte == 0x22 {
                guard fields[fields.count - 1].isEmpty, !wasQuoted else {
                    throw wrong("a quotation mark within a field")
                }
                isQuoted = true
            } else {
                guard !wasQuoted else { throw wrong("text after a quoted field") }
                fields[fields.count - 1].append(byte)
            }
        }
        guard !isQuoted else { throw wrong("a quotation mark is not closed") }
        return fields.map { String(decoding: $0, as: UTF8.self) }
    }
}
