import ExchangeModel

extension DeadlineExplanation {
    /// The explanation in English, one sentence a line.
    public var lines: [String] { sentences.map(\.english) }

    /// The explanation as sentences that can be said in any language, in the order in which the end came about.
    public var sentences: [ExplanationSentence] {
        ruleSentences + anchorSentences + countSentences + pauses.map(sentence) + postponementSentences
            + extensions.map(sentence) + rollSentences + calendarSentences + statusSentences
    }

    private var ruleSentences: [ExplanationSentence] {
        var result: [ExplanationSentence] = []
        if let instrument, let article, let amount, let unit, let limitKind, let confidence {
            result.append(
                .init(
                    kind == .internal ? "rule_internal" : "rule",
                    [
                        "event": .key("deadline.event.\(event.rawValue)"),
                        "amount": .count(key: "deadline.unit.\(unit.rawValue)", amount),
                        "kind": .key("deadline.limit.\(limitKind.rawValue)"),
                        "article": .text(article),
                        "instrument": .text(instrument),
                        "confidence": .key("confidence.\(confidence.rawValue)"),
                    ]
                )
            )
            if kind == .unconfirmed { result.append(.init("unconfirmed")) }
            if let source { result.append(.init("source", ["source": .text(source)])) }
        } else if let day = period.lastDay {
            let isGiven = reasons?.contains { !$0.isWhitespace } ?? false
            result.append(
                .init(
                    isGiven ? "requested_reasons" : "requested_wish",
                    ["day": .day(day), "reasons": .text(reasons ?? "")]
                )
            )
        }
        if kind == .preservation, limitKind != .maximum { result.append(.init("preservation")) }
        if !isDuty, instrument != nil { result.append(.init("no_duty")) }
        return result
    }

    private var anchorSentences: [ExplanationSentence] {
        guard instrument != nil else { return [] }
        switch anchor {
        case nil:
            guard let awaits else { return [] }
            return [.init("awaits", ["anchor": .key("deadline.anchor.\(awaits.rawValue)")])]
        case .event(let event)?:
            var arguments: [String: ExplanationSentence.Argument] = [
                "event": .key("timeline.\(event.kind.rawValue)"), "time": .time(event.time, zone),
            ]
            if let authority = event.authority {
                arguments["authority"] = .key("authority.\(authority.rawValue)")
            }
            let named = event.authority == nil ? "" : "_authority"
            switch event.proof {
            case .proven(let digest):
                arguments["digest"] = .text("\(digest)")
                return [.init("anchor_proven" + named, arguments)]
            case .stated(let reference):
                arguments["reference"] = .text(reference)
                return [.init("anchor_stated" + named, arguments)]
            }
        case .day(let day)?: return [.init(isBackwards ? "anchor_back" : "anchor_day", ["day": .day(day)])]
        case .endOf(let id)?: return [.init("anchor_end", ["deadline": .text(id)])]
        }
    }

    private var countSentences: [ExplanationSentence] {
        guard instrument != nil else { return [] }
        var result: [ExplanationSentence] = []
        if let first = period.firstDay {
            result.append(.init(isBackwards ? "first_day_back" : "first_day", ["day": .day(first)]))
        }
        if !period.skipped.isEmpty { result.append(.init("skipped", ["days": .days(period.skipped)])) }
        if let last = period.lastDay {
            result.append(.init("raw_end", ["day": .day(last), "zone": .text(zone.text)]))
        } else if let end = period.end {
            result.append(.init("raw_end_hours", ["time": .time(end, zone)]))
        }
        return result
    }

    private func sentence(_ pause: Pause) -> ExplanationSentence {
        var arguments: [String: ExplanationSentence.Argument] = [
            "from": .time(pause.pause.from, zone),
            "until": pause.pause.until.map { .time($0, zone) } ?? .key("explanation.open_end"),
            "reason": .text(pause.pause.reason),
            "person": .text(pause.pause.person),
        ]
        guard pause.moved else {
            return .init(kind == .internal || kind == .requested ? "pause_without_effect" : "pause_shown", arguments)
        }
        arguments["amount"] =
            pause.days > 0
            ? .count(
                key: unit == .workingDays ? "deadline.unit.workingDays" : "deadline.unit.calendarDays",
                pause.days
            )
            : .count(key: "deadline.unit.minutes", Int(clamping: (pause.seconds + 59) / 60))
        return .init("pause_moved", arguments)
    }

    private var postponementSentences: [ExplanationSentence] {
        postponed.map { [.init("postponed", ["time": .time($0, zone)])] } ?? []
    }

    private func sentence(_ extension: Extension) -> ExplanationSentence {
        var arguments: [String: ExplanationSentence.Argument] = [
            "time": .time(`extension`.record.announced, zone), "reason": .text(`extension`.record.reason),
        ]
        switch `extension`.outcome {
        case .applied(let day):
            arguments["day"] = .day(day)
            return .init("extended", arguments)
        case .limited(let day, let limit):
            arguments["day"] = .day(day)
            arguments["article"] = .text(limit.article)
            return .init("extended_limited", arguments)
        case .withoutReasons: return .init("extension_without_reasons", arguments)
        case .tooLate: return .init("extension_too_late", arguments)
        case .notForeseen: return .init("extension_not_foreseen", arguments)
        case .notLater: return .init("extension_not_later", arguments)
        case .unconfirmed(let limit):
            arguments["article"] = .text(limit.article)
            return .init("extension_unconfirmed", arguments)
        }
    }

    private var rollSentences: [ExplanationSentence] {
        guard end != nil, kind == .treaty || kind == .unconfirmed || kind == .preservation else { return [] }
        var arguments: [String: ExplanationSentence.Argument] = ["state": .text(state.text)]
        if let clause = roll.clause {
            arguments["clause"] = .text(clause.article)
            arguments["confidence"] = .key("confidence.\(clause.confidence.rawValue)")
        }
        var result: [ExplanationSentence] = []
        switch roll.outcome {
        case .notApplicable: return [.init("never_moved")]
        case .noRule: return [.init("roll_no_rule", arguments)]
        case .calendarMissing(let year):
            arguments["year"] = .text(year.map(String.init) ?? "")
            return [.init(year == nil ? "roll_no_calendar" : "roll_year_missing", arguments)]
        case .onWorkingDay: return [.init("roll_working_day", arguments)]
        case .moved:
            arguments["days"] = .days(roll.skipped)
            arguments["day"] = roll.lastDay.map { .day($0) }
            result.append(.init("rolled", arguments))
        case .nextFullHour:
            arguments["time"] = roll.end.map { .time($0, zone) }
            result.append(.init("rolled_hour", arguments))
        }
        if !rollCounts { result.append(.init("roll_not_counted")) }
        return result
    }

    private var calendarSentences: [ExplanationSentence] {
        calendars.map { year in
            .init(
                "calendar",
                [
                    "state": .text(state.text), "year": .text(String(year.year)), "source": .text(year.source),
                    "confidence": .key("confidence.\(year.confidence.rawValue)"),
                ]
            )
        }
            + missingYears.map {
                .init("calendar_missing", ["state": .text(state.text), "year": .text(String($0))])
            }
    }

    private var statusSentences: [ExplanationSentence] {
        var result: [ExplanationSentence] = []
        if let end {
            if period.lastDay == nil, unit == .hours, extensions.allSatisfy({ !$0.isApplied }) {
                result.append(.init("end_hours", ["time": .time(end, zone)]))
            } else if let dueDay {
                result.append(.init("end", ["day": .day(dueDay), "zone": .text(zone.text)]))
            }
        }
        switch status {
        case .waiting, .running, .overdue, .paused: result.append(.init("status_\(status.rawValue)"))
        case .met, .late:
            if let metAt { result.append(.init("status_\(status.rawValue)", ["time": .time(metAt, zone)])) }
        case .void:
            if case .event(let event)? = voidReason {
                result.append(
                    .init(
                        "status_void",
                        ["event": .key("timeline.\(event.kind.rawValue)"), "time": .time(event.time, zone)]
                    )
                )
            } else {
                result.append(.init("status_elapsed"))
            }
        }
        return result
    }
}

extension DeadlineExplanation.Extension {
    /// Whether it moved the end.
    public var isApplied: Bool {
        switch outcome {
        case .applied, .limited: true
        case .withoutReasons, .tooLate, .notForeseen, .notLater, .unconfirmed: false
        }
    }
}
