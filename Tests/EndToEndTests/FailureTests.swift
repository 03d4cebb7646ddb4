import Foundation
import ProgramHarness
import Testing

/// How the commands end when something is wrong: exit code, sentence, and nothing left behind.
@Suite("Failures", .serialized)
struct FailureTests {
    private struct Case {
        let words: [String]
        let status: Int32
        let code: String
        var hint = false
    }

    private func expect(_ cases: [Case], in room: Room) async throws {
        for item in cases {
            let before = try room.listing()
            let finished = try await room.rogatory(item.words)
            #expect(finished.status == item.status, "exit code \(item.status) is due: \(finished)")
            let lines = finished.errorText.split(separator: "\n")
            #expect(lines.first?.hasPrefix("rogatory: error: ") == true, "\(finished)")
            #expect(lines.first?.hasSuffix("[\(item.code)]") == true, "[\(item.code)] is due: \(finished)")
            #expect(lines.contains { $0.hasPrefix("hint: ") } == item.hint, "a hint is \(item.hint): \(finished)")
            #expect(lines.count == (item.hint ? 2 : 1), "more was said than the error: \(finished)")
            #expect(finished.output.isEmpty, "standard output is for results: \(finished)")
            #expect(try room.listing() == before, "files changed by: \(finished)")
        }
    }

    @Test("What is unusable from the start ends with 78 and says why")
    func configuration() async throws {
        let world = try await DemoWorld.shared()
        let sample = try await SampleBundle.kazakh()
        let room = try Room()
        try room.write("text", "nothing of use\n")
        try FileManager.default.createDirectory(atPath: room.path + "/empty", withIntermediateDirectories: true)
        let (kz, kg) = (world.kz, world.kg)
        let verify = ["bundle", "verify", sample.path, "--trust"]
        let open = ["bundle", "open", sample.path, "--out", "opened"]
        let trust = ["--trust", world.trust]
        let certificate = ["--certificate", kg.encryption + ".crt"]
        let draft = ["bundle", "draft", "--from", "KZ-GPO", "--to", "KG-GPO", "--subject", "s", "--out", "draft"]
        let drafted = try await room.rogatory(draft.dropLast() + ["good"] + kz.signers)
        try #require(drafted.status == 0, "\(drafted)")
        let seal =
            ["bundle", "seal", "good", "--tsa", world.tsa, "--out", "b.asice"]
            + ["--recipient", kg.encryption + ".crt"]
        let sign = ["sign", "good", "--certificate"]
        try await expect(
            [
                Case(words: verify + ["missing"], status: 78, code: "trust.unreadable", hint: true),
                Case(words: verify + ["empty"], status: 78, code: "trust.unreadable", hint: true),
                Case(words: verify + ["text"], status: 78, code: "trust.unreadable", hint: true),
                Case(words: open + trust + certificate + ["--key", "missing"], status: 78, code: "file.open_failed"),
                Case(
                    words: open + trust + certificate + ["--key", "text"],
                    status: 78,
                    code: "key.unreadable",
                    hint: true
                ),
                Case(
                    words: open + trust + ["--certificate", "text", "--key", kg.encryption + ".key"],
                    status: 78,
                    code: "certificate.malformed"
                ),
                Case(
                    words: sign + [kz.officer + ".crt", "--key", kz.approver + ".key"],
                    status: 78,
                    code: "key.mismatch"
                ),
                Case(
                    words: sign + [kz.seal + ".crt", "--key", kz.seal + ".key"],
                    status: 78,
                    code: "certificate.wrong_purpose"
                ),
                Case(words: draft + ["--signer", "officer:missing"], status: 78, code: "file.open_failed"),
                Case(
                    words: draft + ["--signer", "officer:\(kz.seal).crt"],
                    status: 78,
                    code: "certificate.wrong_purpose"
                ),
                Case(
                    words: seal + ["--seal-certificate", kz.seal + ".crt", "--seal-key", "missing"],
                    status: 78,
                    code: "file.open_failed"
                ),
            ],
            in: room
        )
    }

    @Test("What is refused ends with 1, what cannot be read or written with 2, and nothing is left")
    func refusals() async throws {
        let world = try await DemoWorld.shared()
        let room = try Room()
        let (kz, kg) = (world.kz, world.kg)
        let evidence = try room.write("e.bin", size: 5_000)
        try room.write("taken", "")
        let draft =
            ["bundle", "draft", "--from", "KZ-GPO", "--to", "KG-GPO", "--subject", "s", "--evidence", evidence]
            + kz.signers + ["--out"]
        let drafted = try await room.rogatory(draft + ["draft"])
        try #require(drafted.status == 0, "\(drafted)")
        let sealed =
            ["--tsa", world.tsa, "--recipient", kg.encryption + ".crt", "--out", "b.asice"] + kz.sealing
        let trust = ["--trust", world.trust]
        try await expect(
            [
                Case(words: draft + ["draft"], status: 1, code: "draft.exists", hint: true),
                Case(words: draft + ["taken"], status: 1, code: "draft.exists", hint: true),
                Case(words: draft + ["no/where"], status: 2, code: "output.failed"),
                Case(words: draft + ["d2", "--evidence", "missing"], status: 2, code: "file.open_failed"),
                Case(words: ["bundle", "verify", "missing"] + trust, status: 2, code: "file.open_failed"),
                Case(words: ["bundle", "inspect", "missing"], status: 2, code: "file.open_failed"),
                Case(words: ["bundle", "inspect", "e.bin"], status: 1, code: "zip.not_zip"),
                Case(words: ["bundle", "flip", "missing"] + trust, status: 2, code: "file.open_failed"),
                Case(words: ["bundle", "seal", "draft"] + sealed, status: 1, code: "signature.missing", hint: true),
                Case(words: ["bundle", "seal", "taken"] + sealed, status: 1, code: "draft.invalid", hint: true),
                Case(
                    words: ["bundle", "open", "missing", "--out", "o"] + trust + key(kg),
                    status: 2,
                    code: "file.open_failed"
                ),
            ],
            in: room
        )
        for person in [kz.officer, kz.approver] {
            let signed = try await room.rogatory(
                ["sign", "draft", "--certificate", person + ".crt", "--key", person + ".key"]
            )
            try #require(signed.status == 0, "\(signed)")
        }
        let again = ["sign", "draft", "--certificate", kz.officer + ".crt", "--key", kz.officer + ".key"]
        try await expect(
            [
                Case(words: again, status: 1, code: "output.exists"),
                Case(
                    words: ["bundle", "seal", "draft", "--out", "taken"]
                        + sealed.filter { $0 != "--out" && $0 != "b.asice" },
                    status: 1,
                    code: "output.exists",
                    hint: true
                ),
            ],
            in: room
        )
        try room.damage("e.bin", at: 4_000)
        try await expect(
            [Case(words: ["bundle", "seal", "draft"] + sealed, status: 1, code: "evidence.changed", hint: true)],
            in: room
        )
        #expect(try room.bytes("taken").isEmpty, "an existing file is never written over")
    }

    private func key(_ party: DemoWorld.Party) -> [String] {
        ["--certificate", party.encryption + ".crt", "--key", party.encryption + ".key"]
    }

    @Test("A damaged bundle ends with 1 and its content stays closed")
    func damaged() async throws {
        let world = try await DemoWorld.shared()
        let sample = try await SampleBundle.kazakh()
        let room = try Room()
        let size = try room.bytes(sample.path).count
        for (name, offset) in [("first", 0), ("header", 120), ("part", size / 2), ("seal", size - 2_000)] {
            try room.copy(sample.path, as: name)
            try room.damage(name, at: offset)
            let before = try room.listing()
            for words in [
                ["bundle", "verify", name, "--trust", world.trust],
                ["bundle", "open", name, "--trust", world.trust, "--out", "opened"] + key(world.kg),
            ] {
                let finished = try await room.rogatory(words + ["--json"])
                #expect(finished.status == 1, "byte \(offset) is damaged: \(finished)")
                let report = try finished.json(ReportJSON.self)
                #expect(report.outcome == "failed" && report.failures.count == 1, "\(finished)")
                #expect(finished.error.isEmpty, "\(finished)")
                #expect(try room.listing() == before, "files changed by: \(finished)")
            }
            let verifier = try await room.evidenceVerify(["bundle", name, "--trust", world.trust])
            #expect(verifier.status == 1 && verifier.text.contains("\nFAILED at "), "\(verifier)")
        }
    }

    @Test("An output that exists is refused before the bundle is judged; one that cannot be made is no bad bundle")
    func output() async throws {
        let world = try await DemoWorld.shared()
        let sample = try await SampleBundle.kazakh()
        let room = try Room()
        try room.write("taken", "mine")
        try FileManager.default.createDirectory(atPath: room.path + "/empty", withIntermediateDirectories: true)
        let open = ["bundle", "open", sample.path, "--trust", world.trust] + key(world.kg) + ["--out"]
        try await expect(
            ["taken", "empty", "empty/"].map {
                Case(words: open + [$0], status: 1, code: "output.exists", hint: true)
            },
            in: room
        )
        #expect(try room.bytes("taken") == Data("mine".utf8), "an existing file is never written over")
        let before = try room.listing()
        let finished = try await room.rogatory(open + ["no/where"])
        #expect(finished.status == 2 && !finished.text.contains("FAILED"), "\(finished)")
        #expect((finished.text + finished.errorText).contains("[output.failed]"), "\(finished)")
        #expect(try room.listing() == before, "files changed by: \(finished)")
    }

    @Test("What could not be checked or reached ends with 2")
    func notChecked() async throws {
        let world = try await DemoWorld.shared()
        let sample = try await SampleBundle.withoutValidationData()
        let room = try Room()
        try room.copy(world.trust, as: "trust")
        for name in try room.names(in: "trust/crls") {
            try FileManager.default.removeItem(atPath: room.path + "/trust/crls/" + name)
        }
        let before = try room.listing()
        let verified = try await room.rogatory(["bundle", "verify", sample.path, "--trust", "trust", "--json"])
        #expect(verified.status == 2, "\(verified)")
        let report = try verified.json(ReportJSON.self)
        #expect(report.outcome == "notChecked" && report.failures.isEmpty, "\(verified)")
        #expect(report.outcome(of: "seal.revocation") == "notChecked", "\(verified)")
        let opened = try await room.rogatory(
            ["bundle", "open", sample.path, "--trust", "trust", "--out", "opened", "--json"] + key(world.kg)
        )
        #expect(opened.status == 2, "what could not be checked is not opened: \(opened)")
        let verifier = try await room.evidenceVerify(["bundle", sample.path, "--trust", "trust"])
        #expect(verifier.status == 2 && verifier.text.contains("COULD NOT BE CHECKED"), "\(verifier)")
        #expect(try room.listing() == before, "nothing is left")

        let longTerm = try await SampleBundle.kazakh().path
        let proven = try await room.evidenceVerify(["bundle", longTerm, "--trust", "trust"] + key(world.kg))
        #expect(proven.status == 0, "what a bundle carries suffices: \(proven)")
        #expect(try room.listing() == before, "nothing is left")

        let online = try await room.evidenceVerify(
            ["bundle", sample.path, "--trust", "trust", "--online", "--json"] + key(world.kg)
        )
        #expect(online.status == 0, "the lists can be fetched: \(online)")
        #expect(try online.json(ReportJSON.self).outcome(of: "signer.2.revocation") == "passed", "\(online)")
        let fetched = try await room.rogatory(
            ["bundle", "verify", sample.path, "--trust", "trust", "--online", "--json"]
        )
        #expect(fetched.status == 0, "the lists can be fetched: \(fetched)")
        #expect(try room.listing() == before, "what was fetched is not kept")

        let later = try await room.rogatory(
            ["bundle", "verify", sample.path, "--trust", world.trust, "--at", "2027-01-15T00:00:00Z", "--json"]
        )
        #expect(later.status == 2, "the revocation lists are too old by then: \(later)")
        let laterToo = try await room.rogatory(
            ["bundle", "verify", longTerm, "--trust", "trust", "--at", "2027-01-15T00:00:00Z", "--json"]
        )
        #expect(laterToo.status == 0, "what it carries was current then: \(laterToo)")

        let (kz, kg) = (world.kz, world.kg)
        let sealing =
            ["bundle", "seal", "--from", "KZ-GPO", "--to", "KG-GPO", "--subject", "s", "--out", "b.asice"]
            + kz.signing + kz.sealing + ["--recipient", kg.encryption + ".crt"]
        try await expect(
            [
                // Nobody listens on port 1.
                Case(words: sealing + ["--tsa", "http://127.0.0.1:1/tsa"], status: 2, code: "transport.unreachable"),
                Case(
                    words: sealing + ["--tsa", world.tsa, "--trust", "trust"],
                    status: 2,
                    code: "revocation.not_available",
                    hint: true
                ),
            ],
            in: room
        )
    }

    @Test("Wrong words end with 64 and the usage")
    func usage() async throws {
        let world = try await DemoWorld.shared()
        let sample = try await SampleBundle.kazakh()
        let room = try Room()
        let draft = ["bundle", "draft", "--from", "KZ-GPO", "--to", "KG-GPO", "--out", "draft"]
        let signer = ["--signer", "officer:\(world.kz.officer).crt"]
        for words in [
            ["bundle", "verify", sample.path], ["bundle", "verify", sample.path, "--trust"], ["bundle", "mend"],
            ["bundle", "verify", "--trust", world.trust], draft, draft + ["--subject", "s"],
            draft + ["--subject", "s", "--type", "letter"] + signer,
            draft + ["--subject", "s", "--signer", "clerk:\(world.kz.officer).crt"],
            draft + ["--subject", "s", "--thread", "7"] + signer,
            draft + ["--subject", "s", "--previous", "7"] + signer,
            draft + ["--subject", "s", "--destroy-by", "soon"] + signer,
            draft + ["--subject", "s", "--field", "value"] + signer,
            ["bundle", "flip", sample.path, "--trust", world.trust, "--every", "0"],
            ["bundle", "seal"] + world.kz.sealing + ["--recipient", "r", "--tsa", "t", "--out", "o"],
            ["bundle", "seal", "d", "--part-size", "1K"] + world.kz.sealing
                + ["--recipient", "r", "--tsa", "t", "--out", "o"],
            ["bundle", "seal", "d", "--expires-in", "0"] + world.kz.sealing
                + ["--recipient", "r", "--tsa", "t", "--out", "o"],
            ["demo-pki", "serve", "d", "--port", "70000"],
        ] {
            let finished = try await room.rogatory(words)
            #expect(finished.status == 64, "\(finished)")
            #expect(finished.errorText.contains("Usage: rogatory"), "\(finished)")
            #expect(finished.output.isEmpty, "\(finished)")
        }
        let half = try await room.evidenceVerify(
            ["bundle", sample.path, "--trust", world.trust, "--key", world.kg.encryption + ".key"]
        )
        #expect(half.status == 64 && half.errorText.contains("belong together"), "\(half)")
        #expect(try room.listing().isEmpty, "nothing is left")
    }
}
