import Foundation
import Glibc
import ProgramHarness
import Testing

/// A gateway is killed before the N-th call that makes something durable, and started again.
///
/// The selection begins when both persons have released the message; the long campaign kills at every step of the whole.
@Suite("Killed at durable steps")
struct KillTests {
    /// The shim that counts and kills, built once.
    static let shim = Task { try await Tool.library("fault_step") }

    private struct Outcome {
        let wasKilled: Bool
        let steps: [String]
        let faults: [String]
    }

    /// One exchange, the gateway at `place` killed before its step `number`; never for 0.
    private func exchange(_ lane: Lanes.Lane, killing place: Int, before number: Int) async throws -> Outcome {
        let log = try Room().path + "/steps"
        let environment = [
            "GATEWAY_PRELOAD": try await Self.shim.value, "FAULT_STEP_LOG": log, "FAULT_STEP_AT": "\(number)",
        ]
        let trial = try await Trial(Campaign.isLong ? lane.fresh : lane.released)
        let outcome = try await trial.run(disturbing: place) { try GatewayRun($0, environment: environment) }
        #expect([0, 128 + SIGKILL].contains(outcome.status), "\(outcome.messages)")
        let lines = ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n")
        let steps = lines.map { line in
            Self.short(line.split(separator: " ", maxSplits: 1).last.map(String.init) ?? "", trial.pair.both[place])
        }
        return Outcome(wasKilled: outcome.status != 0, steps: steps, faults: outcome.faults)
    }

    /// A step with what differs from run to run taken out.
    static func short(_ step: String, _ site: GatewaySite) -> String {
        step.replacingOccurrences(of: site.data + "/", with: "").replacingOccurrences(of: site.data, with: "data")
            .replacing(/\/[^ ]*etilqs_[0-9a-f]+/, with: "temporary file of SQLite")
            .replacing(/[0-9a-f]{32}/, with: "…")
            .replacing(/[A-Z]{2}-[A-Z]+-?_?[0-9a-f]{8}-[0-9a-f-]{27}/, with: "…")
            .replacing(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/, with: "…")
            .replacing(/#[0-9]+/, with: "#…")
    }

    static func table(_ steps: [String]) -> String {
        Dictionary(grouping: steps) { $0 }.mapValues(\.count).sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "  \($0.value)\t\($0.key)" }.joined(separator: "\n")
    }

    @Test(
        "One effect, nothing acknowledged lost, both logs hold and agree",
        arguments: ["KZ-GPO sends", "KG-GPO receives"]
    )
    func sweep(_ whom: String) async throws {
        let place = whom == "KZ-GPO sends" ? 0 : 1
        let whole = try await Lanes.shared.with { try await exchange($0, killing: place, before: 0) }
        try #require(!whole.wasKilled && whole.faults.isEmpty, "\(whole.faults)")
        try #require(whole.steps.count > 10, "\(whole.steps)")
        print("\(whom): \(whole.steps.count) durable steps\n\(Self.table(whole.steps))")
        // A restart adds steps to some runs; what is not reached is not counted.
        let numbers = Campaign.selection(3, of: 1..<whole.steps.count + 1)
        try await Trial.beside(numbers) { number, lane in
            let outcome = try await exchange(lane, killing: place, before: number)
            #expect(outcome.faults.isEmpty, "\(whom), killed before step \(number), \(outcome.steps.last ?? "")")
            print("\(whom): step \(number) \(outcome.wasKilled ? outcome.steps.last ?? "" : "was not reached")")
            guard outcome.wasKilled else { return }
            FaultTable.note(
                "kill -9 before a durable step: \(whom)",
                "started again",
                losses: outcome.faults.count
            )
        }
    }
}
