/// Two acts, one of each side, that were sent without knowledge of one another and touch one another.
///
/// An act is judged by what its sender knew, so both acts of a crossing were in order; the outcome says what they make of
/// the request together.
public struct Crossing: Hashable, Sendable {
    /// What two crossing acts make of the request.
    public enum Outcome: String, CaseIterable, Hashable, Sendable {
        /// Both count, one after the other; they do not touch one another.
        case bothStand
        /// The requesting side's act counts; the other is kept on record and no longer moves the request.
        case requestingStands
        /// The requested side's act counts; the other came too late for what it covers.
        case requestedStands
        /// Each covers what its sender knew: new items stay open, newer results stay unconfirmed.
        case eachCoversWhatItKnew
    }

    /// The requesting side's act.
    public internal(set) var requesting: RequestState.ActID
    /// The requested side's act.
    public internal(set) var requested: RequestState.ActID
    /// What they make of the request.
    public internal(set) var outcome: Outcome

    /// The table of crossings, by the kinds of the two acts.
    ///
    /// `bringsItems` says whether the requesting side's act adds new items.
    public static func outcome(
        requesting: RequestAct.Kind,
        bringsItems: Bool,
        requested: RequestAct.Kind
    ) -> Outcome {
        switch (requesting, requested) {
        // Two closures close it together, and neither closure needs the other.
        case (.close, .close): .bothStand
        // What was under way when a request closed no longer moves it; what only informs is on record anyway.
        case (.close, _): informs(requested) ? .bothStand : .requestingStands
        // New items keep the request open, a plain supplement does not.
        case (.supplement, .close), (.request, .close): bringsItems ? .requestingStands : .requestedStands
        // What is done is done; only what was unsettled can be taken back.
        case (.withdraw, .execute), (.withdraw, .partiallyExecute): .requestedStands
        case (.withdraw, _): informs(requested) ? .bothStand : .requestingStands
        case (.releasePreservation, .extendPreservation), (.releasePreservation, .requestForPreservedDataReceived):
            .requestingStands
        // Items that the requested side did not know of are not executed, refused, put off or given back.
        case (.supplement, .execute), (.supplement, .partiallyExecute), (.supplement, .refuse),
            (.supplement, .returnUnexecuted), (.supplement, .postpone), (.supplement, .preserved),
            (.request, .execute), (.request, .partiallyExecute), (.request, .refuse), (.request, .returnUnexecuted),
            (.request, .postpone):
            bringsItems ? .eachCoversWhatItKnew : .bothStand
        // A confirmation is of the results that were seen, an answer to the questions that were seen.
        case (.confirmResults, .execute), (.confirmResults, .partiallyExecute), (.giveInformation, .askInformation),
            (.askStatus, .giveStatus):
            .eachCoversWhatItKnew
        // An answer that comes after the decision changes nothing in it.
        case (.giveInformation, .refuse), (.giveInformation, .returnUnexecuted), (.giveInformation, .execute),
            (.acceptConditions, .refuse), (.acceptConditions, .returnUnexecuted), (.declineConditions, .refuse),
            (.declineConditions, .returnUnexecuted):
            .requestedStands
        default: .bothStand
        }
    }

    /// Acts that put something on record and move nothing.
    private static func informs(_ kind: RequestAct.Kind) -> Bool {
        [.acknowledge, .giveStatus, .evidence, .secondSignature, .extendDeadline, .warnPreservation].contains(kind)
    }
}
