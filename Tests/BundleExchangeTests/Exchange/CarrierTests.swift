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

/// A bundle of several parts on its way.
@Suite(.serialized)
struct CarrierTests {
    /// A bundle of Kazakhstan with several parts, entered as one to be sent.
    private struct Freight {
        let record: BundleRecord
        let announcement: BundleAnnouncement
        let path: String

        var count: Int { announcement.parts.count }
    }

    private func freight(_ world: TwoGateways) async throws -> Freight {
        let bytes = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 9) }
        let item = try await world.evidence(bytes, name: "image.bin", at: world.kz)
        let draft = try await world.approved(from: world.kz, to: world.kg, evidence: [item])
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
        order.partSize = 65_536
        let made = world.folder + "/made.asice"
        _ = try BundleSealer(draft: released.draft, order: order).seal(
            signature: BundleSealer.release(
                released.draft,
                signatures: released.signatures,
                timestamper: core.timestamp
            ),
            to: made,
            timestamper: core.timestamp
        )
        var checks = CheckList()
        let announcement = try BundleAnnouncement(of: SealedBundle(reading: made, checks: &checks))
        let header = announcement.header
        let key = BundleKey(sender: header.sender, id: header.bundle)
        let path = core.sealedPath(key)
        try FileManager.default.moveItem(atPath: made, toPath: path)
        let record = try await core.store.write { store in
            try BundleRecord.insert(
                header,
                headerXML: announcement.headerXML,
                direction: .outgoing,
                peer: header.recipient,
                sealedDigest: announcement.sealedDigest,
                size: announcement.totalSize,
                state: .queued,
                at: core.now(),
                in: store
            )
            return try unwrapped(try BundleRecord.find(key, .outgoing, in: store))
        }
        #expect(announcement.parts.count >= 8)
        return Freight(record: record, announcement: announcement, path: path)
    }

    private func carrier(_ world: TwoGateways, _ transport: (any PeerTransport)? = nil) -> PartCarrier {
        PartCarrier(peers: world.kz.gateway.peers, transport: transport ?? world.kz.wire)
    }

    private func carry(_ freight: Freight, by carrier: PartCarrier) async throws -> [UInt8] {
        try await carrier.carry(freight.record, freight.announcement, path: freight.path) { _ in }
    }

    private func missing(_ freight: Freight, _ world: TwoGateways) async throws -> [Int] {
        let state = try await world.kg.gateway.reception.state(of: freight.record.key.id, by: world.kz.party)
        return Array(state.missing.joined())
    }

    private func requireSame(_ freight: Freight, _ world: TwoGateways) {
        let there = world.kg.gateway.core.sealedPath(freight.record.key)
        #expect(FileManager.default.contentsEqual(atPath: freight.path, andPath: there))
    }

    /// Holds parts back until so many are on their way at one time, and lets the last one go first.
    private final class Meeting: PeerTransport {
        private struct State {
            var waiting: [CheckedContinuation<Void, Never>] = []
            var underway = 0
            var most = 0
        }

        private let wire: DirectTransport
        private let size: Int
        private let state = Mutex(State())

        var most: Int { state.withLock { $0.most } }

        init(_ wire: DirectTransport, size: Int) {
            self.wire = wire
            self.size = size
        }

        func announce(_ announcement: BundleAnnouncement, of bundle: BundleKey, to peer: PartyID) async throws
            -> DeliveryState
        { try await wire.announce(announcement, of: bundle, to: peer) }

        func send(
            part number: Int,
            digest: SHA256Digest,
            from source: any ByteSource,
            range: Range<Int64>,
            of bundle: BundleKey,
            to peer: PartyID
        ) async throws {
            await withCheckedContinuation { (go: CheckedContinuation<Void, Never>) in
                let ready = state.withLock { state in
                    state.underway += 1
                    state.most = max(state.most, state.underway)
                    state.waiting.append(go)
                    guard state.waiting.count == size else { return [CheckedContinuation<Void, Never>]() }
                    defer { state.waiting = [] }
                    return state.waiting.reversed()
                }
                for waiting in ready { waiting.resume() }
            }
            defer { state.withLock { $0.underway -= 1 } }
            try await wire.send(part: number, digest: digest, from: source, range: range, of: bundle, to: peer)
        }

        func complete(_ bundle: BundleKey, at peer: PartyID) async throws -> [UInt8] {
            try await wire.complete(bundle, at: peer)
        }

        func deliver(receipt: [UInt8], of bundle: BundleKey, to peer: PartyID) async throws {
            try await wire.deliver(receipt: receipt, of: bundle, to: peer)
        }

        func submit(_ submission: AddCheckpoint, oldRoot: SHA256Digest, to peer: PartyID) async throws -> WitnessAnswer
        {
            try await wire.submit(submission, oldRoot: oldRoot, to: peer)
        }
    }

    @Test func `Parts travel side by side in any order, and the file is the sender's`() async throws {
        var limits = ExchangeLimits()
        limits.partsAtOnce = 2
        let world = try await TwoGateways(limits: limits)
        defer { world.end() }
        let freight = try await freight(world)
        // Pairs meet only if two travel at once; an odd number would leave one waiting for ever.
        let meeting = Meeting(world.kz.wire, size: freight.count % 2 == 0 ? 2 : 1)
        let receipt = try await carry(freight, by: carrier(world, meeting))
        #expect(meeting.most == 2)
        #expect(world.kz.wire.sent.sorted() == Array(1...freight.count))
        requireSame(freight, world)
        #expect(try await carry(freight, by: carrier(world)) == receipt)
        #expect(world.kz.wire.sent.count == freight.count)
    }

    @Test func `A part that arrives damaged travels again, and no other does`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let freight = try await freight(world)
        world.kz.wire.corrupt(part: 3, times: 2)
        _ = try await carry(freight, by: carrier(world))
        #expect(world.kz.wire.sent.sorted() == (Array(1...freight.count) + [3, 3]).sorted())
        requireSame(freight, world)
    }

    @Test func `A part that never arrives whole puts the bundle off, and the others stay`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let freight = try await freight(world)
        world.kz.wire.corrupt(part: freight.count, times: 3)
        await #expect(throws: ExchangeError(.peerPartDamaged, "")) { _ = try await carry(freight, by: carrier(world)) }
        #expect(try await missing(freight, world) == [freight.count])
        let before = world.kz.wire.sent.count
        _ = try await carry(freight, by: carrier(world))
        #expect(world.kz.wire.sent.count == before + 1)
        requireSame(freight, world)
    }

    @Test func `Damage on our own disk is told as ours`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let freight = try await freight(world)
        let handle = try unwrapped(FileHandle(forUpdatingAtPath: freight.path))
        try handle.seek(toOffset: UInt64(freight.announcement.parts[1].offset + 5_000))
        try handle.write(contentsOf: [0xff, 0, 0xff, 0])
        try handle.close()
        await #expect(throws: ExchangeError(.bundlePartDamaged, "")) {
            _ = try await carry(freight, by: carrier(world))
        }
        #expect(world.kz.wire.sent.filter { $0 == 2 }.count == 1)
    }

    @Test func `A cut costs at most one part of each connection`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let freight = try await freight(world)
        world.kz.wire.cut(.before(5))
        await #expect(throws: ExchangeError.self) { _ = try await carry(freight, by: carrier(world)) }
        world.kz.wire.cut(nil)
        let left = try await missing(freight, world)
        let atOnce = world.kz.gateway.core.limits.partsAtOnce
        #expect(left.count >= freight.count - 3 - atOnce && left.count < freight.count)
        let before = world.kz.wire.sent.count
        _ = try await carry(freight, by: carrier(world))
        #expect(world.kz.wire.sent.dropFirst(before).sorted() == left)
        requireSame(freight, world)
    }

    @Test func `Two senders of one bundle come to one receipt`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let freight = try await freight(world)
        // Whoever finds only parts that the other is sending comes again, as the outbox does.
        let receipts = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 1...2 {
                group.addTask {
                    while true {
                        do {
                            return try await carry(freight, by: carrier(world))
                        } catch let error as ExchangeError
                            where [.peerPartBusy, .assemblyInUse, .partMissing].contains(error.code)
                        { await Task.yield() }
                    }
                }
            }
            return try await group.reduce(into: [[UInt8]]()) { $0.append($1) }
        }
        #expect(Set(receipts).count == 1 && receipts.count == 2)
        requireSame(freight, world)
    }

    @Test func `A partner that is suspended on the way gets no further part`() async throws {
        var limits = ExchangeLimits()
        limits.partsAtOnce = 1
        let world = try await TwoGateways(limits: limits)
        defer { world.end() }
        let freight = try await freight(world)
        world.kz.wire.cut(.after(4))
        await #expect(throws: ExchangeError.self) { _ = try await carry(freight, by: carrier(world)) }
        world.kz.wire.cut(nil)
        try await world.change(.suspendPeer(world.kg.party), at: world.kz)
        let before = world.kz.wire.sent.count
        await #expect(throws: ExchangeError(.peerSuspended, "")) { _ = try await carry(freight, by: carrier(world)) }
        #expect(world.kz.wire.sent.count == before)
    }

    private final class Order: Sendable {
        private let state = Mutex<[String]>([])
        var names: [String] { state.withLock { $0 } }
        func note(_ name: String) { state.withLock { $0.append(name) } }
    }

    @Test func `Emergencies pass the gate first, and who is cancelled takes no place`() async throws {
        let gate = PartGate(1)
        let order = Order()
        let (opened, open) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gate.pass(urgent: false) { for await _ in opened { break } } }
            while gate.standing.free > 0 { await Task.yield() }
            let cancelled = Task { try await gate.pass(urgent: true) { order.note("cancelled") } }
            while gate.standing.waiting < 1 { await Task.yield() }
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            let comers = [("one", false), ("emergency", true), ("two", false), ("second emergency", true)]
            for (count, (name, urgent)) in comers.enumerated() {
                group.addTask { try await gate.pass(urgent: urgent) { order.note(name) } }
                while gate.standing.waiting <= count { await Task.yield() }
            }
            open.yield()
            try await group.waitForAll()
        }
        #expect(order.names == ["emergency", "second emergency", "one", "two"])
        #expect(gate.standing == (1, 0))
    }
}
