import ExchangeModel
import LegalAssistance
import Testing

@Suite("Gaps are parked and forks are named")
struct GapTests {
    static func talk() -> Conversation {
        var talk = Conversation()
        talk.send(.requesting, .plainRequest)
        talk.send(.requested, .received)
        talk.send(.requested, .accept(conditions: []))
        talk.send(.requesting, .askStatus)
        talk.send(.requested, .executeAll)
        return talk
    }

    @Test("A message whose predecessor is missing waits, and those behind it")
    func predecessor() {
        let all = Self.talk().messages
        let state = RequestHistory.replay(messages: all.filter { $0.digest != digest(.requested, 1) })
        #expect(
            state.parked.map(\.reason) == [
                .notYetHere(side: .requested, sequence: 1), .predecessorMissing(sequence: 1),
                .predecessorMissing(sequence: 1),
            ]
        )
        #expect(state.phase == .received)
        #expect(state.history.count == 4)
        #expect(state.verdict(for: digest(.requested, 2)) == .parked(.predecessorMissing(sequence: 1)))
        #expect(state.verdict(for: digest(.requested, 1)) == nil)
    }

    @Test("A message that has seen what is not here waits")
    func ahead() {
        let all = Self.talk().messages
        let state = RequestHistory.replay(messages: all.filter { $0.digest != digest(.requesting, 2) })
        #expect(state.parked.map(\.reason) == [.notYetHere(side: .requesting, sequence: 2)])
        #expect(state.parked.map(\.digest) == [digest(.requested, 3)])
        #expect(state.phase == .accepted)
    }

    @Test("When the gap is filled they apply, in whatever order they came")
    func filled() {
        let all = Self.talk().messages
        let expected = RequestHistory.replay(messages: all)
        #expect(expected.phase == .executed)
        #expect(expected.parked.isEmpty)
        for order in permutations(all) { #expect(RequestHistory.replay(messages: order) == expected) }
        #expect(RequestHistory.replay(messages: all + all) == expected)
    }

    @Test("A link to another message than the one that is here waits, with all behind it")
    func differs() {
        var all = Self.talk().messages
        for place in all.indices where all[place].digest == digest(.requested, 2) {
            all[place].link = .after(digest(.requested, 1, variant: 1))
        }
        let state = RequestHistory.replay(messages: all)
        #expect(state.phase == .acknowledged || state.phase == .received)
        #expect(
            state.parked.map(\.reason) == [
                .notYetHere(side: .requested, sequence: 2), .predecessorDiffers, .behindParked(sequence: 2),
            ]
        )
    }

    @Test("Two messages under one number: what was received first stands, the chain goes on from either")
    func fork() {
        var talk = Conversation()
        talk.send(.requesting, .plainRequest)
        let first = talk.send(.requested, .executeAll)
        var other = first
        other.digest = digest(.requested, 1, variant: 1)
        other.content = .act(.refusal)
        other.received = first.received?.adding(seconds: 60)
        var next = talk.send(.requested, .giveStatus(text: "", servedOnProvider: nil))
        next.link = .after(other.digest)
        let base = talk.messages.filter { $0.digest != next.digest }
        let before = RequestHistory.replay(messages: base)
        for order in permutations(base + [other, next]) {
            let state = RequestHistory.replay(messages: order)
            #expect(state.phase == .executed)
            #expect(state.flags == [.forked])
            #expect(
                state.forks == RequestHistory.replay(messages: base + [other]).forks && state.forks.count == 1
            )
            #expect(state.forks.first?.standing == first.digest)
            #expect(state.forks.first?.others == [other.digest])
            #expect(state.refusedMessages.map(\.code) == [.chainFork])
            #expect(state.refusedMessages.first?.reason.contains(first.digest.hex) == true)
            #expect(state.parked.isEmpty)
            #expect(state.timeline == before.timeline)
        }
    }

    @Test("Of two messages under one number without receipts the lower digest stands")
    func forkWithoutReceipts() {
        var talk = Conversation()
        let first = talk.send(.requesting, .plainRequest, receipt: false)
        var other = first
        other.digest = digest(.requesting, 1, variant: 1)
        #expect(RequestHistory.replay(messages: [other, first]).forks.first?.standing == first.digest)
        other.received = moment(4)
        #expect(RequestHistory.replay(messages: [first, other]).forks.first?.standing == other.digest)
    }

    @Test("A number below 1 is refused")
    func numbers() {
        for number: Int64 in [0, -1, .min] {
            var message = Conversation().sending(.requesting, .plainRequest)
            message.sequence = number
            let state = RequestHistory.replay(messages: [message])
            #expect(state.refusedMessages.map(\.code) == [.chainSequence])
            #expect(state.phase == .notBegun)
        }
    }

    @Test("A number far ahead waits; a claim to have seen it all waits")
    func farAhead() {
        var message = Conversation().sending(.requesting, .plainRequest)
        message.sequence = .max
        #expect(RequestHistory.replay(messages: [message]).parked.count == 1)
        message.sequence = 1
        message.highestSeen = .max
        #expect(
            RequestHistory.replay(messages: [message]).parked.map(\.reason)
                == [.notYetHere(side: .requested, sequence: 1)]
        )
        message.highestSeen = .min
        #expect(RequestHistory.replay(messages: [message]).phase == .received)
    }

    @Test("Two messages that claim to have seen one another are taken to have crossed")
    func contradiction() {
        var talk = Conversation()
        talk.send(.requesting, .plainRequest)
        talk.send(.requesting, .withdraw(reason: nil), seen: 1)
        talk.send(.requested, .executeAll, seen: 2)
        let state = talk.state
        #expect(state.parked.isEmpty)
        #expect(state.history.map(\.act?.kind) == [.request, .withdraw, .execute])
        #expect(state.phase == .withdrawn)
        #expect(state.refusedMessages.map(\.code) == [.actWrongPhase])
    }

    @Test("A side that never says what it has seen is heard all the same, however much it sends")
    func neverSees() {
        var talk = Conversation()
        talk.send(.requesting, .plainRequest)
        talk.send(.requested, .received)
        for _ in 0..<40 { talk.send(.requesting, .remind(text: nil)) }
        for _ in 0..<400 { talk.send(.requested, .giveStatus(text: "", servedOnProvider: nil), seen: 1) }
        talk.send(.requesting, .withdraw(reason: nil), seen: 1)
        talk.send(.requested, .executeAll, seen: 20)
        let state = RequestHistory.replay(messages: talk.messages.reversed())
        #expect(state.refusedMessages.isEmpty && state.parked.isEmpty)
        #expect(state.reminders == 40)
        #expect(state.phase == .executed)
        #expect(state.crossings.map(\.outcome) == [.requestedStands])
    }

    @Test("A receipt that comes later adds the time and takes nothing away")
    func lateReceipt() {
        var talk = Self.talk()
        var all = talk.messages
        let whole = RequestHistory.replay(messages: all)
        for place in all.indices { all[place].received = nil }
        let without = RequestHistory.replay(messages: all)
        #expect(without.phase == whole.phase)
        for event in without.timeline where event.kind != .received { #expect(whole.timeline.contains(event)) }
        #expect(RequestHistory.replay(messages: all + talk.messages) == whole)
        talk.clock = moment(0)
    }
}

extension Conversation {
    func sending(_ side: Side, _ act: RequestAct) -> RequestMessage {
        var copy = self
        return copy.send(side, act)
    }
}

/// Every order of a few things.
func permutations<Element>(_ elements: [Element]) -> [[Element]] {
    guard let first = elements.first else { return [[]] }
    return permutations(Array(elements.dropFirst())).flatMap { rest in
        (0...rest.count).map { Array(rest[..<$0]) + [first] + Array(rest[$0...]) }
    }
}
