public import ExchangeModel

/// Something that happened in a request, as deadlines and statistics need it.
public struct TimelineEvent: Hashable, Sendable {
    /// What happened.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        case oralRequestMade
        case oralRequestConfirmed
        case dispatched
        case received
        case acknowledged
        case moreInformationAsked
        case moreInformationGiven
        case decisionTaken
        case transferred
        case executionBegun
        case delayAnnounced
        case postponed
        case executionResumed
        case partiallyExecuted
        case executed
        case resultsReceived
        case refused
        case returnedUnexecuted
        case withdrawn
        case closed
        case preservationRequested
        case preservationBegun
        case preservationExtended
        case preservationEnded
        case requestForPreservedDataReceived
        case servedOnProvider
        case presenceNoLongerRequired
    }

    /// Which authority of the requested side it was, where limits run separately for each.
    public enum Authority: String, CaseIterable, Hashable, Sendable {
        case central
        case forwarded
        case executing
        case provider
        case enforcing
    }

    /// How it is known.
    public enum Proof: Hashable, Sendable {
        /// By a signed message or receipt; the digest names it.
        case proven(SHA256Digest)
        /// By what a person here recorded; the reference names the letter or scan.
        case stated(reference: String)
    }

    /// What happened.
    public var kind: Kind
    /// When: for what one side sends, the moment when the other received it, where the limit runs from receipt.
    public var time: ExchangeTime
    /// Whose act it was.
    public var side: Side
    /// Which authority, where that matters.
    public var authority: Authority?
    /// How it is known.
    public var proof: Proof

    /// Takes all fields.
    public init(kind: Kind, time: ExchangeTime, side: Side, authority: Authority? = nil, proof: Proof) {
        self.kind = kind
        self.time = time
        self.side = side
        self.authority = authority
        self.proof = proof
    }
}
