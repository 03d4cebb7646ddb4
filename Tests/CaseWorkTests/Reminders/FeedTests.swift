import BundleExchange
import CaseWork
import ExchangeModel
import Foundation
import GatewayTesting
import GatewayText
import LegalAssistance
import Persistence
import Testing

@Suite("Calendar feeds", .serialized)
struct FeedTests {
    private struct Event: Decodable {
        let uid: String
        let sequence: Int
        let start: String
        let summary: String
        let description: String
    }

    /// The feed as PyPI's icalendar reads it.
    private func read(_ feed: [UInt8]) throws -> [Event] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).ics")
        try Data(feed).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            """
            import json, sys
            from icalendar import Calendar
            calendar = Calendar.from_ical(sys.stdin.buffer.read())
            assert not [part for part in calendar.walk() if part.errors]
            print(json.dumps([{"uid": str(e["UID"]), "sequence": int(e["SEQUENCE"]), "start": e.decoded("DTSTART").isoformat(),
                "summary": str(e["SUMMARY"]), "description": str(e["DESCRIPTION"])} for e in calendar.walk("VEVENT")]))
            """,
        ]
        process.standardInput = try FileHandle(forReadingFrom: file)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode([Event].self, from: said)
    }

    private func events(_ house: ReminderHouse, _ secret: String) async throws -> [Event] {
        try read(unwrapped(try await house.office.feeds.feed(secret: secret)))
    }

    @Test("Open deadlines of own requests, overdue ones too, without a fact of the case")
    func content() async throws {
        try await withReminders { house in
            let other = try await house.person("Other", .officer)
            _ = try await house.request(by: "2031-01-06")
            let second = try await house.request(by: "2031-03-03", "Счета Ивана Петрова")
            let third = try await house.request(by: "2031-03-10")
            let strange = try await house.request(by: "2031-04-07")
            let done = try await house.request(by: "2031-04-14")
            try await house.answer(done)
            _ = try await house.office.requests.assign(
                third,
                to: other,
                standIn: house.officer.person,
                by: house.officer
            )
            _ = try await house.office.requests.assign(strange, to: other, by: house.officer)
            let secret = try await house.office.wishes.issueFeed(in: .english, by: house.officer).secret
            let events = try await events(house, secret)
            #expect(events.map(\.start) == ["2031-01-06", "2031-03-03", "2031-03-10"])
            #expect(Set(events.map(\.uid)).count == 3 && events.allSatisfy { $0.sequence == 0 })
            let reference = try await house.office.requests.show(second, by: house.officer).record.reference
            #expect(events[1].summary.contains(reference) && events[1].summary.contains("KG"), "\(events[1].summary)")
            let whole = String(
                decoding: try unwrapped(try await house.office.feeds.feed(secret: secret)),
                as: UTF8.self
            )
            .replacingOccurrences(of: "\r\n ", with: "")
            for fact in ["Петров", "Petrov", "Prosecutor", "hearing", house.officer.name] {
                #expect(!whole.contains(fact))
            }
        }
    }

    @Test("An event keeps its name; its sequence rises when its date moves, and nothing else changes it")
    func sequence() async throws {
        try await withReminders { house in
            let id = try await house.request(by: "2031-03-03")
            let secret = try await house.office.wishes.issueFeed(in: .russian, by: house.officer).secret
            let first = try await house.office.feeds.feed(secret: secret)
            try house.set("2031-02-10T00:00:00Z")
            #expect(try await house.office.feeds.feed(secret: secret) == first)
            let before = try unwrapped(try await events(house, secret).first)
            var changes = RequestChanges()
            for (turn, day) in [(1, "2031-03-17"), (2, "2031-03-03")] {
                changes.facts = [
                    .requestedBy(CivilDate(iso: day)), .requestedReasons("the hearing was moved"),
                ]
                _ = try await house.office.requests.edit(id, changes, by: house.officer)
                let moved = try unwrapped(try await events(house, secret).first)
                #expect(moved.uid == before.uid && moved.sequence == turn && moved.start == day)
            }
            #expect(try await events(house, secret).first?.sequence == 2)
        }
    }

    @Test("A revoked link, a suspended owner and whatever never was a secret give the same: nothing")
    func unknown() async throws {
        try await withReminders { house in
            _ = try await house.request(by: "2031-03-03")
            let feeds = house.office.feeds
            let first = try await house.office.wishes.issueFeed(in: .english, by: house.officer)
            let second = try await house.office.wishes.issueFeed(in: .chinese, by: house.officer)
            #expect(try await feeds.feed(secret: first.secret) != nil)
            try await house.office.wishes.revokeFeed(first.record.id, by: house.officer)
            #expect(try await feeds.feed(secret: first.secret) == nil)
            #expect(try await feeds.feed(secret: second.secret) != nil)
            let hostile = [
                "", "%", "' OR 1=1 --", String(second.secret.dropLast()), second.secret + "0",
                second.secret.uppercased(), second.record.id, String(repeating: "0", count: 64), "\u{0}", "../store.db",
                String(repeating: "a", count: 100_000),
            ]
            for secret in hostile { #expect(try await feeds.feed(secret: secret) == nil, "\(secret.prefix(80))") }
            let person = house.officer.person.text
            try await house.execute("UPDATE person SET suspended = 1 WHERE id = ?", [.text(person)])
            #expect(try await feeds.feed(secret: second.secret) == nil)
            try await house.execute("UPDATE person SET suspended = NULL WHERE id = ?", [.text(person)])
            #expect(try await feeds.feed(secret: second.secret) != nil)
            try await house.execute("DELETE FROM person_role WHERE person = ?", [.text(person)])
            #expect(try await feeds.feed(secret: second.secret) == nil)
        }
    }
}
