import Foundation
import Glibc
import ProgramHarness
import Testing

extension GatewayTests {
    /// A gateway is killed before the N-th call that makes something durable, and started again. `KILL_SWEEP`:
    /// `all` for every N, or how many of them, spread evenly; `Deploy/soak kill` sets it.
    @Suite("Killed at durable steps")
    struct KillSweep {
        /// `KILL_SWEEP_ONLY=receives` leaves the other side out of a long run.
        private static let only = ProcessInfo.processInfo.environment["KILL_SWEEP_ONLY"]
        private static let wanted = ProcessInfo.processInfo.environment["KILL_SWEEP"] ?? "3"

        /// The shim that counts and kills, built once.
        private static let shim = Task {
            let folder = try Scratch.directory()
            let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../Harness/kill_step.c").path
            try await Program.require([
                "clang", "-shared", "-fPIC", "-O1", "-o", folder + "/kill_step.so", source, "-ldl",
            ])
            return folder + "/kill_step.so"
        }

        private struct Outcome {
            let wasKilled: Bool
            let steps: [String]
            let faults: [String]
        }

        /// One exchange, the gateway at `place` killed before its step `number`; never for 0.
        private func exchange(killing place: Int, before number: Int) async throws -> Outcome {
            let pair = try await GatewayPair.copy()
            let room = try Room()
            let exchange = GatewayExchange(
                pair,
                letter: try room.write("letter.txt", "We request.\n"),
                evidence: try room.write("image.bin", size: 100_000)
            )
            let log = room.path + "/steps"
            let environment = [
                "GATEWAY_PRELOAD": try await Self.shim.value, "KILL_STEP_LOG": log, "KILL_STEP_AT": "\(number)",
            ]
            let other = try await pair.both[1 - place].start()
            let victim = try GatewayRun(pair.both[place].serving, environment: environment)
            do {
                // It may be killed while it starts; then it is started again.
                var isUp = await victim.says("People are served")
                if isUp { isUp = await victim.says("Partners are served") }
                var runs: [GatewayRun?] = [other, other]
                runs[place] = isUp ? victim : nil
                runs = try await exchange.complete(runs)
                // What is looked at afterwards is served by one that nobody counts; stopping has steps too.
                let status = victim.isRunning ? try await victim.stop() : try await victim.end()
                #expect([0, 128 + SIGKILL].contains(status), "\(victim.messages)")
                if runs[place]?.isRunning != true { runs[place] = try await pair.both[place].start() }
                let faults = try await exchange.faults()
                for run in runs { #expect(try await run?.stop() == 0) }
                let lines = ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n")
                let steps = lines.map { line in
                    Self.short(line.split(separator: " ", maxSplits: 1).last.map(String.init) ?? "", pair.both[place])
                }
                return Outcome(wasKilled: status != 0, steps: steps, faults: faults)
            } catch {
                for run in [victim, other] { run.send(SIGKILL) }
                throw HarnessError("\(error)\n\(victim.messages)\n\(other.messages)")
            }
        }

        /// A step with what differs from run to run taken out.
        private static func short(_ step: String, _ site: GatewaySite) -> String {
            step.replacingOccurrences(of: site.data + "/", with: "").replacingOccurrences(of: site.data, with: "data")
                .replacing(/\/[^ ]*etilqs_[0-9a-f]+/, with: "temporary file of SQLite")
                .replacing(/[0-9a-f]{32}/, with: "…")
                .replacing(/[A-Z]{2}-[A-Z]+-?_?[0-9a-f]{8}-[0-9a-f-]{27}/, with: "…")
                .replacing(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/, with: "…")
                .replacing(/#[0-9]+/, with: "#…")
        }

        private static func table(_ steps: [String]) -> String {
            Dictionary(grouping: steps) { $0 }.mapValues(\.count).sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                .map { "  \($0.value)\t\($0.key)" }.joined(separator: "\n")
        }

        @Test(
            "One effect, nothing acknowledged lost, both logs hold and agree",
            arguments: ["KZ-GPO sends", "KG-GPO receives"]
        )
        func sweep(_ whom: String) async throws {
            if let only = Self.only, !whom.contains(only) { return }
            let place = whom == "KZ-GPO sends" ? 0 : 1
            let whole = try await exchange(killing: place, before: 0)
            try #require(!whole.wasKilled && whole.faults.isEmpty, "\(whole.faults)")
            try #require(whole.steps.count > 20, "\(whole.steps)")
            print("\(whom): \(whole.steps.count) durable steps\n\(Self.table(whole.steps))")
            if Self.wanted == "all" {
                var number = 1
                while try await survives(number, place, whom) { number += 1 }
                print("\(whom): killed before each of \(number - 1) steps")
            } else {
                let count = Int(Self.wanted) ?? 3
                for index in 1...count {
                    _ = try await survives(whole.steps.count * index / (count + 1), place, whom)
                }
            }
        }

        /// - Returns: Whether the gateway was killed.
        private func survives(_ number: Int, _ place: Int, _ whom: String) async throws -> Bool {
            let outcome = try await exchange(killing: place, before: number)
            #expect(outcome.faults.isEmpty, "\(whom), killed before step \(number), \(outcome.steps.last ?? "")")
            print("\(whom): step \(number) \(outcome.wasKilled ? outcome.steps.last ?? "" : "was not reached")")
            return outcome.wasKilled
        }
    }
}
