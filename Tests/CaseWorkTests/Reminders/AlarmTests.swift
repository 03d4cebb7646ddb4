import BundleExchange
import CaseWork
import ExchangeModel
import GatewayTesting
import GatewayText
import LegalAssistance
import Persistence
import Synchronization
import Testing
import TrustCrypto

@Suite("Alarms", .serialized)
struct AlarmTests {
    @Test("Administrators are told of what expires, each once for a stage and in their language; officers are not")
    func ending() async throws {
        try await withReminders(at: TwoGateways.start.description) { house in
            let side = house.house.kz.side
            let administrator = try await side.person("administrator-1")
            let seal = try side.certificate("seal")
            let end = try unwrapped(seal.notAfter)
            house.house.two.clock.withLock { $0 = end.adding(seconds: -20 * 86_400) }
            #expect(try await side.gateway.expiry.warn().contains { $0.item.name == seal.sha256.hex && $0.stage == 30 })
            for _ in 1...2 { _ = try await house.work().runDue() }
            func told(_ person: PersonID) async throws -> [(kind: String, subject: String)] {
                try await side.gateway.core.store.read { store in
                    try store.rows("SELECT kind, subject FROM notification WHERE person = ?", [.text(person.text)]).map
                    {
                        (try $0.text("kind"), try $0.text("subject"))
                    }
                }.filter { $0.kind == "trust.expiring" }
            }
            let first = try await told(administrator.person)
            #expect(!first.isEmpty && first.contains { $0.subject.contains("20") }, "\(first)")
            #expect(try await told(house.officer.person).isEmpty)
            house.house.two.clock.withLock { $0 = end.adding(seconds: -13 * 86_400) }
            _ = try await side.gateway.expiry.warn()
            _ = try await house.work().runDue()
            #expect(try await told(administrator.person).count > first.count)
        }
        for language in Language.allCases {
            for (left, kind) in zip(
                [90, 1, 0, -3],
                ["own_key", "peer_certificate", "revocation_list", "own_authority"]
            ) {
                let text = NotificationText(
                    kind: .ending(
                        kind: kind,
                        owner: "KZ-GPO",
                        subject: "Seal of KZ-GPO",
                        ends: TwoGateways.start,
                        daysLeft: left
                    ),
                    language: language
                )
                #expect(text.subject.contains("KZ-GPO") && !text.subject.contains("\n"))
                #expect(!(text.subject + text.body).contains("[") && !(text.subject + text.body).contains("{"))
                #expect(text.body.contains("Seal of KZ-GPO"))
            }
        }
    }

    /// A request of Kazakhstan whose message is sealed and does not come through.
    private func sent(_ house: ReminderHouse, days: Int) async throws -> ThreadID {
        let id = try await house.office.requests.open(
            RequestWalkTests.proposal(to: house.house.two.kg.party),
            by: house.officer
        ).id
        house.house.two.kz.wire.disconnect()
        let side = house.house.kz.side
        var order = ActOrder(.request(RequestWalkTests.terms))
        order.letterLanguages = [.russian]
        order.approver = house.approver.person
        order.order.days = days
        let draft = try await house.office.requests.draft(order, for: id, by: house.officer).record.id
        let object = try await side.gateway.drafts.objectToSign(draft, by: house.officer).bytes
        _ = try await side.gateway.drafts.sign(draft, signature: side.sign(object, as: "officer"), by: house.officer)
        _ = try await side.gateway.drafts.approve(
            draft,
            signature: side.sign(object, as: "approver"),
            by: house.approver
        )
        try await side.gateway.dispatch.send(draft: draft.text, by: house.officer)
        try await house.house.two.settle()
        #expect(try await house.reminded().isEmpty)
        return id
    }

    @Test("A message that is about to expire, and one that did, is told to who works on it, each time once")
    func undelivered() async throws {
        try await withReminders(at: TwoGateways.start.description) { house in
            let id = try await sent(house, days: 5)
            let two = house.house.two
            func told(_ kind: String) async throws -> [ReminderHouse.Told] {
                try await house.told(house.officer.person).filter { $0.kind == kind }
            }
            // The last day of a long life, the last quarter of a short one.
            two.wait(seconds: 3 * 86_400)
            try await two.settle()
            #expect(try await told("message.expiring").isEmpty)
            two.wait(seconds: 86_400 + 600)
            for _ in 1...3 { try await two.settle() }
            #expect(try await told("message.expiring").count == 1)
            #expect(try await told("message.undelivered").isEmpty)
            two.wait(seconds: 86_400)
            for _ in 1...3 { try await two.settle() }
            #expect(try await told("message.undelivered").count == 1)
            var act = try #require(try await house.house.kz.show(id).sources.values.first)
            #expect(act.undelivered != nil)

            // Sealed again it is the same act, on its way; and when that expires too, it is told again.
            let officer = house.officer
            let old = try #require(try await house.gateway.bundles.list(by: officer).first)
            try await house.gateway.dispatch.reseal(old.key, by: officer)
            try await two.settle()
            act = try #require(try await house.house.kz.show(id).sources.values.first)
            #expect(act.undelivered == nil)
            #expect(try await house.house.kz.show(id).sources.count == 1)
            two.wait(seconds: 9 * 86_400)
            try await two.settle()
            #expect(try await told("message.undelivered").count == 2)
        }
    }

    @Test("One that was cancelled is told to nobody; without a request the author is told")
    func others() async throws {
        try await withReminders(at: TwoGateways.start.description) { house in
            _ = try await sent(house, days: 8)
            let two = house.house.two
            let bundle = try #require(try await house.gateway.bundles.list(by: house.officer).first)
            try await house.gateway.dispatch.cancel(bundle.key, reason: "sent in error", by: house.officer)
            #expect(try await house.reminded().isEmpty)
            let draft = try await two.approved(from: two.kz, to: two.kg) { $0.order.days = 1 }
            try await house.gateway.dispatch.send(draft: draft.text, by: house.officer)
            try await two.settle()
            two.wait(seconds: 20 * 3_600)
            try await two.settle()
            two.wait(seconds: 20 * 3_600)
            try await two.settle()
            let told = try await house.told()
            #expect(told.map(\.kind) == ["message.expiring", "message.undelivered"])
            #expect(told.allSatisfy { $0.person == house.officer.person.text && $0.subject.contains("15-2-77") })
        }
    }

    @Test("A partner's bundle of no known request that was rejected is told to who keeps the gateway")
    func rejectedOfNoRequest() async throws {
        try await withReminders(at: TwoGateways.start.description) { house in
            try await rejected(in: house, thread: nil, .request)
            for role in ["auditor", "administrator-1", "administrator-2"] {
                let told = try await house.told(house.house.kz.side.person(role).person)
                #expect(told.map(\.kind) == ["message.rejected"], "\(role)")
            }
            #expect(try await house.told(house.officer.person).isEmpty)
        }
    }

    @Test("A partner's bundle that was rejected is told to who works on the request")
    func rejectedOfARequest() async throws {
        try await withReminders(at: TwoGateways.start.description) { house in
            let two = house.house.two
            let id = try await sent(house, days: 5)
            two.kz.wire.connect(to: two.kg.gateway, as: two.kz.party)
            two.wait(seconds: 3_600)
            try await two.settle()
            let request = try #require(try await two.bundles(two.kg).first)
            try await two.kg.gateway.opening.open(request.key, by: two.kg.person("officer"))
            try await two.settle()
            try await rejected(in: house, thread: id, .status)
            let told = try await house.told(house.officer.person)
            #expect(told.map(\.kind) == ["message.rejected"])
            #expect(told.first?.subject.contains("incoming bundle rejected") == true, "\(told)")
        }
    }

    /// A message from Kyrgyzstan that an officer of Kazakhstan rejects.
    private func rejected(in house: ReminderHouse, thread: ThreadID?, _ type: EvidenceManifest.MessageType) async throws
    {
        let two = house.house.two
        let draft = try await two.approved(from: two.kg, to: two.kz, thread: thread, type: type)
        try await two.kg.gateway.dispatch.send(draft: draft.text, by: two.kg.person("officer"))
        try await two.settle()
        let bundle = try #require(
            try await two.bundles(two.kz).first { $0.direction == .incoming && $0.state == .received }
        )
        try await house.gateway.opening.reject(bundle.key, reason: "not for us", by: house.officer)
    }

    @Test("A log that contradicts itself is told to auditors and administrators, once, and to nobody else")
    func contradictedLog() async throws {
        try await withReminders(at: TwoGateways.start.description) { house in
            let (two, side) = (house.house.two, house.house.kz.side)
            two.kz.wire.answerSubmissions { _ in .conflict(size: 4_000, note: nil) }
            for _ in 1...2 {
                _ = try await side.gateway.witnessing.submit(to: two.kg.party)
                _ = try await house.work().runDue()
            }
            for role in ["auditor", "administrator-1", "administrator-2"] {
                let told = try await house.told(side.person(role).person).filter { $0.kind == "witness.alarm" }
                #expect(told.count == 1, "\(role)")
            }
            #expect(try await house.told(house.officer.person).allSatisfy { $0.kind != "witness.alarm" })
        }
    }
}
