import EvidencePackaging
import ExchangeModel
import Foundation
import GatewayTesting
import Persistence
import Testing
import TrustCrypto

@testable import BundleExchange

/// What a partner may announce before it has completed what it announced before.
@Suite(.serialized)
struct QuotaTests {
    private typealias Sealed = (record: BundleRecord, announcement: BundleAnnouncement)

    /// Bundles of Kazakhstan that are sealed and not yet announced.
    private func sealed(_ count: Int, _ world: TwoGateways) async throws -> [Sealed] {
        world.kz.wire.disconnect()
        for _ in 1...count {
            let draft = try await world.approved(from: world.kz, to: world.kg)
            try await world.kz.gateway.dispatch.send(draft: draft.text, by: world.kz.person("officer"))
        }
        try await world.settle()
        world.kz.wire.connect(to: world.kg.gateway, as: world.kz.party)
        return try await world.bundles(world.kz).map { record in
            var checks = CheckList()
            let path = world.kz.gateway.core.sealedPath(record.key)
            return (record, try BundleAnnouncement(of: SealedBundle(reading: path, checks: &checks)))
        }
    }

    private func announce(_ sealed: Sealed, _ world: TwoGateways) async throws {
        _ = try await world.kg.gateway.reception.announce(
            sealed.announcement,
            as: sealed.record.key.id,
            by: world.kz.party
        )
    }

    private func carry(_ sealed: Sealed, _ world: TwoGateways) async throws {
        let path = world.kz.gateway.core.sealedPath(sealed.record.key)
        _ = try await PartCarrier(peers: world.kz.gateway.peers, transport: world.kz.wire)
            .carry(sealed.record, sealed.announcement, path: path) { _ in }
    }

    private func incomingFiles(_ world: TwoGateways) -> [String] {
        FileManager.default.subpaths(atPath: world.kg.gateway.core.directory.incoming) ?? []
    }

    @Test func `As many bundles are taken as may be unfinished, and more when one is complete or given up`()
        async throws
    {
        var limits = ExchangeLimits()
        limits.unfinishedBundles = 1
        let world = try await TwoGateways(limits: limits)
        defer { world.end() }
        let bundles = try await sealed(3, world)
        try await announce(bundles[0], world)
        // The same one again takes no second place.
        try await announce(bundles[0], world)
        await #expect(throws: ExchangeError(.quotaBundles, "")) { try await announce(bundles[1], world) }
        #expect(incomingFiles(world).count == 1)
        #expect(try await world.bundles(world.kg).count == 1)
        try await carry(bundles[0], world)
        try await announce(bundles[1], world)
        await #expect(throws: ExchangeError(.quotaBundles, "")) { try await announce(bundles[2], world) }
        world.wait(seconds: 73 * 3_600)
        #expect(try await world.kg.gateway.reception.abandonSilent() == 1)
        try await announce(bundles[2], world)
        // What was given up has to find room like any other.
        await #expect(throws: ExchangeError(.quotaBundles, "")) { try await announce(bundles[1], world) }
    }

    @Test func `As many bytes are taken as may be unfinished`() async throws {
        var limits = ExchangeLimits()
        limits.quotaBytes = 50_000
        let world = try await TwoGateways(limits: limits)
        defer { world.end() }
        let bundles = try await sealed(4, world)
        let fitting = Int(limits.quotaBytes / bundles[0].announcement.totalSize)
        #expect((1...3).contains(fitting), "\(bundles[0].announcement.totalSize)")
        for bundle in bundles.prefix(fitting) { try await announce(bundle, world) }
        await #expect(throws: ExchangeError(.quotaBytes, "")) { try await announce(bundles[fitting], world) }
        try await carry(bundles[0], world)
        try await announce(bundles[fitting], world)
    }

    @Test func `A partner's own quota takes the place of the general one`() async throws {
        var limits = ExchangeLimits()
        limits.quotaBytes = 0
        limits.quotaBytesByPartner = [try #require(PartyID("KZ-GPO")): 50_000]
        let world = try await TwoGateways(limits: limits)
        defer { world.end() }
        let bundles = try await sealed(4, world)
        let fitting = Int(50_000 / bundles[0].announcement.totalSize)
        for bundle in bundles.prefix(fitting) { try await announce(bundle, world) }
        await #expect(throws: ExchangeError(.quotaBytes, "")) { try await announce(bundles[fitting], world) }
    }

    @Test func `What would leave less free than the floor is not announced, and nothing is left of it`() async throws {
        var limits = ExchangeLimits()
        limits.diskFloor = 1 << 60
        let world = try await TwoGateways(limits: limits)
        defer { world.end() }
        let bundle = try await sealed(1, world)[0]
        await #expect(throws: ExchangeError(.quotaDisk, "")) { try await announce(bundle, world) }
        #expect(incomingFiles(world).isEmpty)
        #expect(try await world.bundles(world.kg).isEmpty)
    }

    @Test func `The name of a bundle that was given up is not taken for other bytes`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let bundle = try await sealed(1, world)[0]
        try await announce(bundle, world)
        world.wait(seconds: 73 * 3_600)
        #expect(try await world.kg.gateway.reception.abandonSilent() == 1)
        let draft = try await world.approved(from: world.kz, to: world.kg)
        let released = try unwrapped(try await world.kz.gateway.drafts.released(draft.text))
        let core = world.kz.gateway.core
        let seal = try await world.kz.gateway.keys.current(.gatewaySeal)
        var order = BundleSealer.Order(
            sealCertificate: seal.certificate,
            sealKey: seal.key,
            recipients: [try world.kg.certificate("encryption")],
            created: core.now(),
            expires: core.now().adding(seconds: 86_400)
        )
        order.sealChain = seal.chain
        order.bundle = bundle.record.key.id
        let path = world.folder + "/other.asice"
        _ = try BundleSealer(draft: released.draft, order: order).seal(
            signature: BundleSealer.release(
                released.draft,
                signatures: released.signatures,
                timestamper: core.timestamp
            ),
            to: path,
            timestamper: core.timestamp
        )
        var checks = CheckList()
        let other = try BundleAnnouncement(of: SealedBundle(reading: path, checks: &checks))
        await #expect(throws: ExchangeError(.announcementConflict, "")) {
            _ = try await world.kg.gateway.reception.announce(other, as: bundle.record.key.id, by: world.kz.party)
        }
        try await announce(bundle, world)
        #expect(try await world.bundles(world.kg).map(\.state) == [.announced])
    }

    @Test func `A bundle whose completion comes meanwhile is not given up`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let bundle = try await sealed(1, world)[0]
        try await carry(bundle, world)
        world.wait(seconds: 100 * 3_600)
        #expect(try await world.kg.gateway.reception.abandonSilent() == 0)
        #expect(try await world.bundles(world.kg).map(\.state) == [.received])
    }
}
