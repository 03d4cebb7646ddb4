import Foundation
import Glibc
import ProgramHarness
import Synchronization
import Testing

/// The power of the site goes: what had been flushed to the disk lasts, the rest lasts in part.
@Suite("Power cuts")
struct PowerCutTests {
    /// What had been acknowledged when the disk's log went so far.
    private struct Moment: Sendable {
        let position: Int
        let promises: [String: Set<String>]
    }

    @Test("Nothing acknowledged is lost, one effect, both logs hold and agree")
    func cuts() async throws {
        try await Lanes.shared.with { lane in
            let power = try await PowerDisk(megabytes: 96)
            let pair = try await (Campaign.isLong ? lane.fresh : lane.released).duplicate(to: power.disk.place)
            try await Program.require(["sync", "-f", power.disk.place])
            let start = power.position
            let moments = try await exchange(pair, on: power)
            try await power.remove()
            let (log, records) = try power.records()
            let first = records.firstIndex { $0.place >= start } ?? records.count
            let flushes = records[first...].filter { $0.write == nil }.count
            print("\(records.count - first) records reached the disk, \(flushes) of them flushes")
            try #require(flushes > 20)
            let numbers = Campaign.selection(5, of: first..<records.count)
            for (place, number) in numbers.enumerated() {
                let fates = Campaign.isLong ? PowerDisk.Fate.allCases : [[.some, .gone][place % 2]]
                for fate in fates {
                    let image = try power.image(before: number, log, records, fate, seed: UInt64(number))
                    defer { try? FileManager.default.removeItem(atPath: image) }
                    let moment = moments.last { $0.position <= records[number].place }
                    let disk = try Disk(image: image, at: power.disk.place)
                    try await disk.mount()
                    let faults = try await resume(pair, moment?.promises ?? [:])
                    try await disk.unmount()
                    #expect(faults.isEmpty, "cut before record \(number), \(fate.rawValue)")
                    FaultTable.note(
                        "power cut: \(fate.rawValue)",
                        "journal replayed, started again",
                        losses: faults.count
                    )
                }
            }
        }
    }

    /// The exchange as it went with power, and what was acknowledged when.
    private func exchange(_ pair: GatewayPair, on power: PowerDisk) async throws -> [Moment] {
        let moments = Mutex<[Moment]>([])
        try await pair.running { kz, kg in
            let exchange = try SiteExchange(pair)
            _ = try await exchange.complete([kz, kg]) { place, _, _ in
                // What is acknowledged by now was acknowledged when the log went at most so far.
                let promises = await exchange.promises
                if place == 0 { moments.withLock { $0.append(Moment(position: power.position, promises: promises)) } }
                return nil
            }
        }
        return moments.withLock { $0 }
    }

    /// Both gateways start on what is left and go on.
    private func resume(_ pair: GatewayPair, _ promises: [String: Set<String>]) async throws -> [String] {
        try await pair.running { kz, kg in
            let exchange = try SiteExchange(pair, promised: promises)
            _ = try await exchange.complete([kz, kg]) { place, run, _ in
                guard run.isRunning else { throw HarnessError("a gateway ended: \(run.messages)") }
                return nil
            }
            return try await exchange.faults()
        }
    }
}
