import ArgumentParser
import ExchangeLog
import ExchangeModel
import Foundation
import Persistence
import ProgramHarness

/// How soon a gateway that was killed serves again, with a long log.
struct RestartBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Kills a gateway with a long log and reports after how many seconds it serves again."
    )

    @Option(help: "Entries in the exchange log.") var entries = 100_000
    @Option(help: "How many times.") var runs = 5

    func run() async throws {
        let pair = try await GatewayPair.copy()
        try await fill(pair.kz.data)
        var times: [Double] = []
        let clock = ContinuousClock()
        for _ in 0..<runs {
            let started = clock.now
            let gateway = try await pair.kz.start()
            times.append((clock.now - started) / .seconds(1))
            gateway.send(SIGKILL)
            try await gateway.end()
        }
        let median = times.sorted()[times.count / 2]
        print(
            "\(entries) entries, killed and started \(runs) times: \(times.map { fixed($0, 2) }.joined(separator: " ")) s"
        )
        print("median \(fixed(median, 2)) s, wanted < 2 s: \(median < 2 ? "reached" : "NOT reached")")
        if median >= 2 { throw ExitCode(1) }
    }

    private func fill(_ data: String) async throws {
        let store = try GatewayStore(opening: DataDirectory(locking: data))
        let now = ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970))
        for start in stride(from: 0, to: entries, by: 10_000) {
            let range = start..<min(start + 10_000, entries)
            try await store.write { session in
                for _ in range {
                    let random = (0..<32).map { _ in UInt8.random(in: 0...255) }
                    let entry = LogEntry(
                        kind: .houseCheckpoint,
                        time: now,
                        outcome: .done,
                        tool: "benchmarks",
                        toolVersion: "1",
                        random: random
                    )
                    try session.append(entry, to: .exchange)
                }
            }
        }
        try store.close()
    }
}
