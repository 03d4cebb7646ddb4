import ExchangeModel

extension DeadlineRun {
    /// The end of a deadline with all that moved it.
    struct Ends {
        var lastDay: CivilDate?
        var end: ExchangeTime?
        var pauses: [DeadlineExplanation.Pause] = []
        var extensions: [DeadlineExplanation.Extension] = []
        var isExtended = false
    }

    /// Moves the end by the pauses that fall into it, where the kind of deadline allows that.
    func pause(
        _ ends: inout Ends,
        _ track: Track,
        from anchor: FoundAnchor?,
        _ counting: DeadlineCounting,
        met: ExchangeTime?
    ) {
        let zone = counting.zone
        let isMovable = track.kind == .internal || track.kind == .requested
        var startDay: CivilDate?
        var startTime: ExchangeTime?
        switch anchor {
        case .event(let event)?: (startDay, startTime) = (zone.date(of: event.time), event.time)
        case .day(let day, .endOf)?: (startDay, startTime) = (day, zone.end(of: day))
        case .day?, nil: break
        }
        var (coveredDay, coveredTime) = (startDay, startTime)
        var extraWorkingDays = 0
        for pause in pauses where !pause.reason.isEmpty && !pause.person.isEmpty {
            guard let end = ends.end, pause.from <= end, pause.from <= (met ?? pause.from) else { continue }
            // Once it is met, the time asked for changes nothing any more.
            let until = met.map { min(pause.until ?? $0, $0) } ?? pause.until ?? max(now, pause.from)
            let from = max(pause.from, coveredTime ?? pause.from)
            var shown = DeadlineExplanation.Pause(pause: pause, moved: false, days: 0, seconds: 0)
            if isMovable, until > from {
                if track.limit.unit == .hours, ends.lastDay == nil {
                    shown.seconds = until.secondsSince1970 - from.secondsSince1970
                    ends.end = end.adding(seconds: shown.seconds)
                } else {
                    let fromDay = max(zone.date(of: pause.from), coveredDay ?? zone.date(of: pause.from))
                    let untilDay = max(zone.date(of: until), fromDay)
                    if track.limit.unit == .workingDays, let startDay {
                        shown.days = workingDays(after: fromDay, through: untilDay, counting.calendar)
                        extraWorkingDays += shown.days
                        let amount = track.limit.amount + extraWorkingDays
                        let counted = counting.count(amount, .workingDays, fromDay: startDay)
                        (ends.lastDay, ends.end) = (counted.lastDay, counted.end)
                    } else {
                        shown.days = Int(untilDay.daysSince1970 - fromDay.daysSince1970)
                        ends.lastDay = ends.lastDay?.adding(days: Int64(shown.days))
                        ends.end = ends.lastDay.map(zone.end)
                    }
                    coveredDay = untilDay
                }
                shown.moved = shown.days > 0 || shown.seconds > 0
                coveredTime = max(until, coveredTime ?? until)
            }
            if until > (startTime ?? pause.from) || pause.until == nil { ends.pauses.append(shown) }
        }
    }

    private func workingDays(after first: CivilDate, through last: CivilDate, _ calendar: WorkCalendar?) -> Int {
        guard let calendar, first < last else { return 0 }
        var count = 0
        var day = first.adding(days: 1)
        while day <= last {
            if calendar.day(day).isWorking == true { count += 1 }
            let next = day.adding(days: 1)
            guard next > day else { break }
            day = next
        }
        return count
    }

    /// Extends the end, where the extension gives reasons, came in time, and the instrument allows it.
    func extend(
        _ ends: inout Ends,
        _ track: Track,
        raw: CountedPeriod,
        _ counting: DeadlineCounting,
        met: ExchangeTime?
    ) {
        let limit = track.limit
        let zone = counting.zone
        let ceiling = limits.first {
            $0.limit.extendedEvent == limit.event && $0.limit.instrument == limit.instrument
        }
        let isFree = track.kind == .internal || track.kind == .requested
        let isForeseen = isFree || ceiling != nil || limit.event.isPreservation
        for record in extensions where record.limit == limit.id || record.limit == track.id {
            guard let end = ends.end, let last = ends.lastDay ?? ends.end.map(zone.date) else { return }
            if let met, record.announced > met { continue }
            func note(_ outcome: DeadlineExplanation.Extension.Outcome) {
                ends.extensions.append(.init(record: record, outcome: outcome))
            }
            let wanted =
                switch record.length {
                case .days(let days): last.adding(days: Int64(days))
                case .until(let day): day
                }
            let counted = rolled(ends, track, nil, counting).flatMap { $0.counts ? $0.roll.end : nil } ?? end
            if !record.reason.contains(where: { !$0.isWhitespace }) {
                note(.withoutReasons)
            } else if record.announced > counted {
                note(.tooLate)
            } else if !isForeseen || (ceiling != nil && !isFree && ends.isExtended) {
                note(.notForeseen)
            } else if wanted <= last {
                note(.notLater)
            } else if let ceiling, !isFree {
                if track.standing == .treaty, ceiling.standing != .treaty {
                    note(.unconfirmed(by: ceiling.limit))
                    continue
                }
                let base = raw.lastDay ?? last
                guard let latest = counting.count(ceiling.limit.amount, ceiling.limit.unit, fromDay: base).lastDay
                else {
                    note(.notForeseen)
                    continue
                }
                note(wanted > latest ? .limited(until: latest, by: ceiling.limit) : .applied(until: wanted))
                set(&ends, min(wanted, latest), zone)
            } else {
                note(.applied(until: wanted))
                set(&ends, wanted, zone)
            }
        }
    }

    private func set(_ ends: inout Ends, _ day: CivilDate, _ zone: ZoneName) {
        (ends.lastDay, ends.end, ends.isExtended) = (day, zone.end(of: day), true)
    }

    /// What the law of the state that has to act makes of the end, and whether that counts; `nil` where this kind of
    /// deadline never moves.
    func rolled(
        _ ends: Ends,
        _ track: Track,
        _ anchor: FoundAnchor?,
        _ counting: DeadlineCounting
    ) -> (roll: RollForward, counts: Bool)? {
        guard track.kind == .treaty || track.kind == .unconfirmed, track.limit.mayRoll, ends.end != nil else {
            return nil
        }
        var roll: RollForward
        if ends.lastDay == nil {
            guard case .event(let event)? = anchor else { return nil }
            roll = counting.fromNextFullHour(track.limit.amount, from: event.time)
        } else {
            roll = counting.rolled(CountedPeriod(lastDay: ends.lastDay, end: ends.end))
        }
        if let end = ends.end { roll.end = max(roll.end ?? end, end) }
        let moved = roll.outcome == .moved || roll.outcome == .nextFullHour
        let counts =
            moved && roll.clause?.confidence.isReliable == true && roll.calendarConfidence?.isReliable != false
        return (roll, counts)
    }
}
