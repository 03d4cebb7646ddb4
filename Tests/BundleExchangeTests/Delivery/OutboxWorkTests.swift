import ExchangeLog
import ExchangeModel
import Foundation
import GatewayTesting
import Persistence
import Synchronization
import Testing

@testable import BundleExchange

/// What waits in the outbox: who goes first, who waits for whom, and what people can do about it.
@Suite("Work in the outbox", .serialized)
struct OutboxWorkTests {
    private let unreachable = ExchangeError(ErrorCode("transport.unreachable"), "nobody answers")

    /// Counts the rows that queries give.
    private struct Counting: StoreReading {
        let store: any StoreReading
        let count: Counter

        final class Counter: Sendable {
            let rows = Mutex(0)
        }

        func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [StoredRow] {
            let found = try store.rows(sql, arguments)
            count.rows.withLock { $0 += found.count }
            return found
        }
    }

    private func enter(_ count: Int, for peer: String, rank: Int64 = 2, at side: TwoGateways.Side) async throws {
        try await side.gateway.core.store.write { store in
            for number in 0..<count {
                try store.execute(
                    """
                    INSERT INTO outbox (id, kind, peer, entered, due, attempts, lane, rank, crashes)
                    VALUES (?, 'send_receipt', ?, 0, 0, 0, ?, ?, 0)
                    """,
                    [.text("\(peer) \(rank) \(number)"), .text(peer), .text("hand " + peer), .integer(rank)]
                )
            }
        }
    }

    private func entries(_ side: TwoGateways.Side, _ kind: LogEntry.Kind) async throws -> [LogEntry] {
        var filter = LogFilter()
        filter.kind = kind
        return try await side.gateway.core.store.entries(in: kind.tree, matching: filter).map {
            try LogEntry(decoding: $0.bytes)
        }
    }

    @Test("Ten thousand pieces of work for a partner that is down cost the others nothing; emergencies go first")
    func deadPartner() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let scheduler = world.kz.gateway.scheduler
        let now = world.clock.withLock { $0 }
        try await enter(10_000, for: "TJ-GPO", at: world.kz)
        try await enter(10, for: "UZ-GPO", at: world.kz)
        try await enter(10, for: "KG-GPO", at: world.kz)
        try await enter(1, for: "KG-GPO", rank: 0, at: world.kz)
        scheduler.board.withLock { board in
            for _ in 1...5 { _ = board.failed("TJ-GPO", unreachable, at: now, jitter: 0) }
        }
        let counter = Counting.Counter()
        let chosen = try await world.kz.gateway.core.store.read { store in
            try scheduler.choose(most: .max, at: now, in: Counting(store: store, count: counter))
        }
        #expect(chosen.first?.0.id == "KG-GPO 0 0")
        var lanes: [String: Int] = [:]
        for (_, lane) in chosen { lanes[lane.party, default: 0] += 1 }
        #expect(lanes == ["KG-GPO": 4, "UZ-GPO": 4])
        #expect(counter.rows.withLock { $0 } < 30)
        // The index alone finds and orders what is due.
        let plan = try await world.kz.gateway.core.store.read { store in
            try store.rows(
                """
                EXPLAIN QUERY PLAN SELECT * FROM outbox WHERE lane = 'hand TJ-GPO' AND held IS NULL AND rank = 2
                AND begun IS NULL AND due <= 9 ORDER BY due, entered LIMIT 4
                """,
                []
            ).map { try $0.text("detail") }
        }
        #expect(plan.count == 1 && plan.first?.contains("USING INDEX outbox_lane") == true, "\(plan)")
    }

    @Test("A partner that cannot be reached is only probed; when it answers, everything goes at once")
    func breaker() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        for _ in 1...7 {
            let draft = try await world.approved(from: world.kz, to: world.kg)
            try await world.kz.gateway.dispatch.send(draft: draft.text, by: world.kz.person("officer"))
        }
        world.kz.wire.fail(unreachable)
        try await world.settle()
        let scheduler = world.kz.gateway.scheduler
        let way = scheduler.way(to: world.kg.party)
        #expect(way.standing == .open && way.failures == 5 && way.since != nil && way.lastError != nil)
        #expect(world.kz.wire.calls == 5)
        let administrator = try await world.kz.person("administrator-1")
        let waiting = try await world.kz.gateway.outbox.list(peer: world.kg.party, by: administrator)
        #expect(waiting.count == 7 && waiting.allSatisfy { $0.way?.standing == .open && $0.next != nil })
        #expect(waiting.map(\.attempts).sorted() == [0, 0, 1, 1, 1, 1, 1])
        // One probe when its time has come, and no more.
        world.wait(seconds: 3_600)
        try await world.settle()
        #expect(world.kz.wire.calls == 6)
        world.kz.wire.fail(nil)
        // A person need not wait for the next one.
        try await world.kz.gateway.outbox.retry(unwrapped(waiting.first).id, by: administrator)
        try await world.settle()
        #expect(scheduler.way(to: world.kg.party).standing == .closed)
        #expect(try await world.bundles(world.kz).allSatisfy { $0.state == .acknowledged })
        #expect(try await world.kz.gateway.outbox.list(by: administrator).isEmpty)
        #expect(try await entries(world.kz, .workRetried).count == 1)
    }

    @Test("A paused delivery waits, is called off at once, and goes on when it is resumed")
    func pausing() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let draft = try await world.approved(from: world.kz, to: world.kg)
        let (officer, administrator) = try await (world.kz.person("officer"), world.kz.person("administrator-1"))
        try await world.kz.gateway.dispatch.send(draft: draft.text, by: officer)
        let outbox = world.kz.gateway.outbox
        // Before the part goes out.
        world.kz.wire.before { call in
            guard call == 2 else { return }
            let key = try unwrapped(try await world.bundles(world.kz).first).key
            try await outbox.pause(key, by: administrator)
            try Task.checkCancellation()
        }
        try await world.settle()
        world.kz.wire.before(nil)
        var record = try unwrapped(try await world.bundles(world.kz).first)
        #expect(record.state == .announced && record.paused != nil)
        world.wait(seconds: 86_400)
        try await world.settle()
        #expect(world.kz.wire.calls == 0)
        let item = try unwrapped(try await outbox.list(by: officer).first)
        #expect(item.held == "paused" && item.next == nil && item.attempts == 0 && item.begun == nil)
        await #expect(throws: ExchangeError(.wrongState, "")) { try await outbox.retry(item.id, by: officer) }
        for _ in 1...2 { try await outbox.resume(record.key, by: officer) }
        try await world.settle()
        record = try unwrapped(try await world.bundles(world.kz).first)
        #expect(record.state == .acknowledged && record.paused == nil)
        #expect(try await entries(world.kz, .bundlePaused).count == 1)
        #expect(try await entries(world.kz, .bundleResumed).count == 1)
        await #expect(throws: ExchangeError(.deliveryComplete, "")) {
            try await outbox.pause(record.key, by: officer)
        }
        let auditor = try await world.kz.person("auditor")
        await #expect(throws: ExchangeError(.accessDenied, "")) { try await outbox.pause(record.key, by: auditor) }
    }

    @Test("Before the partner has all of it a bundle can be cancelled, also on its way; afterwards it cannot")
    func cancelling() async throws {
        for (call, isCancelled) in [(1, true), (2, true), (3, false)] {
            let world = try await TwoGateways()
            defer { world.end() }
            let draft = try await world.approved(from: world.kz, to: world.kg)
            let officer = try await world.kz.person("officer")
            try await world.kz.gateway.dispatch.send(draft: draft.text, by: officer)
            let refusal = Mutex<ErrorCode?>(nil)
            world.kz.wire.before { number in
                guard number == call else { return }
                let key = try unwrapped(try await world.bundles(world.kz).first).key
                do {
                    try await world.kz.gateway.dispatch.cancel(key, reason: "sent in error", by: officer)
                } catch let error as ExchangeError {
                    refusal.withLock { $0 = error.code }
                }
            }
            try await world.settle()
            world.kz.wire.before(nil)
            world.wait(seconds: 3_600)
            try await world.settle()
            #expect(refusal.withLock { $0 } == (isCancelled ? nil : .deliveryComplete), "\(call)")
            let sent = try await world.bundles(world.kz).map(\.state)
            let taken = try await world.bundles(world.kg).map(\.state)
            #expect(sent == [isCancelled ? .cancelled : .acknowledged], "\(call)")
            #expect(!taken.contains(.received) == isCancelled, "\(call)")
            #expect(try await entries(world.kz, .bundleCancelled).count == (isCancelled ? 1 : 0))
            #expect(try await world.kz.gateway.outbox.list(by: officer).isEmpty)
        }
    }

    @Test("Work that ends the gateway again and again is set aside with an alarm, and done when a person wants it")
    func crashing() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let draft = try await world.approved(from: world.kg, to: world.kz)
        try await world.kg.gateway.dispatch.send(draft: draft.text, by: world.kg.person("officer"))
        try await world.settle()
        let key = try unwrapped(try await world.bundles(world.kz).first).key
        try await world.kz.gateway.opening.open(key, by: world.kz.person("officer"))
        for attempt in 1...3 {
            // It ends while the bundle is being opened.
            let claimed = try await world.kz.gateway.scheduler.claim().map(\.0.kind)
            #expect(claimed == [.open])
            try await world.reopenKZ()
            try await world.kz.gateway.begin()
            let item = try unwrapped(
                try await world.kz.gateway.outbox.list(by: world.kz.person("officer")).first { $0.work == "open" }
            )
            #expect(item.held == (attempt < 3 ? nil : "crashed"))
            let alarms = try await entries(world.kz, .alarmRaised)
            #expect(alarms.map(\.code) == (attempt < 3 ? [] : [.workCrashed]))
        }
        let officer = try await world.kz.person("officer")
        world.wait(seconds: 86_400)
        try await world.settle()
        #expect(try await world.bundles(world.kz).first?.state == .opening)
        let (_, _, pending) = try await world.kz.gateway.bundles.show(key, by: officer)
        #expect(pending.map(\.held) == ["crashed"])
        let item = try unwrapped(try await world.kz.gateway.outbox.list(by: officer).first)
        try await world.kz.gateway.outbox.retry(item.id, by: officer)
        try await world.settle()
        #expect(try await world.bundles(world.kz).first?.state == .opened)
    }
}
