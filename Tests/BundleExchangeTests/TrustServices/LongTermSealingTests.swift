import EvidencePackaging
import ExchangeModel
import GatewayTesting
import Testing
import TrustCrypto

@testable import BundleExchange

/// What signatures carry that a gateway makes.
@Suite(.serialized)
struct LongTermSealingTests {
    /// Seals a request and opens it as the recipient would in half a year, without any revocation information.
    private func verification(_ level: LongTermGathering.Policy) async throws -> BundleVerification {
        let world = try await TwoGateways(signatureLevel: level)
        defer { world.end() }
        world.kz.wire.disconnect()
        let draft = try await world.approved(from: world.kz, to: world.kg)
        try await world.kz.gateway.dispatch.send(draft: draft.text, by: world.kz.person("officer"))
        try await world.settle()
        let record = try #require(try await world.bundles(world.kz).first)
        let known = try await world.kg.gateway.peers.trust()
        let bare = try TrustDirectory(
            parties: [world.kz.party: known.store(for: world.kz.party).withoutRevocationInformation],
            timestamping: known.timestampingStore.withoutRevocationInformation
        )
        return try BundleVerification(
            of: world.kz.gateway.core.sealedPath(record.key),
            trust: bare,
            now: TwoGateways.start.adding(seconds: 180 * 86_400),
            recipient: .init(certificate: world.kg.certificate("encryption"), key: world.kg.key("encryption"))
        )
    }

    @Test func `Seal and officers' signatures prove themselves half a year later without services`() async throws {
        let verification = try await verification(.automatic)
        #expect(verification.report.outcome == .passed, "\(verification.report.checks)")
        let levels = verification.report.checks.filter { $0.name.hasSuffix(".format") }.map(\.reason)
        #expect(levels.count { $0.contains("CAdES-B-LT") } == 2, "\(levels)")
    }

    @Test func `A gateway that is told to makes them at baseline T`() async throws {
        let verification = try await verification(.timestamp)
        #expect(verification.report.outcome == .notChecked)
        #expect(verification.report.checks.contains { $0.reason.contains("CAdES-B-T") })
    }
}
