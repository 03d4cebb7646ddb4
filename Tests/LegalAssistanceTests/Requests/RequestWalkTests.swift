import ExchangeModel
import LegalAssistance
import Testing

@Suite("A request walks through its phases")
struct RequestWalkTests {
    struct Step: Sendable {
        var side: Side
        var act: RequestAct
        var phase: RequestPhase
        var owed: Owed?

        init(_ side: Side, _ act: RequestAct, _ phase: RequestPhase, _ owed: Owed?) {
            self.side = side
            self.act = act
            self.phase = phase
            self.owed = owed
        }
    }

    static let evidence = digest(.requested, 99)

    static let fullWalk: [Step] = [
        Step(.requesting, .twoItems, .received, .acknowledgement),
        Step(.requested, .received, .acknowledged, .decision),
        Step(.requested, .underReview, .underReview, .decision),
        Step(.requested, .question, .informationRequested, .information),
        Step(.requesting, .answer, .underReview, .decision),
        Step(.requested, .transfer(to: "City prosecutor"), .transferred, .decision),
        Step(.requested, .acknowledge(.init(authority: .executing, name: "City prosecutor")), .acknowledged, .decision),
        Step(.requested, .accept(conditions: ["This case only"]), .acceptedWithConditions, .conditionsAnswer),
        Step(.requesting, .acceptConditions, .acceptedWithConditions, .execution),
        Step(.requested, .beginExecution, .inExecution, .execution),
        Step(.requested, .announceDelay(reasons: "Provider", estimate: nil), .delayed, .execution),
        Step(.requesting, .askStatus, .delayed, .execution),
        Step(.requested, .giveStatus(text: "Soon", servedOnProvider: moment(11)), .delayed, .execution),
        Step(.requested, .postponement, .postponed, .resumption),
        Step(.requesting, .remind(text: nil), .postponed, .resumption),
        Step(.requesting, .escalate(.liaison, text: nil), .postponed, .resumption),
        Step(.requested, .resume, .inExecution, .execution),
        Step(.requested, .evidence, .inExecution, .execution),
        Step(.requested, .partiallyExecute(items: ["a"], cites: []), .partiallyExecuted, .resultsConfirmation),
        Step(.requesting, .confirmResults, .partiallyExecuted, .execution),
        Step(.requesting, .extraItem, .partiallyExecuted, .execution),
        Step(
            .requested,
            .refuse(items: ["c"], ground: "ordrePublic", reason: "Not permitted"),
            .partiallyExecuted,
            .execution
        ),
        Step(.requested, .execute(items: [], cites: [evidence]), .resultsTransmitted, .resultsConfirmation),
        Step(.requesting, .confirmResults, .resultsConfirmed, .closure),
        Step(.requesting, .returnObjects(text: nil), .resultsConfirmed, .closure),
        Step(.requesting, .close, .closed, nil),
        Step(.requesting, .destructionCertificate(cites: [evidence]), .closed, nil),
    ]

    @Test("From dispatch to closure, each act in its place")
    func walk() {
        var talk = Conversation()
        for (place, step) in Self.fullWalk.enumerated() {
            talk.send(step.side, step.act)
            let state = talk.state
            #expect(state.refusedMessages.isEmpty, "step \(place)")
            #expect(state.phase == step.phase, "step \(place), \(step.act.kind)")
            #expect(state.owed == step.owed, "step \(place), \(step.act.kind)")
        }
        let state = talk.state
        #expect(
            state.items.map(\.status) == [.executed, .executed, .refused(ground: "ordrePublic")]
        )
        #expect(state.receipts.map(\.acknowledgement.authority) == [.central, .executing])
        #expect(state.transferredTo == ["City prosecutor"])
        #expect(state.conditions?.answer == .accepted)
        #expect(state.flags == [.conditionsOnUse])
        #expect(state.reminders == 1)
        #expect(state.escalation == .liaison)
        #expect(state.results.map(\.confirmed) == [true, true])
        #expect(state.refusals.map(\.items) == [["c"]])
        #expect(state.closedBy == [.requesting])
        #expect(state.history.count == Self.fullWalk.count)
        #expect(state.history.allSatisfy { $0.outcome == .applied })
    }

    @Test("The timeline takes receipt times for what runs from receipt, sending times for what was done")
    func timeline() {
        var talk = Conversation()
        for step in Self.fullWalk { talk.send(step.side, step.act) }
        let state = talk.state
        #expect(
            state.timeline.map(\.kind) == [
                .dispatched, .received, .acknowledged, .moreInformationAsked, .moreInformationGiven, .transferred,
                .received, .acknowledged, .decisionTaken, .executionBegun, .delayAnnounced, .servedOnProvider,
                .postponed, .executionResumed, .partiallyExecuted, .resultsReceived, .executed, .resultsReceived,
                .closed,
            ]
        )
        #expect(state.timeline[0].time == moment(0))
        #expect(state.timeline[1].time == moment(0, seconds: 3_600))
        #expect(state.timeline[1].proof == .proven(digest(.requesting, 1)))
        // Whoever's message tells of it, a request is received by the side that is asked.
        #expect(state.timeline.filter { $0.kind == .received }.allSatisfy { $0.side == .requested })
        #expect(state.timeline[2].time == moment(1))
        #expect(state.timeline[4].time == moment(4, seconds: 3_600))
        #expect(state.timeline.filter { $0.kind == .received }.map(\.authority) == [.central, .executing])
        #expect(state.timeline.map(\.time) == state.timeline.map(\.time).sorted())
    }

    @Test("A message whose receipt has not come counts, and only its receipt is missing from the timeline")
    func inDelivery() {
        var talk = Conversation()
        talk.send(.requesting, .plainRequest, receipt: false)
        #expect(talk.state.phase == .dispatched)
        #expect(talk.state.timeline.map(\.kind) == [.dispatched])
        #expect(talk.state.received == nil)
    }

    @Test("Plain messages without acts walk too: request, acknowledgement, response, closure")
    func plainMessages() throws {
        var talk = Conversation()
        for (side, type) in [
            (Side.requesting, EvidenceManifest.MessageType.request), (.requested, .acknowledgement),
            (.requested, .response), (.requesting, .closure),
        ] {
            talk.send(side, try RequestAct(messageType: type, fields: [], from: side))
        }
        #expect(talk.state.phase == .closed)
        #expect(talk.state.refusedMessages.isEmpty)
        #expect(talk.state.items.map(\.status) == [.executed])
        #expect(talk.state.results.map(\.confirmed) == [true])
    }

    @Test("An oral emergency request waits for its written form, which may name the items")
    func oral() {
        var talk = Conversation()
        talk.send(.requesting, .request(.init(flags: [.oral, .emergency])))
        #expect(talk.state.flags == [.emergency, .oralAwaitingConfirmation])
        #expect(talk.state.obligations.first == Obligation(side: .requesting, owed: .writtenConfirmation))
        talk.send(.requested, .received)
        talk.send(.requesting, .request(.init(items: items("a"))))
        #expect(talk.state.flags == [.emergency])
        #expect(talk.state.items.map(\.item.id) == ["a"])
        #expect(
            talk.state.timeline.map(\.kind) == [
                .oralRequestMade, .dispatched, .received, .acknowledged, .oralRequestConfirmed,
            ]
        )
    }

    @Test("An oral request is confirmed by reference alone, also after it was executed")
    func oralConfirmation() {
        var talk = Conversation()
        talk.send(.requesting, .request(.init(flags: [.oral])))
        talk.send(.requested, .executeAll)
        talk.send(.requesting, .oralConfirmation(reference: "KG-7"))
        #expect(talk.state.refusedMessages.isEmpty)
        #expect(!talk.state.flags.contains(.oralAwaitingConfirmation))
        #expect(talk.state.items.map(\.status) == [.executed])
    }

    @Test("What one person released waits for the second signature over it")
    func soleRelease() {
        var talk = Conversation()
        let request = talk.send(.requesting, .plainRequest, sole: true)
        #expect(talk.state.flags == [.secondSignatureAwaited])
        #expect(talk.state.obligations.first == Obligation(side: .requesting, owed: .secondSignature))
        #expect(talk.state.awaitedSignatures.map(\.digest) == [request.digest])
        #expect(!talk.state.allowedActs(for: .requested).contains(.secondSignature))
        talk.send(.requesting, .secondSignature(of: request.digest))
        #expect(talk.state.flags.isEmpty)
        #expect(talk.state.refusedMessages.isEmpty)
    }

    @Test("Conditions that are declined send the request back to its decision")
    func declined() {
        var talk = Conversation()
        talk.send(.requesting, .plainRequest)
        talk.send(.requested, .accept(conditions: ["No use in court"]))
        talk.send(.requested, .executeAll)
        #expect(talk.state.refusedMessages.map(\.code) == [.actWrongPhase])
        talk.send(.requesting, .declineConditions(reason: nil))
        #expect(talk.state.owed == .acknowledgement)
        #expect(talk.state.obligations.contains(Obligation(side: .requested, owed: .decision)))
        talk.send(.requested, .accept(conditions: []))
        #expect(talk.state.phase == .accepted)
        #expect(talk.state.refusedMessages.count == 1)
    }

    @Test("Steps recorded by hand walk the same way and say so")
    func statedSteps() {
        let steps = [
            StatedStep(
                number: 2,
                side: .requested,
                act: .acknowledge(.init(authority: .central, received: moment(3))),
                time: moment(5),
                reference: "Letter 41",
                recordedAt: moment(9)
            ),
            StatedStep(
                number: 1,
                side: .requesting,
                act: .plainRequest,
                time: moment(0),
                reference: "Note 17",
                recordedAt: moment(9)
            ),
        ]
        let state = RequestHistory.replay(messages: [RequestMessage](), stated: steps)
        #expect(state.phase == .acknowledged)
        #expect(state.received == moment(3))
        #expect(state.timeline.map(\.kind) == [.dispatched, .received, .acknowledged])
        #expect(state.timeline.map(\.time) == [moment(0), moment(3), moment(5)])
        #expect(state.timeline[1].proof == .stated(reference: "Letter 41"))
    }

    @Test("A request that moves to the gateway goes on there; its chains may begin with any act")
    func movedToGateway() {
        let step = StatedStep(
            number: 1,
            side: .requesting,
            act: .plainRequest,
            time: moment(-30),
            received: moment(-20),
            reference: "Note 17",
            recordedAt: moment(-29)
        )
        var talk = Conversation()
        talk.send(.requested, .received)
        let late = StatedStep(
            number: 2,
            side: .requested,
            act: .giveStatus(text: "By telephone", servedOnProvider: nil),
            time: moment(0, seconds: 7_200),
            reference: "Call",
            recordedAt: moment(1)
        )
        talk.send(.requested, .executeAll)
        let state = RequestHistory.replay(messages: talk.messages, stated: [late, step])
        #expect(state.refusedMessages.isEmpty)
        #expect(state.phase == .executed)
        #expect(state.history.map(\.act?.kind) == [.request, .acknowledge, .giveStatus, .execute])
    }

    @Test("A bundle that only an agency can open keeps its place in the chain")
    func unopened() {
        var talk = Conversation()
        talk.send(.requesting, .plainRequest)
        let first = talk.send(.requested, .received)
        let sealed = RequestMessage.unopened(
            side: .requested,
            sequence: 2,
            digest: digest(.requested, 2),
            sent: moment(5),
            received: moment(6)
        )
        let answer = RequestMessage(
            side: .requested,
            sequence: 3,
            previous: sealed.digest,
            digest: digest(.requested, 3),
            highestSeen: 1,
            act: .execute(items: [], cites: [sealed.digest]),
            sent: moment(7),
            received: moment(8)
        )
        let all = talk.messages + [answer, sealed]
        let state = RequestHistory.replay(messages: all)
        #expect(state.parked.isEmpty && state.refusedMessages.isEmpty)
        #expect(state.phase == .resultsTransmitted)
        #expect(state.history.map(\.act?.kind) == [.request, .acknowledge, .evidence, .execute])
        #expect(first.sequence == 1)
    }
}
