import ExchangeModel

extension DeadlineRun {
    /// Puts one deadline together.
    func deadline(_ track: Track) -> Deadline {
        let limit = track.limit
        let (met, void) = outcome(of: track)
        let cutoff = met?.time ?? void?.time
        let anchor = anchor(of: track, until: cutoff)
        let owes: TimeLimit.Obliged? =
            limit.event.isPreservation && limit.kind != .maximum ? .requesting : limit.obliged
        let side = (limit.obliged ?? .requested).side
        let counting = counting(on: side)
        var amount = limit.amount
        if limit.kind == .maximumDeclarable, let declared = facts.declaredSummonsLead {
            amount = min(max(declared, 0), amount)
        }
        let period: CountedPeriod =
            switch anchor {
            case nil: CountedPeriod()
            case .event(let event)?: counting.count(amount, limit.unit, from: event.time)
            case .day(let day, _)? where limit.runsBackwards: counting.countBack(amount, limit.unit, from: day)
            case .day(let day, _)?: counting.count(amount, limit.unit, fromDay: day)
            }
        return finish(track, period, anchor, counting, (met, void), side: side, owes: owes, amount: amount)
    }

    /// The date that the requesting side asks for: a deadline where reasons are given, otherwise a wish.
    func requested(_ date: RequestedDate) -> Deadline {
        let limit = TimeLimit(
            id: "requested/date",
            event: .execution,
            amount: 0,
            unit: .calendarDays,
            anchor: .received,
            article: "",
            kind: .maximum,
            obliged: .requested,
            confidence: .confirmed
        )
        let track = Track(limit: limit, kind: .requested, standing: nil, id: limit.id)
        let counting = counting(on: .requested)
        let period = CountedPeriod(lastDay: date.date, end: counting.zone.end(of: date.date))
        return finish(
            track,
            period,
            .day(date.date, .day(date.date)),
            counting,
            outcome(of: track),
            side: .requested,
            owes: .requested,
            amount: 0
        )
    }

    private func finish(
        _ track: Track,
        _ period: CountedPeriod,
        _ anchor: FoundAnchor?,
        _ counting: DeadlineCounting,
        _ outcome: (met: TimelineEvent?, void: TimelineEvent?),
        side: Side,
        owes: TimeLimit.Obliged?,
        amount: Int
    ) -> Deadline {
        let limit = track.limit
        let cutoff = outcome.met?.time ?? outcome.void?.time
        var ends = Ends(lastDay: period.lastDay, end: period.end)
        pause(&ends, track, from: anchor, counting, met: cutoff)
        extend(&ends, track, raw: period, counting, met: cutoff)
        let rolled = rolled(ends, track, anchor, counting)
        let roll =
            rolled?.roll ?? RollForward(outcome: .notApplicable, lastDay: ends.lastDay, end: ends.end)
        let counts = rolled?.counts ?? false
        let end = counts ? roll.end : ends.end
        let dueDay = counts && roll.lastDay != nil ? roll.lastDay : ends.lastDay ?? end.map(counting.zone.date)
        let publicAnchor: Deadline.Anchor? =
            switch anchor {
            case .event(let event)?: .event(event)
            case .day(_, let named)?: named
            case nil: nil
            }
        let reasons = track.kind == .requested ? facts.requestedBy?.reasons : nil
        let isDuty = isDuty(track, reasons)
        let postponed = postponement(track, until: cutoff, end: end)
        let status = status(track, outcome, anchor, end, isDuty, postponed)
        var voidReason = outcome.void.map(Deadline.VoidReason.event)
        if status == .void, voidReason == nil { voidReason = .elapsed }

        var explanation = DeadlineExplanation(
            event: limit.event,
            kind: track.kind,
            instrument: track.kind == .requested ? nil : limit.instrument,
            article: track.kind == .requested ? nil : limit.article,
            limitKind: track.kind == .requested ? nil : limit.kind,
            amount: track.kind == .requested ? nil : amount,
            unit: track.kind == .requested ? nil : limit.unit,
            confidence: track.kind == .requested ? nil : limit.confidence,
            source: limit.source,
            awaits: publicAnchor == nil ? limit.anchor : nil,
            anchor: publicAnchor,
            zone: counting.zone,
            state: parties.state(of: side),
            period: period,
            isBackwards: limit.runsBackwards,
            reasons: reasons,
            pauses: ends.pauses,
            extensions: ends.extensions,
            postponed: postponed,
            roll: roll,
            rollCounts: counts,
            end: end,
            dueDay: dueDay,
            status: status,
            metAt: outcome.met?.time,
            voidReason: voidReason,
            isDuty: isDuty
        )
        calendars(&explanation, ends, counting)
        return Deadline(
            id: track.id,
            kind: track.kind,
            standing: track.standing,
            limit: track.kind == .requested ? nil : limit,
            event: limit.event,
            owes: owes,
            isDuty: isDuty,
            authority: track.receipt?.authority,
            zone: counting.zone,
            anchor: publicAnchor,
            lastDay: period.lastDay,
            rawEnd: period.end,
            adjustedEnd: ends.end,
            rolledEnd: roll.end,
            end: end,
            dueDay: dueDay,
            status: status,
            metAt: outcome.met?.time,
            voidReason: voidReason,
            explanation: explanation
        )
    }

    private func isDuty(_ track: Track, _ reasons: String?) -> Bool {
        if track.kind == .requested { return reasons?.contains { !$0.isWhitespace } ?? false }
        switch track.limit.event {
        case .safeConductExpiry, .enforcingAuthorityRefusal, .enforcingAuthorityRefusalEmergency: return false
        case .summonsLeadTimeDeclaredMax:
            return track.limit.kind != .maximumDeclarable || facts.declaredSummonsLead != nil
        default: return true
        }
    }

    /// When execution was postponed before its end, unless it was taken up again.
    private func postponement(_ track: Track, until cutoff: ExchangeTime?, end: ExchangeTime?) -> ExchangeTime? {
        guard track.limit.event == .execution, track.kind != .requested else { return nil }
        let last = events.last {
            ($0.kind == .postponed || $0.kind == .executionResumed) && $0.time <= (cutoff ?? $0.time)
        }
        guard let last, last.kind == .postponed, last.time <= (end ?? last.time) else { return nil }
        return last.time
    }

    private func status(
        _ track: Track,
        _ outcome: (met: TimelineEvent?, void: TimelineEvent?),
        _ anchor: FoundAnchor?,
        _ end: ExchangeTime?,
        _ isDuty: Bool,
        _ postponed: ExchangeTime?
    ) -> Deadline.Status {
        if let met = outcome.met {
            guard let end, met.time > end else { return .met }
            return .late
        }
        if outcome.void != nil { return .void }
        if anchor == nil { return .waiting }
        if postponed != nil { return .paused }
        let rests = pauses.contains {
            !$0.reason.isEmpty && !$0.person.isEmpty && $0.from <= now
                && now < ($0.until ?? .init(secondsSince1970: .max))
                && $0.from <= (end ?? $0.from)
        }
        if rests, track.kind == .internal || track.kind == .requested { return .paused }
        guard let end, now > end else { return .running }
        return isDuty ? .overdue : .void
    }

    /// Names the calendar years that were read and those that are missing.
    private func calendars(_ explanation: inout DeadlineExplanation, _ ends: Ends, _ counting: DeadlineCounting) {
        var read: Set<Int> = []
        var missing = Set(explanation.period.missingYears)
        if explanation.unit == .workingDays, let first = explanation.period.firstDay, let last = ends.lastDay {
            let years = [first.components.year, last.components.year]
            read.formUnion((years.min() ?? 0)...(years.max() ?? 0))
        }
        switch explanation.roll.outcome {
        case .calendarMissing(let year): missing.formUnion([year ?? ends.lastDay?.components.year].compactMap { $0 })
        case .onWorkingDay, .moved:
            if let first = ends.lastDay?.components.year, let last = explanation.roll.lastDay?.components.year {
                read.formUnion(min(first, last)...max(first, last))
            }
        case .notApplicable, .noRule, .nextFullHour: break
        }
        explanation.calendars = read.sorted().compactMap { year in
            counting.calendar?.years[year].map { .init(year: year, source: $0.source, confidence: $0.confidence) }
        }
        explanation.missingYears = missing.sorted()
    }
}
