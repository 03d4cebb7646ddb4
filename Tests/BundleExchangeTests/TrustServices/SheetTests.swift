import EvidencePackaging
import ExchangeLog
import ExchangeModel
import GatewayTesting
import Persistence
import Testing
import TrustCrypto

@testable import BundleExchange

/// What partners say of themselves: numbers only go up, and nothing that was agreed is dropped in silence.
@Suite struct SheetTests {
    private func house() async throws -> (RegisterHouse, PartyID) {
        let house = try await RegisterHouse.ready()
        try await house.change(.addPeer(card: await ChangeKindTests.card("KG-GPO")))
        return (house, try #require(PartyID("KG-GPO")))
    }

    @Test func numbersOnlyGoUp() async throws {
        let (house, kg) = try await house()
        let fifth = try SampleSheet.made(5, pki: house.pki)
        _ = try await house.peers.takeSheet(fifth, of: kg)
        _ = try await house.peers.takeSheet(fifth, of: kg)
        let lower = try SampleSheet.made(4, pki: house.pki)
        await expectCode(.sheetSerial) { _ = try await house.peers.takeSheet(lower, of: kg) }
        let other = try SampleSheet.made(5, largestBundle: 1, pki: house.pki)
        await expectCode(.sheetSerial) { _ = try await house.peers.takeSheet(other, of: kg) }
        _ = try await house.peers.takeSheet(SampleSheet.made(6, pki: house.pki), of: kg)
        // A newer card does not set the number back.
        try await house.change(.replacePeer(card: await ChangeKindTests.card("KG-GPO", again: true)))
        await expectCode(.sheetSerial) { _ = try await house.peers.takeSheet(fifth, of: kg) }
        #expect(try house.peers.agreement(with: kg).sheet == 6)
    }

    @Test func theHighestThatBothHaveIsTaken() async throws {
        let (house, kg) = try await house()
        let own = try house.peers.agreement(with: kg)
        #expect(own.sheet == nil && own.version == 1 && own.suite == CryptoSuite.rogatory1.id)
        let suites = ["later-9", CryptoSuite.rogatory1.id]
        _ = try await house.peers.takeSheet(SampleSheet.made(1, suites: suites, pki: house.pki), of: kg)
        #expect(try house.peers.agreement(with: kg).suite == CryptoSuite.rogatory1.id)
    }

    @Test func aSheetThatDropsWhatWasAgreedWaitsForTwo() async throws {
        let (house, kg) = try await house()
        _ = try await house.peers.takeSheet(SampleSheet.made(1, pki: house.pki), of: kg)
        let weaker = try SampleSheet.made(2, suites: ["other-1"], pki: house.pki)
        for _ in 1...2 { await expectCode(.sheetHeld) { _ = try await house.peers.takeSheet(weaker, of: kg) } }
        #expect(try await house.kinds(.house).filter { $0 == .sheetHeld }.count == 1)
        #expect(try house.peers.agreement(with: kg).sheet == 1)
        #expect(try await house.peers.show(kg, by: house.first).heldSheet == weaker)
        try await house.open()
        #expect(try await house.peers.show(kg, by: house.first).heldSheet == weaker)
        // A number that was held counts as used.
        let same = try SampleSheet.made(2, pki: house.pki)
        await expectCode(.sheetSerial) { _ = try await house.peers.takeSheet(same, of: kg) }
        let digest = try SHA256Digest(of: weaker)
        let none = try SHA256Digest(of: [1])
        await expectCode(.changeConflict) { try await house.change(.acceptSheet(party: kg, sheet: none)) }
        let proposed = try await house.changes.propose(.acceptSheet(party: kg, sheet: digest), by: house.first)
        await expectCode(.changeOwn) { _ = try await house.changes.confirm(proposed.id, by: house.first) }
        #expect(try house.peers.agreement(with: kg).sheet == 1)
        _ = try await house.changes.confirm(proposed.id, by: house.second)
        await expectCode(.sheetNothingCommon) { _ = try house.peers.agreement(with: kg) }
        // What has it again is taken at once, and nothing is held any more.
        _ = try await house.peers.takeSheet(SampleSheet.made(3, pki: house.pki), of: kg)
        #expect(try house.peers.agreement(with: kg).sheet == 3)
        #expect(try await house.peers.show(kg, by: house.first).heldSheet == nil)
    }

    @Test func sheetsAreAskedForDailyAndBeforeTheirEnd() async throws {
        let (house, kg) = try await house()
        #expect(try await house.peers.dueSheets() == [kg])
        try await house.peers.beginSheet(of: kg)
        // One that is silent is not asked without end.
        #expect(try await house.peers.dueSheets().isEmpty)
        house.advance(3_600)
        #expect(try await house.peers.dueSheets() == [kg])
        _ = try await house.peers.takeSheet(SampleSheet.made(1, life: 4 * 86_400, pki: house.pki), of: kg)
        house.advance(86_399)
        #expect(try await house.peers.dueSheets() == [kg])
        _ = try await house.peers.takeSheet(SampleSheet.made(2, pki: house.pki), of: kg)
        house.advance(86_399)
        #expect(try await house.peers.dueSheets().isEmpty)
        house.advance(1)
        #expect(try await house.peers.dueSheets() == [kg])
        try await house.change(.suspendPeer(kg))
        #expect(try await house.peers.dueSheets().isEmpty)
    }

    @Test func whatThePartnerDoesNotTakeIsNotSealed() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        try await state(world, largestBundle: 100_000)
        let item = try await world.evidence(Array(repeating: 7, count: 200_000), name: "large.bin", at: world.kz)
        let draft = try await world.approved(from: world.kz, to: world.kg, evidence: [item])
        let officer = try await world.kz.person("officer")
        try await world.kz.gateway.dispatch.send(draft: draft.text, by: officer)
        try await world.settle()
        #expect(try await world.bundles(world.kz).isEmpty)
        let shown = try await world.kz.gateway.drafts.show(draft, by: officer)
        #expect(shown.record.reason?.contains("KG-GPO takes at most 100000") == true, "\(shown.record)")
    }

    @Test func whatThePartnerNoLongerTakesIsNotAnnounced() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let draft = try await world.approved(from: world.kz, to: world.kg)
        let officer = try await world.kz.person("officer")
        try await world.kz.gateway.dispatch.send(draft: draft.text, by: officer)
        #expect(try await world.kz.gateway.scheduler.runDue(most: 1) == 1)
        #expect(try await world.bundles(world.kz).map(\.state) == [.queued])
        try await state(world, largestBundle: 100)
        try await world.settle()
        let bundle = try #require(try await world.bundles(world.kz).first)
        #expect(bundle.state == .rejected)
        #expect(bundle.reason?.contains("KG-GPO takes at most 100") == true, "\(bundle)")
        #expect(try await world.bundles(world.kg).isEmpty)
    }

    /// The partner's sheet says what it takes.
    private func state(_ world: TwoGateways, largestBundle: Int64) async throws {
        let capabilities = OwnCapabilities(
            largestBundle: largestBundle,
            treaties: [],
            languages: ["ru"],
            contact: CapabilitySheet.Contact(name: "Duty officer")
        )
        let sheet = try await world.kg.gateway.peers.ownSheet(capabilities)
        _ = try await world.kz.gateway.peers.takeSheet(sheet, of: world.kg.party)
    }
}
