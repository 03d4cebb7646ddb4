import Foundation
import ProgramHarness
import Testing

/// What networks do to an exchange, byte by byte.
@Suite("The network", .serialized)
struct NetworkTests {
    private static let kinds: [(name: String, make: @Sendable (FaultProxy.Direction, Int) -> FaultProxy.Fault)] = [
        ("network: RST after N bytes", { .cut($0, after: $1, reset: true) }),
        ("network: FIN after N bytes", { .cut($0, after: $1, reset: false) }),
        ("network: bit flip at byte N", { .flip($0, at: $1) }),
    ]

    /// A position that an exchange did not reach is not counted as tried. Pairs are new from time to time, because their
    /// time passes quickly.
    @Test("A connection that is reset, that ends, that changes a bit, at any byte: tried again, nothing wrong is taken")
    func anyByte() async throws {
        let sizes = try await LiveGateways.with { live in
            let whole = try await live.exchange([nil])
            try #require(whole.retries == 0 && whole.traffic.hits == 0)
            // The last bytes say only that the connection ends.
            return FaultProxy.Direction.allCases.map { whole.traffic.bytes($0) - 64 }
        }
        print("an exchange has \(sizes[0]) bytes to the server and \(sizes[1]) to the client")
        let plan = Self.kinds.indices.flatMap { kind in
            zip(FaultProxy.Direction.allCases, sizes).flatMap { direction, size in
                Campaign.selection(5, of: 0..<size, stride: Campaign.stride).map { (kind, direction, $0) }
            }
        }
        for start in stride(from: 0, to: plan.count, by: 200) {
            let some = Array(plan[start..<min(start + 200, plan.count)])
            try await LiveGateways.with { live in
                var counts = [[Int]](repeating: [0, 0], count: Self.kinds.count)
                for (kind, direction, place) in some {
                    let outcome = try await live.exchange([Self.kinds[kind].make(direction, place)])
                    if outcome.traffic.hits > 0 { counts[kind][outcome.retries > 0 ? 0 : 1] += 1 }
                }
                let faults = try await live.faults()
                #expect(faults.isEmpty)
                #expect(counts.joined().reduce(0, +) > some.count * 3 / 4, "\(counts) of \(some.count) happened")
                for (kind, count) in zip(Self.kinds, counts) {
                    if count[0] > 0 { FaultTable.note(kind.name, "tried again by the outbox", tried: count[0]) }
                    if count[1] > 0 { FaultTable.note(kind.name, "mended at once", tried: count[1]) }
                }
                if !faults.isEmpty { FaultTable.note("network", "losses", tried: 0, losses: faults.count) }
            }
        }
    }

    @Test("Bytes that come one by one, late, slowly")
    func slow() async throws {
        try await LiveGateways.with { live in
            for (kind, fault) in [
                ("network: one-byte segments", FaultProxy.Fault.slices), ("network: 50 ms of latency", .latency(50)),
                ("network: 64 kB a second", .rate(64_000)),
            ] {
                let outcome = try await live.exchange([fault])
                #expect(outcome.traffic.hits == 1)
                #expect(outcome.retries == 0, "\(kind): nothing had to be tried again")
                let faults = try await live.faults()
                #expect(faults.isEmpty, "\(kind)")
                FaultTable.note(kind, "went on", losses: faults.count)
            }
        }
    }

    @Test("A partner whose port answers with RST")
    func refused() async throws {
        try await LiveGateways.with { live in
            let outcome = try await live.exchange([.refuse, .refuse, .refuse])
            #expect(outcome.traffic.hits == 3 && outcome.retries >= 3)
            let faults = try await live.faults()
            #expect(faults.isEmpty)
            FaultTable.note("network: RST on connect", "tried again by the outbox", tried: 3, losses: faults.count)
        }
    }
}

/// What is noticed only by waiting, so these wait beside each other.
@Suite("A silent network")
struct SilentNetworkTests {
    @Test("A connection that stands and passes nothing", arguments: [0, 6_000])
    func blackHole(_ after: Int) async throws {
        try await LiveGateways.with { live in
            let outcome = try await live.exchange([.blackHole(after: after)])
            #expect(outcome.traffic.hits == 1 && outcome.retries > 0)
            let faults = try await live.faults()
            #expect(faults.isEmpty)
            let kind = after == 0 ? "network: black hole from the start" : "network: black hole after N bytes"
            FaultTable.note(kind, "given up, tried again by the outbox", losses: faults.count)
        }
    }

    @Test("A partner that vanished without ending its connection")
    func halfOpen() async throws {
        try await LiveGateways.with { live in
            // The first exchange leaves a connection that is used again, and leads nowhere by then.
            _ = try await live.exchange([nil])
            let outcome = try await live.exchange([nil], vanishing: true)
            #expect(outcome.retries > 0)
            let faults = try await live.faults()
            #expect(faults.isEmpty)
            FaultTable.note("network: half-open", "given up, tried again by the outbox", losses: faults.count)
        }
    }
}
