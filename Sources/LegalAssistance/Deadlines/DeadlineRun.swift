import ExchangeModel

/// One computation: which limits concern the request, and what each runs from.
struct DeadlineRun {
    let limits: [(limit: TimeLimit, standing: DeadlineStanding)]
    let parties: DeadlineParties
    /// By time, and where times are equal by the rest, so that the order of delivery does not matter.
    let events: [TimelineEvent]
    let facts: DeadlineFacts
    let calendars: [StateCode: WorkCalendar]
    let pauses: [DeadlinePause]
    let extensions: [DeadlineExtension]
    let now: ExchangeTime

    /// What a limit runs from.
    enum FoundAnchor {
        case event(TimelineEvent)
        case day(CivilDate, Deadline.Anchor)
    }

    /// One deadline in the making.
    struct Track {
        let limit: TimeLimit
        let kind: Deadline.Kind
        let standing: DeadlineStanding?
        let id: String
        /// The receipt that it runs from, where each authority's counts on its own.
        var receipt: TimelineEvent?
        var isFirstReceipt = false
    }

    func all() -> [Deadline] {
        var result: [Deadline] = []
        for (limit, standing) in limits where isOwn(limit) && concerns(limit) {
            result += tracks(limit, kind(of: limit, standing), standing).map(deadline)
        }
        if let date = facts.requestedBy { result.append(requested(date)) }
        return result
    }

    private func kind(of limit: TimeLimit, _ standing: DeadlineStanding) -> Deadline.Kind {
        switch standing {
        case .internalRule: .internal
        case .treaty where limit.event.isPreservation, .unconfirmed where limit.event.isPreservation: .preservation
        case .treaty: .treaty
        case .unconfirmed: .unconfirmed
        }
    }

    static func precedes(_ left: TimelineEvent, _ right: TimelineEvent) -> Bool { order(left) < order(right) }

    private static func order(_ event: TimelineEvent) -> (ExchangeTime, String, String, String, String) {
        let proof =
            switch event.proof {
            case .proven(let digest): "0\(digest)"
            case .stated(let reference): "1\(reference)"
            }
        return (event.time, event.kind.rawValue, event.side.rawValue, event.authority?.rawValue ?? "", proof)
    }

    // MARK: Which limits

    /// Whether a limit is a deadline of its own: a standing service is none, and what only extends another is part of it.
    private func isOwn(_ limit: TimeLimit) -> Bool {
        limit.amount > 0 && limit.kind != .availability && limit.anchor != .always && limit.extendedEvent == nil
    }

    private func concerns(_ limit: TimeLimit) -> Bool {
        switch limit.event {
        case .productionEmergency, .enforcingAuthorityRefusalEmergency:
            guard facts.isEmergency else { return false }
        case .production:
            guard !facts.isEmergency || !has(.productionEmergency, in: limit.instrument) else { return false }
        case .enforcingAuthorityRefusal:
            guard !facts.isEmergency || !has(.enforcingAuthorityRefusalEmergency, in: limit.instrument) else {
                return false
            }
        case .provisionalMeasureDecision:
            guard asks(for: "provisional") else { return false }
        case .writtenConfirmationOfOralRequest:
            guard happened([.oralRequestMade]) else { return false }
        case .preservation, .preservationMinimum, .preservationExtension, .domesticPreservationOrderMax:
            guard asks(for: "preservation") || happened([.preservationRequested, .preservationBegun]) else {
                return false
            }
        case .serviceOfOrderOnProvider:
            guard asks(for: "order") || happened([.servedOnProvider]) else { return false }
        case .safeConductExpiry:
            guard happened([.presenceNoLongerRequired]) else { return false }
        default: break
        }
        if limit.runsBackwards { return facts.hearing != nil }
        if limit.obliged == .provider || limit.obliged == .enforcing { return anchor(of: limit, in: events) != nil }
        return true
    }

    private func has(_ event: TimeLimit.Event, in instrument: String) -> Bool {
        limits.contains { $0.limit.event == event && $0.limit.instrument == instrument }
    }

    /// The names of types are data of the profiles; only the word that matters is looked for.
    private func asks(for word: String) -> Bool {
        facts.requestTypes.contains { $0.lowercased().contains(word) }
    }

    private func happened(_ kinds: Set<TimelineEvent.Kind>) -> Bool { events.contains { kinds.contains($0.kind) } }

    private func tracks(_ limit: TimeLimit, _ kind: Deadline.Kind, _ standing: DeadlineStanding?) -> [Track] {
        guard limit.anchor == .receivedByEachAuthority else {
            return [Track(limit: limit, kind: kind, standing: standing, id: limit.id)]
        }
        let plain = Track(limit: limit, kind: kind, standing: standing, id: limit.id)
        var seen: Set<TimelineEvent.Authority?> = []
        var receipts = events.filter {
            $0.kind == .received && $0.side == .requested && seen.insert($0.authority).inserted
        }
        var result: [Track] = []
        if let met = outcome(of: plain).met, receipts.allSatisfy({ $0.time > met.time }) {
            // It was met before any receipt was recorded, and a receipt that comes later does not undo that.
            result.append(plain)
            let own = receipts.firstIndex {
                met.authority == nil || $0.authority == nil || $0.authority == met.authority
            }
            if let own { receipts.remove(at: own) }
        } else if receipts.isEmpty {
            result.append(plain)
        }
        let isMetAlready = !result.isEmpty
        return result
            + receipts.enumerated().map { index, receipt in
                Track(
                    limit: limit,
                    kind: kind,
                    standing: standing,
                    id: limit.id + (receipt.authority.map { "@" + $0.rawValue } ?? ""),
                    receipt: receipt,
                    isFirstReceipt: index == 0 && !isMetAlready
                )
            }
    }

    // MARK: What meets and ends it

    /// The first event that meets it and the first that ends it otherwise; of the two only the earlier one counts.
    func outcome(of track: Track) -> (met: TimelineEvent?, void: TimelineEvent?) {
        let limit = track.limit
        let met = events.first { limit.event.metBy.contains($0.kind) && meets($0, track) }
        let void = events.first { limit.event.voidedBy.contains($0.kind) }
        guard let met else { return (nil, void) }
        guard let void, void.time < met.time else { return (met, nil) }
        return (nil, void)
    }

    private func meets(_ event: TimelineEvent, _ track: Track) -> Bool {
        switch event.kind {
        case .received: return event.side == .requested
        case .acknowledged:
            guard event.side == .requested else { return false }
            guard let receipt = track.receipt else { return true }
            // An acknowledgement that names no authority is that of the first one to receive the request.
            return event.authority == receipt.authority || event.authority == nil && track.isFirstReceipt
                || receipt.authority == nil
        case .decisionTaken, .refused:
            return (event.authority == .enforcing) == (track.limit.obliged == .enforcing)
        default: return true
        }
    }

    // MARK: What it runs from

    func anchor(of track: Track, until cutoff: ExchangeTime?) -> FoundAnchor? {
        if let receipt = track.receipt {
            guard let cutoff, receipt.time > cutoff else { return .event(receipt) }
            return nil
        }
        return anchor(of: track.limit, in: events.filter { event in cutoff.map { event.time <= $0 } ?? true })
    }

    private func anchor(of limit: TimeLimit, in events: [TimelineEvent]) -> FoundAnchor? {
        func first(_ kind: TimelineEvent.Kind) -> FoundAnchor? {
            events.first { $0.kind == kind }.map(FoundAnchor.event)
        }
        func receipt(_ authorities: Set<TimelineEvent.Authority>?) -> FoundAnchor? {
            events.first { event in
                event.kind == .received && event.side == .requested
                    && (authorities.map { wanted in event.authority.map(wanted.contains) ?? false } ?? true)
            }.map(FoundAnchor.event)
        }
        switch limit.anchor {
        case .always: return nil
        case .beforeCourtHearing, .dateSetForAppearance: return facts.hearing.map { .day($0, .day($0)) }
        case .decisionTaken:
            return events.first { $0.kind == .decisionTaken && $0.authority != .enforcing }.map(FoundAnchor.event)
        case .oralRequestSent: return first(.oralRequestMade)
        case .presenceNoLongerRequired, .witnessInformedPresenceNoLongerRequired:
            return first(.presenceNoLongerRequired)
        case .preservationOrder, .preservationStart: return first(.preservationBegun)
        case .received, .receivedByEachAuthority:
            return events.first {
                $0.kind == .received && $0.side == .requested && $0.authority != .provider
                    && $0.authority != .enforcing
            }.map(FoundAnchor.event)
        case .receivedByCompetentExecutingAuthority, .receivedByExecutingAuthority: return receipt([.executing])
        case .receivedByEnforcingAuthority, .receivedNotification: return receipt([.enforcing])
        case .receivedByProvider:
            return events.first {
                $0.kind == .servedOnProvider || $0.kind == .received && $0.authority == .provider
            }.map(FoundAnchor.event)
        case .serviceOnProvider: return first(.servedOnProvider)
        case .receivedWithAllInformation: return completeReceipt(in: events)
        case .endOfDecisionPeriod: return end(of: .decision, for: limit, events)
        case .endOfPreservation: return end(of: .preservation, for: limit, events)
        }
    }

    /// The receipt, or the last answer where more information was asked for; nothing while an answer is outstanding.
    private func completeReceipt(in events: [TimelineEvent]) -> FoundAnchor? {
        var complete: TimelineEvent?
        var isAnswerOutstanding = false
        for event in events {
            switch event.kind {
            case .received where event.side == .requested && complete == nil: complete = event
            case .moreInformationAsked: isAnswerOutstanding = true
            case .moreInformationGiven where isAnswerOutstanding && complete != nil:
                isAnswerOutstanding = false
                complete = event
            default: break
            }
        }
        return isAnswerOutstanding ? nil : complete.map(FoundAnchor.event)
    }

    /// A chain: the end, by the words of the instrument, of the limit that comes before.
    private func end(of event: TimeLimit.Event, for limit: TimeLimit, _ events: [TimelineEvent]) -> FoundAnchor? {
        let base = limits.first {
            $0.limit.event == event && $0.limit.instrument == limit.instrument && isOwn($0.limit)
                && $0.limit.anchor != .endOfDecisionPeriod && $0.limit.anchor != .endOfPreservation
        }?.limit
        guard let base, let found = anchor(of: base, in: events) else { return nil }
        let counting = counting(on: (base.obliged ?? .requested).side)
        let period =
            switch found {
            case .event(let event): counting.count(base.amount, base.unit, from: event.time)
            case .day(let day, _): counting.count(base.amount, base.unit, fromDay: day)
            }
        let last = period.lastDay ?? period.end.map { counting.zone.date(of: $0) }
        return last.map { .day($0, .endOf(base.id)) }
    }

    func counting(on side: Side) -> DeadlineCounting {
        DeadlineCounting(zone: parties.zone(of: side), calendar: calendars[parties.state(of: side)])
    }
}
