import Foundation
import ProgramHarness
import Synchronization

/// What was tried and what came of it; written out when the tests end, also into the file `FAULT_TABLE` names.
///
/// A row begins with a kind of fault. `tried` counts faults that really happened, seen at the place where they were
/// made: one that was planned and never reached is not counted.
enum FaultTable {
    private struct Row {
        var tried = 0
        var effects: [String: Int] = [:]
        var losses = 0
    }

    private struct Rows {
        var order: [String] = []
        var rows: [String: Row] = [:]
        var isWatched = false
    }

    private static let rows = Mutex(Rows())

    /// Notes faults of one kind.
    ///
    /// - Parameters:
    ///   - kind: What was done.
    ///   - effect: What was seen of it, in a few words.
    ///   - tried: How often.
    ///   - losses: How many of them lost, doubled or changed something.
    static func note(_ kind: String, _ effect: String, tried: Int = 1, losses: Int = 0) {
        rows.withLock { all in
            if !all.isWatched {
                all.isWatched = true
                atexit { FaultTable.write() }
            }
            if all.rows[kind] == nil { all.order.append(kind) }
            all.rows[kind, default: Row()].tried += tried
            all.rows[kind, default: Row()].losses += losses
            all.rows[kind, default: Row()].effects[effect, default: 0] += tried
        }
    }

    /// The table as text.
    static var text: String {
        rows.withLock { all in
            let width = all.order.map(\.count).max() ?? 0
            func line(_ kind: String, _ tried: String, _ losses: String, _ effects: String) -> String {
                kind.padding(toLength: max(width, 4), withPad: " ", startingAt: 0)
                    + String(repeating: " ", count: max(0, 7 - tried.count)) + tried
                    + String(repeating: " ", count: max(0, 8 - losses.count)) + losses + "  " + effects
            }
            var lines = [line("kind", "tried", "losses", "effects")]
            for kind in all.order.sorted() {
                guard let row = all.rows[kind] else { continue }
                let effects = row.effects.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                    .map { row.effects.count == 1 ? $0.key : "\($0.key) (\($0.value))" }.joined(separator: "; ")
                lines.append(line(kind, String(row.tried), String(row.losses), effects))
            }
            let tried = all.rows.values.reduce(0) { $0 + $1.tried }
            let losses = all.rows.values.reduce(0) { $0 + $1.losses }
            lines.append(line("all", String(tried), String(losses), "\(all.rows.count) kinds"))
            return lines.joined(separator: "\n") + "\n"
        }
    }

    private static func write() {
        print("\n" + text)
        fflush(nil)
        guard let path = ProcessInfo.processInfo.environment["FAULT_TABLE"] else { return }
        try? Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
}

/// How much is tried: `FAULTS=all` for the long campaign, otherwise a selection.
enum Campaign {
    /// Whether everything is tried.
    static let isLong = ProcessInfo.processInfo.environment["FAULTS"] == "all"

    /// Which bytes of an exchange the long campaign tries: every one, or every so many-th by `FAULT_STRIDE`.
    static let stride = ProcessInfo.processInfo.environment["FAULT_STRIDE"].flatMap { Int($0) } ?? 1

    /// So many numbers of a range, spread evenly over it with its ends left out; in the long campaign all of them, or
    /// every so many-th.
    static func selection(_ count: Int, of range: Range<Int>, stride step: Int = 1) -> [Int] {
        if isLong { return Array(Swift.stride(from: range.lowerBound, to: range.upperBound, by: max(1, step))) }
        let wanted = min(count, range.count)
        guard wanted > 0 else { return [] }
        if wanted == range.count { return Array(range) }
        return (1...wanted).map { range.lowerBound + range.count * $0 / (wanted + 1) }
    }
}
