import BundleExchange
import CaseWork
import ExchangeModel
import GatewayTesting
import GatewayText
import LegalAssistance
import Testing

@Suite("A request between two gateways", .serialized)
struct RequestWalkTests {
    /// A request that lacks nothing that blocks.
    static func proposal(to peer: PartyID) -> RequestProposal {
        var proposal = RequestProposal(subject: "Bank records of account 42")
        proposal.peer = peer
        proposal.instrument = "cis-chisinau-2002"
        proposal.requestTypes = ["productionOfDocuments"]
        proposal.form = [
            "caseNumber": "03-109-24-000412", "factsSummary": "On 3 November 2026 …", "purpose": "the proceedings",
            "assistanceSought": "records of account 42\nthe contract of the account",
        ]
        return proposal
    }

    static let terms = RequestAct.Terms(items: [
        RequestAct.RequestedItem(id: "1", text: "records of account 42"),
        RequestAct.RequestedItem(id: "2", text: "the contract of the account"),
    ])

    @Test("Drafted, sent, acknowledged, clarified, executed in part and in full, confirmed, closed; both sides agree")
    func walk() async throws {
        let house = try await CaseHouse()
        defer { house.end() }
        let officer = try await house.kg.side.person("officer")
        let opened = try await house.kg.office.requests.open(Self.proposal(to: house.two.kz.party), by: officer)
        #expect(opened.phase == "draft" && opened.owes == .own && opened.reference.hasSuffix("/0001"))
        let id = opened.id

        try await house.act(.request(Self.terms), of: id, from: house.kg, to: house.kz)
        var asked = try await house.kz.show(id)
        #expect(asked.record.side == .requested && asked.record.phase == "received")
        #expect(
            asked.record.instrument == "cis-chisinau-2002" && asked.record.requestTypes == ["productionOfDocuments"]
        )
        #expect(asked.record.form["caseNumber"] == "03-109-24-000412" && asked.record.owes == .own)
        #expect(asked.record.partnerReference == opened.reference)

        let authority = RequestAct.Acknowledgement(
            authority: .central,
            name: "Prosecutor General's Office",
            reference: "KZ-7"
        )
        try await house.act(.acknowledge(authority), of: id, from: house.kz, to: house.kg)
        #expect(try await house.kg.show(id).record.partnerReference == "KZ-7")
        try await house.act(.askInformation(text: "Which branch?", until: nil), of: id, from: house.kz, to: house.kg)
        #expect(try await house.kg.show(id).record.phase == "informationRequested")
        try await house.act(.giveInformation(text: "Almaty"), of: id, from: house.kg, to: house.kz)
        try await house.act(.accept(conditions: []), of: id, from: house.kz, to: house.kg)
        let item = try await house.two.evidence([1, 2, 3], name: "records.bin", at: house.kz.side)
        let approver = try await house.kz.side.person("approver").person
        try await house.act(.partiallyExecute(items: ["1"], cites: []), of: id, from: house.kz, to: house.kg) {
            $0.evidence = [item]
            $0.approver = approver
        }
        #expect(try await house.kg.show(id).record.phase == "partiallyExecuted")
        try await house.act(.execute(items: [], cites: []), of: id, from: house.kz, to: house.kg)
        try await house.act(.confirmResults, of: id, from: house.kg, to: house.kz)
        try await house.act(.close, of: id, from: house.kg, to: house.kz)

        let asking = try await house.kg.show(id)
        asked = try await house.kz.show(id)
        #expect(asking.record.phase == "closed" && asked.record.phase == "closed")
        #expect(asking.state == asked.state)
        #expect(asking.state.history.count == 9 && asking.state.refusedMessages.isEmpty && asking.state.parked.isEmpty)
        #expect(asking.record.ended != nil && asking.record.ended == asked.record.ended)
        let list = try await house.kg.office.requests.list(by: officer)
        #expect(list.map(\.id) == [id])
    }

    @Test("An act that is not ours now is not drafted")
    func wrongStep() async throws {
        let house = try await CaseHouse()
        defer { house.end() }
        let officer = try await house.kg.side.person("officer")
        let id = try await house.kg.office.requests.open(Self.proposal(to: house.two.kz.party), by: officer).id
        await #expect(throws: ExchangeError(.caseWrongStep, "")) {
            try await house.kg.office.requests.draft(ActOrder(.confirmResults), for: id, by: officer)
        }
        await #expect(throws: ExchangeError(.caseWrongStep, "")) {
            try await house.kg.office.requests.draft(ActOrder(.underReview), for: id, by: officer)
        }
    }

    @Test("A message that expired leaves a gap, behind which later ones wait until it is sealed again")
    func gap() async throws {
        let house = try await CaseHouse()
        defer { house.end() }
        let officer = try await house.kg.side.person("officer")
        let id = try await house.kg.office.requests.open(Self.proposal(to: house.two.kz.party), by: officer).id
        try await house.act(.request(Self.terms), of: id, from: house.kg, to: house.kz)
        try await house.act(.askInformation(text: "Which branch?", until: nil), of: id, from: house.kz, to: house.kg)
        // The answer expires on its way.
        var order = ActOrder(.giveInformation(text: "Almaty"))
        order.letterLanguages = [.russian]
        order.order.days = 1
        let draft = try await house.kg.office.requests.draft(order, for: id, by: officer).record.id
        let object = try await house.kg.side.gateway.drafts.objectToSign(draft, by: officer).bytes
        _ = try await house.kg.side.gateway.drafts.sign(
            draft,
            signature: house.kg.side.sign(object, as: "officer"),
            by: officer
        )
        try await house.kg.side.gateway.dispatch.send(draft: draft.text, by: officer)
        house.two.kg.wire.cut(.before(1))
        try await house.two.settle()
        house.two.wait(seconds: 86_500)
        try await house.two.settle()
        house.two.kg.wire.cut(nil)
        let lost = try #require(
            try await house.kg.side.gateway.bundles.list(direction: .outgoing, by: officer).first
        )
        #expect(lost.state == .expired)
        // What comes after it waits at the partner.
        try await house.act(.withdraw(reason: "settled"), of: id, from: house.kg, to: house.kz)
        var seen = try await house.kz.show(id)
        #expect(seen.state.parked.count == 1 && seen.record.phase == "informationRequested")
        try await house.kg.side.gateway.dispatch.reseal(lost.key, by: officer)
        try await house.two.settle()
        let taker = try await house.kz.side.person("officer")
        let arrived = try #require(
            try await house.kz.side.gateway.bundles.list(by: taker).first { $0.state == .received }
        )
        #expect(arrived.header.supersedes == lost.key.id)
        try await house.kz.side.gateway.opening.open(arrived.key, by: taker)
        try await house.two.settle()
        seen = try await house.kz.show(id)
        #expect(seen.state.parked.isEmpty && seen.record.phase == "withdrawn" && seen.state.history.count == 4)
        #expect(try await house.kg.show(id).state == seen.state)
    }

    @Test("An act that does not fit any more when it arrives is shown, and its sender is told by the receipt")
    func crossing() async throws {
        let house = try await CaseHouse()
        defer { house.end() }
        let officer = try await house.kg.side.person("officer")
        let id = try await house.kg.office.requests.open(Self.proposal(to: house.two.kz.party), by: officer).id
        try await house.act(.request(Self.terms), of: id, from: house.kg, to: house.kz)
        try await house.act(.withdraw(reason: "settled"), of: id, from: house.kg, to: house.kz)
        #expect(try await house.kz.show(id).record.phase == "withdrawn")
        await #expect(throws: ExchangeError(.caseWrongStep, "")) {
            let officer = try await house.kz.side.person("officer")
            return try await house.kz.office.requests.draft(
                ActOrder(.execute(items: [], cites: [])),
                for: id,
                by: officer
            )
        }
    }
}
