import ExchangeLog
import ExchangeModel
import Foundation
import ProgramHarness
import Testing

/// The log's proofs, checked by Python's hashlib and openssl, and by `evidence-verify log` offline.
@Suite("The log, checked from outside")
struct LogTests {
    private static func python(_ room: Room, _ log: LogSample, _ words: [String]) async throws -> Finished {
        let script = ForeignReading.root + "/Tests/InteropTests/check_log.py"
        return try await room.run(["/usr/bin/python3", script, "--key", log.key.verifier.vkey] + words)
    }

    @Test("Python and openssl verify checkpoints and the proof of every entry")
    func proofs() async throws {
        let room = try Room()
        let log = try LogSample.pair().kz
        try room.write("note", try log.checkpoint())
        let checkpoint = try await Self.python(room, log, ["checkpoint", "note"])
        #expect(checkpoint.status == 0, "\(checkpoint)")
        #expect(checkpoint.text == "checkpoint holds: size 8, root \(try log.frontier.root)\n")
        for index in log.entries.indices {
            try room.write("entry", Data(log.entries[index]))
            try room.write("proof", try log.proof(Int64(index)))
            let proof = try await Self.python(room, log, ["proof", "proof", "entry"])
            #expect(proof.status == 0, "\(proof)")
            #expect(proof.text.hasPrefix("proof holds: entry \(index) of 8, "), "\(proof)")
        }
    }

    @Test("Python and evidence-verify agree on whole and selected exports", arguments: LogExport.Selection.allCases)
    func exports(_ selection: LogExport.Selection) async throws {
        let room = try Room()
        let log = try LogSample.pair().kz
        try room.write("export", log.export(selection, from: selection == .selected ? [5] : []))
        try room.write("earlier", try log.checkpoint(size: 5))
        let python = try await Self.python(room, log, ["export", "export"])
        #expect(python.status == 0, "\(python)")
        #expect(python.text == "export holds: \(selection == .whole ? 8 : 4) entries, log of size 8\n")
        let key = ["--key", log.key.verifier.vkey]
        let ours = try await room.evidenceVerify(["log", "export", "--from-checkpoint", "earlier"] + key)
        #expect(ours.status == 0, "\(ours)")
        #expect(ours.text.contains("log.earlier"), "\(ours)")
        #expect(ours.text.contains("PASSED"), "\(ours)")
    }

    @Test("The worked example of the format's description holds for both")
    func workedExample() async throws {
        let room = try Room()
        let page = String(decoding: try room.bytes(ForeignReading.root + "/Schemas/FORMAT.md"), as: UTF8.self)
        let rest = try #require(page.components(separatedBy: "\n## 17. Exchange log\n").last)
        let section = try #require(rest.components(separatedBy: "\n## ").first)
        let example = try #require(section.components(separatedBy: "\n### Worked example\n").last)
        let blocks = example.components(separatedBy: "```\n")
        try #require(blocks.count == 7, "three blocks")
        let vkey = blocks[1].trimmingCharacters(in: .newlines)
        let entry = blocks[3].replacingOccurrences(of: "\n", with: "")
        let leaf = try MerkleTree.leafHash(Array(entry.utf8))
        #expect(example.contains("`\(leaf)`"))
        try TlogProof(text: blocks[5]).verify(entry: Array(entry.utf8), key: LogVerifierKey(vkey: vkey))
        #expect(try LogEntry(decoding: Array(entry.utf8)).kind == .bundleReceived)
        try room.write("entry", entry)
        try room.write("proof", blocks[5])
        let script = ForeignReading.root + "/Tests/InteropTests/check_log.py"
        let python = try await room.run(["/usr/bin/python3", script, "--key", vkey, "proof", "proof", "entry"])
        #expect(python.status == 0, "\(python)")
    }

    @Test("Both refuse what was damaged anywhere, so their agreement means something")
    func damaged() async throws {
        let room = try Room()
        let log = try LogSample.pair().kz
        let (proof, export) = (Data(try log.proof(3).utf8), try log.export())
        try room.write("entry", Data(log.entries[3]))
        for offset in stride(from: 40, to: proof.count, by: 37) {
            try room.write("proof", proof)
            try room.damage("proof", at: offset)
            let python = try await Self.python(room, log, ["proof", "proof", "entry"])
            #expect(python.status == 1, "byte \(offset): \(python)")
            #expect(
                throws: (any Error).self,
                "byte \(offset)"
            ) {
                let text = try #require(String(validating: room.bytes("proof"), as: UTF8.self))
                try TlogProof(text: text).verify(entry: log.entries[3], key: log.key.verifier)
            }
        }
        for offset in stride(from: 11, to: export.count, by: export.count / 12) {
            try room.write("export", export)
            try room.damage("export", at: offset)
            let python = try await Self.python(room, log, ["export", "export"])
            #expect(python.status == 1, "byte \(offset): \(python)")
            let ours = try await room.evidenceVerify(["log", "export", "--key", log.key.verifier.vkey])
            #expect(ours.status == 1, "byte \(offset): \(ours)")
        }
    }

    private struct Report: Decodable {
        struct Export: Decodable {
            struct Span: Decodable {
                let from: Int
                let to: Int
            }

            let party: String?
            let outcome: String
            let firstWrong: Span?
        }

        struct Reconciliation: Decodable {
            struct Finding: Decodable {
                let status: String
                let receipt: String?
            }

            let outcome: String
            let counts: [String: Int]
            let findings: [Finding]
        }

        let outcome: String
        let exports: [Export]
        let reconciliation: Reconciliation?
    }

    @Test("Two gateways' logs that tell the same are reconciled; what one leaves out or alters is named")
    func reconciliation() async throws {
        let room = try Room()
        let good = try LogSample.pair()
        let keys = ["--key", good.kz.key.verifier.vkey, "--key", good.kg.key.verifier.vkey]
        try room.write("kz", try good.kz.export())
        try room.write("kg", try good.kg.export())
        let matched = try await room.evidenceVerify(["log", "kz", "kg"] + keys)
        #expect(matched.status == 0, "\(matched)")
        #expect(matched.text.contains("Reconciliation: 4 matched, 0 undecided, 0 out of order, 0 one-sided, 0 altered"))
        let report = try await room.evidenceVerify(["log", "kz", "kg", "--json"] + keys).json(Report.self)
        #expect(report.outcome == "passed")
        #expect(report.exports.map(\.party) == ["KZ-GPO", "KG-GPO"])
        #expect(report.reconciliation?.counts["matched"] == 4)

        // KG's log never heard of the second bundle, and its log goes on long afterwards.
        var silent = try LogSample(party: "KG-GPO", origin: good.kg.key.origin)
        for bytes in good.kg.entries.prefix(3) { try silent.append(try LogEntry(decoding: bytes)) }
        var later = try LogEntry(decoding: good.kg.entries[0])
        later.kind = .peerAdded
        later.bundle = nil
        later.time = later.time.adding(seconds: 100_000)
        try silent.append(later)
        try room.write("silent", try silent.export())
        let words = ["--key", good.kz.key.verifier.vkey, "--key", silent.key.verifier.vkey]
        let oneSided = try await room.evidenceVerify(["log", "kz", "silent"] + words)
        #expect(oneSided.status == 1, "\(oneSided)")
        #expect(oneSided.text.contains("ONE-SIDED"), "\(oneSided)")
        #expect(oneSided.text.contains("[log.one_sided]"), "\(oneSided)")
        #expect(oneSided.text.contains("has no bundle.announced in the log of KG-GPO"), "\(oneSided)")
        #expect(oneSided.text.contains("has no bundle.received in the log of KG-GPO"), "\(oneSided)")

        // Only some of KG's entries: nothing is proven to be missing.
        try room.write("some", try good.kg.export(.selected))
        let some = try await room.evidenceVerify(["log", "kz", "some"] + keys)
        #expect(some.status == 2, "\(some)")
        #expect(some.text.contains("[log.undecided]"), "\(some)")

        // An export that does not hold is not reconciled.
        try room.damage("kg", at: 2_000)
        let damaged = try await room.evidenceVerify(["log", "kz", "kg", "--json"] + keys)
        #expect(damaged.status == 1, "\(damaged)")
        #expect(try damaged.json(Report.self).reconciliation?.outcome == "notChecked")
        // The same log twice is no pair.
        let twice = try await room.evidenceVerify(["log", "kz", "kz"] + keys)
        #expect(twice.status == 1, "\(twice)")
        #expect(twice.errorText.contains("[log.export_pair]"), "\(twice)")
    }

    @Test("Exit codes: 1 for a check that fails, 2 for what cannot be read or checked, 64 for wrong use")
    func exitCodes() async throws {
        let room = try Room()
        let pair = try LogSample.pair()
        let key = ["--key", pair.kz.key.verifier.vkey]
        try room.write("export", try pair.kz.export())
        try room.write("selected", try pair.kz.export(.selected))
        try room.write("earlier", try pair.kz.checkpoint(size: 5))
        try room.write("alien", try pair.kg.checkpoint())
        try room.write("empty", "")
        let cases: [([String], Int32, String)] = [
            (["export"], 64, "--key"), (["export", "--key", "nonsense"], 64, "no key of a log"), (key, 64, "export"),
            (["export", "--from-checkpoint", "alien"] + key, 64, "alien is no checkpoint"),
            (["nowhere"] + key, 2, "[file.open_failed]"), (["."] + key, 2, "[file.not_regular]"),
            (["export", "--from-checkpoint", "nowhere"] + key, 2, "[file.open_failed]"),
            (["export", "nowhere"] + key, 2, "[file.open_failed]"),
            (["selected", "--from-checkpoint", "earlier"] + key, 2, "[log.proof_missing]"),
            (["empty"] + key, 1, "[log.export_cut]"),
            (["export", "--key", pair.kg.key.verifier.vkey], 1, "[log.export_unknown_key]"),
        ]
        for (words, status, text) in cases {
            let finished = try await room.evidenceVerify(["log"] + words)
            #expect(finished.status == status, "\(finished)")
            #expect((finished.text + finished.errorText).contains(text), "\(text): \(finished)")
        }
    }
}
