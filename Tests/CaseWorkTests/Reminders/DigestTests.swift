import BundleExchange
import CaseWork
import ExchangeModel
import GatewayTesting
import LegalAssistance
import Testing

@Suite("Digests", .serialized)
struct DigestTests {
    private func digests(_ house: ReminderHouse, _ person: PersonID) async throws -> [ReminderHouse.Told] {
        try await house.told(person).filter { $0.kind == "digest" }
    }

    @Test("One a day for each person at the own hour, with what is overdue, due today and soon")
    func daily() async throws {
        try await withReminders { house in
            try await house.office.wishes.change(PersonWishes(digestHour: 6), by: house.officer)
            _ = try await house.request(by: "2031-02-24")
            _ = try await house.request(by: "2031-03-03")
            _ = try await house.request(by: "2031-03-05")
            _ = try await house.request(by: "2031-05-05")
            // 06:00 in Almaty is 01:00 UTC.
            try house.set("2031-03-03T00:59:59Z")
            try await house.work().runDue()
            let before = try await digests(house, house.officer.person).count
            #expect(before == 0, "that of the day before, which was not made in time, is made no more")
            try house.set("2031-03-03T01:00:00Z")
            for _ in 1...3 { try await house.work().runDue() }
            try house.set("2031-03-03T18:59:59Z")
            try await house.work().runDue()
            let made = try await digests(house, house.officer.person)
            #expect(made.count == 1)
            let last = try unwrapped(made.last { $0.subject.contains("3 March 2031") })
            #expect(last.subject == "Deadlines on 3 March 2031: 1 overdue, 1 today, 1 this week", "\(last.subject)")
            for date in ["24 February 2031", "3 March 2031", "5 March 2031"] { #expect(last.body.contains(date)) }
            #expect(!last.body.contains("May"))
            try house.set("2031-03-04T01:00:00Z")
            try await house.work().runDue()
            #expect(try await digests(house, house.officer.person).count == 2)
        }
    }

    @Test("Nothing to say makes none, and is not asked again before the next day")
    func nothing() async throws {
        try await withReminders(at: "2031-02-03T00:00:00Z") { house in
            _ = try await house.request(by: "2031-05-05")
            try house.set("2031-02-03T03:00:00Z")
            try await house.work().runDue()
            #expect(try await digests(house, house.officer.person).isEmpty)
            #expect(try await house.work().next() == ExchangeTime(rfc3339: "2031-02-04T03:00:00Z"))
        }
    }

    @Test("An approver reads of overdue own duties only, of whoever works on them")
    func approvers() async throws {
        try await withReminders { house in
            _ = try await house.request(by: "2031-03-03")
            try house.set("2031-03-03T03:00:00Z")
            try await house.work().runDue()
            #expect(try await digests(house, house.approver.person).isEmpty)
            try house.set("2031-03-04T03:00:00Z")
            try await house.work().runDue()
            let told = try await digests(house, house.approver.person)
            #expect(told.map { $0.subject.contains("1 overdue") } == [true])
        }
    }

    @Test("Officers read of their own requests and of those that are nobody's")
    func own() async throws {
        try await withReminders { house in
            let other = try await house.person("Other", .officer)
            let shared = try await house.request(by: "2031-03-03")
            _ = try await house.request(by: "2031-03-03")
            _ = try await house.office.requests.assign(shared, to: nil, by: house.officer)
            try house.set("2031-03-03T03:00:00Z")
            try await house.work().runDue()
            #expect(try await digests(house, house.officer.person).map { $0.subject.contains("2 today") } == [true])
            #expect(try await digests(house, other).map { $0.subject.contains("1 today") } == [true])
        }
    }

    @Test("A clock set back over midnight makes no second digest of a day")
    func back() async throws {
        try await withReminders { house in
            _ = try await house.request(by: "2031-03-03")
            for time in [
                "2031-03-03T03:00:00Z", "2031-03-04T03:00:00Z", "2031-03-03T03:00:00Z", "2031-03-04T03:00:00Z",
            ] {
                try house.set(time)
                try await house.work().runDue()
            }
            #expect(try await digests(house, house.officer.person).count == 2)
        }
    }
}
