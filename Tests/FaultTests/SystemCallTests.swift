import Foundation
import Glibc
import ProgramHarness
import Synchronization
import Testing

/// Calls of a gateway that write its data directory, or make it durable, fail once: what was acknowledged stays, and
/// there is one effect.
@Suite("Calls that fail")
struct SystemCallTests {
    private struct Outcome {
        let steps: [String]
        let trial: Trial.Outcome
    }

    /// One exchange in which call `number` of the gateway at `place` fails; none for 0.
    private func exchange(_ lane: Lanes.Lane, _ place: Int, _ number: Int, _ error: Int32) async throws -> Outcome {
        let log = try Room().path + "/steps"
        let trial = try await Trial(lane.released)
        let environment = [
            "GATEWAY_PRELOAD": try await KillTests.shim.value, "FAULT_STEP_LOG": log, "FAULT_STEP_AT": "\(number)",
            "FAULT_STEP_ERROR": "\(error)", "FAULT_STEP_BELOW": trial.pair.both[place].data,
        ]
        let outcome = try await trial.run(disturbing: place) { try GatewayRun($0, environment: environment) }
        let lines = ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n")
        let steps = lines.map { line in
            KillTests.short(
                line.split(separator: " ", maxSplits: 1).last.map(String.init) ?? "",
                trial.pair.both[place]
            )
        }
        return Outcome(steps: steps, trial: outcome)
    }

    @Test("Every call in turn, by EIO and ENOSPC", arguments: ["KZ-GPO sends", "KG-GPO receives"])
    func sweep(_ whom: String) async throws {
        let place = whom == "KZ-GPO sends" ? 0 : 1
        let whole = try await Lanes.shared.with { try await exchange($0, place, 0, EIO) }
        try #require(whole.trial.faults.isEmpty && whole.trial.ending == .wentOn, "\(whole.trial)")
        try #require(whole.steps.count > 20)
        print("\(whom): \(whole.steps.count) calls\n\(KillTests.table(whole.steps))")
        var plan: [(number: Int, error: Int32)] = []
        for error in [EIO, ENOSPC] {
            // A full disk shows itself when it is written to, hardly when it is made durable.
            let numbers = (1...whole.steps.count).filter { number in
                error == EIO || !["fsync", "fdatasync", "unlink"].contains { whole.steps[number - 1].hasPrefix($0) }
            }
            plan += Campaign.selection(4, of: 0..<numbers.count).map { (numbers[$0], error) }
        }
        try await Trial.beside(plan.map { [$0.number, Int($0.error)] }) { item, lane in
            let (number, error) = (item[0], Int32(item[1]))
            let outcome = try await exchange(lane, place, number, error)
            guard outcome.steps.count >= number else { return }
            let step = outcome.steps[number - 1]
            let name = error == EIO ? "EIO" : "ENOSPC"
            let trial = outcome.trial
            print("\(whom): call \(number) \(step): \(name): \(trial.ending.rawValue) (\(trial.status))")
            #expect(trial.faults.isEmpty, "\(whom), call \(number), \(step): \(name)")
            #expect(trial.status < 128 || trial.status == 128 + SIGTERM, "\(step): \(name): \(trial.messages)")
            if error == EIO, step.hasPrefix("fdatasync gateway.db") {
                // The kernel tells of lost bytes once, so asking again would prove nothing.
                #expect(trial.ending == .ended && trial.status != 0, "\(step): \(trial.messages)")
            }
            let call = step.split(separator: " ").first.map(String.init) ?? step
            FaultTable.note(
                "\(place == 0 ? "sender" : "receiver"): \(call) \(name)",
                trial.ending.rawValue,
                losses: trial.faults.count
            )
        }
    }

    /// The same by the kernel's own door: `strace` lets a call fail that no library sees, then lets go of the process,
    /// because it counts for each thread.
    @Test(
        "By strace: what the libraries call themselves",
        arguments: [
            "fdatasync EIO 2 0", "pwrite64 ENOSPC 6 1", "openat ENOSPC 30 1", "ftruncate EIO 1 0",
        ] + (Campaign.isLong ? SystemCallTests.more : [])
    )
    func traced(_ fault: String) async throws {
        let words = fault.split(separator: " ").map(String.init)
        let (call, error, number, place) = (words[0], words[1], words[2], Int(words[3]) ?? 0)
        let log = try Room().path + "/calls"
        let outcome = try await Lanes.shared.with { lane in
            try await Trial(lane.released).run(disturbing: place) { words in
                let run = try GatewayRun(
                    [
                        "strace", "-D", "-f", "-qq", "-o", log, "-e", "trace=" + call,
                        "-e", "inject=\(call):error=\(error):when=\(number)", "--",
                    ] + words
                )
                Task.detached {
                    while run.isRunning, !Self.hasHit(log) { try await Task.sleep(for: .milliseconds(1)) }
                    Self.release(run.identifier)
                }
                return run
            }
        }
        #expect(outcome.faults.isEmpty)
        #expect(outcome.status < 128 || outcome.status == 128 + SIGTERM, "\(outcome.messages)")
        let isHit = Self.hasHit(log)
        #expect(isHit || Campaign.isLong, "the call was never made")
        guard isHit else { return }
        FaultTable.note(
            "\(place == 0 ? "sender" : "receiver"): strace \(call) \(error)",
            outcome.ending.rawValue,
            losses: outcome.faults.count
        )
    }

    private static let more = [
        "fsync EIO", "fdatasync EIO", "pwrite64 EIO", "pwrite64 ENOSPC", "ftruncate ENOSPC",
        "rename EIO", "linkat ENOSPC", "unlink EIO", "openat EIO", "openat ENOSPC", "openat EMFILE",
    ].flatMap { call in (1...12).flatMap { number in (0...1).map { "\(call) \(number) \($0)" } } }

    private static func hasHit(_ log: String) -> Bool {
        (try? String(contentsOfFile: log, encoding: .utf8))?.contains("(INJECTED)") == true
    }

    /// Ends the tracer; the process goes on by itself.
    private static func release(_ process: Int32) {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let tracer = status.split(separator: "\n").first { $0.hasPrefix("TracerPid:") }?
            .split(whereSeparator: \.isWhitespace).last.flatMap { Int32($0) }
        if let tracer, tracer > 0 { kill(tracer, SIGKILL) }
    }
}
