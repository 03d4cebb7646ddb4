import ArgumentParser
import Foundation

/// Sealing and opening one large file, beside what people use today.
struct SealBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Seals and opens one file, in turn with openssl, gpg, age and the limit of two cores."
    )

    @Option(help: "The size of the file, such as 256M or 1G.") var size = ByteSize(bytes: 1 << 30)
    @Option(help: "How often each is run.") var runs = 5
    @Option(help: "Where to work; memory if it fits, else the temporary directory.") var dir: String?
    @Flag(help: "Write JSON to standard output.") var json = false

    func validate() throws {
        guard runs >= 1 else { throw ValidationError("--runs must be at least 1") }
    }

    func run() throws {
        let workplace = try Workplace(parent: dir, needing: size.bytes * 4)
        defer { workplace.close() }
        try workplace.writeRandomFile("input", size: size.bytes, period: 16 << 20)
        try workplace.startServices()
        let peers = try Peers(workplace)
        defer { peers.close() }
        let ours = OurCommands(workplace)
        try ours.prepareBundle()

        let contenders = [ours.seal, ours.intake, ours.intakeAndSeal, ours.verify, ours.open] + peers.contenders
        let measured = try Measurement.alternate(contenders, runs: runs, in: workplace) { line in
            FileHandle.standardError.write(Data((line + "\n").utf8))
        }
        let report = SealReport(size: size.bytes, directory: workplace.directory.path, rows: measured)
        print(json ? try report.json() : report.text(size: size))
    }
}

/// The table and its verdicts.
struct SealReport: Codable {
    let size: Int64
    let directory: String
    let rows: [Measurement]
    let targets: [Target]

    init(size: Int64, directory: String, rows: [Measurement]) {
        self.size = size
        self.directory = directory
        self.rows = rows
        let seconds = Dictionary(uniqueKeysWithValues: rows.map { ($0.name, $0.medianSeconds) })
        func ratio(_ what: String, _ numerator: String, _ denominator: String, wanted: Double) -> Target? {
            guard let above = seconds[numerator], let below = seconds[denominator] else { return nil }
            return Target(what: what, wanted: wanted, measured: above / below)
        }
        targets = [
            ratio("seal is faster than the openssl pipe by", Peers.opensslName, OurCommands.sealName, wanted: 2),
            ratio("seal is faster than gpg by", Peers.gpgName, OurCommands.sealName, wanted: 1.5),
            ratio("seal reaches of the two-core limit", Peers.limitName, OurCommands.sealName, wanted: 0.85),
            ratio("open and verify is as fast as seal", OurCommands.sealName, OurCommands.openName, wanted: 1),
        ].compactMap(\.self)
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    func text(size: ByteSize) -> String {
        let ours = rows.first { $0.name == OurCommands.sealName }?.medianSeconds ?? .nan
        let head = ["", "median s", "min", "max", "GiB/s", "CPU s/GiB", "peak MiB", "time : seal"]
        let lines = rows.map { row in
            [
                row.name, fixed(row.medianSeconds), fixed(row.runs.map(\.seconds).min() ?? .nan),
                fixed(row.runs.map(\.seconds).max() ?? .nan), fixed(size.gibibytes / row.medianSeconds),
                fixed(row.medianProcessorSeconds / size.gibibytes), fixed(Double(row.peakBytes) / Double(1 << 20), 1),
                fixed(row.medianSeconds / ours),
            ]
        }
        let verdicts = targets.map { target in
            [
                target.what, fixed(target.measured), "wanted ≥ " + fixed(target.wanted),
                target.isReached ? "reached" : "NOT reached",
            ]
        }
        return """
            \(size), \(rows.first?.runs.count ?? 0) alternating runs of each, in \(directory)

            \(table([head] + lines))

            \(table(verdicts))

            The commands, with DIR for \(directory):
            \(rows.map { "\($0.name):\n    \(shortened($0.command))" }.joined(separator: "\n"))
            """
    }
    private func shortened(_ command: String) -> String {
        let own = (try? Workplace.ownFolder().path + "/") ?? ""
        return command.replacingOccurrences(of: directory, with: "DIR").replacingOccurrences(of: own, with: "")
    }
}
