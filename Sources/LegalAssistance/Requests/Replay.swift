import ExchangeModel

/// The fold of both chains and the stated steps into a state.
///
/// Every act is judged once, in what its sender knew: the messages that caused it and the steps recorded before it. As
/// the order puts the requesting side first among messages that crossed, what the requesting side knew is all that stands
/// before its message; for the requested side, messages that it had not seen may stand before its own and are left out.
struct Replay {
    private let chains: [MessageChain]
    private let order: CausalOrder
    private var judged: [JudgedAct] = []
    /// Where the messages of the requesting side stand in the order.
    private var places: [Int] = []
    private var state = RequestState()
    /// The state before the first message of the requesting side that the requested side had not seen when this was last
    /// needed, and how far in the order that is.
    private var known = (state: RequestState(), end: 0)
    /// The same with the requested side's own messages since, how far they reach, and how much it had seen; while that
    /// stays, each next view is a step from the one before.
    private var view = (state: RequestState(), end: 0, seen: -1)

    init(requesting: MessageChain, requested: MessageChain, stated: [StatedStep]) {
        chains = [requesting, requested]
        order = CausalOrder(requesting: requesting, requested: requested, stated: stated)
    }

    mutating func run() -> RequestState {
        var timeline: [TimelineEvent] = []
        var crossings: [Crossing] = []
        var history: [HistoryLine] = []
        for (place, entry) in order.entries.enumerated() {
            var act = JudgedAct(entry.source)
            let view = known(at: place)
            act.judge(in: view)
            timeline += act.events(in: view)
            judged.append(act)
            if entry.message?.side == .requesting { places.append(place) }
            crossings += state.apply(act, crossed: crossed(entry, below: entry.before))
            history.append(HistoryLine(act, entry.message))
            if let message = entry.message { history += displaced(by: message) }
        }
        history += chains.flatMap(\.unplaced).map { message in
            HistoryLine(message, .refused(code: .chainSequence, reason: "a sequence number is at least 1"))
        }
        for (message, reason) in order.parked {
            history.append(HistoryLine(message, .parked(reason)))
            history += displaced(by: message)
        }
        state.forks = chains.flatMap(\.forks)
        state.crossings = crossings
        state.timeline = timeline.enumerated()
            .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
            .map(\.element)
        state.record(history, parked: order.parked)
        return state
    }

    /// What the sender of the entry knew.
    private mutating func known(at place: Int) -> RequestState {
        guard let entry = order.entries.element(at: place), entry.seen < entry.before,
            let end = places.element(at: entry.seen)
        else { return state }
        // What the requested side has seen only grows, so the state before the first unseen message is kept.
        if view.seen != entry.seen {
            while known.end < end {
                fold(known.end, into: &known.state, below: .max)
                known.end += 1
            }
            view = (known.state, known.end, entry.seen)
        }
        while view.end < place {
            if order.entries.element(at: view.end)?.message?.side != .requesting {
                fold(view.end, into: &view.state, below: entry.seen)
            }
            view.end += 1
        }
        return view.state
    }

    private func fold(_ place: Int, into state: inout RequestState, below limit: Int) {
        guard let entry = order.entries.element(at: place), let act = judged.element(at: place) else { return }
        _ = state.apply(act, crossed: crossed(entry, below: limit))
    }

    /// The acts of the requesting side that the entry crossed, of the first `limit` ones.
    private func crossed(_ entry: CausalOrder.Entry, below limit: Int) -> [JudgedAct] {
        let end = min(entry.before, limit)
        guard entry.seen < end else { return [] }
        return (entry.seen..<end).compactMap { places.element(at: $0) }.compactMap { judged.element(at: $0) }
    }

    private func displaced(by message: RequestMessage) -> [HistoryLine] {
        chains.flatMap { $0.displaced[message.digest] ?? [] }.map { other in
            let reason =
                "another message of the \(message.side.rawValue) side, \(message.digest), holds number "
                + "\(message.sequence) already"
            return HistoryLine(other, .refused(code: .chainFork, reason: reason))
        }
    }
}

extension JudgedAct {
    fileprivate init(_ source: CausalOrder.Entry.Source) {
        switch source {
        case .message(let message):
            self.init(
                id: .message(message.digest),
                side: message.side,
                time: message.sent,
                received: message.received,
                proof: .proven(message.digest),
                soleRelease: message.soleRelease ? message.digest : nil
            )
            switch message.content {
            case .act(let act): self.act = act
            case .unreadable(let code, let reason): refusal = ActRefusal(code, reason)
            }
        case .stated(let step):
            self.init(
                id: .stated(step.number),
                side: step.side,
                act: step.act,
                time: step.time,
                received: step.received,
                proof: .stated(reference: step.reference)
            )
        }
    }
}

extension HistoryLine {
    fileprivate init(_ judged: JudgedAct, _ message: RequestMessage?) {
        self.init(
            id: judged.id,
            side: judged.side,
            sequence: message?.sequence,
            act: judged.act,
            time: judged.time,
            received: judged.received,
            proof: judged.proof,
            outcome: judged.refusal.map { .refused(code: $0.code, reason: $0.reason) } ?? .applied
        )
    }

    fileprivate init(_ message: RequestMessage, _ outcome: Outcome) {
        var act: RequestAct?
        if case .act(let known) = message.content { act = known }
        self.init(
            id: .message(message.digest),
            side: message.side,
            sequence: message.sequence,
            act: act,
            time: message.sent,
            received: message.received,
            proof: .proven(message.digest),
            outcome: outcome
        )
    }
}

extension RequestState {
    fileprivate mutating func record(
        _ lines: [HistoryLine],
        parked waiting: [(message: RequestMessage, reason: ParkedMessage.Reason)]
    ) {
        history = lines
        parked = waiting.map { message, reason in
            ParkedMessage(digest: message.digest, side: message.side, sequence: message.sequence, reason: reason)
        }
        refusedMessages = lines.compactMap { line in
            guard case .refused(let code, let reason) = line.outcome else { return nil }
            return RefusedMessage(
                id: line.id,
                side: line.side,
                sequence: line.sequence,
                kind: line.act?.kind,
                code: code,
                reason: reason
            )
        }
    }
}
