import ExchangeModel
import GatewaySchemas
import LegalAssistance
import Testing

@Suite struct WorkCalendarTests {
    @Test func fiveStatesAreShippedWithSourceAndConfidenceForEachYear() throws {
        let calendars = try WorkCalendar.shipped()
        for (state, last) in [("KZ", 2027), ("KG", 2026), ("UZ", 2026), ("RU", 2027), ("CN", 2026)] {
            let calendar = try #require(calendars[Sample.state(state)])
            #expect(calendar.years.keys.sorted() == Array(2024...last), "\(state)")
            #expect(calendar.years.values.allSatisfy { !$0.source.isEmpty && $0.confidence != .confirmed }, "\(state)")
            #expect(calendar.defaultZone != nil, "\(state)")
        }
    }

    @Test func aDayIsWhatTheDecreesSay() throws {
        let calendars = try WorkCalendar.shipped()
        let kz = try #require(calendars[Sample.state("KZ")])
        #expect(kz.day(try Sample.day("2024-05-04")) == .movedWorking(.key("holiday.moved-working-day")))
        #expect(kz.day(try Sample.day("2024-05-08")) == .off(.key("holiday.moved-day-off")))
        #expect(kz.day(try Sample.day("2024-05-11")) == .weekend)
        #expect(kz.day(try Sample.day("2024-05-10")) == .working)
        #expect(kz.day(try Sample.day("2031-05-10")) == .missing(year: 2031))
        #expect(kz.day(try Sample.day("2026-08-31")) == .working)
        let cn = try #require(calendars[Sample.state("CN")])
        #expect(cn.day(try Sample.day("2026-02-14")).isWorking == true)
        #expect(cn.day(try Sample.day("2026-02-16")).isWorking == false)
        #expect(cn.day(try Sample.day("2031-01-01")).isWorking == nil)
    }

    @Test func timeZoneDataKnowKazakhstansChange() throws {
        #expect(ZoneName.knowsKazakhstanChange, "the time zone data are older than 2024a")
        let almaty = try Sample.zone("Asia/Almaty")
        #expect(almaty.offset(at: try Sample.time("2024-02-29T17:59:59Z")) == 6 * 3_600)
        #expect(almaty.offset(at: try Sample.time("2024-02-29T18:00:00Z")) == 5 * 3_600)
        // That day had 25 hours: the clock went back at midnight.
        #expect(almaty.start(of: try Sample.day("2024-02-29")) == (try Sample.time("2024-02-28T18:00:00Z")))
        #expect(almaty.end(of: try Sample.day("2024-02-29")) == (try Sample.time("2024-02-29T19:00:00Z")))
        #expect(almaty.date(of: try Sample.time("2024-02-29T18:59:59Z")) == (try Sample.day("2024-02-29")))
    }

    @Test(arguments: [
        "", "Almaty", "Asia/Nowhere", "../etc/passwd", "GMT+5", "Asia/Almaty\u{0}", "UTC+1", "asia almaty",
    ])
    func aZoneThatTheDatabaseLacksIsNone(_ name: String) { #expect(ZoneName(name) == nil) }

    @Test func everyZoneEndsEachDayWhereTheNextBegins() throws {
        let zones = try WorkCalendar.shipped().values.flatMap(\.zones)
        #expect(zones.count > 60)
        for zone in zones {
            for day in 0..<366 {
                let date = try Sample.day("2026-01-01").adding(days: Int64(day))
                let end = zone.end(of: date)
                #expect(zone.date(of: end) > date, "\(zone) \(date)")
                #expect(zone.date(of: end.adding(seconds: -1)) == date, "\(zone) \(date)")
            }
        }
    }

    @Test(arguments: [
        (#""state": "KZ""#, #""state": "Kz""#), (#""Asia/Almaty""#, #""Asia/Alma""#),
        (#""2024-05-04""#, #""2025-05-04""#), (#""2024-05-08""#, #""2024-05-09""#),
        (#""formatVersion": 1"#, #""formatVersion": 2"#), (#""recalled""#, #""sure""#),
        (#""year": 2025"#, #""year": 2024"#), (#""state": "KG""#, #""state": "KZ""#),
    ])
    func aWrongShippedFileIsRefused(_ right: String, _ wrong: String) throws {
        var text = Array(String(decoding: SchemaBytes.workCalendars, as: UTF8.self).utf8)
        let (from, to) = (Array(right.utf8), Array(wrong.utf8))
        let place = try #require(text.indices.first { text[$0...].starts(with: from) })
        text.replaceSubrange(place..<(place + from.count), with: to)
        #expect(throws: ExchangeError(.calendarShipped, "")) { try WorkCalendar.read(json: text) }
    }
}

@Suite struct CalendarImportTests {
    private static let head = WorkCalendar.csvHeader + "\n"

    private static func csv(_ text: String) throws -> [Int: WorkCalendar.Year] {
        try WorkCalendar.years(csv: Array(text.utf8))
    }

    @Test func csvIsReadAndWrittenAgain() throws {
        let text =
            Self.head + """
                2028-01-03,off,holiday.new-year,Decree 1
                2028-01-08,working,"moved, by ""decree\""",Decree 1
                2029-01-01,off,Новый год,"Decree, 2"

                """
        let calendar = try WorkCalendar(csv: Array(text.utf8), state: Sample.state("BY"))
        #expect(calendar.years.count == 2)
        #expect(calendar.day(try Sample.day("2028-01-03")) == .off(.key("holiday.new-year")))
        #expect(calendar.day(try Sample.day("2028-01-08")) == .movedWorking(.text("moved, by \"decree\"")))
        #expect(calendar.years[2029]?.source == "Decree, 2")
        #expect(calendar.confidence(of: 2029) == .recalled)
        #expect(calendar.confidence(of: 2030) == .unknown)
        #expect(try Self.csv(calendar.csv()) == calendar.years)
        let windows = try Self.csv("\u{feff}" + text.split(separator: "\n").joined(separator: "\r\n") + "\r\n")
        #expect(windows == calendar.years)
        let some = try WorkCalendar.years(csv: Array(text.utf8), covering: [2029])
        #expect(some.keys.sorted() == [2029])
    }

    @Test func shippedCalendarsSurviveCSV() throws {
        for (_, calendar) in try WorkCalendar.shipped() where !calendar.years.isEmpty {
            let again = try WorkCalendar.years(csv: Array(calendar.csv().utf8))
            for (number, year) in calendar.years {
                #expect(again[number]?.daysOff == year.daysOff)
                #expect(again[number]?.workingDays == year.workingDays)
                #expect(again[number]?.source == year.source)
            }
        }
    }

    static let badCSV: [(String, ErrorCode, String)] = [
        ("", .calendarHeader, "line 1"),
        ("date;kind;name;source\n", .calendarHeader, "line 1"),
        (head, .calendarEmpty, ""),
        (head + "2028-02-30,off,A,S\n", .calendarDate, "line 2"),
        (head + "2028-1-3,off,A,S\n", .calendarDate, "line 2"),
        (head + "1999-01-01,off,A,S\n", .calendarDate, "line 2"),
        (head + "2028-01-03,off,A,S\n2028-01-04,free,A,S\n", .calendarKind, "line 3"),
        (head + "2028-01-03,working,A,S\n", .calendarKind, "line 2"),
        (head + "2028-01-03,off,A\n", .calendarRow, "line 2"),
        (head + "2028-01-03,off,A,S,T\n", .calendarRow, "line 2"),
        (head + "2028-01-03,off,\"A,S\n", .calendarRow, "line 2"),
        (head + "2028-01-03,off,\"A\"B,S\n", .calendarRow, "line 2"),
        (head + "2028-01-03,off,A\"B,S\n", .calendarRow, "line 2"),
        (head + "\n2028-01-03,off,A,S\n", .calendarRow, "line 2"),
        (head + "2028-01-03,off, ,S\n", .calendarName, "line 2"),
        (head + "2028-01-03,off,A\u{1b}[0m,S\n", .calendarName, "line 2"),
        (head + "2028-01-03,off,\(String(repeating: "A", count: 201)),S\n", .calendarName, "line 2"),
        (head + "2028-01-03,off,A,\n", .calendarName, "2028"),
        (head + "2028-01-03,off,A,S\n2028-01-03,off,B,S\n", .calendarTwice, "line 3"),
        (head + String(repeating: "2028-01-03,off,A,S\n", count: 4_001), .calendarTooLarge, "lines"),
        (head + String(repeating: "A", count: 300_000), .calendarTooLarge, "bytes"),
    ]

    @Test(arguments: badCSV) func badCSVIsNamedByItsLine(_ text: String, _ code: ErrorCode, _ place: String) throws {
        let error = #expect(throws: ExchangeError.self) { try Self.csv(text) }
        #expect(error?.code == code)
        #expect(error?.reason.contains(place) == true, "\(String(describing: error))")
    }

    @Test func csvThatIsNoTextIsRefused() {
        #expect(throws: ExchangeError(.calendarNotText, "")) { try WorkCalendar.years(csv: [0x64, 0xff, 0x0a]) }
    }

    private static func ics(_ lines: String...) -> String {
        (["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//a//b//EN"] + lines + ["END:VCALENDAR", ""])
            .joined(separator: "\r\n")
    }

    private static func read(_ text: String) throws -> [Int: WorkCalendar.Year] {
        try WorkCalendar.years(ics: Array(text.utf8), source: "https://example.org/feed")
    }

    @Test func wholeDaysAreReadFromICalendar() throws {
        let text = Self.ics(
            "BEGIN:VTIMEZONE",
            "TZID:X",
            "BEGIN:STANDARD",
            "RRULE:FREQ=YEARLY",
            "END:STANDARD",
            "END:VTIMEZONE",
            "BEGIN:VEVENT",
            "UID:1",
            "DTSTART;VALUE=DATE:20280103",
            "SUMMARY;LANGUAGE=\"en;x:y\":New\\, ye",
            " ar",
            "BEGIN:VALARM",
            "DURATION:PT1H",
            "END:VALARM",
            "END:VEVENT",
            "BEGIN:VEVENT",
            "DTSTART;VALUE=DATE:20280318",
            "DTEND;VALUE=DATE:20280321",
            "SUMMARY:Nowruz",
            "END:VEVENT",
            "BEGIN:VEVENT",
            "DTSTART;VALUE=DATE:20280320",
            "SUMMARY:Eid",
            "END:VEVENT",
            "BEGIN:VEVENT",
            "DTSTART;VALUE=DATE:20280401",
            "CATEGORIES:Work,Working-Day",
            "SUMMARY:Moved",
            "END:VEVENT",
            "BEGIN:VEVENT",
            "DTSTART;VALUE=DATE:20280505",
            "STATUS:CANCELLED",
            "SUMMARY:Gone",
            "END:VEVENT",
            "BEGIN:VEVENT",
            "DTSTART;VALUE=DATE:20281231",
            "DURATION:P2D",
            "SUMMARY:Year's end",
            "END:VEVENT"
        )
        let years = try Self.read(text)
        #expect(years.keys.sorted() == [2028, 2029])
        let year = try #require(years[2028])
        #expect(year.daysOff[try Sample.day("2028-01-03")] == .text("New, year"))
        #expect(year.daysOff[try Sample.day("2028-03-18")] == .text("Nowruz"))
        #expect(year.daysOff[try Sample.day("2028-03-20")] == .text("Nowruz / Eid"))
        #expect(year.daysOff[try Sample.day("2028-03-21")] == nil)
        #expect(year.workingDays[try Sample.day("2028-04-01")] == .text("Moved"))
        #expect(year.daysOff.count == 5)
        #expect(year.source == "https://example.org/feed")
        let one = try WorkCalendar.years(ics: Array(text.utf8), source: "feed", covering: [2028])
        #expect(one.keys.sorted() == [2028])
    }

    @Test func aLetterMayBeFoldedBetweenItsBytes() throws {
        var bytes = Array(Self.ics("BEGIN:VEVENT", "DTSTART;VALUE=DATE:20280103", "SUMMARY:Ж", "END:VEVENT").utf8)
        let letter = try #require(bytes.firstIndex(of: 0xd0))
        bytes.insert(contentsOf: [0x0d, 0x0a, 0x20], at: letter + 1)
        let years = try WorkCalendar.years(ics: bytes, source: "S")
        #expect(years[2028]?.daysOff[try Sample.day("2028-01-03")] == .text("Ж"))
    }

    static let badICS: [(String, ErrorCode, String)] = [
        ("", .calendarSyntax, "line 1"),
        (" BEGIN:VCALENDAR\r\n", .calendarSyntax, "line 1"),
        ("SUMMARY:A\r\n", .calendarSyntax, "line 1"),
        ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", .calendarSyntax, "line 1"),
        (ics("END:VEVENT"), .calendarSyntax, "line 4"),
        (ics("nothing"), .calendarSyntax, "line 4"),
        (ics("X;A:1"), .calendarSyntax, "line 4"),
        (ics() + "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", .calendarSyntax, "line 5"),
        (ics("BEGIN:VCALENDAR"), .calendarSyntax, "line 4"),
        (ics(), .calendarEmpty, ""),
        (ics("BEGIN:VEVENT", "SUMMARY:A", "END:VEVENT"), .calendarSyntax, "line 4"),
        (ics("BEGIN:VEVENT", "DTSTART;VALUE=DATE:20280103", "END:VEVENT"), .calendarName, "line 4"),
        (event("DTSTART;VALUE=DATE:20280230"), .calendarDate, "line 5"),
        (event("DTSTART;VALUE=DATE:2028010"), .calendarDate, "line 5"),
        (event("DTSTART:20280103T090000Z"), .calendarUnsupported, "line 5"),
        (event("DTSTART;VALUE=DATE:20280103", "RRULE:FREQ=YEARLY"), .calendarUnsupported, "RRULE"),
        (event("DTSTART;VALUE=DATE:20280103", "RDATE;VALUE=DATE:20290103"), .calendarUnsupported, "RDATE"),
        (event("DTSTART;VALUE=DATE:20280103", "EXDATE;VALUE=DATE:20290103"), .calendarUnsupported, "EXDATE"),
        (event("DTSTART;VALUE=DATE:20280103", "RECURRENCE-ID;VALUE=DATE:20290103"), .calendarUnsupported, "RECURRENCE"),
        (event("DTSTART;VALUE=DATE:20280103", "DURATION:PT24H"), .calendarUnsupported, "line 6"),
        (event("DTSTART;VALUE=DATE:20280103", "DTEND;VALUE=DATE:20280103"), .calendarDate, "line 6"),
        (event("DTSTART;VALUE=DATE:20280103", "DTEND;VALUE=DATE:20290103"), .calendarDate, "line 4"),
        (event("DTSTART;VALUE=DATE:20280103", "DTEND;VALUE=DATE:20280104", "DURATION:P1D"), .calendarSyntax, "line 6"),
        (event("DTSTART;VALUE=DATE:20280103", "DTSTART;VALUE=DATE:20280104"), .calendarSyntax, "line 6"),
        (event("DTSTART;VALUE=DATE:20280103", "CATEGORIES:WORKING-DAY"), .calendarKind, "line 4"),
        (
            event("DTSTART;VALUE=DATE:20280103", "X-LONG:" + String(repeating: "A", count: 17_000)), .calendarTooLarge,
            ""
        ),
    ]

    private static func event(_ lines: String...) -> String {
        (["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT"] + lines
            + ["SUMMARY:A", "END:VEVENT", "END:VCALENDAR", ""]).joined(separator: "\r\n")
    }

    @Test(arguments: badICS) func badICalendarIsNamedByItsLine(
        _ text: String,
        _ code: ErrorCode,
        _ place: String
    ) throws {
        let error = #expect(throws: ExchangeError.self) { try Self.read(text) }
        #expect(error?.code == code)
        #expect(error?.reason.contains(place) == true, "\(String(describing: error))")
    }

    @Test func aDayOffAndAWorkingDayTogetherAreRefused() {
        let text = Self.ics(
            "BEGIN:VEVENT",
            "DTSTART;VALUE=DATE:20280401",
            "SUMMARY:A",
            "END:VEVENT",
            "BEGIN:VEVENT",
            "DTSTART;VALUE=DATE:20280401",
            "CATEGORIES:WORKING-DAY",
            "SUMMARY:B",
            "END:VEVENT"
        )
        #expect(throws: ExchangeError(.calendarTwice, "")) { try Self.read(text) }
    }

    @Test func tooManyEventsAreRefused() {
        let one = "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20280103\r\nSUMMARY:A\r\nEND:VEVENT"
        let text = Self.ics([String](repeating: one, count: WorkCalendar.mostICSEvents + 1).joined(separator: "\r\n"))
        #expect(throws: ExchangeError(.calendarTooLarge, "")) { try Self.read(text) }
        #expect(throws: ExchangeError(.calendarTooLarge, "")) {
            try WorkCalendar.years(ics: [UInt8](repeating: 0x41, count: WorkCalendar.largestICS + 1), source: "S")
        }
    }
}
