extension TimeLimit.Event {
    /// What meets it. The earliest of these events does, and nothing that happens later changes that.
    public var metBy: Set<TimelineEvent.Kind> {
        switch self {
        case .acknowledgement: [.acknowledged]
        case .decision, .decisionExtension:
            [.decisionTaken, .executionBegun, .partiallyExecuted, .executed, .refused]
        case .provisionalMeasureDecision:
            [.decisionTaken, .executionBegun, .partiallyExecuted, .executed, .refused, .preservationBegun]
        case .execution, .production, .productionEmergency, .providerResponseSubscriberInfo, .returnSubscriberInfo,
            .returnTrafficData:
            [.executed, .resultsReceived]
        case .enforcingAuthorityRefusal, .enforcingAuthorityRefusalEmergency: [.decisionTaken, .refused]
        case .writtenConfirmationOfOralRequest: [.oralRequestConfirmed]
        case .preservation, .preservationMinimum, .preservationExtension, .domesticPreservationOrderMax:
            [.requestForPreservedDataReceived]
        case .serviceOfOrderOnProvider: [.servedOnProvider]
        case .summonsLeadTimeDeclaredMax, .summonsRequestLeadTime: [.received]
        case .safeConductExpiry, .contactPointAvailability: []
        }
    }

    /// What ends it without its being met, because nothing is owed any more.
    public var voidedBy: Set<TimelineEvent.Kind> {
        switch self {
        case .acknowledgement: [.withdrawn, .closed, .refused, .returnedUnexecuted, .executed, .resultsReceived]
        case .decision, .decisionExtension, .provisionalMeasureDecision, .enforcingAuthorityRefusal,
            .enforcingAuthorityRefusalEmergency:
            [.withdrawn, .closed, .returnedUnexecuted]
        case .execution, .production, .productionEmergency, .providerResponseSubscriberInfo, .returnSubscriberInfo,
            .returnTrafficData, .serviceOfOrderOnProvider, .summonsLeadTimeDeclaredMax, .summonsRequestLeadTime:
            [.withdrawn, .closed, .refused, .returnedUnexecuted]
        case .writtenConfirmationOfOralRequest: [.withdrawn, .closed]
        case .preservation, .preservationMinimum, .preservationExtension, .domesticPreservationOrderMax:
            [.preservationEnded, .withdrawn, .closed]
        case .safeConductExpiry, .contactPointAvailability: []
        }
    }

    /// Whether it is about how long data stay preserved.
    public var isPreservation: Bool {
        switch self {
        case .preservation, .preservationMinimum, .preservationExtension, .domesticPreservationOrderMax: true
        default: false
        }
    }
}

extension TimeLimit {
    /// The instrument, which is what stands before the first slash of the id.
    public var instrument: String { String(id.prefix { $0 != "/" }) }

    /// Whether its end may move to the next working day. What lasts at least so long, is counted back, or keeps data
    /// never does.
    var mayRoll: Bool {
        switch kind {
        case .maximum, .asARule, .reasonableEfforts, .whereverPracticable: !event.isPreservation
        case .minimum, .period, .extensionMaximum, .minimumLead, .maximumDeclarable, .availability: false
        }
    }

    /// Whether it is counted back from a day that is still to come.
    var runsBackwards: Bool { anchor == .beforeCourtHearing || anchor == .dateSetForAppearance }

    /// The event whose limit it may extend.
    var extendedEvent: Event? {
        guard kind == .extensionMaximum else { return nil }
        return switch (event, anchor) {
        case (.decisionExtension, _), (_, .endOfDecisionPeriod): .decision
        case (.preservationExtension, _), (_, .endOfPreservation): .preservation
        default: nil
        }
    }
}
