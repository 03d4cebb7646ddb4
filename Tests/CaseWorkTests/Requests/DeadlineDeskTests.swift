import BundleExchange
import CaseWork
import ExchangeModel
import GatewayTesting
import LegalAssistance
import Testing

@Suite("Deadlines of requests", .serialized)
struct DeadlineDeskTests {
    /// A request of Kyrgyzstan under the CIS agreement of 2001 that Kazakhstan has received.
    private func received(_ house: CaseHouse) async throws -> ThreadID {
        let officer = try await house.kg.side.person("officer")
        var proposal = RequestWalkTests.proposal(to: house.two.kz.party)
        proposal.instrument = "cis-cyber-2001"
        proposal.facts.requestedBy = CivilDate(iso: "2031-03-03")
        proposal.facts.requestedReasons = "the hearing is on 10 March"
        let id = try await house.kg.office.requests.open(proposal, by: officer).id
        try await house.act(.request(RequestWalkTests.terms), of: id, from: house.kg, to: house.kz)
        return id
    }

    @Test(
        "A recalled limit is unconfirmed until two persons attached the official text; both sides count from the receipt"
    )
    func confirming() async throws {
        let house = try await CaseHouse()
        defer { house.end() }
        let id = try await received(house)
        func execution(_ side: CaseSide) async throws -> Deadline {
            let officer = try await side.side.person("officer")
            let lines = try await side.office.deadlines.list(of: id, by: officer)
            return try unwrapped(lines.map(\.deadline).first { $0.event == .execution && $0.limit != nil })
        }
        let before = try await execution(house.kz)
        #expect(before.kind == .unconfirmed)
        #expect(before.status == .running, "\(before.explanation.lines)")
        #expect(try await execution(house.kg).rawEnd == before.rawEnd)
        let officer = try await house.kz.side.person("officer")
        let approver = try await house.kz.side.person("approver")
        let writer = try await house.kz.side.gateway.evidence.storeDocument(name: "agreement.txt", by: officer)
        try writer.write(Array("Article 7".utf8))
        let text = try await writer.finish().id
        let treaties = house.kz.office.treaties
        for subject in [
            "limit:\(try unwrapped(before.limit).id)", "party:cis-cyber-2001:KZ", "party:cis-cyber-2001:KG",
        ] {
            let proposed = try await treaties.propose(
                try unwrapped(TreatyConfirmation.Subject(subject)),
                document: text,
                citation: "Bulletin 2001, art. 7",
                by: officer
            )
            await #expect(throws: ExchangeError(.treatyConfirmationPersons, "")) {
                try await treaties.decide(proposed.id, confirm: true, by: officer)
            }
            #expect(try await treaties.decide(proposed.id, confirm: true, by: approver).state == .confirmed)
        }
        #expect(try await execution(house.kz).kind == .treaty)
        #expect(try await execution(house.kg).kind == .unconfirmed)
        let record = try await house.kz.show(id).record
        #expect(record.next?.kind == "treaty" && record.next?.confidence == .confirmed)
    }

    @Test("A requested date with reasons is a deadline of its own kind and is explained")
    func requested() async throws {
        let house = try await CaseHouse()
        defer { house.end() }
        let id = try await received(house)
        let officer = try await house.kz.side.person("officer")
        let lines = try await house.kz.office.deadlines.list(of: id, by: officer)
        let asked = try unwrapped(lines.map(\.deadline).first { $0.kind == .requested })
        #expect(asked.dueDay == CivilDate(iso: "2031-03-03"))
        let explained = try await house.kz.office.deadlines.explain(asked.id, of: id, by: officer).deadline
        #expect(explained.explanation.lines.joined(separator: "\n").contains("10 March"))
        await #expect(throws: ExchangeError(.deadlineUnknown, "")) {
            try await house.kz.office.deadlines.explain("nothing", of: id, by: officer)
        }
    }

    @Test("A pause needs a reason, is logged, and does not stop a treaty's clock")
    func pausing() async throws {
        let house = try await CaseHouse()
        defer { house.end() }
        let id = try await received(house)
        let officer = try await house.kz.side.person("officer")
        let desk = house.kz.office.deadlines
        await #expect(throws: ExchangeError(.requestValue, "")) { try await desk.pause(id, reason: " ", by: officer) }
        let before = try await desk.list(of: id, by: officer).map(\.deadline)
        let paused = try await desk.pause(id, reason: "the bank is on strike", by: officer).map(\.deadline)
        for deadline in paused where deadline.limit != nil {
            #expect(deadline.end == before.first { $0.id == deadline.id }?.end, "\(deadline.id)")
        }
        await #expect(throws: ExchangeError(.wrongState, "")) { try await desk.pause(id, reason: "again", by: officer) }
        house.two.wait(seconds: 10 * 86_400)
        let resumed = try await desk.resume(id, by: officer).map(\.deadline)
        let asked = try unwrapped(resumed.first { $0.kind == .requested })
        #expect(asked.dueDay == CivilDate(iso: "2031-03-13"))
        await #expect(throws: ExchangeError(.wrongState, "")) { try await desk.resume(id, by: officer) }
    }

    @Test("Another authority sees no request, no deadline and no document of this one")
    func strangers() async throws {
        let house = try await CaseHouse()
        defer { house.end() }
        let id = try await received(house)
        let auditor = try await house.kz.side.person("auditor")
        await #expect(throws: ExchangeError(.accessDenied, "")) {
            try await house.kz.office.requests.show(id, by: auditor)
        }
        await #expect(throws: ExchangeError(.accessDenied, "")) {
            try await house.kz.office.deadlines.list(of: id, by: auditor)
        }
        #expect(try await house.kz.office.statistics.count(.init(), by: auditor).map(\.count) == [nil])
    }
}
