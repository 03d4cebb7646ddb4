import Glibc
import Synchronization

/// One line on the terminal that tells how far long work is, how fast, and how long it will take; silent elsewhere.
public final class ProgressLine: Sendable {
    private struct State {
        var lastShown: Double = 0
        var started: Double
        var lastDone: Int64 = 0
        var isVisible = false
    }

    private let label: String
    private let isShown: Bool
    private let state: Mutex<State>

    /// - Parameter label: What is being done, such as `Sealing`.
    public init(_ label: String) {
        self.label = label
        isShown = isatty(STDERR_FILENO) == 1
        state = Mutex(State(started: Self.seconds()))
    }

    /// Shows how many bytes are done of how many, at most ten times a second.
    public func show(_ done: Int64, _ total: Int64) {
        guard isShown else { return }
        let done = min(done, total)
        state.withLock { state in
            let now = Self.seconds()
            // Work that starts again from nothing is another pass with a rate of its own.
            if done < state.lastDone { state.started = now }
            state.lastDone = done
            guard now - state.lastShown >= 0.1 || done == total, total > 0 else { return }
            state.lastShown = now
            state.isVisible = true
            let elapsed = max(now - state.started, 0.001)
            let rate = Double(done) / elapsed
            let remaining = rate > 0 ? Int((Double(total - done) / rate).rounded(.up)) : 0
            let filled = Int(Double(done) / Double(total) * 24)
            let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
            let percent = done * 100 / total
            StandardError.write(
                "\r\u{1b}[2K\(label) \(bar) \(percent) % of \(Self.size(total)), \(Self.size(Int64(rate)))/s, "
                    + (done == total ? "done" : "\(Self.duration(remaining)) left")
            )
        }
    }

    /// Clears the line.
    public func end() {
        state.withLock { state in
            if state.isVisible { StandardError.write("\r\u{1b}[2K") }
            state = State(started: Self.seconds())
        }
    }

    /// Bytes in the units people read, such as `1.5 GiB`.
    public static func size(_ bytes: Int64) -> String {
        var value = Double(bytes)
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if value < 1_024 || unit == "GiB" {
                let tenths = Int((value * 10).rounded())
                return unit == "B" ? "\(bytes) B" : "\(tenths / 10).\(tenths % 10) \(unit)"
            }
            value /= 1_024
        }
        return "\(bytes) B"
    }

    private static func duration(_ seconds: Int) -> String {
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3_600 { return "\(seconds / 60) min \(seconds % 60) s" }
        return "\(seconds / 3_600) h \(seconds / 60 % 60) min"
    }

    private static func seconds() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
    }
}
