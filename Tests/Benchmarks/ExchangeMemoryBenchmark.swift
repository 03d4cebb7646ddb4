import ArgumentParser
import Foundation
import ProgramHarness

/// Peak memory of two gateways that exchange one large bundle, which must not grow with the size.
struct ExchangeMemoryBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exchange-memory",
        abstract: "Sends a large bundle from one gateway to another and reports each one's peak resident memory.",
        discussion: "Takes five times the size on the disk of the temporary directory (TMPDIR)."
    )

    @Option(help: "The size of the evidence.") var size = ByteSize(bytes: 2 << 30)

    /// Peak memory stays below this, in bytes.
    private static let limit: Int64 = 192 << 20

    func run() async throws {
        let pair = try await GatewayPair.copy()
        let room = try Room()
        let image = room.path + "/image.bin"
        try Self.write(size.bytes, to: image)
        let letter = try room.write("letter.txt", "We request.\n")
        let exchange = GatewayExchange(pair, letter: letter, evidence: image)
        let clock = ContinuousClock()
        let started = clock.now
        let peaks = try await pair.running { kz, kg in
            _ = try await exchange.complete([kz, kg], seconds: 3_600)
            return [try ProcessFacts.peak(kz.identifier), try ProcessFacts.peak(kg.identifier)]
        }
        let seconds = fixed((clock.now - started) / .seconds(1), 1)
        print("evidence of \(size): taken in, sealed, sent, received, opened, acknowledged in \(seconds) s")
        for (name, peak) in zip(["sending gateway", "receiving gateway"], peaks) {
            print("\(name)  peak \(fixed(Double(peak) / Double(1 << 20), 1)) MiB")
        }
        let isReached = peaks.allSatisfy { $0 < Self.limit }
        print("wanted < 192 MiB each: \(isReached ? "reached" : "NOT reached")")
        if !isReached { throw ExitCode(1) }
    }

    private static func write(_ size: Int64, to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path),
            let block = try FileHandle(forReadingAtPath: "/dev/urandom")?.read(upToCount: 1 << 20)
        else { throw BenchmarkFailure("\(path) cannot be written") }
        var left = size
        while left > 0 {
            try file.write(contentsOf: block.prefix(Int(min(left, Int64(block.count)))))
            left -= Int64(block.count)
        }
        try file.close()
    }
}
