import Foundation
import ProgramHarness
import Testing

/// From files to an opened bundle, as the guide for officers describes it.
@Suite("A bundle's way", .serialized)
struct WalkTests {
    @Test("Draft, sign, seal, inspect, verify and open, each by its own command, give back every byte")
    func stepByStep() async throws {
        let world = try await DemoWorld.shared()
        let room = try Room()
        try room.write("letter.txt", "In execution of your request.\n")
        _ = try room.write("disk.img", size: 300_000)
        try room.write("файл (1).txt", "показания\n")

        var words = ["bundle", "draft", "--from", "KZ-GPO", "--to", "KG-GPO", "--subject", "Ответ", "--json"]
        words += ["--reference", "KZ-7", "--field", "article=188", "--letter", "letter.txt", "--evidence", "disk.img"]
        words += ["--evidence", "файл (1).txt", "--onward", "withConsent", "--out", "draft"] + world.kz.signers
        let drafted = try await room.rogatory(words)
        try #require(drafted.status == 0, "\(drafted)")
        let draft = try drafted.json([String: String].self)
        #expect(draft["files"] == "3" && draft["draft"] == "draft", "\(drafted)")
        #expect(draft["contentDigest"]?.count == 64, "\(drafted)")
        #expect(draft["thread"]?.hasPrefix("urn:uuid:") == true, "\(drafted)")

        for person in [world.kz.officer, world.kz.approver] {
            let signed = try await room.rogatory(
                ["sign", "draft", "--certificate", person + ".crt", "--key", person + ".key"]
                    + ["--chain", world.kz.issuingAuthority]
            )
            try #require(signed.status == 0, "\(signed)")
        }
        #expect(try room.names(in: "draft/signatures").count == 2, "each signer leaves one signature")

        let sealing = try await room.rogatory(
            ["bundle", "seal", "draft", "--recipient", world.kg.encryption + ".crt", "--tsa", world.tsa, "--json"]
                + ["--trust", world.trust, "--part-size", "64K", "--out", "answer.asice"] + world.kz.sealing
        )
        try #require(sealing.status == 0, "\(sealing)")
        let sealed = try sealing.json([String: String].self)
        #expect(sealed["contentDigest"] == draft["contentDigest"], "sealing changes no content: \(sealing)")
        #expect(sealed["thread"] == draft["thread"], "\(sealing)")
        #expect(sealed["parts"] == "5", "300 000 bytes in parts of 64 KiB: \(sealing)")
        #expect(sealed["size"] == String(try room.bytes("answer.asice").count), "\(sealing)")

        let inspecting = try await room.rogatory(["bundle", "inspect", "answer.asice", "--json"])
        try #require(inspecting.status == 0, "\(inspecting)")
        let inspected = try inspecting.json([String: String].self)
        for key in ["bundle", "contentDigest", "sealedDigest", "thread"] {
            #expect(inspected[key] == sealed[key] && inspected[key] != nil, "\(key) differs: \(inspecting)")
        }
        #expect(inspected["sender"] == "KZ-GPO" && inspected["recipient"] == "KG-GPO", "\(inspecting)")
        #expect(inspected["class"] == "message" && inspected["mode"] == "gateway", "\(inspecting)")
        let spoken = try await room.rogatory(["bundle", "inspect", "answer.asice"])
        #expect(spoken.status == 0 && spoken.text.contains("Nothing of this is proven"), "\(spoken)")

        let verifying = try await room.rogatory(["bundle", "verify", "answer.asice", "--trust", world.trust, "--json"])
        try #require(verifying.status == 0, "\(verifying)")
        let report = try verifying.json(ReportJSON.self)
        #expect(report.outcome == "passed" && report.bundle == sealed["bundle"], "\(verifying)")
        #expect(report.sealedDigest == sealed["sealedDigest"], "\(verifying)")
        #expect(!report.checks.isEmpty && report.checks.allSatisfy { $0.outcome == "passed" }, "\(verifying)")
        #expect(report.checks.allSatisfy { $0.code == nil && !$0.reason.isEmpty && !$0.name.isEmpty }, "\(verifying)")
        for name in ["seal.signature", "seal.timestamp", "seal.certificate", "seal.revocation", "parts.digests"] {
            #expect(report.outcome(of: name) == "passed", "\(name) is missing: \(verifying)")
        }

        let opening = try await room.rogatory(
            ["bundle", "open", "answer.asice", "--trust", world.trust, "--out", "opened", "--json"]
                + ["--certificate", world.kg.encryption + ".crt", "--key", world.kg.encryption + ".key"]
        )
        try #require(opening.status == 0, "\(opening)")
        let opened = try opening.json(ReportJSON.self)
        #expect(opened.outcome == "passed" && opened.checks.count > report.checks.count, "\(opening)")
        #expect(opened.contentDigest == draft["contentDigest"], "\(opening)")
        #expect(opened.outcome(of: "signer.2.signature") == "passed", "two have signed: \(opening)")
        #expect(try room.bytes("opened/report.json") == opening.output, "the report kept is the report shown")
        for (original, stored) in [
            ("letter.txt", "documents/0001"), ("disk.img", "evidence/0001"), ("файл (1).txt", "evidence/0002"),
        ] {
            #expect(try room.bytes(original) == room.bytes("opened/" + stored), "\(stored) is not \(original)")
        }
        #expect(
            try room.names(in: "opened/named")
                == ["documents-0001_letter.txt", "evidence-0001_disk.img", "evidence-0002_файл__1_.txt"]
        )
        #expect(try room.names(in: "opened").contains("signed.asice") == false, "kept without being asked")
        for manifest in ["manifest.xml", "manifest.json", "META-INF/ASiCManifest.xml"] {
            #expect(try room.bytes("draft/" + manifest) == room.bytes("opened/" + manifest), "\(manifest) differs")
        }
    }

    @Test("Sealing signs and drafts by itself, from RSA keys to elliptic curves; the container kept can be verified")
    func threeStepsAtOnce() async throws {
        let world = try await DemoWorld.shared()
        let sample = try await SampleBundle.kyrgyz()
        let room = try Room()
        let opening = try await room.rogatory(
            ["bundle", "open", sample.path, "--trust", world.trust, "--out", "opened", "--keep-container", "--json"]
                + ["--certificate", world.kz.encryption + ".crt", "--key", world.kz.encryption + ".key"]
        )
        try #require(opening.status == 0, "\(opening)")
        let opened = try opening.json(ReportJSON.self)
        for (index, original) in sample.evidence.enumerated() {
            let stored = "opened/evidence/000\(index + 1)"
            #expect(try room.bytes(original) == room.bytes(stored), "\(stored) is not \(original)")
        }

        let container = try await room.evidenceVerify(
            ["bundle", "opened/signed.asice", "--trust", world.trust, "--json"]
        )
        try #require(container.status == 0, "\(container)")
        let inside = try container.json(ReportJSON.self)
        #expect(inside.contentDigest == opened.contentDigest && inside.bundle == nil, "\(container)")
        #expect(inside.outcome(of: "signer.2.timestamp") == "passed", "\(container)")

        let outside = try await room.evidenceVerify(["bundle", sample.path, "--trust", world.trust, "--json"])
        #expect(outside.status == 0, "\(outside)")
        let before = try room.listing()
        let through = try await room.evidenceVerify(
            ["bundle", sample.path, "--trust", world.trust, "--json"]
                + ["--certificate", world.kz.encryption + ".crt", "--key", world.kz.encryption + ".key"]
        )
        try #require(through.status == 0, "\(through)")
        #expect(try through.json(ReportJSON.self).checks.map(\.name) == opened.checks.map(\.name), "\(through)")
        #expect(try room.listing() == before, "the verifier writes nothing")
    }

    @Test("Evidence in agency mode opens for the agency and not for the gateway")
    func agencyMode() async throws {
        let world = try await DemoWorld.shared()
        let room = try Room()
        try room.write("call-records.csv", "time,caller\n")
        var words = ["bundle", "seal", "--from", "KZ-GPO", "--to", "KG-GPO", "--to-agency", "KG-MVD"]
        words += ["--subject", "Records", "--evidence", "call-records.csv", "--tsa", world.tsa]
        words += ["--mode", "agency", "--class", "evidence"] + world.kz.signing + world.kz.sealing
        let evidence = ["--type", "supplement", "--sequence", "2", "--previous", String(repeating: "0a", count: 32)]

        let agency = ["--recipient", world.kg.agencyEncryption + ".crt"]
        for (wrong, code) in [
            (words + agency, "bundle.header_disagrees"),
            (words + evidence + ["--recipient", world.kg.encryption + ".crt"], "sealing.refused"),
        ] {
            let refused = try await room.rogatory(wrong + ["--out", "refused.asice"])
            #expect(refused.status == 1 && refused.errorText.contains("[\(code)]"), "\(refused)")
        }
        #expect(try room.listing() == ["call-records.csv 12"], "a refusal leaves nothing")

        let sealed = try await room.rogatory(words + evidence + agency + ["--out", "evidence.asice"])
        try #require(sealed.status == 0, "\(sealed)")
        let gateway = try await open(world.kg.encryption, as: "gateway", in: room, world)
        #expect(gateway.status == 1, "\(gateway)")
        #expect(try gateway.json(ReportJSON.self).failures == ["bundle.not_for_us"], "\(gateway)")
        let opened = try await open(world.kg.agencyEncryption, as: "agency", in: room, world)
        try #require(opened.status == 0, "\(opened)")
        #expect(try room.bytes("agency/evidence/0001") == room.bytes("call-records.csv"))
        #expect(try room.names(in: ".").contains("gateway") == false, "something is left for the gateway")
    }

    private func open(_ key: String, as output: String, in room: Room, _ world: DemoWorld) async throws -> Finished {
        try await room.rogatory(
            ["bundle", "open", "evidence.asice", "--trust", world.trust, "--out", output, "--json"]
                + ["--certificate", key + ".crt", "--key", key + ".key"]
        )
    }

    @Test("A key with a passphrase signs and opens when the passphrase is given, and only then")
    func passphrases() async throws {
        let world = try await DemoWorld.shared()
        let sample = try await SampleBundle.kazakh()
        let room = try Room()
        try room.write("passphrase", "correct horse\n")
        try room.write("wrong", "battery staple\n")
        for (key, name) in [(world.kz.officer, "officer.key"), (world.kg.encryption, "encryption.key")] {
            let made = try await room.run(
                ["openssl", "pkcs8", "-topk8", "-in", key + ".key", "-out", name, "-passout", "file:passphrase"]
                    + ["-v2", "aes-256-cbc"]
            )
            try #require(made.status == 0, "\(made)")
        }
        let draft = try await room.rogatory(
            ["bundle", "draft", "--from", "KZ-GPO", "--to", "KG-GPO", "--subject", "s", "--out", "draft"]
                + world.kz.signers
        )
        try #require(draft.status == 0, "\(draft)")
        let sign = ["sign", "draft", "--certificate", world.kz.officer + ".crt", "--key", "officer.key"]
        let open =
            ["bundle", "open", sample.path, "--trust", world.trust, "--out", "opened"]
            + ["--certificate", world.kg.encryption + ".crt", "--key", "encryption.key"]
        for words in [sign, open] {
            let before = try room.listing()
            for given in [[], ["--passphrase-file", "wrong"], ["--passphrase-file", "missing"]] {
                let refused = try await room.rogatory(words + given)
                #expect(refused.status == 78, "\(refused)")
                #expect(refused.errorText.hasPrefix("rogatory: error: "), "\(refused)")
                #expect(!refused.errorText.contains("battery"), "the passphrase is shown: \(refused)")
                #expect(try room.listing() == before, "a refusal leaves nothing")
            }
            let done = try await room.rogatory(words + ["--passphrase-file", "passphrase"])
            #expect(done.status == 0, "\(done)")
        }
    }

    @Test("A thousand small items open with few file descriptors")
    func manyItems() async throws {
        let world = try await DemoWorld.shared()
        let room = try Room()
        try FileManager.default.createDirectory(atPath: room.path + "/many", withIntermediateDirectories: true)
        for number in 0..<1_000 { try room.write("many/\(number)", "\(number)") }
        var words = ["bundle", "seal", "--from", "KZ-GPO", "--to", "KG-GPO", "--subject", "s", "--tsa", world.tsa]
        words += ["--evidence", "many", "--out", "b.asice", "--recipient", world.kg.encryption + ".crt"]
        let sealed = try await room.rogatory(words + world.kz.signing + world.kz.sealing)
        try #require(sealed.status == 0, "\(sealed)")
        let opened = try await room.run(
            ["/bin/bash", "-c", "ulimit -n 64; exec \"$0\" \"$@\"", OurPrograms.rogatory, "bundle", "open", "b.asice"]
                + ["--trust", world.trust, "--certificate", world.kg.encryption + ".crt"]
                + ["--key", world.kg.encryption + ".key", "--out", "opened"]
        )
        #expect(opened.status == 0, "\(opened)")
        #expect(try room.names(in: "opened/evidence").count == 1_000)
    }

    @Test("What is said of an item that is not there, or in words nobody knows, is refused")
    func strayAcquisition() async throws {
        let world = try await DemoWorld.shared()
        let room = try Room()
        try room.write("e.txt", "e")
        for text in [#"{"items":{"f.txt":{"description":"d"}}}"#, #"{"everyItm":{"description":"d"}}"#] {
            try room.write("acquisition.json", text)
            let drafted = try await room.rogatory(
                ["bundle", "draft", "--from", "KZ-GPO", "--to", "KG-GPO", "--subject", "s", "--evidence", "e.txt"]
                    + ["--acquisition", "acquisition.json", "--out", "draft"] + world.kz.signers
            )
            #expect(drafted.status != 0 && drafted.errorText.contains("[draft.invalid]"), "\(drafted)")
            #expect(try room.names(in: ".").sorted() == ["acquisition.json", "e.txt"])
            try FileManager.default.removeItem(atPath: room.path + "/acquisition.json")
        }
    }

    @Test("A directory stands for the files in it, and what is known of acquisition is stated")
    func directoryAndAcquisition() async throws {
        let world = try await DemoWorld.shared()
        let room = try Room()
        try FileManager.default.createDirectory(
            atPath: room.path + "/export/photos",
            withIntermediateDirectories: true
        )
        try room.write("export/b.txt", "b")
        try room.write("export/photos/a.jpg", "a")
        try room.write(
            "acquisition.json",
            """
            {"everyItem": {"acquisition": {"time": "2026-11-04T09:30:00Z", "person": "A. Nurlanova", "tool": "dcfldd",
                "device": {"kind": "telephone", "identifiers": [{"name": "IMEI", "value": "352099001761481"}]}},
              "custody": [{"time": "2026-11-03T14:05:00Z", "action": "seized", "person": "D. Akhmetov"}]},
             "items": {"export/photos/a.jpg": {"description": "the only photo"}}}
            """
        )
        var words = ["bundle", "seal", "--from", "KZ-GPO", "--to", "KG-GPO", "--subject", "s", "--tsa", world.tsa]
        words += ["--evidence", "export", "--acquisition", "acquisition.json", "--out", "b.asice"]
        words += world.kz.signing + world.kz.sealing + ["--recipient", world.kg.encryption + ".crt"]
        let sealed = try await room.rogatory(words)
        try #require(sealed.status == 0, "\(sealed)")
        let opened = try await room.rogatory(
            ["bundle", "open", "b.asice", "--trust", world.trust, "--out", "opened"]
                + ["--certificate", world.kg.encryption + ".crt", "--key", world.kg.encryption + ".key"]
        )
        try #require(opened.status == 0, "\(opened)")
        #expect(try room.bytes("opened/evidence/0001") == Data("b".utf8))
        #expect(try room.bytes("opened/evidence/0002") == Data("a".utf8))
        #expect(try room.names(in: "opened/named") == ["evidence-0001_b.txt", "evidence-0002_a.jpg"])
        let manifest = String(decoding: try room.bytes("opened/manifest.xml"), as: UTF8.self)
        for (text, count) in [
            ("352099001761481", 2), ("A. Nurlanova", 2), ("D. Akhmetov", 2), ("the only photo", 1),
            (">export/photos/a.jpg<", 1), (">image/jpeg<", 1), (">taken in<", 2),
        ] {
            #expect(manifest.components(separatedBy: text).count - 1 == count, "“\(text)” stands \(count) times")
        }

        for (content, word) in [
            ("[", "not JSON"), (#"{"everyItem":{"acquisition":{"time":"yesterday","person":"p","tool":"t"}}}"#, "time"),
            (#"{"everyItem":{"acquisition":{"time":"2026-11-04T09:30:00Z","tool":"t"}}}"#, "person"),
        ] {
            try room.write("acquisition.json", content)
            let before = try room.listing()
            let refused = try await room.rogatory(
                ["bundle", "draft", "--from", "KZ-GPO", "--to", "KG-GPO", "--subject", "s", "--evidence", "export"]
                    + ["--acquisition", "acquisition.json", "--out", "draft"] + world.kz.signers
            )
            #expect(refused.status == 78 && refused.errorText.contains("[draft.invalid]"), "\(refused)")
            #expect(refused.errorText.contains(word), "it does not say what is wrong: \(refused)")
            #expect(try room.listing() == before, "a refusal leaves nothing")
        }
    }

    @Test("Signatures that openssl made are sealed and opened", arguments: ["KZ-GPO", "KG-GPO"])
    func foreignSignatures(_ id: String) async throws {
        let world = try await DemoWorld.shared()
        let isRSA = id == world.kg.id
        let (from, to) = isRSA ? (world.kg, world.kz) : (world.kz, world.kg)
        let room = try Room()
        try room.write("e.txt", "evidence")
        let drafted = try await room.rogatory(
            ["bundle", "draft", "--from", from.id, "--to", to.id, "--subject", "s", "--evidence", "e.txt"]
                + ["--out", "draft"] + from.signers
        )
        try #require(drafted.status == 0, "\(drafted)")
        for (name, person) in [("officer", from.officer), ("approver", from.approver)] {
            var words = ["openssl", "cms", "-sign", "-cades", "-binary", "-outform", "DER", "-nosmimecap"]
            words += ["-md", "sha256", "-in", "draft/META-INF/ASiCManifest.xml", "-signer", person + ".crt"]
            words += ["-inkey", person + ".key", "-out", name + ".p7s"]
            if isRSA { words += ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest"] }
            let signed = try await room.run(words)
            try #require(signed.status == 0, "\(signed)")
        }
        let seal =
            ["bundle", "seal", "draft", "--recipient", to.encryption + ".crt", "--tsa", world.tsa] + from.sealing
            + ["--out", "b.asice"]
        let alone = try await room.rogatory(seal + ["--signature", "officer.p7s"])
        #expect(alone.status == 1 && alone.errorText.contains("[signature.missing]"), "\(alone)")
        #expect(alone.errorText.contains("\nhint: "), "\(alone)")
        let sealed = try await room.rogatory(seal + ["--signature", "officer.p7s", "--signature", "approver.p7s"])
        try #require(sealed.status == 0, "\(sealed)")
        let opened = try await room.rogatory(
            ["bundle", "open", "b.asice", "--trust", world.trust, "--out", "opened"]
                + ["--certificate", to.encryption + ".crt", "--key", to.encryption + ".key"]
        )
        #expect(opened.status == 0, "\(opened)")
        #expect(try room.bytes("opened/evidence/0001") == room.bytes("e.txt"))
    }
}
