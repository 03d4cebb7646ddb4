import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import GatewayTesting
import Persistence
import Testing
import TrustCrypto

@testable import BundleExchange

/// A bundle on its way from one gateway to the other and its receipts on their way back.
@Suite(.serialized)
struct ExchangeTests {
    private let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }

    private func entries(_ side: TwoGateways.Side, _ kind: LogEntry.Kind) async throws -> [LogEntry] {
        var filter = LogFilter()
        filter.kind = kind
        return try await side.gateway.core.store.entries(in: .exchange, matching: filter).map {
            try LogEntry(decoding: $0.bytes)
        }
    }

    private func requireLogs(_ world: TwoGateways) async throws {
        for side in [world.kz, world.kg] {
            for tree in LogTree.allCases { try await side.gateway.core.store.verify(tree) }
        }
    }

    @Test func `A request with evidence is sealed, delivered, receipted, opened and receipted again`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let item = try await world.evidence(bytes, name: "accounts.csv", at: world.kg)
        let draft = try await world.approved(from: world.kg, to: world.kz, evidence: [item])
        try await world.kg.gateway.dispatch.send(draft: draft.text, by: world.kg.person("officer"))
        try await world.settle()

        let sent = try unwrapped(try await world.bundles(world.kg).first)
        #expect(sent.state == .acknowledged)
        let officer = try await world.kz.person("officer")
        let received = try unwrapped(try await world.bundles(world.kz).first)
        #expect(received.key == sent.key)
        #expect(received.state == .received)
        #expect(received.subject == nil)

        try await world.kz.gateway.opening.open(received.key, by: officer)
        try await world.settle()
        let (opened, receipts, pending) = try await world.kz.gateway.bundles.show(received.key, by: officer)
        #expect(opened.state == .opened)
        #expect(opened.subject == "Bank records of account 42")
        #expect(Set(receipts.map(\.kind)) == [.received, .opened])
        #expect(pending.isEmpty)
        #expect(try await world.bundles(world.kg).first?.state == .opened)

        let content = try await world.kz.gateway.opening.content("evidence/0001", of: received.key, by: officer)
        var read = [UInt8](repeating: 0, count: Int(content.source.size))
        try read.withUnsafeMutableBytes { try content.source.read(into: $0, at: 0) }
        #expect(read == bytes)
        #expect(content.originalName == "accounts.csv")

        #expect(try await entries(world.kg, .bundleSent).count == 1)
        #expect(try await entries(world.kz, .bundleReceived).count == 1)
        #expect(try await entries(world.kz, .bundleOpened).count == 1)
        #expect(try await entries(world.kg, .receiptStored).count == 2)
        try await requireLogs(world)
        // Both files are the same, byte for byte.
        let (one, other) = (world.kg.gateway.core, world.kz.gateway.core)
        #expect(
            FileManager.default.contentsEqual(
                atPath: one.sealedPath(sent.key),
                andPath: other.sealedPath(sent.key)
            )
        )
    }

    @Test func `Cutting the wire before or after every message leaves one effect and loses nothing`() async throws {
        var tried = 0
        for call in 1...4 {
            for cut in [DirectTransport.Cut.before(call), .after(call)] {
                let world = try await TwoGateways()
                defer { world.end() }
                let draft = try await world.approved(from: world.kz, to: world.kg)
                try await world.kz.gateway.dispatch.send(draft: draft.text, by: world.kz.person("officer"))
                world.kz.wire.cut(cut)
                try await world.settle()
                world.kz.wire.cut(nil)
                world.wait(seconds: 3_600)
                try await world.settle()
                #expect(try await world.bundles(world.kz).map(\.state) == [.acknowledged], "\(cut)")
                #expect(try await world.bundles(world.kg).map(\.state) == [.received], "\(cut)")
                #expect(try await entries(world.kg, .bundleReceived).count == 1)
                #expect(try await entries(world.kz, .bundleSent).count == 1)
                #expect(try await entries(world.kz, .receiptStored).count == 1)
                try await requireLogs(world)
                tried += 1
            }
        }
        #expect(tried == 8)
    }

    @Test func `A part that is damaged on the way is refused and only that part travels again`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let draft = try await world.approved(from: world.kz, to: world.kg)
        try await world.kz.gateway.dispatch.send(draft: draft.text, by: world.kz.person("officer"))
        world.kz.wire.corrupt(part: 1)
        try await world.settle()
        #expect(world.kz.wire.sent == [1, 1])
        #expect(try await world.bundles(world.kg).map(\.state) == [.received])
        #expect(try await world.bundles(world.kz).map(\.state) == [.acknowledged])
    }

    @Test func `A gateway that is opened again goes on where it was`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let draft = try await world.approved(from: world.kz, to: world.kg)
        try await world.kz.gateway.dispatch.send(draft: draft.text, by: world.kz.person("officer"))
        world.kz.wire.cut(.after(2))
        try await world.settle()
        #expect(try await world.bundles(world.kz).map(\.state) == [.announced])
        try await world.reopenKZ()
        world.wait(seconds: 3_600)
        try await world.settle()
        #expect(try await world.bundles(world.kz).map(\.state) == [.acknowledged])
        try await requireLogs(world)
    }

    @Test(arguments: [0, 1_000])
    func `What the power took of a bundle that was arriving is received anew`(_ left: Int) async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let draft = try await world.approved(from: world.kg, to: world.kz)
        try await world.kg.gateway.dispatch.send(draft: draft.text, by: world.kg.person("officer"))
        world.kg.wire.cut(.after(1))
        try await world.settle()
        world.kg.wire.cut(nil)
        let key = try unwrapped(try await world.bundles(world.kz).first).key
        let path = world.kz.gateway.core.incomingPath(key)
        try await world.reopenKZ()
        // The name lasted, and of the bytes a part; the rest is holes.
        let size = try unwrapped(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        let file = try unwrapped(FileHandle(forWritingAtPath: path))
        try file.truncate(atOffset: UInt64(left))
        try file.truncate(atOffset: UInt64(size))
        try file.close()
        world.wait(seconds: 3_600)
        try await world.settle()
        #expect(try await world.bundles(world.kz).map(\.state) == [.received])
        #expect(try await world.bundles(world.kg).map(\.state) == [.acknowledged])
        try await requireLogs(world)
    }

    @Test func `A bundle that nobody could take expires, and says so`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let draft = try await world.approved(from: world.kz, to: world.kg) { $0.order.days = 1 }
        try await world.kz.gateway.dispatch.send(draft: draft.text, by: world.kz.person("officer"))
        world.kz.wire.cut(.before(1))
        try await world.settle()
        world.wait(seconds: 2 * 86_400)
        try await world.settle()
        #expect(try await world.bundles(world.kz).map(\.state) == [.expired])
        #expect(try await entries(world.kz, .bundleExpired).count == 1)
    }

    @Test func `A rejection reaches the sender as a signed receipt with its reason`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let draft = try await world.approved(from: world.kz, to: world.kg)
        try await world.kz.gateway.dispatch.send(draft: draft.text, by: world.kz.person("officer"))
        try await world.settle()
        let key = try unwrapped(try await world.bundles(world.kg).first).key
        try await world.kg.gateway.opening.reject(key, reason: "Not for us", by: world.kg.person("officer"))
        try await world.settle()
        let sent = try unwrapped(try await world.bundles(world.kz).first)
        #expect(sent.state == .rejected)
        #expect(sent.reason == "Not for us")
        await #expect(throws: ExchangeError(.wrongState, "")) {
            try await world.kg.gateway.opening.open(key, by: world.kg.person("officer"))
        }
    }

    @Test func `By disk a bundle and its receipt make the same states as by wire`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let draft = try await world.approved(from: world.kz, to: world.kg) { $0.order.byCourier = true }
        let (sender, taker) = try await (world.kz.person("officer"), world.kg.person("officer"))
        try await world.kz.gateway.dispatch.send(draft: draft.text, by: sender)
        try await world.settle()
        let key = try unwrapped(try await world.bundles(world.kz).first).key
        let file = try await world.kz.gateway.courier.export(key, by: sender)
        let disk = try Data(contentsOf: URL(fileURLWithPath: file.path))
        var damaged = disk
        damaged[damaged.count / 2] ^= 1
        let bad = damaged
        await #expect(throws: ExchangeError(.zipCRCMismatch, "")) {
            _ = try await world.kg.gateway.courier.importBundle(by: taker) { consume in
                try bad.withUnsafeBytes { try consume($0) }
            }
        }
        for _ in 1...2 {
            let taken = try await world.kg.gateway.courier.importBundle(by: taker) { consume in
                try disk.withUnsafeBytes { try consume($0) }
            }
            #expect(taken == key)
        }
        try await world.settle()
        let receipt = try await world.kg.gateway.courier.receipt(.received, of: key, by: taker)
        #expect(try await world.kz.gateway.courier.importReceipt(receipt, by: sender) == key)
        #expect(try await world.bundles(world.kz).map(\.state) == [.acknowledged])
        #expect(try await world.bundles(world.kg).map(\.state) == [.received])
        #expect(try await entries(world.kg, .bundleReceived).map(\.subject) == ["courier"])
        #expect(FileManager.default.subpaths(atPath: world.kg.gateway.core.directory.incoming) == [])
    }

    @Test func `A suspended partner is neither served nor sent to`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let draft = try await world.approved(from: world.kz, to: world.kg)
        try await world.kz.gateway.dispatch.send(draft: draft.text, by: world.kz.person("officer"))
        world.kz.wire.cut(.after(1))
        try await world.settle()
        world.kz.wire.cut(nil)
        try await world.change(.suspendPeer(world.kz.party), at: world.kg)
        world.wait(seconds: 60)
        try await world.settle()
        #expect(try await world.bundles(world.kg).map(\.state) == [.announced])
        try await world.change(.resumePeer(world.kz.party), at: world.kg)
        world.wait(seconds: 3_600)
        try await world.settle()
        #expect(try await world.bundles(world.kg).map(\.state) == [.received])
    }

    @Test func `An answer continues the thread on both sides`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let request = try await world.approved(from: world.kg, to: world.kz)
        try await world.kg.gateway.dispatch.send(draft: request.text, by: world.kg.person("officer"))
        try await world.settle()
        let received = try unwrapped(try await world.bundles(world.kz).first)
        let officer = try await world.kz.person("officer")
        try await world.kz.gateway.opening.open(received.key, by: officer)
        try await world.settle()
        let item = try await world.evidence(bytes, name: "answer.img", at: world.kz)
        let answer = try await world.approved(
            from: world.kz,
            to: world.kg,
            thread: received.header.thread,
            type: .response,
            evidence: [item]
        )
        try await world.kz.gateway.dispatch.send(draft: answer.text, by: officer)
        try await world.settle()
        let back = try unwrapped(try await world.bundles(world.kg).first { $0.direction == .incoming })
        try await world.kg.gateway.opening.open(back.key, by: world.kg.person("officer"))
        try await world.settle()
        let manifest = try await world.kg.gateway.opening.manifest(of: back.key, by: world.kg.person("officer"))
        #expect(manifest?.thread == received.header.thread)
        #expect(manifest?.highestSequenceSeen == 1)
        #expect(try await world.bundles(world.kg).count == 2)
        try await requireLogs(world)
    }
}
