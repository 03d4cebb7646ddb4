import BundleExchange
import CaseWork
import ExchangeModel
import GatewayTesting
import GatewayText
import LegalAssistance
import Persistence
import Testing

@Suite("Reminders of deadlines", .serialized)
struct ReminderTests {
    @Test("Each reminder comes once at nine o'clock local time, over restarts and two runs at one time")
    func once() async throws {
        try await withReminders { house in
            _ = try await house.request(by: "2031-03-03")
            #expect(try await house.work().next() == ExchangeTime(rfc3339: "2031-02-01T03:00:00Z"))
            for (time, count) in [
                ("2031-02-24T03:59:59Z", 0), ("2031-02-24T04:00:00Z", 1), ("2031-02-24T04:00:00Z", 1),
                ("2031-02-28T03:59:59Z", 1), ("2031-02-28T04:00:00Z", 2), ("2031-03-02T04:00:00Z", 3),
                ("2031-03-03T04:00:00Z", 4), ("2031-03-03T18:00:00Z", 4), ("2031-03-03T19:00:01Z", 4),
                ("2031-03-04T04:00:00Z", 5), ("2031-03-10T03:59:59Z", 5), ("2031-03-10T04:00:00Z", 6),
            ] {
                try house.set(time)
                async let one = house.work().runDue()
                async let other = house.work().runDue()
                _ = try await (one, other)
                try await house.work().runDue()
                #expect(try await house.reminded(house.officer.person).count == count, "\(time)")
            }
            let all = try await house.reminded(house.officer.person)
            #expect(all.map { $0.contains("overdue") } == [false, false, false, false, true, true], "\(all)")
        }
    }

    @Test("A reminder that falls due just before somebody works on the request is not passed over")
    func between() async throws {
        try await withReminders { house in
            let id = try await house.request(by: "2031-03-03")
            try house.set("2031-02-24T04:00:05Z")
            // Nobody has run the reminders since; the officer changes the request.
            _ = try await house.office.requests.edit(id, RequestChanges(), by: house.officer)
            try await house.work().runDue()
            #expect(try await house.reminded().count == 1)
        }
    }

    @Test("After a long stop each deadline has one reminder, the latest, and is overdue in every listing")
    func backlog() async throws {
        try await withReminders { house in
            _ = try await house.request(by: "2031-03-03")
            _ = try await house.request(by: "2031-06-02")
            try house.set("2031-05-28T00:00:00Z")
            try await house.work().runDue()
            let told = try await house.reminded(house.officer.person)
            #expect(told.count == 2)
            #expect(told.contains { $0.contains("overdue by 86 days") }, "\(told)")
            #expect(told.contains { $0.contains("due in 5 days") }, "\(told)")
            #expect(try await house.office.requests.list(by: house.officer).map(\.isOverdue) == [true, false])
        }
    }

    @Test("A clock that jumps ahead and is set back makes no reminder twice and loses none")
    func jump() async throws {
        try await withReminders { house in
            let id = try await house.request(by: "2031-03-03")
            try house.set("2031-02-24T04:00:00Z")
            try await house.work().runDue()
            #expect(try await house.reminded(house.officer.person).count == 1)
            // A year ahead by mistake: one reminder too early, and the request seems overdue.
            try house.set("2032-01-01T00:00:00Z")
            try await house.work().runDue()
            #expect(try await house.reminded(house.officer.person).count == 2)
            #expect(try await house.office.requests.list(by: house.officer).first?.isOverdue == true)
            // Set back: nothing twice, nothing overdue, and what was passed over comes in its time.
            try house.set("2031-02-24T05:00:00Z")
            try await house.work().runDue()
            #expect(try await house.reminded(house.officer.person).count == 2)
            #expect(try await house.office.requests.list(by: house.officer).first?.isOverdue == false)
            for (time, count) in [
                ("2031-02-28T04:00:00Z", 3), ("2031-03-02T04:00:00Z", 4), ("2031-03-03T04:00:00Z", 5),
            ] {
                try house.set(time)
                try await house.work().runDue()
                #expect(try await house.reminded(house.officer.person).count == count, "\(time)")
            }
            // Back once more, to before everything: nothing again.
            try house.set("2031-02-02T00:00:00Z")
            try await house.work().runDue()
            #expect(try await house.reminded(house.officer.person).count == 5)
            try house.set("2031-03-04T04:00:00Z")
            try await house.work().runDue()
            #expect(try await house.reminded(house.officer.person).count == 6)
            try await house.answer(id)
            try house.set("2031-03-10T04:00:00Z")
            try await house.work().runDue()
            #expect(try await house.reminded(house.officer.person).count == 6)
        }
    }

    @Test("What was overdue before somebody entered the request by hand is no news; the next week's reminder comes")
    func entered() async throws {
        try await withReminders { house in
            _ = try await house.request(by: "2031-01-06")
            try await house.work().runDue()
            #expect(try await house.reminded().isEmpty)
            try house.set("2031-02-03T04:00:00Z")
            try await house.work().runDue()
            #expect(try await house.reminded(house.officer.person).count == 1)
        }
    }

    @Test(
        "Reminders go to the officer and the stand-in, to every officer while nobody is named, never to the suspended"
    )
    func recipients() async throws {
        try await withReminders { house in
            let standIn = try await house.person("Stand-in", .officer)
            let other = try await house.person("Other", .officer)
            let gone = try await house.person("Gone", .officer)
            try await house.execute("UPDATE person SET suspended = 1 WHERE id = ?", [.text(gone.text)])
            let shared = try await house.request(by: "2031-03-03")
            let named = try await house.request(by: "2031-03-10")
            _ = try await house.office.requests.assign(shared, to: nil, by: house.officer)
            _ = try await house.office.requests.assign(
                named,
                to: house.officer.person,
                standIn: standIn,
                by: house.officer
            )
            try house.set("2031-02-24T04:00:00Z")
            try await house.work().runDue()
            #expect(try await house.reminded().count == 3)
            try house.set("2031-03-03T04:00:00Z")
            try await house.work().runDue()
            #expect(try await house.reminded(house.officer.person).count == 3)
            #expect(try await house.reminded(standIn).count == 3)
            #expect(try await house.reminded(other).count == 2)
            #expect(try await house.reminded(gone).isEmpty)
        }
    }

    @Test("An own duty that is overdue is told to the approvers too; what the partner owes is not")
    func escalation() async throws {
        try await withReminders { house in
            _ = try await house.request(by: "2031-03-03")
            var theirs = RequestProposal(subject: "Search")
            theirs.channel = .diplomatic
            theirs.partnerState = try unwrapped(StateCode("KG"))
            theirs.partnerAuthority = "Prosecutor General's Office"
            theirs.facts.requestedBy = CivilDate(iso: "2031-03-03")
            theirs.facts.requestedReasons = "the hearing"
            let asked = try await house.office.requests.open(theirs, by: house.officer).id
            var sent = StepRecord(
                side: .requesting,
                act: .request(.init()),
                time: house.gateway.core.now(),
                reference: "Note 1"
            )
            sent.received = house.gateway.core.now()
            _ = try await house.office.requests.record(sent, of: asked, by: house.officer)
            try house.set("2031-03-03T04:00:00Z")
            try await house.work().runDue()
            #expect(try await house.reminded(house.approver.person).isEmpty)
            #expect(try await house.reminded(house.officer.person).count == 2)
            try house.set("2031-03-04T04:00:00Z")
            try await house.work().runDue()
            let escalated = try await house.told(house.approver.person).filter { $0.kind != "digest" }
            #expect(escalated.map(\.kind) == ["deadline.overdue"])
            #expect(try await house.reminded(house.officer.person).count == 4)
        }
    }

    @Test("Texts are in the person's language and hold no fact of the case", arguments: Language.allCases)
    func text(language: Language) async throws {
        try await withReminders { house in
            _ = try await house.request(by: "2031-03-03", "Счета Ивана Петрова в банке")
            try await house.office.wishes.change(PersonWishes(language: language), by: house.officer)
            try house.set("2031-02-24T04:00:00Z")
            try await house.work().runDue()
            let told = try await house.told(house.officer.person)
            #expect(told.map(\.kind).sorted() == ["deadline.due", "digest"])
            for one in told {
                for fact in ["Петров", "банк", "hearing", "Prosecutor", "Note 12"] {
                    #expect(!one.subject.contains(fact) && !one.body.contains(fact), "\(one)")
                }
                // A text without an entry would show its key so; a digest has other words in brackets.
                #expect(!(one.subject + one.body).contains(/\[[A-Za-z_]+\.[A-Za-z_.]+\]/), "\(one): \(one.body)")
            }
            let reference = try await house.office.requests.list(by: house.officer).map(\.reference)
            #expect(told.allSatisfy { ($0.subject + $0.body).contains(reference[0]) })
        }
    }

    @Test("A request that cannot be read keeps no other one waiting")
    func damaged() async throws {
        try await withReminders { house in
            let broken = try await house.request(by: "2031-03-03")
            _ = try await house.request(by: "2031-03-03")
            try await house.execute("UPDATE assistance_request SET facts = 'x' WHERE id = ?", [.text(broken.urn)])
            try house.set("2031-02-24T04:00:00Z")
            try await house.work().runDue()
            #expect(try await house.reminded(house.officer.person).count == 1)
        }
    }
}
