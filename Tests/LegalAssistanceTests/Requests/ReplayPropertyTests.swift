import ExchangeModel
import LegalAssistance
import Testing

@Suite("Whatever both sides send, in whatever order it comes")
struct ReplayPropertyTests {
    struct Sent: Sendable {
        var message: RequestMessage
        /// Whether the sender's own state allowed it.
        var inOrder: Bool
    }

    /// Two sides that send acts, in and out of order, and learn of one another's messages late.
    static func dialogue(_ seed: UInt64, length: Int, lag: Bool) -> [Sent] {
        var generator = SeededGenerator(seed)
        var talk = Conversation()
        var sent: [Sent] = []
        var seen: [Side: Int] = [.requesting: 0, .requested: 0]
        for number in 0..<length {
            let side = sent.isEmpty ? .requesting : Side.allCases.randomElement(using: &generator) ?? .requesting
            let others = talk.chain(side.other)
            let known = seen[side] ?? 0
            let now = lag ? Int.random(in: known...others.count, using: &generator) : others.count
            seen[side] = now
            // What the sender knows is its own chain, what has arrived, and what that in turn had caused.
            let view = RequestHistory.replay(messages: talk.chain(side) + others.prefix(now))
            let allowed = view.allowedActs(for: side)
            let kinds = RequestAct.Kind.allCases.filter { allowed.contains($0) }
            let wild = Int.random(in: 0..<4, using: &generator) == 0
            guard let kind = (wild ? RequestAct.Kind.allCases : kinds).randomElement(using: &generator) else {
                continue
            }
            let spoilt = Int.random(in: 0..<8, using: &generator) == 0 ? RequestAct.spoilt(kind) : nil
            let act =
                spoilt
                ?? RequestAct.valid(
                    kind,
                    in: view,
                    by: side,
                    number: 6 * (number + 20) + Int.random(in: 0..<6, using: &generator)
                )
            let sole = Int.random(in: 0..<12, using: &generator) == 0
            let receipt = Int.random(in: 0..<6, using: &generator) != 0
            let message = talk.send(side, act, seen: now, sole: sole, receipt: receipt)
            sent.append(Sent(message: message, inOrder: allowed.contains(kind) && spoilt == nil))
        }
        return sent
    }

    @Test("The order of delivery and repetition never change the state", arguments: UInt64(0)..<120)
    func delivery(_ seed: UInt64) {
        let messages = Self.dialogue(seed, length: 24, lag: true).map(\.message)
        let expected = RequestHistory.replay(messages: messages)
        var generator = SeededGenerator(seed ^ 0xfeed)
        for _ in 0..<6 {
            let again = messages.shuffled(using: &generator) + messages.shuffled(using: &generator).prefix(5)
            #expect(RequestHistory.replay(messages: again) == expected)
        }
        #expect(RequestHistory.replay(messages: messages.reversed()) == expected)
    }

    @Test(
        "What its sender's state allows is applied, whatever it crosses; the rest is refused",
        arguments: UInt64(0)..<200
    )
    func allowed(_ seed: UInt64) {
        let sent = Self.dialogue(seed, length: 24, lag: true)
        let state = RequestHistory.replay(messages: sent.map(\.message))
        #expect(state.parked.isEmpty)
        for one in sent {
            let verdict = state.verdict(for: one.message.digest)
            #expect((verdict == .applied) == one.inOrder, "\(one.message.content): \(String(describing: verdict))")
        }
    }

    @Test("Each act appears once in the history, each refusal among the refused", arguments: UInt64(0)..<60)
    func nothingLost(_ seed: UInt64) {
        let messages = Self.dialogue(seed, length: 24, lag: true).map(\.message)
        var generator = SeededGenerator(seed)
        let some = messages.filter { _ in Int.random(in: 0..<5, using: &generator) > 0 }
        let state = RequestHistory.replay(messages: some)
        #expect(Set(state.history.map(\.id)) == Set(some.map { .message($0.digest) }))
        #expect(state.history.count == some.count)
        let refused = state.history.filter { if case .refused = $0.outcome { true } else { false } }
        #expect(state.refusedMessages.map(\.id) == refused.map(\.id))
        let waiting = state.history.filter { if case .parked = $0.outcome { true } else { false } }
        #expect(state.parked.map { .message($0.digest) } == waiting.map(\.id))
    }

    @Test("A message that comes later never takes away or moves an event", arguments: UInt64(0)..<80)
    func timeline(_ seed: UInt64) {
        let messages = Self.dialogue(seed, length: 24, lag: true).map(\.message)
        var generator = SeededGenerator(seed ^ 0xbeef)
        let order = messages.shuffled(using: &generator)
        var events: [TimelineEvent: Int] = [:]
        var verdicts: [SHA256Digest: Verdict] = [:]
        for count in 1...order.count {
            let state = RequestHistory.replay(messages: order.prefix(count))
            let now = Dictionary(grouping: state.timeline) { $0 }.mapValues(\.count)
            for (event, times) in events { #expect((now[event] ?? 0) >= times, "\(event) after \(count)") }
            events = now
            for (digest, verdict) in verdicts { #expect(state.verdict(for: digest) == verdict) }
            for message in order.prefix(count) {
                let verdict = state.verdict(for: message.digest)
                if case .parked = verdict { continue }
                verdicts[message.digest] = verdict
            }
        }
    }

    @Test("Stated steps among the messages make no difference to the order's independence", arguments: UInt64(0)..<40)
    func stated(_ seed: UInt64) {
        var generator = SeededGenerator(seed)
        let sent = Self.dialogue(seed, length: 20, lag: true).map(\.message)
        let steps = sent.enumerated().filter { _ in Bool.random(using: &generator) }.map { place, message in
            StatedStep(
                number: Int64(place),
                side: message.side,
                act: RequestAct.samples.randomElement(using: &generator) ?? .close,
                time: message.sent.adding(seconds: Int64.random(in: -90_000...90_000, using: &generator)),
                reference: "Letter \(place)",
                recordedAt: message.sent
            )
        }
        let expected = RequestHistory.replay(messages: sent, stated: steps)
        #expect(expected.history.count == sent.count + steps.count)
        for _ in 0..<4 {
            let state = RequestHistory.replay(
                messages: sent.shuffled(using: &generator),
                stated: steps.shuffled(using: &generator) + steps.prefix(2)
            )
            #expect(state == expected)
        }
    }

    @Test(
        "Garbage in the chains never ends the replay and never makes it depend on the order",
        arguments: UInt64(0)..<150
    )
    func garbage(_ seed: UInt64) {
        var generator = SeededGenerator(seed)
        let numbers: [Int64] = [.min, -1, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 9, .max]
        let messages = (0..<30).map { _ in
            let side = Side.allCases.randomElement(using: &generator) ?? .requesting
            let number = numbers.randomElement(using: &generator) ?? 1
            let previous =
                number == 1
                ? nil : digest(side, Int(clamping: number) &- 1, variant: UInt8.random(in: 0...1, using: &generator))
            var message = RequestMessage(
                side: side,
                sequence: number,
                previous: Int.random(in: 0..<9, using: &generator) == 0 ? nil : previous,
                digest: digest(
                    side,
                    Int(truncatingIfNeeded: number),
                    variant: UInt8.random(in: 0...1, using: &generator)
                ),
                highestSeen: numbers.randomElement(using: &generator) ?? 0,
                act: RequestAct.samples.randomElement(using: &generator) ?? .close,
                sent: moment(Int64.random(in: -9...9, using: &generator)),
                received: Bool.random(using: &generator) ? moment(Int64.random(in: -9...9, using: &generator)) : nil,
                soleRelease: Bool.random(using: &generator)
            )
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: message.link = .unopened
            case 1: message.content = .unreadable(code: .actUnknown, reason: "not known")
            default: break
            }
            return message
        }
        // One content for each digest, as a digest has.
        let distinct = Dictionary(messages.map { ($0.digest, $0) }) { first, _ in first }.values
        let expected = RequestHistory.replay(messages: distinct)
        #expect(expected.history.count == distinct.count)
        for _ in 0..<4 { #expect(RequestHistory.replay(messages: distinct.shuffled(using: &generator)) == expected) }
        _ = RequestHistory.replay(messages: messages)
    }

    @Test("In every situation, what is allowed is applied when it is sent, and nothing else is")
    func everySituation() {
        for before in Explorer.conversations {
            let state = before.state
            #expect(state.refusedMessages.isEmpty)
            for side in Side.allCases {
                let allowed = state.allowedActs(for: side)
                for kind in RequestAct.Kind.allCases {
                    var talk = before
                    let act = RequestAct.valid(kind, in: state, by: side, number: 2_000)
                    let message = talk.send(side, act)
                    let verdict = talk.state.verdict(for: message.digest)
                    #expect((verdict == .applied) == allowed.contains(kind), "\(side) \(kind) in \(state.phase)")
                }
            }
        }
    }

    @Test("Every phase is reached, and until it is closed somebody owes something")
    func phases() {
        let states = Explorer.conversations.map(\.state)
        #expect(states.count > 100)
        let reached = Set(states.map(\.phase)).union([.dispatched, .resultsTransmitted])
        #expect(reached == Set(RequestPhase.allCases))
        for state in states where state.phase != .notBegun {
            #expect((state.owes == nil) == (state.phase == .closed && state.awaitedSignatures.isEmpty))
            for obligation in state.obligations {
                let allowed = state.allowedActs(for: obligation.side)
                #expect(!allowed.isDisjoint(with: obligation.owed.acts), "\(obligation) in \(state.phase)")
            }
        }
    }
}

extension Owed {
    /// The acts that settle it.
    fileprivate var acts: Set<RequestAct.Kind> {
        switch self {
        case .secondSignature: [.secondSignature]
        case .writtenConfirmation: [.oralConfirmation, .request]
        case .conditionsAnswer: [.acceptConditions]
        case .information: [.giveInformation]
        case .acknowledgement: [.acknowledge]
        case .decision: [.accept]
        case .resumption: [.resume]
        case .execution: [.execute]
        case .preservation: [.preserved]
        case .status: [.giveStatus]
        case .resultsConfirmation: [.confirmResults]
        case .requestForPreservedData: [.releasePreservation]
        case .closure: [.close]
        }
    }
}
