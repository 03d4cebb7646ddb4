import ExchangeModel
import LegalAssistance
import Testing

/// A request with whatever may happen to it.
struct RandomWorld {
    var events: [TimelineEvent]
    var facts: DeadlineFacts
    var pauses: [DeadlinePause]
    var extensions: [DeadlineExtension]
    var calendars: [StateCode: WorkCalendar]
    var limits: [(limit: TimeLimit, standing: DeadlineStanding)]
    let parties: DeadlineParties
    var now: ExchangeTime

    static let allLimits: [TimeLimit] =
        Sample.order + [
            Sample.limit(.execution, 30, .calendarDays, from: .received, kind: .asARule, instrument: "cis"),
            Sample.limit(.execution, 20, .workingDays, from: .received, instrument: "own"),
            Sample.limit(.acknowledgement, 24, .hours, from: .received, instrument: "own"),
            Sample.limit(.execution, 1, .months, from: .receivedByExecutingAuthority, instrument: "kz"),
            Sample.limit(
                .writtenConfirmationOfOralRequest,
                72,
                .hours,
                from: .oralRequestSent,
                obliged: .requesting,
                instrument: "cis"
            ),
            Sample.limit(
                .preservationMinimum,
                60,
                .calendarDays,
                from: .preservationStart,
                kind: .minimum,
                instrument: "bud"
            ),
            Sample.limit(
                .domesticPreservationOrderMax,
                90,
                .calendarDays,
                from: .preservationOrder,
                instrument: "bud"
            ),
            Sample.limit(
                .production,
                10,
                .calendarDays,
                from: .receivedByProvider,
                obliged: .provider,
                instrument: "e"
            ),
            Sample.limit(.preservation, 60, .calendarDays, from: .receivedByProvider, kind: .period, instrument: "e"),
            Sample.limit(
                .preservationExtension,
                30,
                .calendarDays,
                from: .endOfPreservation,
                kind: .extensionMaximum,
                obliged: .issuing,
                instrument: "e"
            ),
            Sample.limit(
                .serviceOfOrderOnProvider,
                45,
                .calendarDays,
                from: .receivedWithAllInformation,
                instrument: "s"
            ),
            Sample.limit(
                .safeConductExpiry,
                15,
                .calendarDays,
                from: .presenceNoLongerRequired,
                kind: .period,
                obliged: nil,
                instrument: "un"
            ),
            Sample.limit(
                .summonsRequestLeadTime,
                3,
                .months,
                from: .beforeCourtHearing,
                kind: .minimumLead,
                obliged: .requesting,
                instrument: "cn"
            ),
        ]

    static let start: Int64 = 1_735_689_600

    static func time(_ numbers: inout FixedNumbers) -> ExchangeTime {
        // Whole days apart often, so that times collide.
        let days = Int64.random(in: 0..<700, using: &numbers) * 86_400
        let seconds = Bool.random(using: &numbers) ? Int64.random(in: 0..<86_400, using: &numbers) : 0
        return ExchangeTime(secondsSince1970: start + days + seconds)
    }

    static func event(_ numbers: inout FixedNumbers, at time: ExchangeTime? = nil) throws -> TimelineEvent {
        let kinds =
            TimelineEvent.Kind.allCases + [.received, .received, .decisionTaken, .acknowledged, .preservationBegun]
        let authorities: [TimelineEvent.Authority?] =
            TimelineEvent.Authority.allCases + [nil, nil, .executing, .central]
        return TimelineEvent(
            kind: try #require(kinds.randomElement(using: &numbers)),
            time: time ?? Self.time(&numbers),
            side: Int.random(in: 0..<5, using: &numbers) == 0 ? .requesting : .requested,
            authority: try #require(authorities.randomElement(using: &numbers)),
            proof: .stated(reference: String(Int.random(in: 0..<1_000, using: &numbers)))
        )
    }

    init(_ numbers: inout FixedNumbers) throws {
        events = try (0..<Int.random(in: 0..<9, using: &numbers)).map { _ in try Self.event(&numbers) }
        let day = ZoneName.utc.date(of: Self.time(&numbers))
        facts = DeadlineFacts(
            requestTypes: ["expeditedPreservation", "order"],
            isEmergency: Bool.random(using: &numbers),
            hearing: Bool.random(using: &numbers) ? day : nil,
            requestedBy: RequestedDate(date: day, reasons: Bool.random(using: &numbers) ? "Custody ends" : nil)
        )
        pauses = (0..<Int.random(in: 0..<3, using: &numbers)).map { _ in
            let from = Self.time(&numbers)
            let length = Int64.random(in: 0..<40 * 86_400, using: &numbers)
            return DeadlinePause(
                from: from,
                until: Bool.random(using: &numbers) ? from.adding(seconds: length) : nil,
                reason: "Asked",
                person: "A. Officer"
            )
        }
        extensions = try (0..<Int.random(in: 0..<4, using: &numbers)).map { _ in
            DeadlineExtension(
                limit: try #require(Self.allLimits.randomElement(using: &numbers)).id,
                announced: Self.time(&numbers),
                length: .days(Int.random(in: -5..<60, using: &numbers)),
                reason: ["Bank", "Bank", ""].randomElement(using: &numbers) ?? "",
                proof: .stated(reference: "1")
            )
        }
        calendars = try WorkCalendar.shipped()
        limits = Self.allLimits.map { limit in
            (limit, DeadlineStanding.allCases.randomElement(using: &numbers) ?? .treaty)
        }
        let states = ["KZ", "RU", "CN", "KG", "UZ", "DE"]
        parties = try Sample.parties(
            #require(states.randomElement(using: &numbers)),
            #require(states.randomElement(using: &numbers))
        )
        now = Self.time(&numbers)
    }

    func deadlines() throws -> [Deadline] {
        DeadlineEngine(limits: limits, parties: parties).deadlines(
            for: events,
            facts: facts,
            calendars: calendars,
            pauses: pauses,
            extensions: extensions,
            now: now
        )
    }
}

/// What holds for every request, tried on thousands that are the same in every run.
@Suite struct DeadlinePropertyTests {
    private static func worlds(
        _ count: Int,
        seed: UInt64,
        _ body: (inout RandomWorld, inout FixedNumbers) throws -> Void
    )
        throws
    {
        var numbers = FixedNumbers(state: seed)
        for _ in 0..<count {
            var world = try RandomWorld(&numbers)
            try body(&world, &numbers)
        }
    }

    @Test func anEventNeverMovesAMetDeadline() throws {
        var met = 0
        try Self.worlds(1_500, seed: 1) { world, numbers in
            let before = try world.deadlines().filter { $0.metAt != nil }
            for deadline in before {
                let time = try #require(deadline.metAt)
                var later = world
                later.now = RandomWorld.time(&numbers)
                for _ in 0..<4 {
                    let at = time.adding(seconds: Int64.random(in: 1..<90 * 86_400, using: &numbers))
                    later.events.append(try RandomWorld.event(&numbers, at: at))
                    later.extensions.append(
                        DeadlineExtension(
                            limit: deadline.limit?.id ?? "requested/date",
                            announced: at,
                            length: .days(50),
                            reason: "Late",
                            proof: .stated(reference: "2")
                        )
                    )
                    later.pauses.append(DeadlinePause(from: at, reason: "Late", person: "A. Officer"))
                }
                let after = try #require(later.deadlines().first { $0.id == deadline.id }, "\(deadline.id)")
                met += 1
                #expect(after.status == deadline.status, "\(deadline.id)")
                #expect(after.metAt == deadline.metAt, "\(deadline.id)")
                #expect(after.rawEnd == deadline.rawEnd, "\(deadline.id)")
                #expect(after.end == deadline.end, "\(deadline.id)")
                #expect(after.anchor == deadline.anchor, "\(deadline.id)")
            }
        }
        #expect(met > 1_000)
    }

    @Test func theOrderOfDeliveryDoesNotMatter() throws {
        try Self.worlds(400, seed: 2) { world, numbers in
            let expected = try world.deadlines()
            for _ in 0..<3 {
                world.events.shuffle(using: &numbers)
                world.limits.shuffle(using: &numbers)
                world.pauses.shuffle(using: &numbers)
                world.extensions.shuffle(using: &numbers)
                #expect(try world.deadlines() == expected)
            }
            world.events += world.events
            #expect(try world.deadlines() == expected)
        }
    }

    @Test func rollingForwardNeverShortens() throws {
        var moved = 0
        try Self.worlds(600, seed: 3) { world, _ in
            for deadline in try world.deadlines() {
                guard let raw = deadline.rawEnd, let adjusted = deadline.adjustedEnd, let rolled = deadline.rolledEnd,
                    let end = deadline.end
                else { continue }
                #expect(raw <= adjusted && adjusted <= end && end <= rolled, "\(deadline.id)")
                if deadline.kind == .preservation { #expect(rolled == adjusted, "\(deadline.id)") }
                if deadline.kind == .treaty || deadline.kind == .unconfirmed,
                    deadline.explanation.extensions.allSatisfy({ !$0.isApplied })
                {
                    #expect(raw == adjusted, "\(deadline.id)")
                }
                if rolled > adjusted { moved += 1 }
            }
        }
        #expect(moved > 100)
    }

    @Test func aFurtherDayOffNeverMakesAnEndEarlier() throws {
        var later = 0
        try Self.worlds(400, seed: 4) { world, numbers in
            let before = try world.deadlines()
            var other = world
            for (state, calendar) in world.calendars {
                for (number, year) in calendar.years {
                    let first = try #require(CivilDate(year: number, month: 1, day: 1))
                    for _ in 0..<25 {
                        let date = first.adding(days: Int64.random(in: 0..<365, using: &numbers))
                        guard date.components.year == number, year.workingDays[date] == nil else { continue }
                        other.calendars[state]?.years[number]?.daysOff[date] = .text("Further")
                    }
                }
            }
            // A pause in working days is itself shorter where there are fewer of them.
            other.pauses = []
            world.pauses = []
            let plain = try world.deadlines()
            let after = try other.deadlines()
            #expect(after.count == before.count)
            for deadline in plain {
                let same = try #require(after.first { $0.id == deadline.id })
                if let end = same.rolledEnd, let old = deadline.rolledEnd {
                    #expect(end >= old, "\(deadline.id)")
                    if end > old { later += 1 }
                }
                #expect(same.rawEnd == nil || deadline.rawEnd != nil, "\(deadline.id)")
            }
        }
        #expect(later > 20)
    }

    @Test func timeOnlyLetsThingsBecomeOverdueOrElapse() throws {
        try Self.worlds(300, seed: 5) { world, _ in
            let early = try world.deadlines()
            world.now = world.now.adding(seconds: 200 * 86_400)
            for deadline in try world.deadlines() {
                let before = try #require(early.first { $0.id == deadline.id })
                #expect(deadline.rawEnd == before.rawEnd)
                guard deadline.status != before.status else { continue }
                #expect([.running, .paused].contains(before.status), "\(deadline.id)")
                #expect([.overdue, .void, .running, .paused].contains(deadline.status), "\(deadline.id)")
            }
        }
    }
}
