import Foundation
import ProgramHarness
import Testing

/// What the programs say of themselves, and what they let through to a terminal.
@Suite("The command line's surface", .serialized)
struct SurfaceTests {
    private static let draftOptions = [
        "--from", "--to", "--from-agency", "--to-agency", "--type", "--subject", "--reference", "--treaty", "--thread",
        "--sequence", "--previous", "--seen", "--field", "--letter", "--document", "--evidence", "--acquisition",
        "--signer", "--sole-release-reason", "--onward", "--speciality", "--destroy-by", "--out", "--json",
    ]

    @Test("Help names every option, and the version is one line")
    func help() async throws {
        let room = try Room()
        let rogatory: [([String], [String])] = [
            ([], ["bundle", "sign", "demo-pki", "--version", "Exit codes"]),
            (["bundle"], ["draft", "seal", "inspect", "verify", "open", "flip", "pull"]),
            (["bundle", "draft"], Self.draftOptions),
            (
                ["bundle", "seal"],
                Self.draftOptions + [
                    "--signature", "--sign", "--seal-certificate", "--seal-key", "--chain", "--recipient", "--tsa",
                    "--trust", "--class", "--mode", "--priority", "--expires-in", "--part-size",
                ]
            ),
            (["bundle", "inspect"], ["<file>", "--json"]),
            (["bundle", "verify"], ["<file>", "--trust", "--at", "--online", "--json"]),
            (
                ["bundle", "open"],
                [
                    "--trust", "--certificate", "--key", "--passphrase-file", "--out", "--keep-container", "--online",
                    "--json",
                ]
            ),
            (
                ["bundle", "pull"],
                [
                    "--all", "--list", "--trust", "--out", "--as", "--gateway", "--party", "--anchor", "--certificate",
                    "--key", "--passphrase-file", "--chain", "--json",
                ]
            ),
            (["receipt"], ["sign", "send"]), (["receipt", "sign"], ["--of", "--code", "--reason", "--send", "--out"]),
            (["bundle", "flip"], ["--trust", "--every", "--json"]),
            (
                ["sign"],
                ["--certificate", "--key", "--passphrase-file", "--chain", "--out", "openssl cms -sign -cades"]
            ),
            (
                ["request"],
                [
                    "open", "edit", "draft", "show", "list", "check", "preflight", "sign", "approve", "send",
                    "acknowledge", "review", "accept", "ask", "answer", "transfer", "begin", "delay", "postpone",
                    "resume", "refuse", "execute", "withdraw", "remind", "extend", "confirm", "close", "record",
                    "import", "move", "assign", "hand-over",
                ]
            ),
            (
                ["request", "refuse"],
                ["--ground", "--reason", "--item", "--approver", "--sign", "--send", "--wait", "--letter-language"]
            ),
            (
                ["outbox"],
                ["list", "show", "receipt", "waiting", "retry", "pause", "resume", "cancel", "reseal"]
            ),
            (["log"], ["show", "verify", "checkpoint", "prove", "export", "witness"]),
            (["log", "checkpoint"], ["--cosigned", "--out"]),
            (["log", "witness"], ["list", "findings", "show", "export", "evidence-verify fork"]),
            (["log", "witness", "list"], ["--json"]),
            (["log", "witness", "findings"], ["--open", "--limit", "--json"]),
            (["log", "witness", "show"], ["<finding>", "--json"]),
            (["log", "witness", "export"], ["<finding>", "--out"]),
            (["deadline"], ["list", "explain", "pause", "resume", "extend"]),
            (["treaty"], ["list", "show", "check", "choose", "confirm", "decide", "confirmations"]),
            (["calendar"], ["list", "show", "import"]), (["statistics"], ["--by", "--csv", "--json"]),
            (["wishes"], ["show", "set"]), (["feed"], ["new", "list", "revoke"]),
            (["demo-pki", "mint"], ["<directory>", "--services"]),
            (["demo-pki", "serve"], ["--port", "--ready-file"]),
        ]
        for (words, mentioned) in rogatory {
            let finished = try await room.rogatory(words + ["--help"])
            #expect(finished.status == 0 && finished.error.isEmpty, "\(finished)")
            for option in mentioned { #expect(finished.text.contains(option), "\(option) is missing: \(finished)") }
        }
        let verifier = try await room.evidenceVerify(["bundle", "--help"])
        for option in ["--trust", "--certificate", "--key", "--passphrase-file", "--at", "--online", "--json"] {
            #expect(verifier.text.contains(option), "\(option) is missing: \(verifier)")
        }
        for (words, mentioned) in [
            (["log"], ["--key", "--from-checkpoint", "--witness", "--json"]),
            (["checkpoint"], ["--key", "--witness", "--json"]), (["fork"], ["--key", "--json"]),
        ] {
            let finished = try await room.evidenceVerify(words + ["--help"])
            for option in mentioned { #expect(finished.text.contains(option), "\(option) is missing: \(finished)") }
        }
        for version in [
            try await room.rogatory(["--version"]), try await room.evidenceVerify(["--version"]),
        ] {
            #expect(version.status == 0, "\(version)")
            #expect(version.text.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+\n/) != nil, "\(version)")
        }
    }

    @Test("Completion scripts are made, and the shells that are here accept them", arguments: ["bash", "zsh", "fish"])
    func completion(_ shell: String) async throws {
        let room = try Room()
        for (name, made) in [
            ("rogatory", try await room.rogatory(["--generate-completion-script", shell])),
            ("evidence-verify", try await room.evidenceVerify(["--generate-completion-script", shell])),
        ] {
            #expect(made.status == 0 && made.text.contains(name), "\(made)")
            try room.write(name, made.output)
            let isHere = try await room.run(["sh", "-c", "command -v \(shell)"]).status == 0
            guard isHere else { continue }
            let read = try await room.run([shell, "-n", name])
            #expect(read.status == 0 && read.error.isEmpty, "\(read)")
        }
    }

    @Test("Standard output holds data only, and standard error no progress, when nobody watches")
    func streams() async throws {
        let world = try await DemoWorld.shared()
        let room = try Room()
        _ = try room.write("e.bin", size: 2_000_000)
        var words = ["bundle", "seal", "--from", "KZ-GPO", "--to", "KG-GPO", "--subject", "s", "--evidence", "e.bin"]
        words += ["--tsa", world.tsa, "--recipient", world.kg.encryption + ".crt", "--part-size", "64K"]
        words += world.kz.signing + world.kz.sealing + ["--out", "b.asice"]
        let open =
            ["bundle", "open", "b.asice", "--trust", world.trust]
            + ["--certificate", world.kg.encryption + ".crt", "--key", world.kg.encryption + ".key", "--out"]
        let verify = ["bundle", "verify", "b.asice", "--trust", world.trust]
        for (words, isJSON) in [
            (words + ["--json"], true), (verify, false), (verify + ["--json"], true), (open + ["a"], false),
            (open + ["b", "--json"], true), (["bundle", "inspect", "b.asice", "--json"], true),
        ] {
            let finished = try await room.rogatory(words)
            #expect(finished.status == 0 && finished.error.isEmpty, "\(finished)")
            #expect(finished.harmful.isEmpty, "\(finished.harmful): \(finished)")
            if isJSON { _ = try JSONSerialization.jsonObject(with: finished.output) }
        }
    }

    @Test("No damage to a small bundle is accepted")
    func flip() async throws {
        let world = try await DemoWorld.shared()
        let room = try Room()
        try room.write("e.txt", "evidence")
        let sealed = try await room.rogatory(
            ["bundle", "seal", "--from", "KZ-GPO", "--to", "KG-GPO", "--subject", "s", "--evidence", "e.txt"]
                + ["--tsa", world.tsa, "--recipient", world.kg.encryption + ".crt", "--out", "b.asice"]
                + world.kz.signing + world.kz.sealing
        )
        try #require(sealed.status == 0, "\(sealed)")
        let before = try room.bytes("b.asice")
        let finished = try await room.rogatory(
            ["bundle", "flip", "b.asice", "--trust", world.trust, "--every", "101", "--json"]
        )
        #expect(finished.status == 0, "\(finished)")
        let counts = try finished.json([String: String].self)
        for kind in ["flips", "cuts", "forgeries"] {
            #expect(counts[kind + "Accepted"] == "0", "\(finished)")
            let tried = Int(counts[kind + "Tried"] ?? "") ?? 0
            #expect(tried >= before.count / 101 - 20, "\(kind): every 101st of \(before.count) bytes: \(finished)")
        }
        #expect(try room.bytes("b.asice") == before, "the bundle itself was changed")
    }

    @Test("Names of files that would harm a terminal or a directory are shown and opened without harm")
    func hostileNames() async throws {
        let world = try await DemoWorld.shared()
        let room = try Room()
        try FileManager.default.createDirectory(atPath: room.path + "/ev", withIntermediateDirectories: true)
        let names = [
            "new\nline.txt", "rtl\u{202e}fdp.exe", "..\\..\\back.txt", "-rf", "$(touch hit).txt", ".hidden",
            String(repeating: "x", count: 255), String(repeating: "й", count: 127), "ok\u{feff}\u{200b}.txt",
        ]
        for name in names { try room.write("ev/" + name, name) }
        let opened = try await seal(["ev"], in: room, world)
        let named = try room.names(in: "opened/named")
        #expect(named.count == names.count, "\(named)")
        for (index, name) in names.sorted().enumerated() {
            let content = try room.bytes("opened/evidence/000\(index + 1)")
            #expect(content == Data(name.utf8), "the files come in the order of their names")
        }
        expectHarmless(named)
        #expect(opened.harmful.isEmpty, "\(opened.harmful): \(opened)")
        #expect(try room.names(in: ".") == ["b.asice", "draft", "ev", "opened"], "something escaped")
    }

    @Test("Names that cannot be stated are refused and shown without harm", arguments: ["\u{1b}[31mred", "\u{9b}31m"])
    func unstatableNames(_ name: String) async throws {
        let world = try await DemoWorld.shared()
        let room = try Room()
        try room.write(name, "e")
        let before = try room.listing()
        for evidence in [name, "missing" + name] {
            let finished = try await room.rogatory(
                ["bundle", "draft", "--from", "KZ-GPO", "--to", "KG-GPO", "--subject", "s", "--evidence", evidence]
                    + ["--out", "draft"] + world.kz.signers
            )
            #expect(finished.status == (evidence == name ? 1 : 2), "\(finished)")
            #expect(finished.harmful.isEmpty, "\(finished.harmful): \(finished)")
            #expect(try room.listing() == before, "a refusal leaves nothing")
            guard evidence == name else { continue }
            #expect(finished.errorText.contains(String(name.suffix(3))), "the file is not named: \(finished)")
        }
    }

    @Test(
        "A path that a sender states as a name leads nowhere",
        arguments: ["../../../../escape.txt", "/tmp/escape.txt"]
    )
    func statedPaths(_ name: String) async throws {
        let world = try await DemoWorld.shared()
        let room = try Room()
        try room.write("PLACE.txt", "e")
        // A hostile sender states what our program would not: the draft is written again by other means.
        let drafted = try await room.rogatory(
            ["bundle", "draft", "--from", "KZ-GPO", "--to", "KG-GPO", "--subject", "s", "--evidence", "PLACE.txt"]
                + ["--out", "draft"] + world.kz.signers
        )
        try #require(drafted.status == 0, "\(drafted)")
        var asic = String(decoding: try room.bytes("draft/META-INF/ASiCManifest.xml"), as: UTF8.self)
        for manifest in ["draft/manifest.xml", "draft/manifest.json"] {
            let old = try await digest(manifest, in: room)
            let text = String(decoding: try room.bytes(manifest), as: UTF8.self)
            #expect(text.contains("PLACE.txt"), "\(manifest) does not state the name")
            try room.write(manifest, text.replacingOccurrences(of: "PLACE.txt", with: name))
            let new = try await digest(manifest, in: room)
            #expect(asic.contains(old) && new != old, "\(manifest) is not what was to be signed")
            asic = asic.replacingOccurrences(of: old, with: new)
        }
        try room.write("draft/META-INF/ASiCManifest.xml", asic)
        let opened = try await seal(nil, in: room, world)
        #expect(try room.names(in: "opened/named") == ["evidence-0001_escape.txt"], "\(opened)")
        #expect(try room.names(in: ".") == ["PLACE.txt", "b.asice", "draft", "opened"], "something escaped")
        #expect(!FileManager.default.fileExists(atPath: "/tmp/escape.txt"), "something escaped")
    }

    private func digest(_ name: String, in room: Room) async throws -> String {
        let made = try await room.run(["sh", "-c", #"openssl dgst -sha256 -binary "$1" | base64 -w 0"#, "sh", name])
        try #require(made.status == 0 && made.output.count == 44, "\(made)")
        return made.text
    }

    private func expectHarmless(_ names: [String]) {
        for name in names {
            #expect(name.utf8.count <= 255 && !name.hasPrefix(".") && !name.hasPrefix("-"), "\(name.debugDescription)")
            #expect(
                name.unicodeScalars.allSatisfy {
                    $0.properties.isAlphabetic || "0123456789._-".unicodeScalars.contains($0)
                },
                "\(name.debugDescription)"
            )
        }
    }

    /// Drafts, unless that was done, signs, seals, verifies and opens; every command must end well and harmlessly.
    private func seal(_ evidence: [String]?, in room: Room, _ world: DemoWorld) async throws -> Finished {
        var commands: [[String]] = []
        if let evidence {
            commands.append(
                ["bundle", "draft", "--from", "KZ-GPO", "--to", "KG-GPO", "--subject", "s", "--out", "draft"]
                    + world.kz.signers + evidence.flatMap { ["--evidence", $0] }
            )
        }
        for person in [world.kz.officer, world.kz.approver] {
            commands.append(["sign", "draft", "--certificate", person + ".crt", "--key", person + ".key"])
        }
        commands.append(
            ["bundle", "seal", "draft", "--tsa", world.tsa, "--recipient", world.kg.encryption + ".crt"]
                + world.kz.sealing + ["--out", "b.asice"]
        )
        commands.append(["bundle", "inspect", "b.asice"])
        commands.append(["bundle", "verify", "b.asice", "--trust", world.trust])
        for words in commands {
            let finished = try await room.rogatory(words)
            try #require(finished.status == 0, "\(finished)")
            #expect(finished.harmful.isEmpty, "\(finished.harmful): \(finished)")
        }
        let opened = try await room.rogatory(
            ["bundle", "open", "b.asice", "--trust", world.trust, "--out", "opened"]
                + ["--certificate", world.kg.encryption + ".crt", "--key", world.kg.encryption + ".key"]
        )
        try #require(opened.status == 0, "\(opened)")
        return opened
    }
}
