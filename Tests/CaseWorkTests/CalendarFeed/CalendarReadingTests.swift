import CaseWork
import ExchangeModel
import Foundation
import Testing

/// The calendar as a library of others reads it: PyPI's icalendar.
@Suite("Calendars are read by PyPI's icalendar")
struct CalendarReadingTests {
    private struct Event: Decodable, Equatable {
        var uid: String
        var sequence: Int
        var start: String
        var isDay: Bool
        var summary: String
        var description: String?
        var status: String
        var modified: String
        var alarms: [Double]
    }

    /// Prints the calendar as JSON; refuses a file with errors.
    private static let script = """
        import datetime, json, sys
        from icalendar import Calendar
        calendars = Calendar.from_ical(sys.stdin.buffer.read(), multiple=True)
        assert len(calendars) == 1, calendars
        calendar = calendars[0]
        faults = [(part.name, part.errors) for part in calendar.walk() if part.errors]
        assert not faults, faults
        events = []
        for event in calendar.walk("VEVENT"):
            start = event.decoded("DTSTART")
            is_day = not isinstance(start, datetime.datetime)
            assert is_day or start.utcoffset() == datetime.timedelta(0)
            events.append({
                "uid": str(event["UID"]), "sequence": int(event["SEQUENCE"]), "start": start.isoformat(), "isDay": is_day,
                "summary": str(event["SUMMARY"]),
                "description": str(event["DESCRIPTION"]) if "DESCRIPTION" in event else None,
                "status": str(event["STATUS"]), "modified": event.decoded("LAST-MODIFIED").isoformat(),
                "alarms": [alarm.decoded("TRIGGER").total_seconds() for alarm in event.walk("VALARM")],
            })
        print(json.dumps({"name": str(calendar["X-WR-CALNAME"]), "events": events}))
        """

    private struct Reading: Decodable {
        var name: String
        var events: [Event]
    }

    /// The library or the script refused the file; also when Python has no icalendar (pip install icalendar).
    private struct Refused: Error {
        var complaint: String
    }

    private static func read(_ ics: String) throws -> Reading {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).ics")
        try Data(ics.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        process.standardInput = try FileHandle(forReadingFrom: file)
        let (output, faults) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = faults
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = String(decoding: faults.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Refused(complaint: complaint) }
        return try JSONDecoder().decode(Reading.self, from: said)
    }

    @Test("Every value comes back, in all scripts and lengths")
    func roundTrip() throws {
        let changed = try #require(ExchangeTime(rfc3339: "2026-11-22T10:00:00Z"))
        var entries: [CalendarFeed.Entry] = []
        let words = [
            "Execution", "Исполнение; срок, по договору \\ «Б»", "期限：执行", "мерзім 😀", "a\nb",
            "colon: \"quoted\", ^ caret",
            String(repeating: "я", count: 300), String(repeating: "国", count: 200), String(repeating: "😀", count: 90),
        ]
        for (position, word) in words.enumerated() {
            let day = try #require(CivilDate(year: 2028, month: 2, day: 29))
            entries.append(
                .init(
                    uid: "deadline-\(position)@gateway.example",
                    sequence: position,
                    start: position % 2 == 0 ? .day(day) : .instant(changed.adding(seconds: Int64(position))),
                    summary: word,
                    description: position % 3 == 0 ? nil : word + "\n" + word,
                    alarms: [-604_800, -3_601, 32_400],
                    lastModified: changed,
                    isCancelled: position == 5
                )
            )
        }
        let reading = try Self.read(CalendarFeed(entries: entries, name: "Сроки, 期限").ics)
        #expect(reading.name == "Сроки, 期限")
        #expect(reading.events.count == words.count)
        for (position, event) in reading.events.enumerated() {
            let entry = entries[position]
            let expected = Event(
                uid: entry.uid,
                sequence: position,
                start: position % 2 == 0 ? "2028-02-29" : "2026-11-22T10:00:0\(position)+00:00",
                isDay: position % 2 == 0,
                summary: words[position],
                description: entry.description,
                status: position == 5 ? "CANCELLED" : "CONFIRMED",
                modified: "2026-11-22T10:00:00+00:00",
                alarms: position == 5 ? [] : [-604_800, -3_601, 32_400]
            )
            #expect(event == expected)
        }
    }

    @Test("A damaged file is refused, so its agreement means something")
    func damaged() throws {
        let day = CivilDate(daysSince1970: 20_000)
        let entry = CalendarFeed.Entry(
            uid: "1@gateway.example",
            start: .day(day),
            summary: "a",
            lastModified: ExchangeTime(secondsSince1970: 0)
        )
        let ics = CalendarFeed(entries: [entry], name: "a").ics
        #expect(try Self.read(ics).events.count == 1)
        for (original, replacement) in [
            ("END:VEVENT\r\n", ""), ("DTSTART;VALUE=DATE:", "DTSTART;VALUE=DATE:x"), ("SUMMARY:", "SUMMARY"),
        ] {
            let broken = ics.replacingOccurrences(of: original, with: replacement, options: .literal)
            try #require(broken != ics)
            #expect(throws: Refused.self, "\(original)") { try Self.read(broken) }
        }
    }
}
