import ExchangeModel
import LegalAssistance
import Testing

@Suite("Preservation is a machine of its own")
struct PreservationTests {
    @Test("Asked for, preserved, extended, held for the request, released, closed")
    func walk() {
        var talk = Conversation()
        talk.send(.requesting, .requestPreservation(.init(items: items("x"), until: day("2026-06-01"))))
        #expect(talk.state.kind == .preservation)
        #expect(talk.state.preservation?.status == .requested)
        #expect(talk.state.obligations.map(\.owed) == [.acknowledgement, .preservation])
        talk.send(.requested, .received)
        talk.send(.requested, .warnPreservation(threat: "The provider tells its user"))
        talk.send(.requested, .preserved(since: day("2026-03-02"), until: day("2026-06-01")))
        #expect(talk.state.phase == .preserved)
        #expect(talk.state.owed == .requestForPreservedData)
        talk.send(.requesting, .askPreservationExtension(until: day("2026-09-01")))
        talk.send(.requested, .extendPreservation(until: day("2026-09-01")))
        #expect(talk.state.preservation?.status == .extended)
        talk.send(.requested, .requestForPreservedDataReceived(thread: thread, reference: "MLA-5"))
        #expect(talk.state.preservation?.status == .mlaReceivedHold)
        #expect(talk.state.preservation?.heldForThread == thread)
        talk.send(.requesting, .releasePreservation)
        #expect(talk.state.phase == .preservationEnded)
        #expect(talk.state.owed == .closure)
        talk.send(.requesting, .close)
        let state = talk.state
        #expect(state.phase == .closed)
        #expect(state.refusedMessages.isEmpty)
        #expect(state.preservation?.warnings == ["The provider tells its user"])
        #expect(state.items.map(\.status) == [.executed])
        #expect(
            state.timeline.map(\.kind) == [
                .preservationRequested, .dispatched, .received, .preservationBegun, .acknowledged,
                .preservationExtended, .requestForPreservedDataReceived, .preservationEnded, .closed,
            ]
        )
    }

    static let clock: [(String, PreservationState.Status)] = [
        ("2026-05-31T23:59:59Z", .preserved), ("2026-06-01T00:00:00Z", .preserved),
        ("2026-06-01T23:59:59Z", .preserved), ("2026-06-02T00:00:00Z", .expired), ("2030-01-01T00:00:00Z", .expired),
    ]

    @Test("Only the clock lets it expire, from the end of its last day", arguments: clock)
    func expiry(_ now: String, _ status: PreservationState.Status) throws {
        var talk = Conversation()
        talk.send(.requesting, .requestPreservation(.init()))
        talk.send(.requested, .preserved(since: nil, until: day("2026-06-01")))
        let preservation = try #require(talk.state.preservation)
        #expect(preservation.status(at: try #require(ExchangeTime(rfc3339: now))) == status)
        #expect(preservation.status == .preserved)
    }

    @Test("Data held for the request, or without an end, does not expire")
    func held() {
        var talk = Conversation()
        talk.send(.requesting, .requestPreservation(.init()))
        talk.send(.requested, .preserved(since: nil, until: nil))
        #expect(talk.state.preservation?.status(at: moment(9_999)) == .preserved)
        talk.send(.requested, .extendPreservation(until: .instant(moment(30))))
        #expect(talk.state.preservation?.status(at: moment(29)) == .extended)
        #expect(talk.state.preservation?.status(at: moment(30)) == .expired)
        talk.send(.requested, .requestForPreservedDataReceived(thread: nil, reference: nil))
        #expect(talk.state.preservation?.status(at: moment(9_999)) == .mlaReceivedHold)
    }

    @Test("Refused, given back or taken back before it began, nothing is preserved")
    func notPreserved() {
        let acts: [(Side, RequestAct)] = [
            (.requested, .refusal), (.requested, .returnUnexecuted(reason: "r")), (.requesting, .withdraw(reason: nil)),
        ]
        for (side, act) in acts {
            var talk = Conversation()
            talk.send(.requesting, .requestPreservation(.init()))
            talk.send(side, act)
            #expect(talk.state.preservation?.status == .notPreserved)
            #expect(talk.state.owed == .closure)
        }
    }

    @Test("A request names the thread in which its data was preserved")
    func tied() {
        var talk = Conversation()
        talk.send(.requesting, .request(.init(preservation: thread)))
        #expect(talk.state.preservationThread == thread)
        #expect(talk.state.preservation == nil)
    }
}
