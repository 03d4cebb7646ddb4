import ExchangeModel
import LegalAssistance
import Testing

@Suite("Acts that cross meet by a table")
struct CrossingTests {
    /// What is known to both, then one act of each side that the other has not seen.
    struct Pair: Sendable, CustomTestStringConvertible {
        var before: [(Side, RequestAct)]
        var requesting: [RequestAct]
        var requested: RequestAct
        var outcome: Crossing.Outcome?
        var phase: RequestPhase
        var items: [RequestState.Item.Status]

        init(
            _ before: [(Side, RequestAct)],
            _ requesting: RequestAct...,
            meets requested: RequestAct,
            _ outcome: Crossing.Outcome?,
            _ phase: RequestPhase,
            _ items: [RequestState.Item.Status]
        ) {
            self.before = before
            self.requesting = requesting
            self.requested = requested
            self.outcome = outcome
            self.phase = phase
            self.items = items
        }

        var testDescription: String { "\(requesting.map(\.kind)) meets \(requested.kind)" }

        func conversation(requestedFirst: Bool = false) -> Conversation {
            var talk = Conversation()
            for (side, act) in before { talk.send(side, act) }
            let counts = (talk.chain(.requesting).count, talk.chain(.requested).count)
            if requestedFirst { talk.send(.requested, requested, seen: counts.0) }
            for act in requesting { talk.send(.requesting, act, seen: counts.1) }
            if !requestedFirst { talk.send(.requested, requested, seen: counts.0) }
            return talk
        }
    }

    static let begun: [(Side, RequestAct)] = [(.requesting, .twoItems), (.requested, .received)]
    static let asked = begun + [(.requested, .question)]
    static let done = begun + [(.requested, .executeAll), (.requesting, .confirmResults)]
    static let half = begun + [(.requested, .partiallyExecute(items: ["a"], cites: []))]
    static let kept: [(Side, RequestAct)] = [
        (.requesting, .requestPreservation(.init())), (.requested, .preserved(since: nil, until: day("2026-05-01"))),
    ]
    static let later = RequestAct.extendPreservation(until: day("2026-08-01"))
    static let hold = RequestAct.requestForPreservedDataReceived(thread: nil, reference: nil)
    static let status = RequestAct.giveStatus(text: "Soon", servedOnProvider: nil)
    static let takenBack = RequestAct.withdraw(reason: nil)

    static let pairs: [Pair] = [
        Pair(begun, takenBack, meets: .executeAll, .requestedStands, .executed, [.executed, .executed]),
        Pair(
            begun,
            takenBack,
            meets: .partiallyExecute(items: ["a"], cites: []),
            .requestedStands,
            .withdrawn,
            [.executed, .withdrawn]
        ),
        Pair(begun, takenBack, meets: .refusal, .requestingStands, .withdrawn, [.withdrawn, .withdrawn]),
        Pair(begun, takenBack, meets: .question, .requestingStands, .withdrawn, [.withdrawn, .withdrawn]),
        Pair(begun, takenBack, meets: .postponement, .requestingStands, .withdrawn, [.withdrawn, .withdrawn]),
        Pair(
            begun,
            takenBack,
            meets: .accept(conditions: ["c"]),
            .requestingStands,
            .withdrawn,
            [.withdrawn, .withdrawn]
        ),
        Pair(
            begun,
            takenBack,
            meets: .returnUnexecuted(reason: "r"),
            .requestingStands,
            .withdrawn,
            [.withdrawn, .withdrawn]
        ),
        Pair(begun, takenBack, meets: status, nil, .withdrawn, [.withdrawn, .withdrawn]),
        Pair(begun, takenBack, .close, meets: .executeAll, .requestingStands, .closed, [.withdrawn, .withdrawn]),
        Pair(
            begun,
            .extraItem,
            meets: .refusal,
            .eachCoversWhatItKnew,
            .acknowledged,
            [.refused(ground: "sovereignty"), .refused(ground: "sovereignty"), .open]
        ),
        Pair(
            begun,
            .extraItem,
            meets: .executeAll,
            .eachCoversWhatItKnew,
            .partiallyExecuted,
            [.executed, .executed, .open]
        ),
        Pair(
            begun,
            .extraItem,
            meets: .returnUnexecuted(reason: "r"),
            .eachCoversWhatItKnew,
            .acknowledged,
            [.returned, .returned, .open]
        ),
        Pair(
            begun,
            .extraItem,
            meets: .postponement,
            .eachCoversWhatItKnew,
            .acknowledged,
            [.postponed, .postponed, .open]
        ),
        Pair(
            begun,
            .supplement(text: "A word more", items: []),
            meets: .refusal,
            nil,
            .refused,
            [.refused(ground: "sovereignty"), .refused(ground: "sovereignty")]
        ),
        Pair(done, .extraItem, meets: .close, .requestingStands, .partiallyExecuted, [.executed, .executed, .open]),
        Pair(
            done,
            .supplement(text: "Thanks", items: []),
            meets: .close,
            .requestedStands,
            .closed,
            [.executed, .executed]
        ),
        Pair(done, .close, meets: status, nil, .closed, [.executed, .executed]),
        Pair(done, .close, meets: .close, nil, .closed, [.executed, .executed]),
        Pair(
            half,
            .confirmResults,
            meets: .executeAll,
            .eachCoversWhatItKnew,
            .executed,
            [.executed, .executed]
        ),
        Pair(asked, .answer, meets: .question, .eachCoversWhatItKnew, .informationRequested, [.open, .open]),
        Pair(
            asked,
            .answer,
            meets: .refusal,
            .requestedStands,
            .refused,
            [.refused(ground: "sovereignty"), .refused(ground: "sovereignty")]
        ),
        Pair(begun, .askStatus, meets: status, .eachCoversWhatItKnew, .acknowledged, [.open, .open]),
        Pair(kept, .releasePreservation, meets: later, .requestingStands, .preservationEnded, [.executed]),
        Pair(kept, .releasePreservation, meets: hold, .requestingStands, .preservationEnded, [.executed]),
        Pair(kept, .askPreservationExtension(until: nil), meets: later, nil, .preserved, [.executed]),
        Pair(
            [(.requesting, .requestPreservation(.init()))],
            takenBack,
            meets: .preserved(since: nil, until: nil),
            .requestingStands,
            .withdrawn,
            [.withdrawn]
        ),
    ]

    @Test("Both acts count, and the table says what they make of the request", arguments: pairs)
    func outcome(_ pair: Pair) {
        let state = pair.conversation().state
        #expect(state.refusedMessages.isEmpty)
        #expect(state.phase == pair.phase)
        #expect(state.items.map(\.status) == pair.items)
        if let outcome = pair.outcome {
            #expect(state.crossings.contains { $0.outcome == outcome })
        } else {
            #expect(state.crossings.isEmpty)
        }
    }

    @Test("Which act was sent first makes no difference", arguments: pairs)
    func eitherFirst(_ pair: Pair) {
        let one = pair.conversation().state
        let other = pair.conversation(requestedFirst: true).state
        #expect(one.phase == other.phase)
        #expect(one.items == other.items)
        #expect(one.crossings == other.crossings)
        #expect(one.obligations == other.obligations)
        #expect(one.history.map(\.id) == other.history.map(\.id))
    }

    @Test("Neither act takes an event of the other from the timeline", arguments: pairs)
    func events(_ pair: Pair) {
        let full = pair.conversation()
        let requesting = RequestHistory.replay(messages: full.messages.filter { $0.digest != lastDigest(full) })
        for event in requesting.timeline { #expect(full.state.timeline.contains(event)) }
    }

    private func lastDigest(_ talk: Conversation) -> SHA256Digest? { talk.chain(.requested).last?.digest }

    @Test("After a crossing the flags and debts follow the outcome")
    func debts() {
        let withdrawnHalf = Self.pairs[1].conversation().state
        #expect(withdrawnHalf.obligations == [Obligation(side: .requesting, owed: .resultsConfirmation)])
        let questioned = Self.pairs[3].conversation().state
        #expect(questioned.openQuestions.isEmpty)
        #expect(questioned.obligations == [Obligation(side: .requesting, owed: .closure)])
        let both = Self.pairs.first { $0.requested == .close && $0.requesting == [.close] }
        #expect(both?.conversation().state.closedBy == [.requesting, .requested])
        let status = Self.pairs.first { $0.requesting == [.askStatus] }?.conversation().state
        #expect(status?.flags == [.statusRequested])
        #expect(status?.obligations.last == Obligation(side: .requested, owed: .status))
        let closed = Self.pairs[8].conversation().state
        #expect(closed.allowedActs(for: .requesting) == [.destructionCertificate, .returnObjects])
    }

    @Test("In every situation, any act of one side may cross any of the other: both count, by the table")
    func exhaustive() {
        var met: Set<String> = []
        for before in Explorer.conversations {
            let state = before.state
            let theirs = state.allowedActs(for: .requested)
            for kind in state.allowedActs(for: .requesting) {
                let act = RequestAct.valid(kind, in: state, by: .requesting, number: 1_000)
                for other in theirs {
                    var talk = before
                    let counts = (talk.chain(.requesting).count, talk.chain(.requested).count)
                    let first = talk.send(.requesting, act, seen: counts.1)
                    let reply = RequestAct.valid(other, in: state, by: .requested, number: 1_001)
                    let second = talk.send(.requested, reply, seen: counts.0)
                    let reached = talk.state
                    #expect(reached.refusedMessages.isEmpty, "\(kind) meets \(other) in \(state.phase)")
                    let expected = Crossing.outcome(
                        requesting: kind,
                        bringsItems: kind == .supplement,
                        requested: other
                    )
                    let found = reached.crossings.first {
                        $0.requesting == .message(first.digest) && $0.requested == .message(second.digest)
                    }
                    #expect((found?.outcome ?? .bothStand) == expected, "\(kind) meets \(other) in \(state.phase)")
                    met.insert("\(kind) \(other)")
                }
            }
        }
        #expect(met.count > 250)
    }
}
