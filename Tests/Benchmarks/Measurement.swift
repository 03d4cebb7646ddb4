import Foundation

/// One thing that is measured: a command, and what has to be there before and go away after each run.
struct Contender {
    let name: String
    let command: [String]
    var environment: [String: String] = [:]
    /// Names in the workplace that each run writes.
    var writes: [String] = []
    /// Runs before each measured run, unmeasured.
    var prepare: () throws -> Void = {}
}

/// A figure to reach against a contender.
struct Target: Codable {
    /// What is compared.
    let what: String
    /// The ratio to reach.
    let wanted: Double
    /// The ratio measured.
    let measured: Double

    var isReached: Bool { measured >= wanted }
}

/// All runs of one contender.
struct Measurement: Codable {
    let name: String
    let command: String
    let runs: [RunCost]

    var medianSeconds: Double { Self.median(runs.map(\.seconds)) }
    var medianProcessorSeconds: Double { Self.median(runs.map(\.processorSeconds)) }
    var peakBytes: Int64 { runs.map(\.peakBytes).max() ?? 0 }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}

extension Measurement {
    /// Runs all contenders in turn, again and again, so that a slow moment of the machine meets all of them alike.
    static func alternate(
        _ contenders: [Contender],
        runs: Int,
        in workplace: Workplace,
        progress: (String) -> Void
    ) throws -> [Measurement] {
        var costs = [[RunCost]](repeating: [], count: contenders.count)
        for round in 1...runs {
            for (index, contender) in contenders.enumerated() {
                progress("run \(round) of \(runs): \(contender.name)")
                contender.writes.forEach(workplace.remove)
                try contender.prepare()
                costs[index].append(try ChildProcess.measure(contender.command, environment: contender.environment))
                contender.writes.forEach(workplace.remove)
            }
        }
        return zip(contenders, costs).map { contender, costs in
            Measurement(name: contender.name, command: contender.command.joined(separator: " "), runs: costs)
        }
    }
}

/// Rows of text under a head, each column as wide as its widest cell; the first column to the left, the others to the right.
func table(_ rows: [[String]]) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
        zip(row, widths).enumerated().map { index, cell in
            let padding = String(repeating: " ", count: cell.1 - cell.0.count)
            return index == 0 ? cell.0 + padding : padding + cell.0
        }.joined(separator: "  ")
    }.joined(separator: "\n")
}

/// A number with a fixed count of decimals.
func fixed(_ value: Double, _ decimals: Int = 2) -> String { String(format: "%.\(decimals)f", value) }
