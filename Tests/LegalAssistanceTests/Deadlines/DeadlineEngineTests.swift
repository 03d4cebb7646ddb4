import ExchangeModel
import LegalAssistance
import Testing

@Suite struct DeadlineEngineTests {
    private static let received = "2026-03-02T06:00:00Z"

    private static func one(_ id: String, _ deadlines: [Deadline]) throws -> Deadline {
        let found = deadlines.filter { $0.id == id }
        #expect(found.count == 1, "\(deadlines.map(\.id))")
        return try #require(found.first)
    }

    // MARK: Anchors and chains

    @Test func anOrderRunsInAChainFromReceiptToDecisionToExecution() throws {
        var events = [try Sample.event(.received, Self.received, .executing)]
        var deadlines = try Sample.deadlines(Sample.order, events, now: Self.received)
        let decision = try Self.one("eio/decision", deadlines)
        #expect(decision.kind == .treaty)
        #expect(decision.status == .running)
        #expect(decision.lastDay == (try Sample.day("2026-04-01")))
        #expect(decision.rawEnd == (try Sample.time("2026-04-01T19:00:00Z")))
        #expect(decision.owingSide == .requested)
        #expect(try Self.one("eio/execution", deadlines).status == .waiting)
        #expect(try Self.one("eio/execution", deadlines).rawEnd == nil)
        #expect(!deadlines.contains { $0.event == .decisionExtension })

        events.append(try Sample.event(.decisionTaken, "2026-03-20T06:00:00Z"))
        deadlines = try Sample.deadlines(Sample.order, events, now: "2026-03-21T00:00:00Z")
        #expect(try Self.one("eio/decision", deadlines).status == .met)
        let execution = try Self.one("eio/execution", deadlines)
        #expect(execution.status == .running)
        #expect(execution.lastDay == (try Sample.day("2026-06-18")))
        #expect(execution.anchor == .event(events[1]))
    }

    @Test func eachAuthorityHasItsOwnDateToAcknowledge() throws {
        let central = try Sample.event(.received, Self.received, .central)
        let executing = try Sample.event(.received, "2026-03-09T06:00:00Z", .executing)
        let acknowledged = try Sample.event(.acknowledged, "2026-03-05T06:00:00Z", .central)
        let deadlines = try Sample.deadlines(
            [Sample.order[0]],
            [executing, acknowledged, central],
            now: "2026-03-20T00:00:00Z"
        )
        #expect(deadlines.map(\.id).sorted() == ["eio/acknowledgement@central", "eio/acknowledgement@executing"])
        #expect(try Self.one("eio/acknowledgement@central", deadlines).status == .met)
        let second = try Self.one("eio/acknowledgement@executing", deadlines)
        #expect(second.status == .overdue)
        #expect(second.lastDay == (try Sample.day("2026-03-16")))
        #expect(second.authority == .executing)
    }

    @Test func anAcknowledgementWithoutAnAuthorityIsThatOfTheFirstToReceive() throws {
        let events = [
            try Sample.event(.received, Self.received, .central),
            try Sample.event(.received, "2026-03-09T06:00:00Z", .executing),
            try Sample.event(.acknowledged, "2026-03-09T07:00:00Z"),
        ]
        let deadlines = try Sample.deadlines([Sample.order[0]], events, now: "2026-03-11T00:00:00Z")
        #expect(try Self.one("eio/acknowledgement@central", deadlines).status == .met)
        #expect(try Self.one("eio/acknowledgement@executing", deadlines).status == .running)
    }

    @Test func anAcknowledgementBeforeAnyRecordedReceiptStaysMet() throws {
        var events = [try Sample.event(.acknowledged, Self.received)]
        func found() throws -> [String: Deadline.Status] {
            let deadlines = try Sample.deadlines([Sample.order[0]], events, now: "2026-06-01T00:00:00Z")
            return Dictionary(uniqueKeysWithValues: deadlines.map { ($0.id, $0.status) })
        }
        #expect(try found() == ["eio/acknowledgement": .met])
        events.append(try Sample.event(.received, "2026-03-03T06:00:00Z", .central))
        #expect(try found() == ["eio/acknowledgement": .met])
        events.append(try Sample.event(.received, "2026-03-04T06:00:00Z", .executing))
        #expect(try found() == ["eio/acknowledgement": .met, "eio/acknowledgement@executing": .overdue])
    }

    @Test func receiptByTheRequestingSideStartsNothing() throws {
        let limit = Sample.limit(.execution, 30, .calendarDays, from: .received)
        let events = [try Sample.event(.received, Self.received, by: .requesting)]
        #expect(try Sample.deadlines([limit], events, now: Self.received).first?.status == .waiting)
    }

    @Test func timeForAllInformationRunsFromTheLastAnswer() throws {
        let limit = Sample.limit(.serviceOfOrderOnProvider, 45, .calendarDays, from: .receivedWithAllInformation)
        let facts = DeadlineFacts(requestTypes: ["orderForSubscriberOrTrafficData"])
        var events = [try Sample.event(.received, Self.received)]
        func last() throws -> CivilDate? {
            try Sample.deadlines([limit], events, facts: facts, now: Self.received).first?.lastDay
        }
        #expect(try last() == (try Sample.day("2026-04-16")))
        events.append(try Sample.event(.moreInformationAsked, "2026-03-05T06:00:00Z"))
        #expect(try last() == nil)
        events.append(try Sample.event(.moreInformationGiven, "2026-03-12T06:00:00Z", by: .requesting))
        #expect(try last() == (try Sample.day("2026-04-26")))
    }

    @Test func limitsOfProvidersAndEnforcingAuthoritiesWaitForTheirEvents() throws {
        let limits = [
            Sample.limit(.production, 10, .calendarDays, from: .receivedByProvider, obliged: .provider),
            Sample.limit(.productionEmergency, 8, .hours, from: .receivedByProvider, obliged: .provider),
            Sample.limit(
                .enforcingAuthorityRefusal,
                10,
                .calendarDays,
                from: .receivedByEnforcingAuthority,
                obliged: .enforcing
            ),
        ]
        var events = [try Sample.event(.received, Self.received, .central)]
        #expect(try Sample.deadlines(limits, events, now: Self.received).isEmpty)
        events.append(try Sample.event(.received, Self.received, .provider))
        events.append(try Sample.event(.received, Self.received, .enforcing))
        let usual = try Sample.deadlines(limits, events, now: "2026-03-30T00:00:00Z")
        #expect(usual.map(\.event) == [.enforcingAuthorityRefusal, .production])
        // A refusal that is not raised in time is no breach.
        #expect(usual.first?.status == .void)
        #expect(usual.first?.voidReason == .elapsed)
        #expect(usual.last?.status == .overdue)
        let emergency = try Sample.deadlines(
            limits,
            events,
            facts: DeadlineFacts(isEmergency: true),
            now: Self.received
        )
        #expect(emergency.contains { $0.event == .productionEmergency })
        #expect(!emergency.contains { $0.event == .production })
        let hours = try Self.one("eio/productionEmergency", emergency)
        #expect(hours.rawEnd == (try Sample.time("2026-03-02T14:00:00Z")))
    }

    @Test func whatCannotConcernTheRequestIsLeftOut() throws {
        let limits = [
            Sample.limit(.contactPointAvailability, 24, .hours, from: .always, kind: .availability),
            Sample.limit(
                .safeConductExpiry,
                15,
                .calendarDays,
                from: .presenceNoLongerRequired,
                kind: .period,
                obliged: nil
            ),
            Sample.limit(.preservationMinimum, 60, .calendarDays, from: .preservationStart, kind: .minimum),
            Sample.limit(.writtenConfirmationOfOralRequest, 72, .hours, from: .oralRequestSent, obliged: .requesting),
            Sample.limit(.provisionalMeasureDecision, 24, .hours, from: .received, kind: .whereverPracticable),
            Sample.limit(.summonsRequestLeadTime, 3, .months, from: .beforeCourtHearing, kind: .minimumLead),
            Sample.limit(.execution, 0, .calendarDays, from: .received),
        ]
        let events = [try Sample.event(.received, Self.received)]
        #expect(try Sample.deadlines(limits, events, now: Self.received).isEmpty)
    }

    // MARK: Met, late, void

    @Test func statusFollowsTheEvents() throws {
        let limit = Sample.limit(.execution, 30, .calendarDays, from: .received)
        let received = try Sample.event(.received, Self.received)
        let end = "2026-04-01T19:00:00Z"
        func status(_ events: TimelineEvent..., now: String) throws -> Deadline.Status? {
            try Sample.deadlines([limit], events, now: now).first?.status
        }
        #expect(try status(now: end) == .waiting)
        #expect(try status(received, now: end) == .running)
        #expect(try status(received, now: "2026-04-01T19:00:01Z") == .overdue)
        #expect(try status(received, Sample.event(.executed, end), now: "2030-01-01T00:00:00Z") == .met)
        #expect(try status(received, Sample.event(.executed, "2026-04-01T19:00:01Z"), now: end) == .late)
        #expect(try status(received, Sample.event(.partiallyExecuted, end), now: "2026-05-01T00:00:00Z") == .overdue)
        for kind in [TimelineEvent.Kind.withdrawn, .closed, .refused, .returnedUnexecuted] {
            #expect(try status(received, Sample.event(kind, end), now: "2026-05-01T00:00:00Z") == .void, "\(kind)")
            // Too late: it has been executed already.
            let executed = try Sample.event(.executed, "2026-03-20T00:00:00Z")
            #expect(try status(received, Sample.event(kind, end), executed, now: end) == .met, "\(kind)")
        }
    }

    @Test func aBreachIsRememberedAfterTheRequestIsClosed() throws {
        let limit = Sample.limit(.execution, 30, .calendarDays, from: .received)
        let received = try Sample.event(.received, Self.received)
        let now = try Sample.time("2026-06-01T00:00:00Z")
        let closed = try Sample.deadlines(
            [limit],
            [received, Sample.event(.closed, "2026-05-01T00:00:00Z")],
            now: "\(now)"
        )
        #expect(closed.first?.isBreached(at: now) == true)
        let withdrawn = try Sample.deadlines(
            [limit],
            [received, Sample.event(.withdrawn, "2026-03-10T00:00:00Z")],
            now: "\(now)"
        )
        #expect(withdrawn.first?.isBreached(at: now) == false)
    }

    @Test func aRefusalMeetsTheDecisionAndVoidsTheExecution() throws {
        let events = [
            try Sample.event(.received, Self.received, .executing),
            try Sample.event(.refused, "2026-03-10T06:00:00Z"),
        ]
        let deadlines = try Sample.deadlines(Sample.order, events, now: "2026-08-01T00:00:00Z")
        #expect(try Self.one("eio/decision", deadlines).status == .met)
        #expect(try Self.one("eio/execution", deadlines).status == .void)
        #expect(try Self.one("eio/acknowledgement@executing", deadlines).status == .void)
    }

    @Test func postponedExecutionRestsAndKeepsItsEnd() throws {
        var events = [
            try Sample.event(.decisionTaken, "2026-03-20T06:00:00Z"),
            try Sample.event(.postponed, "2026-04-20T06:00:00Z"),
        ]
        let rests = try Sample.deadlines([Sample.order[3]], events, now: "2026-09-01T00:00:00Z")
        #expect(rests.first?.status == .paused)
        #expect(rests.first?.lastDay == (try Sample.day("2026-06-18")))
        #expect(rests.first?.end == rests.first?.rawEnd)
        events.append(try Sample.event(.executionResumed, "2026-08-20T06:00:00Z"))
        #expect(
            try Sample.deadlines([Sample.order[3]], events, now: "2026-09-01T00:00:00Z").first?.status == .overdue
        )
    }

    // MARK: Standing, roll-forward

    @Test func standingSaysWhatKindItIs() throws {
        let limit = Sample.limit(.execution, 30, .calendarDays, from: .received)
        for (standing, kind) in [
            (DeadlineStanding.treaty, Deadline.Kind.treaty), (.unconfirmed, .unconfirmed), (.internalRule, .internal),
        ] {
            let found = try Sample.deadlines([limit], [], standing: standing, now: Self.received)
            #expect(found.first?.kind == kind)
            #expect(found.first?.standing == standing)
        }
    }

    @Test func overdueCountsFromTheRolledEndOnlyWhereRuleAndCalendarAreReliable() throws {
        let limit = Sample.limit(.execution, 30, .calendarDays, from: .received)
        // 30 days later is Saturday, 9 May 2026; in Russia Monday is off too.
        let events = [try Sample.event(.received, "2026-04-09T06:00:00Z")]
        var calendars = try WorkCalendar.shipped()
        let ru = try Sample.state("RU")
        let parties = try Sample.parties("KZ", "RU")
        func deadline(_ now: String) throws -> Deadline {
            try #require(
                Sample.deadlines([limit], events, between: parties, calendars: calendars, now: now).first
            )
        }
        let reliable = try deadline("2026-05-12T20:00:00Z")
        #expect(reliable.lastDay == (try Sample.day("2026-05-09")))
        #expect(reliable.dueDay == (try Sample.day("2026-05-12")))
        #expect(reliable.rawEnd == (try Sample.time("2026-05-09T21:00:00Z")))
        #expect(reliable.rolledEnd == (try Sample.time("2026-05-12T21:00:00Z")))
        #expect(reliable.end == reliable.rolledEnd)
        #expect(reliable.status == .running)
        #expect(try deadline("2026-05-12T21:00:01Z").status == .overdue)

        calendars[ru]?.rule?.rollForward?.confidence = .recalled
        let recalled = try deadline("2026-05-10T00:00:00Z")
        #expect(recalled.rolledEnd == reliable.rolledEnd)
        #expect(recalled.end == recalled.rawEnd)
        #expect(recalled.status == .overdue)
        #expect(recalled.dueDay == (try Sample.day("2026-05-09")))

        calendars[ru]?.rule?.rollForward?.confidence = .confirmed
        #expect(try deadline("2026-05-10T00:00:00Z").status == .running)
        calendars[ru]?.years[2026]?.confidence = .recalled
        #expect(try deadline("2026-05-10T00:00:00Z").status == .overdue)
        calendars[ru]?.years[2026] = nil
        let missing = try deadline("2026-05-10T00:00:00Z")
        #expect(missing.rolledEnd == missing.rawEnd)
        #expect(missing.explanation.missingYears == [2026])
        #expect(missing.explanation.lines.contains("Calendar missing for 2026 (RU)."))
    }

    @Test func theLawOfTheSideThatActsApplies() throws {
        let limit = Sample.limit(
            .writtenConfirmationOfOralRequest,
            5,
            .calendarDays,
            from: .oralRequestSent,
            obliged: .requesting
        )
        let events = [try Sample.event(.oralRequestMade, "2026-05-04T21:30:00Z", by: .requesting)]
        let parties = try Sample.parties("RU", "CN")
        let found = try Sample.deadlines([limit], events, between: parties, now: Self.received).first
        // In Moscow it is 5 May by then; 10 May is a Sunday, and 11 May is off.
        #expect(found?.lastDay == (try Sample.day("2026-05-10")))
        #expect(found?.explanation.roll.lastDay == (try Sample.day("2026-05-12")))
        #expect(found?.explanation.state == (try Sample.state("RU")))
        #expect(found?.owingSide == .requesting)
    }

    @Test func aWorkingDayCountWithoutCalendarHasNoEndAndSaysSo() throws {
        let limit = Sample.limit(.execution, 10, .workingDays, from: .received)
        let events = [try Sample.event(.received, "2031-05-05T06:00:00Z")]
        let found = try #require(Sample.deadlines([limit], events, now: Self.received).first)
        #expect(found.end == nil)
        #expect(found.status == .running)
        #expect(found.explanation.missingYears == [2031])
        #expect(found.explanation.lines.contains("Calendar missing for 2031 (KZ)."))
        #expect(found.reminders().isEmpty)
    }

    // MARK: Requested dates, hearings

    @Test func aRequestedDateNeedsReasons() throws {
        var facts = DeadlineFacts(
            requestedBy: RequestedDate(date: try Sample.day("2026-04-10"), reasons: "Custody ends")
        )
        let given = try #require(Sample.deadlines([], [], facts: facts, now: "2026-05-01T00:00:00Z").first)
        #expect(given.id == "requested/date")
        #expect(given.kind == .requested)
        #expect(given.limit == nil)
        #expect(given.isDuty)
        #expect(given.status == .overdue)
        #expect(given.rawEnd == (try Sample.time("2026-04-10T19:00:00Z")))
        for reasons in [nil, "", "  \n"] {
            facts.requestedBy?.reasons = reasons
            let wish = try #require(Sample.deadlines([], [], facts: facts, now: "2026-05-01T00:00:00Z").first)
            #expect(!wish.isDuty)
            #expect(wish.status == .void)
            #expect(wish.voidReason == .elapsed)
            #expect(wish.explanation.lines.first?.contains("a wish and not a deadline") == true)
        }
    }

    @Test func aDeclaredLeadIsADutyAndAnUndeclaredCeilingIsNot() throws {
        let limit = Sample.limit(
            .summonsLeadTimeDeclaredMax,
            50,
            .calendarDays,
            from: .dateSetForAppearance,
            kind: .maximumDeclarable,
            obliged: .requesting
        )
        var facts = DeadlineFacts(hearing: try Sample.day("2026-06-20"))
        func deadline(_ events: TimelineEvent...) throws -> Deadline {
            try #require(Sample.deadlines([limit], events, facts: facts, now: "2026-06-01T00:00:00Z").first)
        }
        #expect(try deadline().lastDay == (try Sample.day("2026-05-01")))
        #expect(try deadline().status == .void)
        facts.declaredSummonsLead = 30
        #expect(try deadline().lastDay == (try Sample.day("2026-05-21")))
        #expect(try deadline().status == .overdue)
        #expect(try deadline(Sample.event(.received, "2026-05-21T17:59:59Z")).status == .met)
        // More than the ceiling cannot be declared.
        facts.declaredSummonsLead = 90
        #expect(try deadline().lastDay == (try Sample.day("2026-05-01")))
        #expect(try deadline().explanation.lines.contains { $0.contains("counted back from 2026-06-20") })
    }

    // MARK: Preservation

    @Test func preservedDataGiveRemindersAndNoBreachByThePartner() throws {
        let limit = Sample.limit(
            .preservationMinimum,
            60,
            .calendarDays,
            from: .preservationStart,
            kind: .minimum,
            instrument: "budapest",
            article: "29(7)"
        )
        let begun = try Sample.event(.preservationBegun, "2026-03-10T06:00:00Z")
        let found = try #require(Sample.deadlines([limit], [begun], now: "2026-03-11T00:00:00Z").first)
        #expect(found.kind == .preservation)
        #expect(found.owingSide == .requesting)
        // A Saturday, and a day off: never moved.
        #expect(found.lastDay == (try Sample.day("2026-05-09")))
        #expect(found.rolledEnd == found.rawEnd)
        let reminders = found.reminders()
        #expect(reminders.prefix(2).map(\.kind) == [.daysBefore(21), .daysBefore(7)])
        #expect(reminders.first?.time == (try Sample.time("2026-04-18T04:00:00Z")))
        let filed = try Sample.event(.requestForPreservedDataReceived, "2026-05-02T06:00:00Z")
        #expect(try Sample.deadlines([limit], [begun, filed], now: "2026-09-01T00:00:00Z").first?.status == .met)
        let extended = DeadlineExtension(
            limit: limit.id,
            announced: try Sample.time("2026-05-01T00:00:00Z"),
            length: .until(try Sample.day("2026-07-08")),
            reason: "The request is being translated",
            proof: .stated(reference: "7")
        )
        let longer = try Sample.deadlines(
            [limit],
            [begun],
            extensions: [extended],
            now: "2026-06-01T00:00:00Z"
        )
        #expect(longer.first?.lastDay == found.lastDay)
        #expect(longer.first?.dueDay == (try Sample.day("2026-07-08")))
        #expect(longer.first?.status == .running)
    }
}
