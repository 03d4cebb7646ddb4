public import ExchangeModel

/// A day that a count passed over, or that a period could not end on.
public struct SkippedDay: Hashable, Sendable {
    /// The day.
    public var date: CivilDate
    /// Why: the weekend or a day off.
    public var reason: WorkCalendar.Day

    /// Takes all fields.
    public init(date: CivilDate, reason: WorkCalendar.Day) {
        self.date = date
        self.reason = reason
    }
}

/// A period counted from its anchor to its end.
public struct CountedPeriod: Hashable, Sendable {
    /// The first day that counts; `nil` for hours.
    public var firstDay: CivilDate?
    /// The day at whose 24:00 it ends; `nil` for hours, and where the calendar is missing.
    public var lastDay: CivilDate?
    /// The instant at which it ends, by the words of the instrument alone; `nil` where the calendar is missing.
    public var end: ExchangeTime?
    /// Days that a count of working days passed over.
    public var skipped: [SkippedDay] = []
    /// Years without which the count could not be finished.
    public var missingYears: [Int] = []
}

/// What became of the end of a period under the law of the state that has to act.
public struct RollForward: Hashable, Sendable {
    /// The outcome.
    public enum Outcome: Hashable, Sendable {
        /// This kind of period is never moved.
        case notApplicable
        /// No rule of that state is known.
        case noRule
        /// No calendar of that state is there, or not of this year.
        case calendarMissing(year: Int?)
        /// The period ends on a working day already.
        case onWorkingDay
        /// It ends with a later working day.
        case moved
        /// Hours run from the next full hour.
        case nextFullHour
    }

    /// The outcome.
    public var outcome: Outcome
    /// The day at whose 24:00 the period now ends; `nil` for hours.
    public var lastDay: CivilDate?
    /// The instant at which it now ends; never earlier than before.
    public var end: ExchangeTime?
    /// The days on which it could not end.
    public var skipped: [SkippedDay] = []
    /// The provision it rests on.
    public var clause: CountingRule.Clause?
    /// The least of the confidences of the calendar years that were read; `nil` where none was.
    public var calendarConfidence: Confidence?
}

/// Counts periods in local days of one zone or in hours.
public struct DeadlineCounting: Hashable, Sendable {
    /// The zone whose local days count.
    public var zone: ZoneName
    /// The work calendar; `nil` where there is none.
    public var calendar: WorkCalendar?

    /// Longer periods are not counted; no instrument has one.
    public static let longest = 100_000

    /// Takes zone and calendar.
    public init(zone: ZoneName, calendar: WorkCalendar?) {
        self.zone = zone
        self.calendar = calendar
    }

    /// Counts forwards. Hours end so many hours after the instant. Days begin with the day after the local day of the
    /// instant; the period ends at 24:00 of its last day. Months end on the same-numbered day, else on the month's last.
    public func count(_ amount: Int, _ unit: TimeLimit.Unit, from anchor: ExchangeTime) -> CountedPeriod {
        if unit == .hours {
            return CountedPeriod(end: anchor.adding(seconds: Int64(clamped(amount)) * 3_600))
        }
        return count(amount, unit, fromDay: zone.date(of: anchor))
    }

    /// Counts forwards from a day that is itself not counted; hours run from its end.
    public func count(_ amount: Int, _ unit: TimeLimit.Unit, fromDay day: CivilDate) -> CountedPeriod {
        let amount = clamped(amount)
        let first = day.adding(days: 1)
        switch unit {
        case .hours:
            return CountedPeriod(end: zone.end(of: day).adding(seconds: Int64(amount) * 3_600))
        case .calendarDays:
            return whole(first: first, last: day.adding(days: Int64(amount)))
        case .months:
            return whole(first: first, last: day.adding(months: amount))
        case .workingDays:
            return workingDays(amount, from: day, step: 1)
        }
    }

    /// Counts back from a day that is itself not counted: the result is the last day on which one can still act, at
    /// whose 24:00 the time is up. Hours run back from the beginning of the day.
    public func countBack(_ amount: Int, _ unit: TimeLimit.Unit, from day: CivilDate) -> CountedPeriod {
        let amount = clamped(amount)
        let first = day.adding(days: -1)
        switch unit {
        case .hours:
            return CountedPeriod(end: zone.start(of: day).adding(seconds: -Int64(amount) * 3_600))
        case .calendarDays:
            return whole(first: first, last: day.adding(days: -Int64(amount)))
        case .months:
            return whole(first: first, last: day.adding(months: -amount))
        case .workingDays:
            return workingDays(amount, from: day, step: -1)
        }
    }

    /// Moves an end that falls on a day off to the next working day, as far as that state's rule says so; never
    /// shortens. Where the calendar does not reach, the end stays.
    public func rolled(_ period: CountedPeriod) -> RollForward {
        var result = RollForward(outcome: .noRule, lastDay: period.lastDay, end: period.end)
        guard let last = period.lastDay, let calendar else {
            if period.lastDay != nil { result.outcome = .calendarMissing(year: nil) }
            if period.lastDay == nil { result.outcome = .notApplicable }
            return result
        }
        guard let clause = calendar.rule?.rollForward else { return result }
        result.clause = clause
        var day = last
        while true {
            let year = day.components.year
            let kind = calendar.day(day)
            switch kind.isWorking {
            case nil:
                // Nothing is known from here on: the end stays where the instrument put it.
                return RollForward(
                    outcome: .calendarMissing(year: year),
                    lastDay: last,
                    end: period.end,
                    skipped: result.skipped,
                    clause: clause,
                    calendarConfidence: .unknown
                )
            case true?:
                result.calendarConfidence = Self.less(result.calendarConfidence, calendar.confidence(of: year))
                result.outcome = day == last ? .onWorkingDay : .moved
                result.lastDay = day
                result.end = zone.end(of: day)
                return result
            case false?:
                result.calendarConfidence = Self.less(result.calendarConfidence, calendar.confidence(of: year))
                result.skipped.append(SkippedDay(date: day, reason: kind))
                let next = day.adding(days: 1)
                guard next > day else { return result }
                day = next
            }
        }
    }

    /// Hours from the next full local hour, where that state's rule leaves out the hour in which the event occurred.
    public func fromNextFullHour(_ amount: Int, from anchor: ExchangeTime) -> RollForward {
        let plain = anchor.adding(seconds: Int64(clamped(amount)) * 3_600)
        guard let clause = calendar?.rule?.startingHour else { return RollForward(outcome: .noRule, end: plain) }
        let local = anchor.secondsSince1970 + zone.offset(at: anchor)
        let within = ((local % 3_600) + 3_600) % 3_600
        return RollForward(outcome: .nextFullHour, end: plain.adding(seconds: 3_600 - within), clause: clause)
    }

    private func clamped(_ amount: Int) -> Int { min(max(amount, 0), Self.longest) }

    private func whole(first: CivilDate, last: CivilDate) -> CountedPeriod {
        CountedPeriod(firstDay: first, lastDay: last, end: zone.end(of: last))
    }

    private func workingDays(_ amount: Int, from day: CivilDate, step: Int64) -> CountedPeriod {
        var period = CountedPeriod(firstDay: day.adding(days: step))
        guard let calendar else {
            period.missingYears = [day.adding(days: step).components.year]
            return period
        }
        var current = day
        var left = amount
        while left > 0 {
            let next = current.adding(days: step)
            guard next != current else { return period }
            current = next
            let kind = calendar.day(current)
            switch kind.isWorking {
            case nil:
                period.missingYears = [current.components.year]
                return period
            case true?: left -= 1
            case false?: period.skipped.append(SkippedDay(date: current, reason: kind))
            }
        }
        period.lastDay = current
        period.end = zone.end(of: current)
        return period
    }

    static func less(_ left: Confidence?, _ right: Confidence) -> Confidence {
        guard let left else { return right }
        let order: [Confidence] = [.unknown, .recalled, .verified, .confirmed]
        return (order.firstIndex(of: left) ?? 0) <= (order.firstIndex(of: right) ?? 0) ? left : right
    }
}
