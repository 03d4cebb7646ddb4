import ExchangeModel
import GatewayText

/// Content lines of iCalendar, escaped and folded (RFC 5545 sections 3.1 and 3.3.11).
struct CalendarLines {
    private(set) var text = ""

    /// Adds a property whose value has no characters to escape.
    mutating func add(_ name: String, _ value: String) {
        fold(name + ":" + value)
    }

    /// Adds a property of type TEXT.
    mutating func add(_ name: String, text value: String) {
        fold(name + ":" + Self.escaped(value))
    }

    /// Adds an event.
    mutating func add(_ entry: CalendarFeed.Entry) {
        add("BEGIN", "VEVENT")
        add("UID", text: entry.uid)
        // Without METHOD, DTSTAMP is when the entry last changed (section 3.8.7.2).
        add("DTSTAMP", Self.utc(entry.lastModified))
        add("LAST-MODIFIED", Self.utc(entry.lastModified))
        add("SEQUENCE", String(max(entry.sequence, 0)))
        switch entry.start {
        case .day(let day): add("DTSTART;VALUE=DATE", Self.compact(day))
        case .instant(let time): add("DTSTART", Self.utc(time))
        }
        add("SUMMARY", text: entry.summary)
        if let description = entry.description { add("DESCRIPTION", text: description) }
        add("STATUS", entry.isCancelled ? "CANCELLED" : "CONFIRMED")
        add("TRANSP", "TRANSPARENT")
        add("CLASS", "CONFIDENTIAL")
        // What no longer holds reminds nobody.
        for alarm in entry.isCancelled ? [] : entry.alarms {
            add("BEGIN", "VALARM")
            add("ACTION", "DISPLAY")
            add("TRIGGER", Self.duration(seconds: alarm))
            add("DESCRIPTION", text: entry.summary)
            add("END", "VALARM")
        }
        add("END", "VEVENT")
    }

    /// A duration (section 3.3.6): `-P7D`, `PT9H`, `-P1DT12H30M`.
    static func duration(seconds: Int64) -> String {
        let magnitude = seconds.magnitude
        let (days, rest) = magnitude.quotientAndRemainder(dividingBy: 86_400)
        var text = seconds < 0 ? "-P" : "P"
        if days > 0 { text += String(days) + "D" }
        if rest > 0 || days == 0 {
            let (hours, minutes, seconds) = (rest / 3_600, rest / 60 % 60, rest % 60)
            // Hours, minutes and seconds follow each other without a gap.
            text += "T"
            if hours > 0 { text += String(hours) + "H" }
            if minutes > 0 || (hours > 0 && seconds > 0) { text += String(minutes) + "M" }
            if seconds > 0 || rest == 0 { text += String(seconds) + "S" }
        }
        return text
    }

    /// Escapes backslash, semicolon, comma and line breaks; other control characters have no form and are left out.
    static func escaped(_ value: String) -> String {
        var result = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\", ";", ",":
                result.append("\\")
                result.append(scalar)
            case "\n" where previous == "\r": break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": result.append(contentsOf: "\\n".unicodeScalars)
            case "\t": result.append(" ")
            case _ where PlainText.isHarmful(scalar): break
            default: result.append(scalar)
            }
            previous = scalar
        }
        return String(result)
    }

    /// Breaks a line into pieces of at most 75 octets, never inside a character's UTF-8 form.
    private mutating func fold(_ line: String) {
        var octets = 0
        var view = String.UnicodeScalarView()
        for scalar in line.unicodeScalars {
            let width = UTF8.width(scalar)
            if octets + width > 75 {
                view.append(contentsOf: "\r\n ".unicodeScalars)
                octets = 1
            }
            view.append(scalar)
            octets += width
        }
        text += String(view) + "\r\n"
    }

    private static func compact(_ day: CivilDate) -> String {
        day.description.filter { $0 != "-" }
    }

    private static func utc(_ time: ExchangeTime) -> String {
        time.description.filter { $0 != "-" && $0 != ":" }
    }
}
