import ArgumentParser
import Foundation

/// Peak memory of sealing and opening, which must not grow with the size.
struct MemoryBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory",
        abstract: "Seals and opens large files and reports the peak resident memory."
    )

    @Option(help: "The size of a file; may be given several times.") var size: [ByteSize] = []
    @Option(help: "Where to work; by default the temporary directory.") var dir: String?
    @Flag(help: "Write JSON to standard output.") var json = false

    /// Peak memory stays below this, in bytes.
    private static let limit: Int64 = 128 << 20

    /// What one size took.
    private struct Row: Codable {
        let size: Int64
        let seal: RunCost
        let open: RunCost
    }

    func run() throws {
        let sizes = size.isEmpty ? [4, 10].map { ByteSize(bytes: $0 << 30) } : size
        let rows = try sizes.map(measure)
        let worst = rows.flatMap { [$0.seal.peakBytes, $0.open.peakBytes] }.max() ?? 0
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            print(String(decoding: try encoder.encode(rows), as: UTF8.self))
        } else {
            let head = ["size", "seal s", "seal peak MiB", "open s", "open peak MiB"]
            let lines = zip(sizes, rows).map { size, row in
                [
                    size.description, fixed(row.seal.seconds, 1), mebibytes(row.seal.peakBytes),
                    fixed(row.open.seconds, 1),
                    mebibytes(row.open.peakBytes),
                ]
            }
            print(table([head] + lines))
            print(
                "\nlargest \(mebibytes(worst)) MiB, wanted < 128 MiB: \(worst < Self.limit ? "reached" : "NOT reached")"
            )
        }
        if worst >= Self.limit { throw ExitCode(1) }
    }

    private func measure(_ size: ByteSize) throws -> Row {
        // At no time more than two copies: the input goes before the opened files come.
        let place = dir ?? FileManager.default.temporaryDirectory.path
        let workplace = try Workplace(parent: place, needing: size.bytes * 2 + (1 << 28))
        defer { workplace.close() }
        try workplace.writeRandomFile("input", size: size.bytes)
        try workplace.startServices()
        let ours = OurCommands(workplace)
        try ours.prepareDraft()
        let seal = try ChildProcess.measure(ours.seal.command.dropLast() + [workplace.path("bundle.asice")])
        workplace.remove("input")
        let open = try ChildProcess.measure(ours.open.command)
        return Row(size: size.bytes, seal: seal, open: open)
    }

    private func mebibytes(_ bytes: Int64) -> String { fixed(Double(bytes) / Double(1 << 20), 1) }
}
