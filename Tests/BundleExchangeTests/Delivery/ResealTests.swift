import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import GatewayTesting
import Persistence
import Testing
import TrustCrypto

@testable import BundleExchange

/// The same signed content in a bundle that takes the place of an earlier one.
@Suite("Sealing again", .serialized)
struct ResealTests {
    private let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    private func entries(_ side: TwoGateways.Side, _ kind: LogEntry.Kind) async throws -> [LogEntry] {
        var filter = LogFilter()
        filter.kind = kind
        return try await side.gateway.core.store.entries(in: kind.tree, matching: filter).map {
            try LogEntry(decoding: $0.bytes)
        }
    }

    /// A bundle of Kazakhstan that is sealed and waits.
    private func waiting(
        _ world: TwoGateways,
        cut: DirectTransport.Cut = .before(1),
        change: (inout DraftProposal) -> Void = { _ in }
    ) async throws -> BundleRecord {
        let item = try await world.evidence(bytes, name: "image.bin", at: world.kz)
        let draft = try await world.approved(from: world.kz, to: world.kg, evidence: [item], change: change)
        let before = Set(try await world.bundles(world.kz).map(\.key))
        try await world.kz.gateway.dispatch.send(draft: draft.text, by: world.kz.person("officer"))
        world.kz.wire.cut(cut)
        try await world.settle()
        world.kz.wire.cut(nil)
        return try unwrapped(try await world.bundles(world.kz).first { !before.contains($0.key) })
    }

    /// Kyrgyzstan takes a new encryption key into use, and perhaps puts the old one out of it.
    private func renewKey(_ world: TwoGateways, retiringOld: Bool) async throws {
        let administrator = try await world.kg.person("administrator-1")
        let old = try await world.kg.gateway.keys.current(.gatewayEncryption)
        let new = try world.kg.renewed("encryption", from: TwoGateways.start.adding(seconds: -60))
        _ = try await world.kg.gateway.keys.importKey(new.key, chain: new.pem, by: administrator)
        guard retiringOld else { return }
        let record = try unwrapped(
            try await world.kg.gateway.keys.list(by: administrator).first {
                $0.certificate?.sha256 == old.certificate.sha256
            }
        )
        _ = try await world.kg.gateway.keys.retire(record.id, by: administrator)
    }

    private func giveCard(_ world: TwoGateways) async throws {
        let card = try await world.kg.gateway.peers.ownCard(by: world.kg.person("administrator-1")).der
        try await world.change(.replacePeer(card: card), at: world.kz)
    }

    /// One effect on both sides: the later bundle arrived and was opened, the earlier one gave way to it.
    private func requireReplaced(_ old: BundleRecord, _ world: TwoGateways) async throws {
        let sent = try await world.bundles(world.kz)
        #expect(sent.count == 2)
        let new = try unwrapped(sent.first { $0.key != old.key })
        let replaced = try unwrapped(sent.first { $0.key == old.key })
        #expect(replaced.state == .superseded && replaced.supersededBy == new.key.id)
        #expect(new.header.supersedes == old.key.id && new.contentDigest == old.contentDigest)
        #expect(new.header.sequence == old.header.sequence && new.header.thread == old.header.thread)
        let officer = try await world.kg.person("officer")
        try await world.kg.gateway.opening.open(new.key, by: officer)
        try await world.settle()
        #expect(try await world.bundles(world.kz).first { $0.key == new.key }?.state == .opened)
        let thread = try await world.kg.gateway.core.store.read { store in
            try store.row("SELECT peer_sequence FROM thread WHERE id = ?", [.text(new.header.thread.urn)])?
                .integer("peer_sequence")
        }
        #expect(thread == 1)
        let items = try await world.kg.gateway.core.store.read { try $0.rows("SELECT id FROM evidence", []).count }
        #expect(items == 1)
        let content = try await world.kg.gateway.opening.content("evidence/0001", of: new.key, by: officer)
        #expect(content.source.size == Int64(bytes.count))
        #expect(try await entries(world.kz, .bundleSuperseded).map(\.subject) == [new.key.id.uuid])
        for side in [world.kz, world.kg] {
            for tree in LogTree.allCases { try await side.gateway.core.store.verify(tree) }
        }
    }

    @Test("A key that the recipient has put out of use while the bundle waited means a new bundle, by itself")
    func replacedKey() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let old = try await waiting(world)
        try await renewKey(world, retiringOld: true)
        try await giveCard(world)
        world.wait(seconds: 60)
        try await world.settle()
        #expect(try await world.bundles(world.kg).map(\.key).contains(old.key) == false)
        try await requireReplaced(old, world)
    }

    @Test("A refusal because of the key means a new bundle when another key is known, and is told otherwise")
    func refusedKey() async throws {
        for hasCard in [true, false] {
            let world = try await TwoGateways()
            defer { world.end() }
            let old = try await waiting(world)
            try await renewKey(world, retiringOld: false)
            if hasCard { try await giveCard(world) }
            let digest = try unwrapped(old.header.recipientKeys.first)
            try await world.kg.gateway.core.store.write { store in
                _ = try store.execute("DELETE FROM gateway_key WHERE certificate_sha256 = ?", [SQLValue(digest)])
            }
            world.wait(seconds: 60)
            try await world.settle()
            if !hasCard {
                #expect(try await world.bundles(world.kz).map(\.state) == [.rejected])
                #expect(try await world.bundles(world.kz).first?.reason?.contains("announcement.recipient_key") == true)
                try await giveCard(world)
                try await world.kz.gateway.dispatch.reseal(old.key, by: world.kz.person("officer"))
                try await world.settle()
            }
            try await requireReplaced(old, world)
        }
    }

    @Test("What expired or was cancelled is sealed again on request, once; what is under way or arrived is not")
    func onRequest() async throws {
        for expires in [true, false] {
            let world = try await TwoGateways()
            defer { world.end() }
            let old = try await waiting(world, cut: .after(1)) { $0.order.days = 1 }
            let officer = try await world.kz.person("officer")
            let dispatch = world.kz.gateway.dispatch
            await #expect(throws: ExchangeError(.deliveryReseal, "")) {
                try await dispatch.reseal(old.key, by: officer)
            }
            if expires {
                world.kz.wire.cut(.before(1))
                world.wait(seconds: 86_500)
                try await world.settle()
                world.kz.wire.cut(nil)
            } else {
                try await dispatch.cancel(old.key, reason: "wrong day", by: officer)
            }
            #expect(try await world.bundles(world.kg).map(\.state) == [.announced])
            for _ in 1...2 { try await dispatch.reseal(old.key, by: officer) }
            try await world.settle()
            // The announced one gives way with its bytes.
            let taken = try await world.bundles(world.kg)
            #expect(taken.first { $0.key == old.key }?.state == .superseded)
            #expect(FileManager.default.subpaths(atPath: world.kg.gateway.core.directory.incoming) == [])
            await #expect(throws: ExchangeError(.deliveryEnded, "")) {
                try await dispatch.reseal(old.key, by: officer)
            }
            try await requireReplaced(old, world)
            let new = try unwrapped(try await world.bundles(world.kz).first { $0.key != old.key })
            await #expect(throws: ExchangeError(.deliveryComplete, "")) {
                try await dispatch.reseal(new.key, by: officer)
            }
            await #expect(throws: ExchangeError(.announcementSuperseded, "")) {
                _ = try await world.kg.gateway.reception.state(of: old.key.id, by: world.kz.party)
            }
        }
    }

    @Test("One that had arrived and was opened after all has no second effect when the later one arrives")
    func twice() async throws {
        for isOpenedBefore in [true, false] {
            let world = try await TwoGateways()
            defer { world.end() }
            // Kyrgyzstan has it whole, and its receipt does not arrive before it expires.
            let old = try await waiting(world, cut: .after(3)) { $0.order.days = 1 }
            #expect(old.state == .completed)
            #expect(try await world.bundles(world.kg).map(\.state) == [.received])
            world.kz.wire.cut(.before(1))
            world.kg.wire.fail(ExchangeError(ErrorCode("transport.unreachable"), "cut"))
            let officer = try await world.kg.person("officer")
            if isOpenedBefore { try await world.kg.gateway.opening.open(old.key, by: officer) }
            world.wait(seconds: 86_400 + 71 * 3_600)
            try await world.settle()
            #expect(try await world.bundles(world.kz).map(\.state) == [.completed])
            world.wait(seconds: 2 * 3_600)
            try await world.settle()
            #expect(try await world.bundles(world.kz).map(\.state) == [.expired])
            world.kz.wire.cut(nil)
            try await world.kz.gateway.dispatch.reseal(old.key, by: world.kz.person("officer"))
            try await world.settle()
            let taken = try await world.bundles(world.kg)
            #expect(taken.first { $0.key == old.key }?.state == (isOpenedBefore ? .opened : .superseded))
            #expect(taken.first { $0.key != old.key }?.state == .received)
            world.kg.wire.fail(nil)
            world.wait(seconds: 3_600)
            try await requireReplaced(old, world)
            // The receipts of both are here, and none moved what had given way.
            let receipts = try await world.kz.gateway.core.store.read { store in
                try store.rows("SELECT kind FROM receipt ORDER BY kind", []).map { try $0.text("kind") }
            }
            #expect(receipts == (isOpenedBefore ? ["opened", "opened", "received"] : ["opened", "received"]))
        }
    }

    @Test("A bundle does not take the place of one with another content")
    func otherContent() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let first = try await waiting(world, cut: .after(1))
        let other = try await waiting(world)
        #expect(other.key != first.key)
        var header = other.header
        header.supersedes = first.key.id
        let claimed = header
        await #expect(throws: ExchangeError(.announcementSupersedes, "")) {
            try await world.kg.gateway.core.store.read { try Supersession.check(claimed, in: $0) }
        }
    }

    @Test("What the recipient rejected is not sealed again")
    func rejected() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        _ = try await waiting(world)
        world.wait(seconds: 60)
        try await world.settle()
        let key = try unwrapped(try await world.bundles(world.kg).first).key
        try await world.kg.gateway.opening.reject(key, reason: "not for us", by: world.kg.person("officer"))
        try await world.settle()
        await #expect(throws: ExchangeError(.deliveryReseal, "")) {
            try await world.kz.gateway.dispatch.reseal(key, by: world.kz.person("officer"))
        }
    }
}
