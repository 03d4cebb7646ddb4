extension TextKeys {
    /// Where a request stands.
    public static let phases = Family(
        "phase.",
        names: [
            "notBegun", "dispatched", "received", "acknowledged", "underReview", "informationRequested",
            "accepted", "acceptedWithConditions", "transferred", "inExecution", "delayed", "postponed",
            "partiallyExecuted", "executed", "resultsTransmitted", "resultsConfirmed", "refused",
            "returnedUnexecuted", "withdrawn", "preserved", "preservationEnded", "closed",
        ]
    )

    /// What one side of a request does.
    public static let acts = Family(
        "act.",
        names: [
            "request", "oralConfirmation", "supplement", "secondSignature", "acknowledge", "underReview",
            "askInformation", "giveInformation", "accept", "acceptConditions", "declineConditions", "transfer",
            "beginExecution", "announceDelay", "postpone", "resume", "partiallyExecute", "execute",
            "confirmResults", "refuse", "returnUnexecuted", "withdraw", "remind", "escalate", "askStatus",
            "giveStatus", "extendDeadline", "evidence", "close", "destructionCertificate", "returnObjects",
            "requestPreservation", "preserved", "askPreservationExtension", "extendPreservation",
            "warnPreservation", "requestForPreservedDataReceived", "releasePreservation",
        ]
    )

    /// The subject line of the message that brings an act; `{reference}` is the request.
    public static let subjects = Family(
        "subject.",
        names: [
            "request", "oralConfirmation", "supplement", "secondSignature", "acknowledge", "underReview",
            "askInformation", "giveInformation", "accept", "acceptConditions", "declineConditions", "transfer",
            "beginExecution", "announceDelay", "postpone", "resume", "partiallyExecute", "execute",
            "confirmResults", "refuse", "returnUnexecuted", "withdraw", "remind", "escalate", "askStatus",
            "giveStatus", "extendDeadline", "evidence", "close", "destructionCertificate", "returnObjects",
            "requestPreservation", "preserved", "askPreservationExtension", "extendPreservation",
            "warnPreservation", "requestForPreservedDataReceived", "releasePreservation",
        ]
    )

    /// What one side has to do next.
    public static let owed = Family(
        "owed.",
        names: [
            "secondSignature", "writtenConfirmation", "conditionsAnswer", "information", "acknowledgement",
            "decision", "resumption", "execution", "preservation", "status", "resultsConfirmation",
            "requestForPreservedData", "closure",
        ]
    )

    /// What stands beside the phase.
    public static let flags = Family(
        "flag.",
        names: [
            "urgent", "emergency", "confidential", "oralAwaitingConfirmation", "conditionsOnUse",
            "statusRequested", "secondSignatureAwaited", "forked",
        ]
    )

    /// What a thread is about.
    public static let requestKinds = Family(
        "requestKind.",
        names: [
            "assistance", "preservation",
        ]
    )

    /// How an item of a request stands.
    public static let itemStatuses = Family(
        "itemStatus.",
        names: [
            "open", "postponed", "executed", "refused", "returned", "withdrawn",
        ]
    )

    /// How a preservation stands.
    public static let preservationStatuses = Family(
        "preservationStatus.",
        names: [
            "requested", "preserved", "extended", "mlaReceivedHold", "released", "expired", "notPreserved",
        ]
    )

    /// The sides of a request.
    public static let sides = Family(
        "side.",
        names: [
            "requesting", "requested",
        ]
    )

    /// The authorities of the requested side, as a sentence names them.
    public static let authorities = Family(
        "authority.",
        names: [
            "central", "forwarded", "executing", "provider", "enforcing",
        ]
    )

    /// To whom a matter is raised.
    public static let escalations = Family(
        "escalation.",
        names: [
            "authority", "liaison", "contactPoint", "diplomatic",
        ]
    )

    /// What became of a message.
    public static let outcomes = Family(
        "outcome.",
        names: [
            "applied", "refused", "parked",
        ]
    )

    /// How an event is known.
    public static let proofs = Family(
        "proof.",
        names: [
            "proven", "stated",
        ]
    )

    /// What became of acts that crossed.
    public static let crossings = Family(
        "crossing.",
        names: [
            "bothStand", "requestingStands", "requestedStands", "eachCoversWhatItKnew",
        ]
    )

    /// Why a message waits.
    public static let parkings = Family(
        "parked.",
        names: [
            "predecessorMissing", "predecessorDiffers", "notYetHere", "behindParked",
        ]
    )

    /// Why a message does not fit, by the code of the refusal.
    public static let refusals = Family(
        "refused.",
        names: [
            "act.unknown", "act.invalid", "act.wrong_side", "act.before_request", "act.wrong_kind",
            "act.wrong_phase", "act.after_close", "act.unknown_item", "act.item_settled", "act.duplicate_item",
            "act.no_ground", "act.no_reason", "act.not_awaited", "act.not_later", "chain.fork",
            "chain.sequence",
        ]
    )

    static let requests = [
        phases, acts, subjects, owed, flags, requestKinds, itemStatuses, preservationStatuses, sides, authorities,
        escalations, outcomes, proofs, crossings, parkings, refusals,
    ]
}
