import BundleExchange
import CaseWork
import ExchangeModel
import GatewayTesting
import GatewayText
import LegalAssistance
import Testing

@Suite("Alarms", .serialized)
struct AlarmTests {
    @Test("A message that expires is told to who works on the request, once; one that was cancelled is not")
    func undelivered() async throws {
        try await withReminders(at: TwoGateways.start.description) { house in
            let id = try await house.office.requests.open(
                RequestWalkTests.proposal(to: house.house.two.kg.party),
                by: house.officer
            ).id
            house.house.two.kz.wire.disconnect()
            let side = house.house.kz.side
            var order = ActOrder(.request(RequestWalkTests.terms))
            order.letterLanguages = [.russian]
            order.approver = house.approver.person
            let draft = try await house.office.requests.draft(order, for: id, by: house.officer).record.id
            let object = try await side.gateway.drafts.objectToSign(draft, by: house.officer).bytes
            _ = try await side.gateway.drafts.sign(
                draft,
                signature: side.sign(object, as: "officer"),
                by: house.officer
            )
            _ = try await side.gateway.drafts.approve(
                draft,
                signature: side.sign(object, as: "approver"),
                by: house.approver
            )
            try await side.gateway.dispatch.send(draft: draft.text, by: house.officer)
            try await house.house.two.settle()
            #expect(try await house.reminded().isEmpty)
            house.house.two.wait(seconds: 400 * 86_400)
            for _ in 1...3 { try await side.gateway.scheduler.runDue() }
            let told = try await house.told(house.officer.person).filter { $0.kind == "message.undelivered" }
            #expect(told.count == 1)
        }
    }
}
