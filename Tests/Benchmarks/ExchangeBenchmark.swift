import ArgumentParser
import Foundation
import ProgramHarness

/// What two gateways bring over the wire: one large bundle beside nginx, and many small ones.
struct ExchangeBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exchange",
        abstract: "Sends sealed bundles between two gateways over mutual TLS 1.3, in turn with nginx and openssl dgst.",
        discussion: """
            Measured from the announcement to the stored receipt. Takes six times the size in the temporary directory
            (TMPDIR); in memory (TMPDIR=/dev/shm) the disk has no part in it. Needs nginx-light, curl and sqlite3.
            """
    )

    @Option(help: "The size of the evidence in the large bundle.") var size = ByteSize(bytes: 1 << 30)
    @Option(help: "How often the large bundle travels, and the same bytes to nginx.") var runs = 5
    @Option(help: "How many small bundles travel in one go; 0 leaves them out.") var count = 500
    @Option(help: "How often the small ones travel.") var rounds = 3
    @Flag(help: "Also measure smaller and larger sizes and counts.") var growth = false
    @Option(help: "Write the growth with size and count to this file, as SVG; implies --growth.") var plot: String?

    /// Peak memory stays below this, in bytes.
    private static let memory: Int64 = 192 << 20

    func validate() throws {
        guard runs >= 1, rounds >= 1 else { throw ValidationError("--runs and --rounds must be at least 1") }
    }

    func run() async throws {
        var isReached = true
        let withGrowth = growth || plot != nil
        print("in \(FileManager.default.temporaryDirectory.path)\n")
        var sizes: [SizePoint] = []
        for bytes in withGrowth ? [size.bytes / 16, size.bytes / 4, size.bytes, size.bytes * 4] : [size.bytes] {
            let point = try await large(ByteSize(bytes: bytes), runs: bytes == size.bytes ? runs : min(runs, 2))
            sizes.append(point)
            if bytes == size.bytes { isReached = point.ratio >= 0.8 && isReached }
            isReached = max(point.sender, point.receiver) < Self.memory && isReached
        }
        var counts: [CountPoint] = []
        if count > 0 {
            for count in withGrowth ? [count / 4, count, count * 4] : [count] {
                let point = try await small(count)
                counts.append(point)
                if count == self.count { isReached = point.perSecond >= 100 && isReached }
            }
        }
        if let plot {
            try Data(GrowthPlot(sizes: sizes, counts: counts).svg.utf8).write(to: URL(fileURLWithPath: plot))
            print("\nThe growth stands in \(plot).")
        }
        if !isReached { throw ExitCode(1) }
    }

    // MARK: - One large bundle

    private func large(_ size: ByteSize, runs: Int) async throws -> SizePoint {
        let pair = try await GatewayPair.copy()
        let image = pair.kz.home + "/import/image.bin"
        try Self.write(size.bytes, to: image)
        let sealed = try await BundleStock(site: pair.kz).fill(1, to: pair.kg.party.id, evidence: image)
        try FileManager.default.removeItem(atPath: image)
        let race = try await ExchangeRace(pair)
        let nginx = try await NginxPeer(of: pair.kg, for: pair.kz, in: race.room + "/nginx")
        defer { nginx.close() }
        let file = try race.sealedFile()
        var ours: [ExchangeRace.Cost] = []
        var theirs: [RunCost] = []
        for number in 1...runs {
            Self.say("\(size), run \(number) of \(runs)")
            ours.append(try await race.run(bundles: 1))
            theirs.append(try ChildProcess.measure(nginx.receiving(file, as: "bundle-\(number)")))
            try FileManager.default.removeItem(atPath: nginx.root + "/bundle-\(number)")
        }
        let (own, other) = (median(ours.map(\.seconds)), median(theirs.map(\.seconds)))
        let point = SizePoint(
            bytes: sealed[0],
            seconds: own,
            nginx: other,
            sender: ours.map(\.senderPeak).max() ?? 0,
            receiver: ours.map(\.receiverPeak).max() ?? 0
        )
        let rate = Double(sealed[0]) / Double(1 << 20)
        let rows = [
            ["", "median s", "min", "max", "MiB/s", "CPU s sender", "CPU s receiver", "peak MiB sender", "receiver"],
            [
                "announced, sent, verified, receipted", fixed(own, 3), fixed(ours.map(\.seconds).min() ?? .nan, 3),
                fixed(ours.map(\.seconds).max() ?? .nan, 3), fixed(rate / own, 0),
                fixed(median(ours.map(\.senderProcessor))), fixed(median(ours.map(\.receiverProcessor))),
                mebibytes(point.sender), mebibytes(point.receiver),
            ],
            [
                "nginx PUT and openssl dgst", fixed(other, 3), fixed(theirs.map(\.seconds).min() ?? .nan, 3),
                fixed(theirs.map(\.seconds).max() ?? .nan, 3), fixed(rate / other, 0), "", "", "",
                mebibytes(nginx.peakBytes),
            ],
        ]
        print("a bundle of \(sealed[0]) bytes, \(runs) alternating runs of each\n\n\(table(rows))\n")
        print("  \(nginx.receiving("FILE", as: "NAME").joined(separator: " "))\n")
        print("ratio \(fixed(point.ratio)), wanted ≥ 0.80: \(point.ratio >= 0.8 ? "reached" : "NOT reached")")
        let isSmall = max(point.sender, point.receiver) < Self.memory
        print("peak memory wanted < 192 MiB each: \(isSmall ? "reached" : "NOT reached")\n")
        return point
    }

    // MARK: - Many small ones

    private func small(_ count: Int) async throws -> CountPoint {
        let pair = try await GatewayPair.copy()
        Self.say("\(count) small bundles are being made")
        let sealed = try await BundleStock(site: pair.kz).fill(count, to: pair.kg.party.id)
        let race = try await ExchangeRace(pair)
        var costs: [ExchangeRace.Cost] = []
        for round in 1...rounds {
            Self.say("\(count) small bundles, round \(round) of \(rounds)")
            costs.append(try await race.run(bundles: count))
        }
        let rates = costs.map { Double(count) / $0.seconds }
        let point = CountPoint(
            count: count,
            perSecond: median(rates),
            sender: costs.map(\.senderPeak).max() ?? 0,
            receiver: costs.map(\.receiverPeak).max() ?? 0
        )
        let each = { (seconds: Double) in fixed(seconds * 1_000 / Double(count), 2) }
        print(
            """
            \(count) bundles of \(sealed.min() ?? 0) to \(sealed.max() ?? 0) bytes: announced, sent, completed, receipted, \
            logged on both sides: \(rates.map { fixed($0, 0) }.joined(separator: " ")) a second
            processor time for each: sender \(each(median(costs.map(\.senderProcessor)))) ms, receiver \
            \(each(median(costs.map(\.receiverProcessor)))) ms; peak \(mebibytes(point.sender)) and \
            \(mebibytes(point.receiver)) MiB
            median \(fixed(point.perSecond, 0)) a second, wanted ≥ 100: \
            \(point.perSecond >= 100 ? "reached" : "NOT reached")

            """
        )
        return point
    }

    private func mebibytes(_ bytes: Int64) -> String { fixed(Double(bytes) / Double(1 << 20), 1) }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? .nan : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    private static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    static func write(_ size: Int64, to path: String) throws {
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

/// A sending gateway with a full outbox and a receiving one, which can run the same exchange again and again.
struct ExchangeRace {
    /// What one run took.
    struct Cost {
        let seconds: Double
        let senderProcessor: Double
        let receiverProcessor: Double
        let senderPeak: Int64
        let receiverPeak: Int64
    }

    let room: String
    private let pair: GatewayPair

    /// Keeps both as they are now.
    init(_ pair: GatewayPair) async throws {
        self.pair = pair
        room = pair.kz.home + "/race"
        try FileManager.default.createDirectory(atPath: room + "/nginx", withIntermediateDirectories: true)
        // The sealed files never change, so the sender's database is all that has to be set back.
        try ChildProcess.run(["sh", "-c", "cp -a \(pair.kz.data)/gateway.db* \(room)/"])
        try ChildProcess.run(["cp", "-a", pair.kg.data, room + "/receiver"])
        for site in pair.both {
            // As fast as it goes is more often than partners usually may ask.
            try site.write(["exchange": ["requestsPerSecond": 1_000_000, "announcementsPerMinute": 10_000_000]])
        }
    }

    /// The first sealed bundle.
    func sealedFile() throws -> String {
        let folder = pair.kz.data + "/sealed"
        guard let name = try FileManager.default.contentsOfDirectory(atPath: folder).first else {
            throw BenchmarkFailure("nothing is sealed")
        }
        return folder + "/" + name
    }

    /// Sets both back and lets everything in the outbox travel.
    func run(bundles: Int) async throws -> Cost {
        try ChildProcess.run([
            "sh", "-c", "rm -f \(pair.kz.data)/gateway.db* && cp -a \(room)/gateway.db* \(pair.kz.data)/",
        ])
        try ChildProcess.run(["sh", "-c", "rm -rf \(pair.kg.data) && cp -a \(room)/receiver \(pair.kg.data)"])
        let receiver = try await pair.kg.start()
        let sender: GatewayRun
        do { sender = try await pair.kz.start() } catch {
            receiver.send(9)
            throw error
        }
        do {
            let watch = try DatabaseWatch(pair.kz.data + "/gateway.db")
            let clock = ContinuousClock()
            let asked = clock.now
            var began: ContinuousClock.Instant?
            while true {
                let (waiting, ended) = try watch.counts()
                if began == nil, waiting < bundles { began = clock.now }
                if ended == bundles { break }
                guard clock.now - asked < .seconds(1_800), sender.isRunning, receiver.isRunning else {
                    throw BenchmarkFailure("\(ended) of \(bundles) arrived; \(sender.messages.suffix(3_000))")
                }
                try await clock.sleep(for: .milliseconds(2))
            }
            let seconds = (clock.now - (began ?? asked)) / .seconds(1)
            watch.close()
            let cost = Cost(
                seconds: seconds,
                senderProcessor: try ProcessFacts.processorSeconds(sender.identifier),
                receiverProcessor: try ProcessFacts.processorSeconds(receiver.identifier),
                senderPeak: try ProcessFacts.peak(sender.identifier),
                receiverPeak: try ProcessFacts.peak(receiver.identifier)
            )
            _ = try await (sender.stop(), receiver.stop())
            return cost
        } catch {
            sender.send(9)
            receiver.send(9)
            throw error
        }
    }
}

/// Looks into a gateway's database from outside, by a `sqlite3` that stays.
final class DatabaseWatch {
    private let process = Process()
    private let questions = Pipe()
    private let answers = Pipe()
    private var text = ""

    init(_ path: String) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["sqlite3", "-batch", "-readonly", "-cmd", ".timeout 10000", path]
        process.standardInput = questions
        process.standardOutput = answers
        try process.run()
    }

    /// How many outgoing bundles were not announced yet, and how many have their receipt.
    func counts() throws -> (waiting: Int, ended: Int) {
        let query = """
            SELECT COALESCE(SUM(state = 'queued'), 0) || ' ' || COALESCE(SUM(state NOT IN \
            ('queued', 'announced', 'transferring', 'completed')), 0) FROM exchange_bundle WHERE direction = 'outgoing';

            """
        try questions.fileHandleForWriting.write(contentsOf: Data(query.utf8))
        while !text.contains("\n") {
            let bytes = answers.fileHandleForReading.availableData
            guard !bytes.isEmpty else { throw BenchmarkFailure("sqlite3 ended") }
            text += String(decoding: bytes, as: UTF8.self)
        }
        let line = text.prefix { $0 != "\n" }
        let numbers = line.split(separator: " ").compactMap { Int($0) }
        text = String(text.dropFirst(line.count + 1))
        guard numbers.count == 2 else { throw BenchmarkFailure("sqlite3 said \(line)") }
        return (numbers[0], numbers[1])
    }

    /// Ends it.
    func close() {
        try? questions.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
