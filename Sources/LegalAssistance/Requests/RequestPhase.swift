/// Where a request stands, the same for both sides.
public enum RequestPhase: String, CaseIterable, Hashable, Sendable {
    /// Nothing has been asked for yet.
    case notBegun
    /// Sent; the other side's receipt has not come.
    case dispatched
    /// Received by the other side.
    case received
    /// An authority has said that it has the request.
    case acknowledged
    /// Admissibility is being examined.
    case underReview
    /// The requested side waits for information.
    case informationRequested
    /// Accepted without conditions.
    case accepted
    /// Accepted under conditions.
    case acceptedWithConditions
    /// Passed on to the authority in charge.
    case transferred
    /// Execution is under way.
    case inExecution
    /// Execution takes longer than was to be expected.
    case delayed
    /// Everything that is unsettled is put off.
    case postponed
    /// Some has been executed, some is unsettled.
    case partiallyExecuted
    /// All is settled, something by execution; the results came with the message itself.
    case executed
    /// All is settled, something by execution; the results are on their way in bundles of their own.
    case resultsTransmitted
    /// The requesting side has confirmed the results.
    case resultsConfirmed
    /// Refused as a whole.
    case refused
    /// Given back unexecuted.
    case returnedUnexecuted
    /// Taken back.
    case withdrawn
    /// The data is preserved.
    case preserved
    /// The requesting side no longer needs the preservation.
    case preservationEnded
    /// The thread has ended.
    case closed
}

/// What a thread is about.
public enum RequestKind: String, CaseIterable, Hashable, Sendable {
    /// A request for assistance.
    case assistance
    /// A request to preserve data.
    case preservation
}

/// What stands beside the phase.
public enum RequestFlag: String, CaseIterable, Hashable, Sendable {
    /// To be dealt with before others.
    case urgent
    /// Life or safety is at risk.
    case emergency
    /// Its fact and substance are confidential.
    case confidential
    /// Made orally and not yet confirmed in writing.
    case oralAwaitingConfirmation
    /// Use of the results is bound to conditions.
    case conditionsOnUse
    /// The requesting side has asked how far it is.
    case statusRequested
    /// A message that one person released waits for its second signature.
    case secondSignatureAwaited
    /// A side sent two different messages under one number.
    case forked
}

/// What one side has to do next.
public enum Owed: String, CaseIterable, Hashable, Sendable {
    /// The second signature over a message that one person released.
    case secondSignature
    /// The written confirmation of an oral request.
    case writtenConfirmation
    /// The answer to the conditions.
    case conditionsAnswer
    /// The information that was asked for.
    case information
    /// The acknowledgement that the request arrived.
    case acknowledgement
    /// The decision on the request.
    case decision
    /// The resumption of what was put off.
    case resumption
    /// The execution.
    case execution
    /// The preservation of the data.
    case preservation
    /// An answer to the question how far it is.
    case status
    /// The confirmation that the results arrived.
    case resultsConfirmation
    /// The request for the data that is preserved, or its release.
    case requestForPreservedData
    /// The closure of the thread.
    case closure
}

/// Who owes what.
public struct Obligation: Hashable, Sendable {
    /// Who.
    public var side: Side
    /// What.
    public var owed: Owed

    /// Takes both.
    public init(side: Side, owed: Owed) {
        self.side = side
        self.owed = owed
    }
}
