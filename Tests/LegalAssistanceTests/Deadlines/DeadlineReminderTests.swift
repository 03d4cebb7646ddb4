import ExchangeModel
import LegalAssistance
import Testing

@Suite struct DeadlineReminderTests {
    private static func deadline(_ limit: TimeLimit, _ received: String, now: String) throws -> Deadline {
        try #require(Sample.deadlines([limit], [Sample.event(.received, received)], now: now).first)
    }

    @Test func daysAreRemindedOfAtNineInTheMorningThere() throws {
        let limit = Sample.limit(.execution, 30, .calendarDays, from: .received)
        let found = try Self.deadline(limit, "2026-03-02T06:00:00Z", now: "2026-03-03T00:00:00Z")
        let reminders = found.reminders()
        #expect(
            reminders.prefix(6).map(\.kind)
                == [.daysBefore(7), .daysBefore(3), .daysBefore(1), .due, .overdue, .weeksOverdue(1)]
        )
        #expect(
            reminders.prefix(6).map(\.time.description) == [
                "2026-03-25T04:00:00Z", "2026-03-29T04:00:00Z", "2026-03-31T04:00:00Z", "2026-04-01T04:00:00Z",
                "2026-04-02T04:00:00Z", "2026-04-08T04:00:00Z",
            ]
        )
        #expect(Set(reminders.map(\.id)).count == reminders.count)
        #expect(reminders.first?.id == "eio/execution/2026-04-01T19:00:00Z/-7d")
        // The same at any later time: none is given twice.
        let later = try Self.deadline(limit, "2026-03-02T06:00:00Z", now: "2026-05-03T00:00:00Z")
        #expect(later.status == .overdue)
        #expect(later.reminders() == reminders)
    }

    @Test func hoursAreRemindedOfHalfWayAndTwoHoursBefore() throws {
        let limit = Sample.limit(.execution, 24, .hours, from: .received)
        let found = try Self.deadline(limit, "2026-03-02T06:00:00Z", now: "2026-03-02T06:00:00Z")
        // In Kazakhstan the hour of the event is not counted.
        #expect(
            found.reminders().prefix(4).map { "\($0.time) \($0.kind)" } == [
                "2026-03-02T18:30:00Z half", "2026-03-03T05:00:00Z secondsBefore(7200)", "2026-03-03T07:00:00Z due",
                "2026-03-03T08:00:00Z overdue",
            ]
        )
        let short = Sample.limit(.execution, 1, .hours, from: .received)
        let kinds = try Self.deadline(short, "2026-03-02T06:00:00Z", now: "2026-03-02T06:00:00Z").reminders()
            .map(\.kind)
        #expect(!kinds.contains(.secondsBefore(7_200)))
    }

    @Test func aShortPeriodIsNotRemindedOfBeforeItBegan() throws {
        let limit = Sample.limit(.execution, 7, .calendarDays, from: .received)
        let found = try Self.deadline(limit, "2026-03-02T06:00:00Z", now: "2026-03-02T06:00:00Z")
        #expect(found.reminders().first?.kind == .daysBefore(3))
    }

    @Test func whatIsMetOrWaitsOrIsVoidIsNotRemindedOf() throws {
        let limit = Sample.limit(.execution, 7, .calendarDays, from: .received)
        let received = try Sample.event(.received, "2026-03-02T06:00:00Z")
        for events in [
            [], [received, try Sample.event(.executed, "2026-03-03T00:00:00Z")],
            [received, try Sample.event(.withdrawn, "2026-03-03T00:00:00Z")],
        ] {
            let found = try Sample.deadlines([limit], events, now: "2026-03-04T00:00:00Z")
            #expect(found.first?.reminders().isEmpty == true)
        }
    }

    @Test func aPolicyIsKeptWithinReason() throws {
        let limit = Sample.limit(.execution, 30, .calendarDays, from: .received)
        let found = try Self.deadline(limit, "2026-03-02T06:00:00Z", now: "2026-03-03T00:00:00Z")
        let policy = ReminderPolicy(daysBefore: [2, 2, -1, 400], hour: 99, overdueWeeks: 0)
        #expect(found.reminders(policy).map(\.kind) == [.daysBefore(2), .due, .overdue])
        #expect(ReminderPolicy(overdueWeeks: .max).overdueWeeks == 520)
    }
}
