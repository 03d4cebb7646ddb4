public import ExchangeModel

/// One act in the history that both gateways print.
public struct HistoryLine: Hashable, Sendable {
    /// What became of the act.
    public enum Outcome: Hashable, Sendable {
        /// It counts.
        case applied
        /// It does not fit where it stands.
        case refused(code: ErrorCode, reason: String)
        /// It waits for other messages.
        case parked(ParkedMessage.Reason)
    }

    /// Names the act.
    public internal(set) var id: RequestState.ActID
    /// Whose act it is.
    public internal(set) var side: Side
    /// The message's sequence; `nil` for a step recorded by hand.
    public internal(set) var sequence: Int64?
    /// What was done; `nil` where the message cannot be read.
    public internal(set) var act: RequestAct?
    /// When it was sent or done.
    public internal(set) var time: ExchangeTime
    /// When the other side received it, where that is known.
    public internal(set) var received: ExchangeTime?
    /// How it is known.
    public internal(set) var proof: TimelineEvent.Proof
    /// What became of it.
    public internal(set) var outcome: Outcome
}

/// An act that did not fit where it stood, kept and shown.
public struct RefusedMessage: Hashable, Sendable {
    /// Names the act.
    public internal(set) var id: RequestState.ActID
    /// Whose act it is.
    public internal(set) var side: Side
    /// The message's sequence; `nil` for a step recorded by hand.
    public internal(set) var sequence: Int64?
    /// Which act; `nil` where the message cannot be read.
    public internal(set) var kind: RequestAct.Kind?
    /// The rule it breaks.
    public internal(set) var code: ErrorCode
    /// Why, as one plain sentence without the final stop.
    public internal(set) var reason: String
}

/// A message that waits for others.
public struct ParkedMessage: Hashable, Sendable {
    /// What it waits for.
    public enum Reason: Hashable, Sendable {
        /// The sender's own message with this sequence is missing.
        case predecessorMissing(sequence: Int64)
        /// It follows a message of the sender that is not the one that is here.
        case predecessorDiffers
        /// The sender had seen this message of the other side, which is not here.
        case notYetHere(side: Side, sequence: Int64)
        /// The sender's message before it waits too.
        case behindParked(sequence: Int64)
    }

    /// Its content digest.
    public internal(set) var digest: SHA256Digest
    /// Whose message it is.
    public internal(set) var side: Side
    /// Its sequence.
    public internal(set) var sequence: Int64
    /// What it waits for.
    public internal(set) var reason: Reason
}

/// Two or more different messages that a side sent under one sequence number.
public struct Fork: Hashable, Sendable {
    /// Whose they are.
    public internal(set) var side: Side
    /// Their number.
    public internal(set) var sequence: Int64
    /// The one that stands: what the other side received first.
    public internal(set) var standing: SHA256Digest
    /// The others.
    public internal(set) var others: [SHA256Digest]
}

/// What became of one message.
public enum Verdict: Hashable, Sendable {
    /// It counts.
    case applied
    /// It waits for other messages.
    case parked(ParkedMessage.Reason)
    /// It does not fit where it stands.
    case refused(code: ErrorCode, reason: String)
}

extension RequestState {
    /// What became of the message with this content digest; `nil` when there is none.
    public func verdict(for digest: SHA256Digest) -> Verdict? {
        history.first { $0.id == .message(digest) }.map { line in
            switch line.outcome {
            case .applied: .applied
            case .parked(let reason): .parked(reason)
            case .refused(let code, let reason): .refused(code: code, reason: reason)
            }
        }
    }
}
