import Foundation
import Glibc
import ProgramHarness
import Synchronization

/// One exchange between two gateways as processes, one of them disturbed.
struct Trial: Sendable {
    let pair: GatewayPair

    /// What came of it.
    struct Outcome: Sendable {
        /// How the disturbed gateway ended, by itself or when it was told to.
        let status: Int32
        /// Whether it ended by itself, or had to be ended because it did nothing any more.
        let ending: Ending
        /// What it said.
        let messages: String
        /// What is wrong with the outcome.
        let faults: [String]
    }

    enum Ending: String, Sendable {
        case wentOn = "went on"
        case ended = "ended, started again"
        case refused = "refused until started again"
    }

    /// On a copy of a pair.
    init(_ pair: GatewayPair) async throws { self.pair = try await pair.duplicate() }

    /// On a pair as it is.
    init(owning pair: GatewayPair) { self.pair = pair }

    /// Does the exchange with one gateway disturbed, and looks at the outcome with both undisturbed.
    ///
    /// - Parameters:
    ///   - place: Which one.
    ///   - seconds: After so long it has failed.
    ///   - mend: Called when the disturbed one ended or refuses, before it is started again undisturbed.
    ///   - start: Starts the disturbed one by the words that run it.
    /// - Returns: What came of it.
    /// - Throws: `HarnessError` when it is not done in time, or an undisturbed gateway ended.
    func run(
        disturbing place: Int,
        seconds: Int = 90,
        mend: @Sendable () async throws -> Void = {},
        start: (_ words: [String]) throws -> GatewayRun
    ) async throws -> Outcome {
        let exchange = try SiteExchange(pair)
        let other = try await pair.both[1 - place].start()
        let victim = try start(pair.both[place].serving)
        var runs = place == 0 ? [victim, other] : [other, victim]
        do {
            // It may end while it starts; then it is started again.
            if await victim.says("People are served") { _ = await victim.says("Partners are served") }
            let noted = Mutex(Ending.wentOn)
            runs = try await exchange.complete(runs, seconds: seconds) { index, run, said in
                guard index == place, run === victim else {
                    guard !run.isRunning else { return nil }
                    throw HarnessError("a gateway that nobody disturbed ended: \(run.messages)")
                }
                let refuses = said.contains("store.durability") || run.messages.contains("store.durability")
                if run.isRunning, !refuses { return nil }
                noted.withLock { $0 = run.isRunning ? .refused : .ended }
                if run.isRunning { run.send(SIGTERM) }
                _ = try await run.end()
                try await mend()
                return try await pair.both[place].start()
            }
            // What is looked at afterwards is served by one that nobody disturbs; stopping can meet the fault too.
            let status = victim.isRunning ? try await victim.stop() : try await victim.end()
            if runs[place] === victim {
                try await mend()
                runs[place] = try await pair.both[place].start()
            }
            let faults = try await exchange.faults()
            for run in runs {
                let end = try await run.stop()
                if end != 0 { throw HarnessError("a gateway ended with \(end): \(run.messages)") }
            }
            return Outcome(status: status, ending: noted.withLock { $0 }, messages: victim.messages, faults: faults)
        } catch {
            for run in runs + [victim] { run.send(SIGKILL) }
            throw HarnessError("\(error)\nthe disturbed one said: \(victim.messages.suffix(3_000))")
        }
    }

    /// Runs trials beside each other, as many as there are lanes.
    static func beside<Input: Sendable>(
        _ inputs: [Input],
        _ body: @escaping @Sendable (Input, Lanes.Lane) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for input in inputs {
                group.addTask { try await Lanes.shared.with { try await body(input, $0) } }
            }
            try await group.waitForAll()
        }
    }
}

/// Small programs of the suite, written in C where Swift has no way to them.
enum Tool {
    private static func source(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Tools/\(name)").standardizedFileURL.path
    }

    /// Builds a library to be loaded before others.
    static func library(_ name: String) async throws -> String {
        let path = try Scratch.directory() + "/\(name).so"
        try await Program.require(["clang", "-shared", "-fPIC", "-O1", "-o", path, source(name + ".c"), "-ldl"])
        return path
    }

    /// Builds a program.
    static func program(_ name: String) async throws -> String {
        let path = try Scratch.directory() + "/\(name)"
        try await Program.require(["clang", "-O1", "-Wall", "-Werror", "-o", path, source(name + ".c"), "-lpthread"])
        return path
    }

    /// Where a script lies.
    static func script(_ name: String) -> String { source(name) }
}
