import ExchangeModel

/// Reads the whole-day events of an iCalendar file (RFC 5545), and refuses by name what could make a day appear or
/// vanish without being written out.
struct ICalendarDays {
    /// One event.
    struct Event {
        let line: Int
        let first: CivilDate
        let count: Int
        let name: String
        let isWorkingDay: Bool
    }

    /// A content line after unfolding (section 3.1).
    private struct Content {
        let line: Int
        let name: String
        let parameters: [String: String]
        let value: String
    }

    /// The longest event in days; longer ones are mistakes.
    private static let longestEvent: Int64 = 60
    /// The longest unfolded line in bytes.
    private static let longestLine = 16_384

    static func events(in bytes: [UInt8]) throws -> [Event] {
        var events: [Event] = []
        var open: [(name: String, line: Int)] = []
        var properties: [Content] = []
        var isClosed = false
        for (line, text) in try unfolded(bytes) {
            let content = try content(of: text, line: line)
            guard !isClosed else { throw syntax(line, "something follows END:VCALENDAR") }
            switch content.name {
            case "BEGIN":
                let component = content.value.uppercased()
                guard (component == "VCALENDAR") == open.isEmpty else {
                    throw syntax(line, "BEGIN:\(component.prefix(40)) stands where it cannot")
                }
                guard open.count < 8 else { throw syntax(line, "components are nested too deeply") }
                open.append((component, line))
                if component == "VEVENT" { properties = [] }
            case "END":
                guard let last = open.popLast(), last.name == content.value.uppercased() else {
                    throw syntax(line, "END:\(content.value.prefix(40)) has no BEGIN")
                }
                if last.name == "VEVENT", open.count == 1, let event = try event(properties, line: last.line) {
                    guard events.count < WorkCalendar.mostICSEvents else {
                        throw ExchangeError(
                            .calendarTooLarge,
                            "line \(last.line): more than \(WorkCalendar.mostICSEvents) events"
                        )
                    }
                    events.append(event)
                }
                isClosed = open.isEmpty
            default:
                guard let inner = open.last else { throw syntax(line, "the file does not begin with BEGIN:VCALENDAR") }
                if inner.name == "VEVENT", open.count == 2 { properties.append(content) }
            }
        }
        guard isClosed else {
            throw syntax(open.last?.line ?? 1, "BEGIN:\(open.last?.name ?? "VCALENDAR") has no END")
        }
        return events
    }

    private static func event(_ properties: [Content], line: Int) throws -> Event? {
        var single: [String: Content] = [:]
        var categories: Set<String> = []
        for property in properties {
            switch property.name {
            case "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID":
                throw ExchangeError(
                    .calendarUnsupported,
                    "line \(property.line): \(property.name) is not taken",
                    hint: "write every day as an event of its own"
                )
            case "CATEGORIES":
                categories.formUnion(property.value.uppercased().split(separator: ",").map(String.init))
            case "DTSTART", "DTEND", "DURATION", "SUMMARY", "STATUS":
                guard single.updateValue(property, forKey: property.name) == nil else {
                    throw syntax(property.line, "\(property.name) stands twice in one event")
                }
            default: break
            }
        }
        // A cancelled event is one that does not take place (section 3.8.1.11).
        if single["STATUS"]?.value.uppercased() == "CANCELLED" { return nil }
        guard let start = single["DTSTART"] else { throw syntax(line, "the event has no DTSTART") }
        let first = try date(start)
        var count: Int64 = 1
        if let end = single["DTEND"] {
            guard single["DURATION"] == nil else { throw syntax(end.line, "the event has both DTEND and DURATION") }
            count = try date(end).daysSince1970 - first.daysSince1970
            guard count >= 1 else {
                throw ExchangeError(.calendarDate, "line \(end.line): the event ends before it begins")
            }
        } else if let duration = single["DURATION"] {
            count = try days(duration)
        }
        guard count <= longestEvent else {
            throw ExchangeError(.calendarDate, "line \(line): the event lasts \(count) days; \(longestEvent) are taken")
        }
        return Event(
            line: line,
            first: first,
            count: Int(count),
            name: unescaped(single["SUMMARY"]?.value ?? ""),
            isWorkingDay: categories.contains("WORKING-DAY")
        )
    }

    private static func date(_ property: Content) throws -> CivilDate {
        let kind = property.parameters["VALUE"]?.uppercased() ?? "DATE-TIME"
        guard kind == "DATE" else {
            throw ExchangeError(
                .calendarUnsupported,
                "line \(property.line): \(property.name) is no whole day (VALUE=DATE)"
            )
        }
        let digits = Array(property.value.utf8)
        guard digits.count == 8, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw ExchangeError(.calendarDate, "line \(property.line): `\(property.value.prefix(40))` is no date")
        }
        let text = String(decoding: digits, as: UTF8.self)
        guard let date = CivilDate(iso: "\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.suffix(2))") else {
            throw ExchangeError(.calendarDate, "line \(property.line): the day \(text) does not exist")
        }
        return date
    }

    private static func days(_ property: Content) throws -> Int64 {
        let text = property.value.uppercased()
        let digits = text.dropFirst().dropLast()
        guard text.hasPrefix("P"), let unit = text.last, unit == "D" || unit == "W", digits.utf8.count <= 3,
            !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits),
            number > 0
        else {
            throw ExchangeError(
                .calendarUnsupported,
                "line \(property.line): the duration `\(text.prefix(40))` is not in days or weeks"
            )
        }
        return unit == "W" ? number * 7 : number
    }

    /// TEXT values (section 3.3.11).
    private static func unescaped(_ text: String) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                result.append(character == "n" || character == "N" ? " " : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return result
    }

    /// The content lines with the numbers of the lines on which they begin.
    private static func unfolded(_ bytes: [UInt8]) throws -> [(line: Int, text: String)] {
        guard bytes.count <= WorkCalendar.largestICS else {
            throw ExchangeError(
                .calendarTooLarge,
                "the calendar has \(bytes.count) bytes; \(WorkCalendar.largestICS) are taken"
            )
        }
        var lines: [(line: Int, bytes: [UInt8])] = []
        let start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        let raw = bytes[start...].split(separator: 0x0a, omittingEmptySubsequences: false)
        for (index, slice) in raw.enumerated() {
            let line = slice.last == 0x0d ? slice.dropLast() : slice
            if line.isEmpty { continue }
            if line.first == 0x20 || line.first == 0x09 {
                guard !lines.isEmpty else { throw syntax(index + 1, "the first line continues nothing") }
                lines[lines.count - 1].bytes += line.dropFirst()
            } else {
                lines.append((index + 1, Array(line)))
            }
            guard (lines.last?.bytes.count ?? 0) <= longestLine else {
                throw ExchangeError(.calendarTooLarge, "line \(index + 1): longer than \(longestLine) bytes")
            }
        }
        // A character may be folded between its bytes, so it is read only now.
        return try lines.map { line, bytes in
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw ExchangeError(.calendarNotText, "line \(line) is not UTF-8 text")
            }
            return (line, text)
        }
    }

    private static func content(of text: String, line: Int) throws -> Content {
        var isQuoted = false
        var colon: String.Index?
        for index in text.indices {
            if text[index] == "\"" { isQuoted.toggle() }
            if text[index] == ":", !isQuoted {
                colon = index
                break
            }
        }
        guard let colon else { throw syntax(line, "the line has no colon") }
        var parts: [String] = [""]
        isQuoted = false
        for character in text[..<colon] {
            if character == "\"" { isQuoted.toggle() }
            if character == ";", !isQuoted {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        let name = parts[0].uppercased()
        guard !name.isEmpty, name.utf8.allSatisfy({ isNameByte($0) }) else {
            throw syntax(line, "the name of the property is wrong")
        }
        var parameters: [String: String] = [:]
        for part in parts.dropFirst() {
            guard let equals = part.firstIndex(of: "=") else { throw syntax(line, "a parameter has no value") }
            let key = part[..<equals].uppercased()
            guard !key.isEmpty, key.utf8.allSatisfy({ isNameByte($0) }), parameters[key] == nil else {
                throw syntax(line, "a parameter has no name or stands twice")
            }
            var value = String(part[part.index(after: equals)...])
            if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") {
                value = String(value.dropFirst().dropLast())
            }
            parameters[key] = value
        }
        return Content(line: line, name: name, parameters: parameters, value: String(text[text.index(after: colon)...]))
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2d
    }

    private static func syntax(_ line: Int, _ what: String) -> ExchangeError {
        ExchangeError(.calendarSyntax, "line \(line): \(what)")
    }
}
