import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import GatewayTesting
import Persistence
import Synchronization
import Testing
import TrustCrypto

@testable import BundleExchange

/// Announcements that are not taken, and those that come to nothing.
@Suite(.serialized)
struct AnnouncementTests {
    /// A bundle of Kazakhstan that is sealed and not yet announced.
    private func sealed(
        _ world: TwoGateways,
        change: (inout DraftProposal) -> Void = { _ in }
    ) async throws -> (record: BundleRecord, announcement: BundleAnnouncement) {
        let draft = try await world.approved(from: world.kz, to: world.kg, change: change)
        try await world.kz.gateway.dispatch.send(draft: draft.text, by: world.kz.person("officer"))
        world.kz.wire.cut(.before(1))
        try await world.settle()
        world.kz.wire.cut(nil)
        let record = try unwrapped(try await world.bundles(world.kz).first)
        return (record, try announcement(world.kz.gateway.core.sealedPath(record.key)))
    }

    private func announcement(_ path: String) throws -> BundleAnnouncement {
        var checks = CheckList()
        return try BundleAnnouncement(of: SealedBundle(reading: path, checks: &checks))
    }

    private func refusals(_ side: TwoGateways.Side) async throws -> [ErrorCode?] {
        var filter = LogFilter()
        filter.kind = .bundleRefused
        return try await side.gateway.core.store.entries(in: .exchange, matching: filter)
            .map { try LogEntry(decoding: $0.bytes).code }
    }

    @Test func `One that is another's, renamed or expired is refused and stands in the log`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let (record, announcement) = try await sealed(world) { $0.order.days = 1 }
        let reception = world.kg.gateway.reception
        let other = try unwrapped(PartyID("UZ-GPO"))
        await #expect(throws: ExchangeError(.announcementSender, "")) {
            _ = try await reception.announce(announcement, as: record.key.id, by: other)
        }
        let elsewhere = BundleID(at: TwoGateways.start, random: try randomBytes(10))
        await #expect(throws: ExchangeError(.announcementName, "")) {
            _ = try await reception.announce(announcement, as: elsewhere, by: world.kz.party)
        }
        // What Kazakhstan addressed to Kyrgyzstan is nothing that it takes itself.
        await #expect(throws: ExchangeError(.announcementRecipient, "")) {
            _ = try await world.kz.gateway.reception.announce(announcement, as: record.key.id, by: world.kz.party)
        }
        world.wait(seconds: 2 * 86_400)
        await #expect(throws: ExchangeError(.announcementExpired, "")) {
            _ = try await reception.announce(announcement, as: record.key.id, by: world.kz.party)
        }
        #expect(
            try await refusals(world.kg) == [.announcementSender, .announcementName, .announcementExpired]
        )
        #expect(try await world.bundles(world.kg).isEmpty)
    }

    @Test func `The name of a bundle is never taken for other bytes`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let (record, _) = try await sealed(world)
        world.wait(seconds: 3_600)
        try await world.settle()
        #expect(try await world.bundles(world.kg).map(\.state) == [.received])

        let draft = try await world.approved(from: world.kz, to: world.kg)
        let released = try unwrapped(try await world.kz.gateway.drafts.released(draft.text))
        let seal = try await world.kz.gateway.keys.current(.gatewaySeal)
        let now = world.clock.withLock { $0 }
        var order = BundleSealer.Order(
            sealCertificate: seal.certificate,
            sealKey: seal.key,
            recipients: [try world.kg.certificate("encryption")],
            created: now,
            expires: now.adding(seconds: 86_400)
        )
        order.sealChain = seal.chain
        order.bundle = record.key.id
        let timestamp = world.kz.gateway.core.timestamp
        let path = world.folder + "/same-name.asice"
        _ = try BundleSealer(draft: released.draft, order: order).seal(
            signature: BundleSealer.release(released.draft, signatures: released.signatures, timestamper: timestamp),
            to: path,
            timestamper: timestamp
        )
        let other = try announcement(path)
        #expect(other.header.bundle == record.key.id)
        await #expect(throws: ExchangeError(.announcementConflict, "")) {
            _ = try await world.kg.gateway.reception.announce(other, as: record.key.id, by: world.kz.party)
        }
        #expect(try await world.bundles(world.kg).map(\.sealedDigest) == [record.sealedDigest])
    }

    @Test func `One that is never completed is given up after 72 hours and can be announced again`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let draft = try await world.approved(from: world.kz, to: world.kg)
        try await world.kz.gateway.dispatch.send(draft: draft.text, by: world.kz.person("officer"))
        world.kz.wire.cut(.after(1))
        try await world.settle()
        world.wait(seconds: 71 * 3_600)
        #expect(try await world.kg.gateway.reception.abandonSilent() == 0)
        world.wait(seconds: 2 * 3_600)
        #expect(try await world.kg.gateway.reception.abandonSilent() == 1)
        #expect(try await world.bundles(world.kg).map(\.state) == [.abandoned])
        #expect(FileManager.default.subpaths(atPath: world.kg.gateway.core.directory.incoming) == [])
        world.kz.wire.cut(nil)
        try await world.settle()
        #expect(try await world.bundles(world.kg).map(\.state) == [.received])
        #expect(try await world.bundles(world.kz).map(\.state) == [.acknowledged])
    }

    @Test func `A bundle for a thread that is led with another party is refused`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let (record, announcement) = try await sealed(world)
        let foreign = try unwrapped(PartyID("UZ-GPO"))
        try await world.kg.gateway.core.store.write { store in
            _ = try ThreadRegister.ensure(
                id: record.header.thread,
                peer: foreign,
                reference: "1",
                subject: "Another's",
                at: TwoGateways.start,
                in: store
            )
        }
        await #expect(throws: ExchangeError(.threadOtherPeer, "")) {
            _ = try await world.kg.gateway.reception.announce(announcement, as: record.key.id, by: world.kz.party)
        }
    }
}
