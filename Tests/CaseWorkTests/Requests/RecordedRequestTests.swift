import BundleExchange
import CaseWork
import ExchangeModel
import GatewayTesting
import LegalAssistance
import Testing

@Suite("A request outside the gateways", .serialized)
struct RecordedRequestTests {
    static func proposal() throws -> RequestProposal {
        var proposal = RequestProposal(subject: "Subscriber of a telephone number")
        proposal.channel = .diplomatic
        proposal.partnerState = try unwrapped(StateCode("CN"))
        proposal.partnerAuthority = "Ministry of Justice of the People's Republic of China"
        proposal.instrument = "un-untoc-2000"
        proposal.requestTypes = ["subscriberInformation"]
        return proposal
    }

    private func day(_ text: String) throws -> ExchangeTime {
        try unwrapped(ExchangeTime(rfc3339: text + "T06:00:00Z"))
    }

    @Test("Steps of both sides are recorded by hand and the view says that they are stated only")
    func steps() async throws {
        let house = try await CaseHouse()
        defer { house.end() }
        let officer = try await house.kz.side.person("officer")
        let desk = house.kz.office.requests
        let id = try await desk.open(Self.proposal(), by: officer).id
        var sent = StepRecord(
            side: .requesting,
            act: .request(.init()),
            time: try day("2026-01-12"),
            reference: "Note 12"
        )
        sent.received = try day("2026-01-20")
        #expect(try await desk.record(sent, of: id, by: officer).record.phase == "received")
        let said = StepRecord(
            side: .requested,
            act: .acknowledge(RequestAct.Acknowledgement(authority: .central)),
            time: try day("2026-02-02"),
            reference: "Letter 3/26"
        )
        let file = try await desk.record(said, of: id, by: officer)
        #expect(file.record.phase == "acknowledged" && file.record.owes == .partner)
        #expect(file.state.history.map(\.proof) == [.stated(reference: "Note 12"), .stated(reference: "Letter 3/26")])
        #expect(file.deadlines.allSatisfy { $0.kind != .treaty })
        let thread = try await house.kz.side.gateway.threads.list(by: officer)
        #expect(thread.isEmpty)
    }

    @Test("What does not fit, lies in the future or goes between gateways is not recorded")
    func refused() async throws {
        let house = try await CaseHouse()
        defer { house.end() }
        let officer = try await house.kz.side.person("officer")
        let desk = house.kz.office.requests
        let id = try await desk.open(Self.proposal(), by: officer).id
        let early = StepRecord(
            side: .requested,
            act: .execute(items: [], cites: []),
            time: try day("2026-01-12"),
            reference: "1"
        )
        await #expect(throws: ExchangeError(.caseWrongStep, "")) { try await desk.record(early, of: id, by: officer) }
        let future = StepRecord(
            side: .requesting,
            act: .request(.init()),
            time: TwoGateways.start.adding(seconds: 86_400),
            reference: "1"
        )
        await #expect(throws: ExchangeError(.requestValue, "")) { try await desk.record(future, of: id, by: officer) }
        #expect(try await house.kz.show(id).state.history.isEmpty)
        let between = try await desk.open(RequestWalkTests.proposal(to: house.two.kg.party), by: officer).id
        let step = StepRecord(side: .requesting, act: .request(.init()), time: try day("2026-01-12"), reference: "1")
        await #expect(throws: ExchangeError(.caseWrongChannel, "")) {
            try await desk.record(step, of: between, by: officer)
        }
        await #expect(throws: ExchangeError(.caseWrongChannel, "")) {
            try await desk.draft(ActOrder(.request(.init())), for: id, by: officer)
        }
    }

    @Test("It moves to the gateways with all that was recorded, and goes on there")
    func moving() async throws {
        let house = try await CaseHouse()
        defer { house.end() }
        let officer = try await house.kz.side.person("officer")
        let desk = house.kz.office.requests
        var proposal = try Self.proposal()
        proposal.partnerState = try unwrapped(StateCode("KG"))
        let id = try await desk.open(proposal, by: officer).id
        let sent = StepRecord(
            side: .requesting,
            act: .request(.init()),
            time: try day("2026-01-12"),
            reference: "Note 12"
        )
        _ = try await desk.record(sent, of: id, by: officer)
        await #expect(throws: ExchangeError(.requestValue, "")) { try await desk.move(id, to: .gateway, by: officer) }
        let moved = try await desk.move(id, to: .gateway, peer: house.two.kg.party, by: officer)
        #expect(moved.channel == .gateway && moved.phase == "dispatched")
        try await house.act(.askStatus, of: id, from: house.kz, to: house.kg)
        let file = try await house.kz.show(id)
        #expect(file.state.history.count == 2 && file.state.flags.contains(.statusRequested))
        await #expect(throws: ExchangeError(.caseWrongChannel, "")) { try await desk.move(id, to: .email, by: officer) }
    }

    @Test("A table of open requests is imported whole, or each bad line is named and nothing is imported")
    func importing() async throws {
        let house = try await CaseHouse()
        defer { house.end() }
        let officer = try await house.kz.side.person("officer")
        let desk = house.kz.office.requests
        let header =
            "reference,subject,side,channel,state,partner_authority,sent,received,instrument,types,acknowledged\n"
        let good =
            header + """
                A-1,"Records, accounts",requesting,diplomatic,CN,Ministry of Justice,2026-03-01,2026-03-10,un-untoc-2000,bankInformation,2026-03-20
                A-2,Search,requested,email,UZ,Prosecutor General,2026-04-01,,,searchAndSeizure,
                """
        let bad =
            header + """
                A-1,Records,requesting,diplomatic,CN,Ministry of Justice,2026-02-30,,,,
                A-2,Search,asking,gateway,Uz,Prosecutor General,2026-04-01,,no-such-treaty,dreams,
                A-2,,requested,email,UZ,Prosecutor General,2099-04-01,,,,
                A-4,too,few
                """
        let faults = try await desk.importTable(Array(bad.utf8), isTrial: false, by: officer)
        #expect(faults.imported == 0)
        let named = faults.faults.map { "\($0.line) \($0.column ?? "-")" }
        #expect(named.contains("2 sent") && named.contains("3 side") && named.contains("3 channel"))
        #expect(named.contains("3 state") && named.contains("3 types") && named.contains("3 instrument"))
        #expect(named.contains("4 subject") && named.contains("4 reference") && named.contains("5 -"))
        #expect(try await desk.list(by: officer).isEmpty)
        #expect(try await desk.importTable(Array(good.utf8), isTrial: true, by: officer).faults.isEmpty)
        #expect(try await desk.list(by: officer).isEmpty)
        #expect(try await desk.importTable(Array(good.utf8), isTrial: false, by: officer).imported == 2)
        let phases = try await desk.list(by: officer).map { "\($0.reference) \($0.phase)" }.sorted()
        #expect(phases == ["A-1 acknowledged", "A-2 dispatched"])
        let again = try await desk.importTable(Array(good.utf8), isTrial: false, by: officer)
        #expect(again.imported == 0 && again.faults.count == 2)
        for table in ["", "reference\n", "a\0b", "\"open"] {
            do {
                let result = try await desk.importTable(Array(table.utf8), isTrial: false, by: officer)
                #expect(!result.faults.isEmpty, "\(table)")
            } catch {
                #expect(error as? ExchangeError == ExchangeError(.importTable, ""), "\(table)")
            }
        }
    }
}
