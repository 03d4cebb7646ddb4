import CaseWork
import ExchangeModel
import Foundation
import Testing

@Suite("Calendars of deadlines keep to RFC 5545")
struct CalendarFeedTests {
    private static let changed = ExchangeTime(secondsSince1970: 1_795_341_600)

    private static func feed(_ change: (inout CalendarFeed.Entry) -> Void = { _ in }) throws -> CalendarFeed {
        var entry = CalendarFeed.Entry(
            uid: "deadline-1@gateway.example",
            start: .day(try #require(CivilDate(year: 2026, month: 12, day: 22))),
            summary: "KG 12-3/4567-26: execution",
            lastModified: changed
        )
        change(&entry)
        return CalendarFeed(entries: [entry], name: "Deadlines")
    }

    private static func lines(_ feed: CalendarFeed) -> [String] {
        // Unfolded as section 3.1 says.
        feed.ics.replacingOccurrences(of: "\r\n ", with: "", options: .literal).split(
            separator: "\r\n",
            omittingEmptySubsequences: false
        ).map(
            String.init
        )
    }

    @Test("The whole file")
    func whole() throws {
        let feed = try Self.feed {
            $0.sequence = 2
            $0.description = "Deadline: execution"
            $0.alarms = [-604_800, 32_400]
        }
        let expected = """
            BEGIN:VCALENDAR
            VERSION:2.0
            PRODID:-//Rogatory//Deadlines//EN
            CALSCALE:GREGORIAN
            NAME:Deadlines
            X-WR-CALNAME:Deadlines
            REFRESH-INTERVAL;VALUE=DURATION:PT1H
            BEGIN:VEVENT
            UID:deadline-1@gateway.example
            DTSTAMP:20261122T100000Z
            LAST-MODIFIED:20261122T100000Z
            SEQUENCE:2
            DTSTART;VALUE=DATE:20261222
            SUMMARY:KG 12-3/4567-26: execution
            DESCRIPTION:Deadline: execution
            STATUS:CONFIRMED
            TRANSP:TRANSPARENT
            CLASS:CONFIDENTIAL
            BEGIN:VALARM
            ACTION:DISPLAY
            TRIGGER:-P7D
            DESCRIPTION:KG 12-3/4567-26: execution
            END:VALARM
            BEGIN:VALARM
            ACTION:DISPLAY
            TRIGGER:PT9H
            DESCRIPTION:KG 12-3/4567-26: execution
            END:VALARM
            END:VEVENT
            END:VCALENDAR

            """
        #expect(feed.ics == expected.replacing("\n", with: "\r\n"))
    }

    @Test("An instant is written in UTC")
    func instant() throws {
        let lines = Self.lines(try Self.feed { $0.start = .instant(Self.changed) })
        #expect(lines.contains("DTSTART:20261122T100000Z"))
    }

    @Test("What no longer holds is cancelled and reminds nobody")
    func cancelled() throws {
        let lines = Self.lines(
            try Self.feed {
                $0.isCancelled = true
                $0.alarms = [-3_600]
            }
        )
        #expect(lines.contains("STATUS:CANCELLED"))
        #expect(!lines.contains("BEGIN:VALARM"))
    }

    @Test(
        "Alarms are durations",
        arguments: [
            (-604_800, "-P7D"), (-86_400, "-P1D"), (-3_600, "-PT1H"), (0, "PT0S"), (32_400, "PT9H"), (-60, "-PT1M"),
            (-1, "-PT1S"), (-90_061, "-P1DT1H1M1S"), (-3_601, "-PT1H0M1S"), (-86_460, "-P1DT1M"), (5_400, "PT1H30M"),
            (.min, "-P106751991167300DT15H30M8S"), (.max, "P106751991167300DT15H30M7S"),
        ] as [(Int64, String)]
    )
    func alarms(seconds: Int64, expected: String) throws {
        #expect(Self.lines(try Self.feed { $0.alarms = [seconds] }).contains("TRIGGER:\(expected)"))
    }

    @Test(
        "Text is escaped, and can begin no property of its own",
        arguments: [
            ("a;b,c\\d", "a\\;b\\,c\\\\d"), ("a\nb", "a\\nb"), ("a\r\nb", "a\\nb"), ("a\rb", "a\\nb"),
            ("a\u{2028}b", "a\\nb"),
            ("a\r\nEND:VEVENT\r\nBEGIN:VEVENT", "a\\nEND:VEVENT\\nBEGIN:VEVENT"), ("a\tb", "a b"),
            ("a\0b\u{7}c", "abc"),
            ("a\u{202e}b", "ab"), ("a\\nb", "a\\\\nb"), ("\"a\":b", "\"a\":b"), ("Дело 😀", "Дело 😀"), ("", ""),
        ]
    )
    func escaping(value: String, written: String) throws {
        var feed = try Self.feed {
            $0.summary = value
            $0.description = value
            $0.uid = value
        }
        feed.name = value
        feed.productID = value
        let lines = Self.lines(feed)
        for name in ["SUMMARY", "DESCRIPTION", "UID", "NAME", "PRODID"] {
            #expect(lines.contains(name + ":" + written))
        }
        #expect(lines.filter { $0 == "END:VEVENT" }.count == 1)
        #expect(!feed.ics.replacing("\r\n", with: "").contains { $0 == "\n" || $0 == "\r" })
    }

    @Test(
        "No line is longer than 75 octets, and none is broken within a character",
        arguments: ["a", "я", "国", "😀", "я\u{301}"]
    )
    func folding(character: String) throws {
        for length in 60...160 {
            let feed = try Self.feed { $0.summary = String(repeating: character, count: length) }
            let bytes = Array(feed.ics.utf8)
            let lines = bytes.split(separator: UInt8(ascii: "\n"))
            for line in lines {
                #expect(line.count <= 76 && line.last == UInt8(ascii: "\r"))
                #expect(String(validating: line, as: UTF8.self) != nil)
            }
            #expect(Self.lines(feed).contains("SUMMARY:" + String(repeating: character, count: length)))
        }
    }

    @Test("A negative sequence is written as none")
    func sequence() throws {
        #expect(Self.lines(try Self.feed { $0.sequence = -5 }).contains("SEQUENCE:0"))
    }

    @Test("A calendar without entries is a calendar")
    func empty() {
        let lines = Self.lines(CalendarFeed(entries: [], name: "x"))
        #expect(lines.first == "BEGIN:VCALENDAR" && lines.suffix(2) == ["END:VCALENDAR", ""])
    }
}
