import ExchangeModel
import LegalAssistance
import Testing

@Suite struct PauseAndExtensionTests {
    private static let received = "2026-03-02T06:00:00Z"
    private static let limit = Sample.limit(.execution, 30, .calendarDays, from: .received)

    private static func deadline(
        _ limit: TimeLimit = limit,
        _ more: TimelineEvent...,
        pauses: [DeadlinePause] = [],
        extensions: [DeadlineExtension] = [],
        standing: DeadlineStanding = .internalRule,
        now: String = "2026-03-20T00:00:00Z"
    ) throws -> Deadline {
        let found = try Sample.deadlines(
            [limit],
            [Sample.event(.received, received, .executing)] + more,
            pauses: pauses,
            extensions: extensions,
            standing: standing,
            now: now
        )
        return try #require(found.first)
    }

    private static func pause(_ from: String, _ until: String?, reason: String = "Asked for more") throws
        -> DeadlinePause
    {
        DeadlinePause(
            from: try Sample.time(from),
            until: try until.map { try Sample.time($0) },
            reason: reason,
            person: "A. Officer"
        )
    }

    // MARK: Pauses

    @Test(arguments: DeadlineStanding.allCases) func aPauseMovesInternalLimitsOnly(_ standing: DeadlineStanding) throws
    {
        let pause = try Self.pause("2026-03-10T06:00:00Z", "2026-03-15T04:00:00Z")
        let found = try Self.deadline(pauses: [pause], standing: standing)
        #expect(found.lastDay == (try Sample.day("2026-04-01")))
        #expect(found.rawEnd == (try Sample.time("2026-04-01T19:00:00Z")))
        #expect(found.explanation.pauses.count == 1)
        if standing == .internalRule {
            #expect(found.dueDay == (try Sample.day("2026-04-06")))
            #expect(found.explanation.pauses.first?.days == 5)
        } else {
            #expect(found.dueDay == found.lastDay)
            #expect(found.explanation.pauses.first?.moved == false)
            #expect(found.explanation.lines.contains { $0.contains("no instrument says that its clock stops") })
        }
    }

    @Test func anOpenPauseRestsAndGrows() throws {
        let pause = try Self.pause("2026-03-10T06:00:00Z", nil)
        #expect(try Self.deadline(pauses: [pause]).status == .paused)
        #expect(try Self.deadline(pauses: [pause]).dueDay == (try Sample.day("2026-04-11")))
        #expect(try Self.deadline(pauses: [pause], now: "2026-09-01T00:00:00Z").status == .paused)
        #expect(try Self.deadline(pauses: [pause]).reminders().isEmpty)
        let treaty = try Self.deadline(pauses: [pause], standing: .treaty, now: "2026-09-01T00:00:00Z")
        #expect(treaty.status == .overdue)
    }

    @Test func overlappingPausesCountOnce() throws {
        let pauses = [
            try Self.pause("2026-03-10T06:00:00Z", "2026-03-15T06:00:00Z"),
            try Self.pause("2026-03-12T06:00:00Z", "2026-03-17T06:00:00Z"),
            try Self.pause("2026-03-11T06:00:00Z", "2026-03-12T06:00:00Z"),
        ]
        #expect(try Self.deadline(pauses: pauses).dueDay == (try Sample.day("2026-04-08")))
        #expect(try Self.deadline(pauses: pauses.reversed()).dueDay == (try Sample.day("2026-04-08")))
    }

    @Test func aPauseBeforeAfterOrWithoutReasonMovesNothing() throws {
        for pause in [
            try Self.pause("2026-02-01T06:00:00Z", "2026-02-20T06:00:00Z"),
            try Self.pause("2026-04-02T06:00:00Z", "2026-04-20T06:00:00Z"),
            try Self.pause("2026-03-10T06:00:00Z", "2026-03-15T06:00:00Z", reason: ""),
            try Self.pause("2026-03-15T06:00:00Z", "2026-03-10T06:00:00Z"),
        ] {
            #expect(try Self.deadline(pauses: [pause]).dueDay == (try Sample.day("2026-04-01")), "\(pause)")
        }
        // One that began before the receipt counts from the receipt on.
        let early = try Self.pause("2026-02-01T06:00:00Z", "2026-03-05T06:00:00Z")
        #expect(try Self.deadline(pauses: [early]).dueDay == (try Sample.day("2026-04-04")))
    }

    @Test func aPauseOfWorkingDaysMovesByWorkingDays() throws {
        let limit = Sample.limit(.execution, 5, .workingDays, from: .received)
        // From Wednesday to Tuesday after Women's Day: Thursday, Friday, Tuesday rest.
        let pause = try Self.pause("2026-03-04T06:00:00Z", "2026-03-10T06:00:00Z")
        let found = try Self.deadline(limit, pauses: [pause])
        #expect(found.lastDay == (try Sample.day("2026-03-10")))
        #expect(found.explanation.pauses.first?.days == 3)
        #expect(found.dueDay == (try Sample.day("2026-03-13")))
    }

    @Test func aPauseOfHoursMovesByTheSecond() throws {
        let limit = Sample.limit(.execution, 24, .hours, from: .received)
        let pause = try Self.pause("2026-03-02T08:00:00Z", "2026-03-02T09:30:10Z")
        let found = try Self.deadline(limit, pauses: [pause])
        #expect(found.end == (try Sample.time("2026-03-03T07:30:10Z")))
        #expect(found.explanation.lines.contains { $0.contains("moves the end by 91 minutes") })
    }

    @Test func aRequestedDateRestsToo() throws {
        let facts = DeadlineFacts(
            requestedBy: RequestedDate(date: try Sample.day("2026-04-10"), reasons: "Custody ends")
        )
        let found = try Sample.deadlines(
            [],
            [],
            facts: facts,
            pauses: [Self.pause("2026-04-01T06:00:00Z", "2026-04-04T06:00:00Z")],
            now: "2026-04-05T00:00:00Z"
        )
        #expect(found.first?.lastDay == (try Sample.day("2026-04-10")))
        #expect(found.first?.dueDay == (try Sample.day("2026-04-13")))
    }

    // MARK: Extensions

    private static func lengthening(
        _ length: DeadlineExtension.Length,
        at announced: String = "2026-03-25T06:00:00Z",
        reason: String = "The bank has not answered",
        limit: String = "eio/decision"
    ) throws -> DeadlineExtension {
        DeadlineExtension(
            limit: limit,
            announced: try Sample.time(announced),
            length: length,
            reason: reason,
            proof: .stated(reference: "9")
        )
    }

    private static func decision(
        _ extensions: DeadlineExtension...,
        now: String = "2026-03-26T00:00:00Z",
        standings: (DeadlineStanding, DeadlineStanding) = (.treaty, .treaty)
    ) throws -> Deadline {
        let engine = DeadlineEngine(
            limits: [(Sample.order[1], standings.0), (Sample.order[2], standings.1)],
            parties: try Sample.parties()
        )
        let found = engine.deadlines(
            for: [try Sample.event(.received, received, .executing)],
            facts: DeadlineFacts(),
            calendars: try WorkCalendar.shipped(),
            extensions: extensions,
            now: try Sample.time(now)
        )
        #expect(found.count == 1)
        return try #require(found.first)
    }

    @Test func aDecisionIsExtendedOnceWithReasonsAndWithinItsMaximum() throws {
        let plain = try Self.decision()
        #expect(plain.dueDay == (try Sample.day("2026-04-01")))
        let extended = try Self.decision(Self.lengthening(.days(20)), now: "2026-04-10T00:00:00Z")
        #expect(extended.rawEnd == plain.rawEnd)
        #expect(extended.dueDay == (try Sample.day("2026-04-21")))
        #expect(extended.status == .running)
        let limited = try Self.decision(Self.lengthening(.until(try Sample.day("2026-12-31"))))
        #expect(limited.dueDay == (try Sample.day("2026-05-01")))
        #expect(
            limited.explanation.extensions.first?.outcome
                == .limited(until: try Sample.day("2026-05-01"), by: Sample.order[2])
        )
        let twice = try Self.decision(
            Self.lengthening(.days(5)),
            Self.lengthening(.days(10), at: "2026-03-27T06:00:00Z")
        )
        #expect(twice.dueDay == (try Sample.day("2026-04-06")))
        #expect(twice.explanation.extensions.last?.outcome == .notForeseen)
    }

    @Test func anExtensionThatDoesNotHoldIsShownAndLeavesTheEnd() throws {
        let cases: [(DeadlineExtension, DeadlineExplanation.Extension.Outcome)] = [
            (try Self.lengthening(.days(20), reason: " "), .withoutReasons),
            (try Self.lengthening(.days(20), at: "2026-04-02T06:00:00Z"), .tooLate),
            (try Self.lengthening(.days(0)), .notLater),
            (try Self.lengthening(.until(try Sample.day("2026-03-30"))), .notLater),
        ]
        for (record, outcome) in cases {
            let found = try Self.decision(record, now: "2026-04-03T00:00:00Z")
            #expect(found.explanation.extensions.map(\.outcome) == [outcome])
            #expect(found.dueDay == (try Sample.day("2026-04-01")))
            #expect(found.status == .overdue)
        }
        let unconfirmed = try Self.decision(Self.lengthening(.days(20)), standings: (.treaty, .unconfirmed))
        #expect(unconfirmed.explanation.extensions.map(\.outcome) == [.unconfirmed(by: Sample.order[2])])
        #expect(unconfirmed.dueDay == (try Sample.day("2026-04-01")))
        let other = try Self.decision(Self.lengthening(.days(20), limit: "eio/execution"))
        #expect(other.explanation.extensions.isEmpty)
    }

    @Test func aTreatyLimitWithoutAProvisionIsNotExtended() throws {
        let record = try Self.lengthening(.days(20), limit: "eio/execution")
        let treaty = try Self.deadline(extensions: [record], standing: .treaty)
        #expect(treaty.explanation.extensions.map(\.outcome) == [.notForeseen])
        #expect(treaty.end == treaty.rawEnd)
        let ours = try Self.deadline(extensions: [record], standing: .internalRule)
        #expect(ours.dueDay == (try Sample.day("2026-04-21")))
    }
}
