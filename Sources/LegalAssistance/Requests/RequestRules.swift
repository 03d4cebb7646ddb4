import ExchangeModel

/// Why an act does not fit.
struct ActRefusal: Hashable, Sendable {
    var code: ErrorCode
    var reason: String

    init(_ code: ErrorCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}

extension RequestState {
    /// The acts that this side may do now; whatever else it sends is refused, and what it sends of these, with content
    /// that names existing items and gives grounds and reasons, is applied.
    public func allowedActs(for side: Side) -> Set<RequestAct.Kind> {
        Set(RequestAct.Kind.allCases.filter { refusal(of: $0, by: side) == nil })
    }

    /// The rules that look at the kind of act only.
    func refusal(of kind: RequestAct.Kind, by side: Side) -> ActRefusal? {
        guard kind.owners.contains(side) else {
            return ActRefusal(.actWrongSide, "\(kind.rawValue) is not an act of the \(side.rawValue) side")
        }
        // A second signature is due whatever has become of the request.
        if kind == .secondSignature {
            guard awaitedSignatures.contains(where: { $0.side == side }) else {
                return ActRefusal(
                    .actNotAwaited,
                    "no message of the \(side.rawValue) side waits for a second signature"
                )
            }
            return nil
        }
        guard let thread = self.kind else {
            if kind == .request || kind == .requestPreservation { return nil }
            return ActRefusal(.actBeforeRequest, "\(kind.rawValue) came before there was a request")
        }
        if kind == .destructionCertificate || kind == .returnObjects {
            return handedOver ? nil : wrongPhase(kind, "nothing has been handed over")
        }
        guard closedBy.isEmpty else {
            return ActRefusal(.actAfterClose, "\(kind.rawValue) came after the request was closed")
        }
        guard Self.threads(for: kind).contains(thread) else {
            return ActRefusal(.actWrongKind, "\(kind.rawValue) has no place in a thread about \(thread.rawValue)")
        }
        if kind == .close, side == .requested, !unconfirmed.isEmpty {
            return wrongPhase(kind, "the results are not confirmed")
        }
        return fits(kind) ? nil : wrongPhase(kind, "the request was \(phase.rawValue)")
    }

    private func wrongPhase(_ kind: RequestAct.Kind, _ why: String) -> ActRefusal {
        ActRefusal(.actWrongPhase, "\(kind.rawValue) does not fit, as \(why)")
    }

    /// The kinds of thread that an act has a place in.
    static func threads(for kind: RequestAct.Kind) -> Set<RequestKind> {
        switch kind {
        case .request, .beginExecution, .partiallyExecute, .execute, .confirmResults: [.assistance]
        case .requestPreservation, .preserved, .askPreservationExtension, .extendPreservation, .warnPreservation,
            .requestForPreservedDataReceived, .releasePreservation:
            [.preservation]
        default: [.assistance, .preservation]
        }
    }

    /// Whether an act of the thread's kind fits the state, where a request stands and nobody has closed it.
    private func fits(_ kind: RequestAct.Kind) -> Bool {
        switch kind {
        case .request, .oralConfirmation: oralAwaitingConfirmation
        case .supplement:
            isUnsettled || (self.kind == .assistance && phase != .withdrawn && phase != .returnedUnexecuted)
        case .underReview: isUnsettled && [.none, .acknowledged, .transferred].contains(stage)
        case .giveInformation: isUnsettled && !openQuestions.isEmpty
        case .accept: isUnsettled && !isDecided && stage != .inExecution
        case .acceptConditions, .declineConditions: isUnsettled && conditionsAwaited
        case .transfer: isUnsettled && stage != .inExecution
        case .beginExecution: isUnsettled && stage != .inExecution && !conditionsAwaited
        case .announceDelay: items.contains { $0.status == .open }
        case .resume: isUnsettled && (delay != nil || items.contains { $0.status == .postponed })
        case .partiallyExecute, .execute: isUnsettled && !conditionsAwaited
        case .preserved: isUnsettled && !conditionsAwaited
        case .confirmResults: !unconfirmed.isEmpty
        case .returnUnexecuted: isUnsettled && !isExecutedInPart
        case .acknowledge, .askInformation, .postpone, .refuse, .withdraw, .remind, .escalate, .extendDeadline:
            isUnsettled
        case .askStatus, .giveStatus, .evidence: true
        case .close: !isUnsettled
        case .askPreservationExtension, .extendPreservation, .releasePreservation: preservation?.isActive ?? false
        case .warnPreservation: isUnsettled || (preservation?.isActive ?? false)
        case .requestForPreservedDataReceived:
            preservation?.status == .preserved || preservation?.status == .extended
        case .secondSignature, .requestPreservation, .destructionCertificate, .returnObjects: false
        }
    }

    /// The rules that look at what the act says.
    func refusal(of act: RequestAct, by side: Side) -> ActRefusal? {
        if let refusal = refusal(of: act.kind, by: side) { return refusal }
        switch act {
        case .request(let terms):
            // The written form of an oral request repeats its items.
            if oralAwaitingConfirmation, terms.flags.contains(.oral) {
                return wrongPhase(.request, "an oral request stands already")
            }
            return repeated(terms.items.map(\.id))
        case .requestPreservation(let terms): return repeated(terms.items.map(\.id))
        case .supplement(_, let new): return repeated(items.map(\.item.id) + new.map(\.id))
        case .secondSignature(let digest):
            if awaitedSignatures.contains(where: { $0.side == side && $0.digest == digest }) { return nil }
            return ActRefusal(.actNotAwaited, "the message named does not wait for a second signature")
        case .partiallyExecute(let ids, _), .execute(let ids, _): return misnamed(ids)
        case .refuse(let ids, let ground, let reason):
            if ground.isBlank { return ActRefusal(.actNoGround, "a refusal needs a ground") }
            return missing(reason, of: .refuse) ?? misnamed(ids)
        case .postpone(let ids, let reasons, _, _): return missing(reasons, of: .postpone) ?? misnamed(ids)
        case .announceDelay(let reasons, _): return missing(reasons, of: .announceDelay)
        case .returnUnexecuted(let reason): return missing(reason, of: .returnUnexecuted)
        case .extendDeadline(let terms):
            if terms.limit.isBlank || (terms.until == nil) == (terms.days == nil) {
                return ActRefusal(.actInvalid, "an extension needs the limit, and either a date or a number of days")
            }
            return missing(terms.reasons, of: .extendDeadline)
        case .preserved(let since?, let until?) where until.end <= since.end:
            return ActRefusal(.actNotLater, "the preservation would end before it begins")
        case .extendPreservation(let until):
            guard let standing = preservation?.until, until.end <= standing.end else { return nil }
            return ActRefusal(.actNotLater, "the preservation lasts until \(standing) already")
        default: return nil
        }
    }

    private func missing(_ reasons: String, of kind: RequestAct.Kind) -> ActRefusal? {
        reasons.isBlank ? ActRefusal(.actNoReason, "\(kind.rawValue) needs reasons") : nil
    }

    private func repeated(_ ids: [String]) -> ActRefusal? {
        var seen: Set<String> = []
        guard let twice = ids.first(where: { !seen.insert($0).inserted }) else { return nil }
        return ActRefusal(.actDuplicateItem, "the item \(twice.prefix(32)) stands already")
    }

    private func misnamed(_ ids: [String]) -> ActRefusal? {
        for id in ids {
            guard let item = items.first(where: { $0.item.id == id }) else {
                return ActRefusal(.actUnknownItem, "the item \(id.prefix(32)) was never requested")
            }
            guard item.isUnsettled else {
                return ActRefusal(.actItemSettled, "the item \(id.prefix(32)) is settled already")
            }
        }
        return nil
    }
}

extension String {
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
