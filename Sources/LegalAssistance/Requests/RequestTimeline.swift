import ExchangeModel

extension JudgedAct {
    /// What the act adds to the timeline. It depends on what the sender knew only, so that nothing that arrives later
    /// takes an event away.
    ///
    /// What runs from receipt stands at the receiver's time, and only when the receipt is there; what a side has done
    /// stands at the time it was sent.
    func events(in view: RequestState) -> [TimelineEvent] {
        guard refusal == nil, let act else { return [] }
        switch act {
        case .request(let terms) where view.kind == nil:
            let oral = terms.flags.contains(.oral) ? [event(.oralRequestMade)] : []
            return oral + [event(.dispatched)] + atReceipt(.received, authority: .central)
        case .request, .oralConfirmation: return [event(.oralRequestConfirmed)]
        case .requestPreservation:
            return [event(.preservationRequested), event(.dispatched)] + atReceipt(.received, authority: .central)
        case .acknowledge(let given):
            let acknowledged = [event(.acknowledged, authority: given.authority)]
            // The central authority's receipt is that of the message, where there is one.
            guard given.authority != .central || view.received == nil else { return acknowledged }
            return [event(.received, at: given.received ?? time, authority: given.authority)] + acknowledged
        case .askInformation: return [event(.moreInformationAsked)]
        case .giveInformation: return atReceipt(.moreInformationGiven)
        case .accept: return [event(.decisionTaken)]
        case .transfer: return [event(.transferred)]
        case .beginExecution: return [event(.executionBegun)]
        case .announceDelay: return [event(.delayAnnounced)]
        case .postpone: return [event(.postponed)]
        case .resume: return [event(.executionResumed)]
        case .partiallyExecute, .execute: return [event(settles ? .executed : .partiallyExecuted)]
        // A refusal of a part answers nothing else.
        case .refuse: return settles ? [event(.refused)] : []
        case .returnUnexecuted: return [event(.returnedUnexecuted)]
        case .confirmResults: return [event(.resultsReceived)]
        case .close: return (results.isEmpty ? [] : [event(.resultsReceived)]) + [event(.closed)]
        case .withdraw: return [event(.withdrawn)]
        case .giveStatus(_, let served?): return [event(.servedOnProvider, at: served)]
        case .preserved(let since, _): return [event(.preservationBegun, at: since?.start ?? time)]
        case .extendPreservation: return [event(.preservationExtended)]
        case .releasePreservation: return [event(.preservationEnded)]
        case .requestForPreservedDataReceived: return [event(.requestForPreservedDataReceived)]
        case .supplement, .secondSignature, .underReview, .acceptConditions, .declineConditions, .remind, .escalate,
            .askStatus, .giveStatus, .extendDeadline, .evidence, .destructionCertificate, .returnObjects,
            .askPreservationExtension, .warnPreservation:
            return []
        }
    }

    private func event(
        _ kind: TimelineEvent.Kind,
        at moment: ExchangeTime? = nil,
        authority: TimelineEvent.Authority? = nil
    ) -> TimelineEvent {
        // Whoever's message tells of it, a request is received by the side that is asked.
        let actor = kind == .received ? Side.requested : side
        return TimelineEvent(kind: kind, time: moment ?? time, side: actor, authority: authority, proof: proof)
    }

    private func atReceipt(
        _ kind: TimelineEvent.Kind,
        authority: TimelineEvent.Authority? = nil
    ) -> [TimelineEvent] {
        received.map { [event(kind, at: $0, authority: authority)] } ?? []
    }
}
