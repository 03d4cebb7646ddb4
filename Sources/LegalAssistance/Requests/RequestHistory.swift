public import ExchangeModel

/// Makes a request's state from everything that both sides have said and done.
public enum RequestHistory {
    /// The state that the messages and steps have made: a pure function of the two sets.
    ///
    /// The order in which they are given, and messages given twice, make no difference. Messages are ordered by cause: an
    /// act follows what its sender had seen, and is judged by that alone; acts that crossed are ordered requesting side
    /// first and meet by `Crossing.outcome`. A step recorded by hand follows every message received by its time; steps
    /// of one time follow their numbers. Nothing is dropped: what does not fit is in `refusedMessages`, what waits in
    /// `parked`, and both in `history`.
    public static func replay(
        messages: some Sequence<RequestMessage>,
        stated: some Sequence<StatedStep> = []
    ) -> RequestState {
        var byDigest: [SHA256Digest: RequestMessage] = [:]
        for message in messages {
            byDigest[message.digest] = byDigest[message.digest].map { $0.merged(with: message) } ?? message
        }
        var byNumber: [Int64: StatedStep] = [:]
        for step in stated { byNumber[step.number] = byNumber[step.number].map { $0.earlierRecord(of: step) } ?? step }
        var replay = Replay(
            requesting: MessageChain(byDigest.values.filter { $0.side == .requesting }, of: .requesting),
            requested: MessageChain(byDigest.values.filter { $0.side == .requested }, of: .requested),
            stated: byNumber.values.sorted { ($0.time, $0.number) < ($1.time, $1.number) }
        )
        return replay.run()
    }

    /// What becomes of one message among the others; `nil` when it is not among them.
    public static func verdict(
        for digest: SHA256Digest,
        messages: some Sequence<RequestMessage>,
        stated: some Sequence<StatedStep> = []
    ) -> Verdict? {
        replay(messages: messages, stated: stated).verdict(for: digest)
    }
}

extension RequestMessage {
    /// The same message known twice: the earlier receipt holds.
    fileprivate func merged(with other: RequestMessage) -> RequestMessage {
        // A digest names one content; where two differ all the same, the choice must not follow the order of arrival.
        var merged = other.sortKey < sortKey ? other : self
        merged.received = [received, other.received].compactMap { $0 }.min()
        merged.soleRelease = soleRelease || other.soleRelease
        return merged
    }
}

extension RequestMessage {
    private var sortKey: (String, Int64, ExchangeTime) { (side.rawValue, sequence, sent) }
}

extension StatedStep {
    fileprivate func earlierRecord(of other: StatedStep) -> StatedStep {
        (other.recordedAt, other.time, other.reference) < (recordedAt, time, reference) ? other : self
    }
}
