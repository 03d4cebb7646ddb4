import ExchangeModel
import LegalAssistance
import Testing

@Suite("An act that does not fit is refused by a code, and later acts go on")
struct RefusedActTests {
    struct Misfit: Sendable, CustomTestStringConvertible {
        var before: [(Side, RequestAct)]
        var side: Side
        var act: RequestAct
        var code: ErrorCode

        init(_ before: [(Side, RequestAct)], _ side: Side, _ act: RequestAct, _ code: ErrorCode) {
            self.before = before
            self.side = side
            self.act = act
            self.code = code
        }

        var testDescription: String { "\(side) \(act.kind) after \(before.map(\.1.kind)): \(code)" }
    }

    static let begun = CrossingTests.begun
    static let done = CrossingTests.done
    static let closed = done + [(.requesting, .close)]
    static let kept = CrossingTests.kept

    static let misfits: [Misfit] = [
        Misfit([], .requested, .executeAll, .actBeforeRequest),
        Misfit([], .requesting, .close, .actBeforeRequest),
        Misfit([], .requesting, .evidence, .actBeforeRequest),
        Misfit([], .requested, .plainRequest, .actWrongSide),
        Misfit(begun, .requesting, .executeAll, .actWrongSide),
        Misfit(begun, .requesting, .refusal, .actWrongSide),
        Misfit(begun, .requested, .withdraw(reason: nil), .actWrongSide),
        Misfit(begun, .requesting, .plainRequest, .actWrongPhase),
        Misfit(begun, .requesting, .answer, .actWrongPhase),
        Misfit(begun, .requesting, .confirmResults, .actWrongPhase),
        Misfit(begun, .requesting, .acceptConditions, .actWrongPhase),
        Misfit(begun, .requesting, .oralConfirmation(reference: nil), .actWrongPhase),
        Misfit(begun, .requesting, .close, .actWrongPhase),
        Misfit(begun, .requested, .close, .actWrongPhase),
        Misfit(begun, .requested, .resume, .actWrongPhase),
        Misfit(begun, .requesting, .destructionCertificate(cites: []), .actWrongPhase),
        Misfit(begun + [(.requested, .beginExecution)], .requested, .underReview, .actWrongPhase),
        Misfit(begun + [(.requested, .beginExecution)], .requested, .transfer(to: "Court"), .actWrongPhase),
        Misfit(begun + [(.requested, .accept(conditions: ["c"]))], .requested, .beginExecution, .actWrongPhase),
        Misfit(begun + [(.requested, .accept(conditions: []))], .requested, .accept(conditions: []), .actWrongPhase),
        Misfit(begun + [(.requested, .executeAll)], .requested, .close, .actWrongPhase),
        Misfit(begun + [(.requested, .executeAll)], .requested, .refusal, .actWrongPhase),
        Misfit(begun + [(.requested, .executeAll)], .requesting, .withdraw(reason: nil), .actWrongPhase),
        Misfit(begun + [(.requesting, .withdraw(reason: nil))], .requested, .executeAll, .actWrongPhase),
        Misfit(begun + [(.requesting, .withdraw(reason: nil))], .requesting, .extraItem, .actWrongPhase),
        Misfit(closed, .requested, .giveStatus(text: "", servedOnProvider: nil), .actAfterClose),
        Misfit(closed, .requesting, .extraItem, .actAfterClose),
        Misfit(closed, .requested, .close, .actAfterClose),
        Misfit(closed, .requesting, .evidence, .actAfterClose),
        Misfit(begun, .requested, .preserved(since: nil, until: nil), .actWrongKind),
        Misfit(begun, .requesting, .releasePreservation, .actWrongKind),
        Misfit(kept, .requested, .executeAll, .actWrongKind),
        Misfit(kept, .requesting, .plainRequest, .actWrongKind),
        Misfit(begun, .requested, .partiallyExecute(items: ["z"], cites: []), .actUnknownItem),
        Misfit(begun, .requested, .execute(items: ["a", "z"], cites: []), .actUnknownItem),
        Misfit(begun, .requested, .refuse(items: ["z"], ground: "g", reason: "r"), .actUnknownItem),
        Misfit(
            begun,
            .requested,
            .postpone(items: ["all"], reasons: "r", until: nil, ground: nil),
            .actUnknownItem
        ),
        Misfit(CrossingTests.half, .requested, .execute(items: ["a"], cites: []), .actItemSettled),
        Misfit(begun, .requesting, .supplement(text: nil, items: items("a")), .actDuplicateItem),
        Misfit([], .requesting, .request(.init(items: items("a", "a"))), .actDuplicateItem),
        Misfit(begun, .requested, .refuse(items: [], ground: " ", reason: "r"), .actNoGround),
        Misfit(begun, .requested, .refuse(items: [], ground: "g", reason: "\n"), .actNoReason),
        Misfit(begun, .requested, .returnUnexecuted(reason: ""), .actNoReason),
        Misfit(begun, .requested, .announceDelay(reasons: "", estimate: nil), .actNoReason),
        Misfit(begun, .requested, .postpone(items: [], reasons: "", until: nil, ground: nil), .actNoReason),
        Misfit(
            begun,
            .requesting,
            .extendDeadline(.init(limit: "requested", days: 3, reasons: "")),
            .actNoReason
        ),
        Misfit(begun, .requesting, .extendDeadline(.init(limit: "requested", reasons: "r")), .actInvalid),
        Misfit(begun, .requesting, .secondSignature(of: digest(.requesting, 1)), .actNotAwaited),
        Misfit(kept, .requested, .extendPreservation(until: day("2026-05-01")), .actNotLater),
        Misfit(
            [(.requesting, .requestPreservation(.init()))],
            .requested,
            .preserved(since: day("2026-05-01"), until: day("2026-04-01")),
            .actNotLater
        ),
        Misfit(
            [(.requesting, .request(.init(flags: [.oral])))],
            .requesting,
            .request(.init(flags: [.oral])),
            .actWrongPhase
        ),
    ]

    @Test("By the rule that it breaks", arguments: misfits)
    func refused(_ misfit: Misfit) {
        var talk = Conversation()
        for (side, act) in misfit.before { talk.send(side, act) }
        let before = talk.state
        #expect(before.refusedMessages.isEmpty)
        let message = talk.send(misfit.side, misfit.act)
        let state = talk.state
        #expect(state.refusedMessages.map(\.code) == [misfit.code])
        #expect(
            state.verdict(for: message.digest)
                == state.history.last.flatMap { line in
                    guard case .refused(let code, let reason) = line.outcome else { return nil }
                    return .refused(code: code, reason: reason)
                }
        )
        #expect(state.phase == before.phase)
        #expect(state.items == before.items)
        #expect(state.timeline == before.timeline)
        #expect(state.history.count == before.history.count + 1)
        #expect(state.obligations == before.obligations)
    }

    @Test("Every code of the rules has a row above")
    func codes() {
        let rows = Set(Self.misfits.map(\.code))
        let rules: Set<ErrorCode> = [
            .actWrongSide, .actBeforeRequest, .actWrongKind, .actWrongPhase, .actAfterClose, .actUnknownItem,
            .actItemSettled, .actDuplicateItem, .actNoGround, .actNoReason, .actNotAwaited, .actNotLater, .actInvalid,
        ]
        #expect(rows == rules)
    }

    @Test("Acts after a refused one are judged as if it had not come")
    func goesOn() {
        var talk = Conversation()
        talk.send(.requesting, .plainRequest)
        talk.send(.requested, .confirmResults)
        talk.send(.requested, .received)
        talk.send(.requesting, .close)
        talk.send(.requested, .executeAll)
        #expect(talk.state.phase == .executed)
        #expect(talk.state.refusedMessages.map(\.sequence) == [1, 2])
    }

    @Test("What a message waits for a second signature for stands, even if its act is refused")
    func refusedSoleRelease() {
        var talk = Conversation()
        talk.send(.requesting, .plainRequest)
        talk.send(.requested, .confirmResults, sole: true)
        #expect(talk.state.flags == [.secondSignatureAwaited])
    }
}
