extension TextKeys {
    /// How firmly something is known.
    public static let confidences = Family(
        "confidence.",
        names: [
            "confirmed", "recalled", "unknown", "verified",
        ]
    )

    /// What a day of the calendar is.
    public static let days = Family(
        "day.",
        names: [
            "missing", "weekend", "working",
        ]
    )

    /// Why a day is off, or worked.
    public static let holidays = Family(
        "holiday.",
        names: [
            "april-revolution", "capital-day", "christmas", "constitution-day", "dragon-boat", "eid-al-adha",
            "eid-al-fitr", "extra-day-off", "fatherland-defenders-day", "history-days", "in-lieu",
            "independence-day", "labour-day", "may-holidays", "mid-autumn", "moved-day-off",
            "moved-working-day", "national-day", "nauryz", "new-year", "new-year-holidays", "qingming",
            "remembrance-day", "republic-day", "russia-day", "spring-festival", "teachers-day", "unity-day",
            "victory-day", "womens-day",
        ]
    )

    /// What a time limit runs from.
    public static let limitAnchors = Family(
        "deadline.anchor.",
        names: [
            "always", "beforeCourtHearing", "dateSetForAppearance", "decisionTaken", "endOfDecisionPeriod",
            "endOfPreservation", "oralRequestSent", "presenceNoLongerRequired", "preservationOrder",
            "preservationStart", "received", "receivedByCompetentExecutingAuthority",
            "receivedByEachAuthority", "receivedByEnforcingAuthority", "receivedByExecutingAuthority",
            "receivedByProvider", "receivedNotification", "receivedWithAllInformation", "serviceOnProvider",
            "witnessInformedPresenceNoLongerRequired",
        ]
    )

    /// What must have happened when a time limit ends.
    public static let limitEvents = Family(
        "deadline.event.",
        names: [
            "acknowledgement", "contactPointAvailability", "decision", "decisionExtension",
            "domesticPreservationOrderMax", "enforcingAuthorityRefusal", "enforcingAuthorityRefusalEmergency",
            "execution", "preservation", "preservationExtension", "preservationMinimum", "production",
            "productionEmergency", "providerResponseSubscriberInfo", "provisionalMeasureDecision",
            "returnSubscriberInfo", "returnTrafficData", "safeConductExpiry", "serviceOfOrderOnProvider",
            "summonsLeadTimeDeclaredMax", "summonsRequestLeadTime", "writtenConfirmationOfOralRequest",
        ]
    )

    /// What kind of limit it is.
    public static let limitKinds = Family(
        "deadline.limit.",
        names: [
            "asARule", "availability", "extensionMax", "max", "maximumDeclarable", "min", "minLead", "period",
            "reasonableEfforts", "whereverPracticable",
        ]
    )

    /// How a time limit is counted.
    public static let limitUnits = Family(
        "deadline.unit.",
        names: [
            "calendarDays", "hours", "minutes", "months", "workingDays",
        ]
    )

    /// How a deadline looks.
    public static let deadlineKinds = Family(
        "deadline.kind.",
        names: [
            "internal", "preservation", "requested", "treaty", "unconfirmed",
        ]
    )

    /// How a deadline stands.
    public static let deadlineStatuses = Family(
        "deadline.status.",
        names: [
            "late", "met", "overdue", "paused", "running", "void", "waiting",
        ]
    )

    /// The sentences that explain a deadline.
    public static let explanations = Family(
        "explanation.",
        names: [
            "anchor_back", "anchor_day", "anchor_end", "anchor_proven", "anchor_proven_authority",
            "anchor_stated", "anchor_stated_authority", "awaits", "calendar", "calendar_missing", "end",
            "end_hours", "extended", "extended_limited", "extension_not_foreseen", "extension_not_later",
            "extension_too_late", "extension_unconfirmed", "extension_without_reasons", "first_day",
            "first_day_back", "never_moved", "no_duty", "open_end", "pause_moved", "pause_shown",
            "pause_without_effect", "postponed", "preservation", "raw_end", "raw_end_hours",
            "requested_reasons", "requested_wish", "roll_no_calendar", "roll_no_rule", "roll_not_counted",
            "roll_working_day", "roll_year_missing", "rolled", "rolled_hour", "rule", "rule_internal",
            "skipped", "source", "status_elapsed", "status_late", "status_met", "status_overdue",
            "status_paused", "status_running", "status_void", "status_waiting", "unconfirmed",
        ]
    )

    /// What happened in a request.
    public static let timelineEvents = Family(
        "timeline.",
        names: [
            "acknowledged", "closed", "decisionTaken", "delayAnnounced", "dispatched", "executed",
            "executionBegun", "executionResumed", "moreInformationAsked", "moreInformationGiven",
            "oralRequestConfirmed", "oralRequestMade", "partiallyExecuted", "postponed",
            "presenceNoLongerRequired", "preservationBegun", "preservationEnded", "preservationExtended",
            "preservationRequested", "received", "refused", "requestForPreservedDataReceived",
            "resultsReceived", "returnedUnexecuted", "servedOnProvider", "transferred", "withdrawn",
        ]
    )

    static let deadlines = [
        confidences, days, holidays, limitAnchors, limitEvents, limitKinds, limitUnits, deadlineKinds, deadlineStatuses,
        explanations, timelineEvents,
    ]
}
