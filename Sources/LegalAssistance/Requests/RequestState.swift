public import ExchangeModel

/// What the acts of both sides have made of a request; the outcome of `RequestHistory.replay`.
public struct RequestState: Hashable, Sendable {
    /// Names an act within the thread.
    public enum ActID: Hashable, Sendable {
        /// By the content digest of its message.
        case message(SHA256Digest)
        /// By the number of its record.
        case stated(Int64)
    }

    /// One thing that is asked for, and what became of it.
    public struct Item: Hashable, Sendable {
        /// What became of an item.
        public enum Status: Hashable, Sendable {
            /// Nothing yet.
            case open
            /// It is put off.
            case postponed
            /// It is executed, or its data preserved.
            case executed
            /// It is refused, on this ground.
            case refused(ground: String)
            /// It was given back unexecuted.
            case returned
            /// It was taken back.
            case withdrawn
        }

        /// What is asked for.
        public internal(set) var item: RequestAct.RequestedItem
        /// What became of it.
        public internal(set) var status: Status

        /// Whether something is still to be done.
        public var isUnsettled: Bool { status == .open || status == .postponed }
    }

    /// An authority that has the request.
    public struct Receipt: Hashable, Sendable {
        /// Which, under which reference, and since when.
        public internal(set) var acknowledgement: RequestAct.Acknowledgement
        /// When the acknowledgement was sent.
        public internal(set) var time: ExchangeTime
        /// How it is known.
        public internal(set) var proof: TimelineEvent.Proof
    }

    /// A question that waits for its answer.
    public struct Question: Hashable, Sendable {
        /// The act that asked.
        public internal(set) var act: ActID
        /// What is asked; empty where only the letter says it.
        public internal(set) var text: String
        /// Until when an answer is asked for.
        public internal(set) var until: PointInTime?
        /// When it was sent.
        public internal(set) var time: ExchangeTime
    }

    /// The conditions of an acceptance.
    public struct Conditions: Hashable, Sendable {
        /// How the requesting side has answered.
        public enum Answer: String, CaseIterable, Hashable, Sendable {
            /// Not yet.
            case awaited
            /// It takes them on.
            case accepted
            /// It does not.
            case declined
        }

        /// The conditions, in order.
        public internal(set) var texts: [String]
        /// The answer to them.
        public internal(set) var answer: Answer
    }

    /// Why and until when something is put off or delayed.
    public struct Suspension: Hashable, Sendable {
        /// Why.
        public internal(set) var reasons: String
        /// Until when, or the estimate of it.
        public internal(set) var until: PointInTime?
        /// The article or ground it rests on.
        public internal(set) var ground: String?
        /// When it was sent.
        public internal(set) var time: ExchangeTime
    }

    /// A refusal of some or all items.
    public struct Refusal: Hashable, Sendable {
        /// The items it covers, as its sender knew them.
        public internal(set) var items: [String]
        /// The ground, by its id in the treaty profile.
        public internal(set) var ground: String
        /// Why.
        public internal(set) var reason: String
        /// When it was sent.
        public internal(set) var time: ExchangeTime
    }

    /// Results that the requested side has given.
    public struct Results: Hashable, Sendable {
        /// The act that gave them.
        public internal(set) var act: ActID
        /// The items they answer, as their sender knew them.
        public internal(set) var items: [String]
        /// The content digests of the bundles that bring the evidence.
        public internal(set) var cites: [SHA256Digest]
        /// Whether the requesting side has confirmed them.
        public internal(set) var confirmed: Bool
    }

    /// A message that one person released, which waits for its second signature.
    public struct AwaitedSignature: Hashable, Sendable {
        /// Whose message it is.
        public internal(set) var side: Side
        /// Its content digest.
        public internal(set) var digest: SHA256Digest
        /// When it was released.
        public internal(set) var since: ExchangeTime
    }

    /// An extension of a time limit.
    public struct Extension: Hashable, Sendable {
        /// Which limit, until when, and why.
        public internal(set) var terms: RequestAct.DeadlineExtension
        /// Who extended it.
        public internal(set) var side: Side
        /// When it was sent.
        public internal(set) var time: ExchangeTime
    }

    enum Stage: Hashable, Sendable {
        case none
        case acknowledged
        case underReview
        case accepted
        case transferred
        case inExecution
    }

    /// What the thread is about; `nil` until something is asked for.
    public internal(set) var kind: RequestKind?
    /// When the request was sent.
    public internal(set) var dispatched: ExchangeTime?
    /// When the requested side received it; `nil` while it is not known.
    public internal(set) var received: ExchangeTime?
    /// What is asked for, in order; a request that names no items is one item, `all`.
    public internal(set) var items: [Item] = []
    /// The deadline that the requesting side asks for.
    public internal(set) var requestedDeadline: RequestAct.RequestedDeadline?
    /// The thread in which the data asked for was preserved.
    public internal(set) var preservationThread: ThreadID?
    /// The authorities that have the request, in order of their acknowledgements.
    public internal(set) var receipts: [Receipt] = []
    /// The authorities it was passed to, in order; empty names are of messages that name none.
    public internal(set) var transferredTo: [String] = []
    /// The questions that wait for an answer.
    public internal(set) var openQuestions: [Question] = []
    /// The conditions of the acceptance, where there are some.
    public internal(set) var conditions: Conditions?
    /// The delay that stands.
    public internal(set) var delay: Suspension?
    /// The postponement that stands.
    public internal(set) var postponement: Suspension?
    /// All refusals, in order.
    public internal(set) var refusals: [Refusal] = []
    /// All results, in order.
    public internal(set) var results: [Results] = []
    /// The extensions of time limits, in order.
    public internal(set) var extensions: [Extension] = []
    /// How often the requesting side has reminded.
    public internal(set) var reminders = 0
    /// The last level it was raised to.
    public internal(set) var escalation: RequestAct.EscalationLevel?
    /// The sides that have closed it.
    public internal(set) var closedBy: Set<Side> = []
    /// The messages that wait for a second signature.
    public internal(set) var awaitedSignatures: [AwaitedSignature] = []
    /// The preservation, in a thread about one.
    public internal(set) var preservation: PreservationState?

    var requestFlags: Set<RequestAct.Flag> = []
    var oralAwaitingConfirmation = false
    var stage = Stage.none
    var isDecided = false
    var statusQuestions: [ActID] = []
    var handedOver = false

    /// The acts that count, in time; receipt times for what runs from receipt, sending times for what was done.
    public internal(set) var timeline: [TimelineEvent] = []
    /// Every act that is known, applied or not, in the order that both gateways print.
    public internal(set) var history: [HistoryLine] = []
    /// The messages that wait for others.
    public internal(set) var parked: [ParkedMessage] = []
    /// The acts that did not fit where they stood.
    public internal(set) var refusedMessages: [RefusedMessage] = []
    /// The acts that crossed and touch one another.
    public internal(set) var crossings: [Crossing] = []
    /// The numbers under which a side sent two messages.
    public internal(set) var forks: [Fork] = []

    init() {}
}

extension RequestState {
    var unsettled: [Item] { items.filter(\.isUnsettled) }
    var isUnsettled: Bool { items.contains(where: \.isUnsettled) }
    var unconfirmed: [Results] { results.filter { !$0.confirmed } }
    var conditionsAwaited: Bool { conditions?.answer == .awaited }
    var isExecutedInPart: Bool { !results.isEmpty || items.contains { $0.status == .executed } }

    /// Where the request stands.
    public var phase: RequestPhase {
        guard kind != nil else { return .notBegun }
        guard closedBy.isEmpty else { return .closed }
        return isUnsettled ? unsettledPhase : settledPhase
    }

    private var unsettledPhase: RequestPhase {
        if !openQuestions.isEmpty { return .informationRequested }
        if unsettled.allSatisfy({ $0.status == .postponed }) { return .postponed }
        if delay != nil { return .delayed }
        if isExecutedInPart { return .partiallyExecuted }
        switch stage {
        case .none: return received == nil ? .dispatched : .received
        case .acknowledged: return .acknowledged
        case .underReview: return .underReview
        case .accepted: return conditions == nil ? .accepted : .acceptedWithConditions
        case .transferred: return .transferred
        case .inExecution: return .inExecution
        }
    }

    private var settledPhase: RequestPhase {
        if preservation?.status == .released { return .preservationEnded }
        if items.contains(where: { $0.status == .withdrawn }) { return .withdrawn }
        if items.contains(where: { $0.status == .returned }) { return .returnedUnexecuted }
        guard isExecutedInPart else { return .refused }
        if kind == .preservation { return .preserved }
        let waiting = unconfirmed
        if waiting.isEmpty { return .resultsConfirmed }
        return waiting.contains { !$0.cites.isEmpty } ? .resultsTransmitted : .executed
    }

    /// What stands beside the phase.
    public var flags: Set<RequestFlag> {
        var flags: Set<RequestFlag> = []
        if requestFlags.contains(.urgent) { flags.insert(.urgent) }
        if requestFlags.contains(.emergency) { flags.insert(.emergency) }
        if requestFlags.contains(.confidential) { flags.insert(.confidential) }
        if oralAwaitingConfirmation { flags.insert(.oralAwaitingConfirmation) }
        if let conditions, conditions.answer != .declined { flags.insert(.conditionsOnUse) }
        if !statusQuestions.isEmpty, closedBy.isEmpty { flags.insert(.statusRequested) }
        if !awaitedSignatures.isEmpty { flags.insert(.secondSignatureAwaited) }
        if !forks.isEmpty { flags.insert(.forked) }
        return flags
    }

    /// Everything that is owed, the most pressing first; the clock plays no part in it.
    public var obligations: [Obligation] {
        var list = awaitedSignatures.map { Obligation(side: $0.side, owed: .secondSignature) }
        guard kind != nil, closedBy.isEmpty else { return list }
        if oralAwaitingConfirmation { list.append(Obligation(side: .requesting, owed: .writtenConfirmation)) }
        if isUnsettled {
            list += unsettledObligations
        } else {
            if !unconfirmed.isEmpty { list.append(Obligation(side: .requesting, owed: .resultsConfirmation)) }
            if let preservation, preservation.status == .preserved || preservation.status == .extended {
                list.append(Obligation(side: .requesting, owed: .requestForPreservedData))
            }
        }
        if !statusQuestions.isEmpty { list.append(Obligation(side: .requested, owed: .status)) }
        if list.isEmpty { list.append(Obligation(side: .requesting, owed: .closure)) }
        return list
    }

    private var unsettledObligations: [Obligation] {
        var list: [Obligation] = []
        if conditionsAwaited { list.append(Obligation(side: .requesting, owed: .conditionsAnswer)) }
        if !openQuestions.isEmpty { list.append(Obligation(side: .requesting, owed: .information)) }
        if !unconfirmed.isEmpty { list.append(Obligation(side: .requesting, owed: .resultsConfirmation)) }
        if receipts.isEmpty { list.append(Obligation(side: .requested, owed: .acknowledgement)) }
        guard !conditionsAwaited, openQuestions.isEmpty else { return list }
        if unsettled.allSatisfy({ $0.status == .postponed }) {
            list.append(Obligation(side: .requested, owed: .resumption))
        } else if kind == .preservation {
            list.append(Obligation(side: .requested, owed: .preservation))
        } else if !isDecided, stage != .inExecution, !isExecutedInPart {
            list.append(Obligation(side: .requested, owed: .decision))
        } else {
            list.append(Obligation(side: .requested, owed: .execution))
        }
        return list
    }

    /// Who has to act next; `nil` when nobody has to.
    public var owes: Side? { obligations.first?.side }

    /// What has to be done next.
    public var owed: Owed? { obligations.first?.owed }
}
