import Foundation
import Glibc
import ProgramHarness
import Testing

/// Bad links by the kernel's packet filter, wrong clocks, and what a whole exchange closes.
@Suite("Links, clocks and descriptors")
struct LinkTests {
    @Test("One packet of five is lost")
    func link() async throws {
        try await Lanes.shared.with { lane in
            let trial = try await Trial(lane.released)
            let table = "rogatory_faults_\(getpid())_\(trial.pair.kg.peersPort)"
            let rules = trial.pair.both.map(\.peersPort).flatMap { port in
                ["dport", "sport"].map { "iif lo tcp \($0) \(port) numgen random mod 5 == 0 counter name lost drop" }
            }
            try await Program.require([
                "nft",
                """
                table inet \(table) {
                    counter lost {}
                    chain input {
                        type filter hook input priority 0;
                        \(rules.joined(separator: "\n            "))
                    }
                }
                """,
            ])
            do {
                let outcome = try await trial.run(disturbing: 1, seconds: 120) { try GatewayRun($0) }
                let counted = try await Program.require(["nft", "list", "counter", "inet", table, "lost"])
                let lost = counted.text.firstMatch(of: /packets ([0-9]+)/).flatMap { Int($0.output.1) } ?? 0
                #expect(lost > 0, "\(counted)")
                #expect(outcome.faults.isEmpty && outcome.ending == .wentOn)
                FaultTable.note(
                    "link: 20 % of packets lost",
                    "went on (\(lost) packets dropped)",
                    losses: outcome.faults.count
                )
                try await Program.require(["nft", "delete", "table", "inet", table])
            } catch {
                _ = try? await Program.run(["nft", "delete", "table", "inet", table])
                throw error
            }
        }
    }

    @Test("A clock that is wrong by a day", arguments: ["+1d KZ-GPO", "-1d KZ-GPO", "+1d KG-GPO", "-1d KG-GPO"])
    func clock(_ fault: String) async throws {
        let words = fault.split(separator: " ").map(String.init)
        let place = words[1] == "KZ-GPO" ? 0 : 1
        try await Lanes.shared.with { lane in
            let trial = try await Trial(lane.released)
            let outcome = try await trial.run(disturbing: place) {
                try GatewayRun($0, environment: ["GATEWAY_PRELOAD": Self.fakeTime, "FAKETIME": words[0]])
            }
            #expect(outcome.faults.isEmpty)
            FaultTable.note("clock \(words[0]): \(place == 0 ? "sender" : "receiver")", outcome.ending.rawValue)
        }
    }

    private static let fakeTime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"

    @Test("No descriptor is closed twice, in an exchange and on a data directory in use")
    func closing() async throws {
        try await Lanes.shared.with { lane in
            let trial = try await Trial(lane.released)
            let log = try Room().path + "/calls"
            let tracing = ["strace", "-D", "-f", "-qq", "--seccomp-bpf", "-Z", "-e", "trace=close,close_range"]
            let outcome = try await trial.run(disturbing: 1) { try GatewayRun(tracing + ["-o", log, "--"] + $0) }
            #expect(outcome.faults.isEmpty && outcome.status == 0)
            let sender = try await Trial(lane.released)
            let other = log + "-sender"
            let second = try await sender.run(disturbing: 0) { words in
                let run = try GatewayRun(tracing + ["-o", other, "--"] + words)
                return run
            }
            #expect(second.faults.isEmpty && second.status == 0)
            let third = try await lane.released.duplicate()
            let first = try await third.kz.start()
            let refused = try GatewayRun(tracing + ["-o", log + "-refused", "--"] + third.kz.serving)
            #expect(try await refused.end() == 78 && refused.messages.contains("[data.in_use]"))
            #expect(try await first.stop() == 0)
            for path in [log, other, log + "-refused"] {
                let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
                #expect(lines.filter { $0.contains("EBADF") }.isEmpty, "\(path)")
            }
        }
    }
}
