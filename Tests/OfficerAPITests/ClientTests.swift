import BundleExchange
import ExchangeModel
import Foundation
import OfficerAPI
import Persistence
import Testing
import TrustCrypto

/// The people's commands, run as programs against a gateway.
@Suite struct ClientTests {
    struct Finished: CustomStringConvertible {
        let status: Int32
        let output: String
        let error: String
        var description: String { "exit code \(status)\n\(output)\n\(error)" }
        var json: JSONValue { get throws { try JSONValue(reading: Array(output.utf8)) } }
    }

    private static func program() throws -> URL {
        // The test's own binary lies beside the program.
        var place = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        for _ in 0..<8 {
            place.deleteLastPathComponent()
            for folder in ["", "debug/"] {
                let found = place.appendingPathComponent(folder + "rogatory")
                if FileManager.default.isExecutableFile(atPath: found.path) { return found }
            }
        }
        let built = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(".build/debug/rogatory")
        try #require(FileManager.default.isExecutableFile(atPath: built.path))
        return built
    }

    private func run(_ words: [String], environment: [String: String] = [:]) async throws -> Finished {
        let process = Process()
        process.executableURL = try Self.program()
        process.arguments = words
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"].merging(environment) { $1 }
        let (out, err) = (OfficerPKI.scratch("out"), OfficerPKI.scratch("err"))
        for path in [out, err] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: err))
        process.standardInput = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { done.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { done.resume(throwing: error) }
        }
        func text(_ path: String) throws -> String {
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        }
        return Finished(status: status, output: try text(out), error: try text(err))
    }

    private func good(_ words: [String], place: SourceLocation = #_sourceLocation) async throws -> Finished {
        let done = try await run(words)
        try #require(done.status == 0, "\(words.joined(separator: " ")): \(done)", sourceLocation: place)
        return done
    }

    @Test("From taking in to sending, by the commands alone")
    func walk() async throws {
        try await OfficerHouse.run { house in
            let officer = ["--as", try house.profile("officer")]
            let approver = ["--as", try house.profile("approver")]
            let folder = OfficerPKI.scratch("files")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let disk = Data((0..<(2 << 20 + 5)).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            try disk.write(to: URL(fileURLWithPath: folder + "/disk.img"))
            try Data("Dear colleagues".utf8).write(to: URL(fileURLWithPath: folder + "/letter.pdf"))

            #expect(try await good(["whoami"] + officer).output.contains("officer"))
            let request = try await good(
                ["request", "open", "--to", "KG-GPO", "--reference", "R-1", "--subject", "Records", "--json"] + officer
            ).json
            let thread = try #require(request["id"]?.text)
            let item = try await good(
                [
                    "evidence", "take-in", folder + "/disk.img", "--request", thread, "--acquired-at",
                    "2026-01-04T09:30:00Z", "--acquired-by", "A. N.", "--tool", "dcfldd", "--json",
                ] + officer
            ).json
            let evidence = try #require(item["id"]?.text)
            #expect(item["sha256"]?.text == (try SHA256Digest(of: Array(disk)).hex))
            #expect(item["acquisition"]?["tool"]?.text == "dcfldd")
            #expect(try await good(["evidence", "list"] + officer).output.contains(evidence))
            #expect(try await good(["evidence", "custody", evidence] + officer).output.contains("taken in"))
            _ = try await good(["evidence", "get", evidence, "--out", folder + "/back.img"] + officer)
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/back.img")) == disk)
            let twice = try await run(["evidence", "get", evidence, "--out", folder + "/back.img"] + officer)
            #expect(twice.status != 0, "a file is never written over")

            let draft = try await good(
                [
                    "draft", "new", thread, "--type", "request", "--subject", "Records", "--approver", "The approver",
                    "--letter", folder + "/letter.pdf", "--evidence", evidence, "--field", "account=42", "--json",
                ] + officer
            ).json
            let id = try #require(draft["id"]?.text)
            #expect(try await run(["draft", "approve", id] + approver).status == 1, "not before the author")
            _ = try await good(["draft", "sign", id] + officer)
            #expect(try await good(["draft", "list", "--for-me"] + approver).output.contains(id))
            _ = try await good(["draft", "get", id, "documents/0001", "--out", folder + "/read.pdf"] + approver)
            #expect(try await good(["draft", "approve", id, "--json"] + approver).json["state"]?.text == "approved")
            _ = try await good(["draft", "send", id] + officer)
            #expect(try await good(["inbox", "list"] + officer).output == "none\n")
        }
    }

    @Test("A request by the commands: filled, checked, signed, approved, sent; steps recorded, explained, imported")
    func requests() async throws {
        try await OfficerHouse.run { house in
            let officer = ["--as", try house.profile("officer")]
            let approver = ["--as", try house.profile("approver")]
            #expect(try await good(["treaty", "choose", "--to", "KG"] + officer).output.contains("chosen"))
            let opened = try await good(
                [
                    "request", "open", "--to", "KG-GPO", "--reference", "15-2-77", "--subject", "Records", "--treaty",
                    "un-uncac-2003", "--type", "bankInformation", "--by", "2099-01-31", "--reasons", "detention ends",
                ] + officer
            )
            #expect(opened.output.contains("15-2-77") && opened.output.contains("draft"))
            var missing: [JSONValue] = []
            for _ in 0..<40 {
                let check = try await run(["request", "check", "15-2-77", "--json"] + officer)
                missing = (try check.json["items"]?.array ?? []).filter { $0["severity"]?.text == "blocks" }
                #expect((check.status == 0) == missing.isEmpty)
                guard let field = missing.first?["field"]?.text else { break }
                _ = try await good(["request", "edit", "15-2-77", "--field", field + "=As said"] + officer)
            }
            #expect(missing.isEmpty)
            let nothing = try await run(["request", "send", "15-2-77"] + officer)
            #expect(nothing.status == 1 && nothing.error.contains("[client.ambiguous]"))
            let drafted = try await good(
                [
                    "request", "draft", "15-2-77", "--ask", "a=Statements of account", "--approver", "The approver",
                    "--letter-language", "ru,en", "--sign", "--json",
                ] + officer
            ).json
            #expect(drafted["state"]?.text == "signed")
            let twice = try await run(["request", "draft", "15-2-77", "--approver", "x", "--send"] + officer)
            #expect(twice.status == 64, "two persons' messages are not sent at once")
            #expect(try await run(["request", "send", "15-2-77"] + officer).status == 1, "not before it is approved")
            _ = try await good(["request", "approve", "15-2-77"] + approver)
            #expect(try await good(["request", "preflight", "15-2-77"] + officer).output.contains("recipient key"))
            _ = try await good(["request", "send", "15-2-77"] + officer)
            #expect(try await run(["request", "show", "nothing"] + officer).error.contains("[client.ambiguous]"))

            _ = try await good(
                [
                    "request", "open", "--channel", "diplomatic", "--state", "KG", "--partner-authority", "Prosecutors",
                    "--reference", "D-1", "--subject", "Logs", "--treaty", "cis-cyber-2001",
                ] + officer
            )
            func day(_ ago: Int64) -> String {
                String(OfficerPKI.time.adding(seconds: -ago * 86_400).description.prefix(10))
            }
            _ = try await good(
                [
                    "request", "record", "D-1", "--act", "request", "--at", day(40), "--received", day(35),
                    "--reference", "Note 12",
                ] + officer
            )
            let recorded = try await good(
                [
                    "request", "record", "D-1", "--act", "acknowledge", "--authority", "central", "--their-reference",
                    "KG-9", "--at", day(30), "--reference", "Note 44",
                ] + officer
            ).output
            #expect(recorded.contains("stated: Note 44") && recorded.contains("KG-9"))
            let both = try await run(
                ["request", "record", "D-1", "--act", "close", "--at", day(1), "--reference", "N"] + officer
            )
            #expect(both.status == 64 && both.error.contains("--side"))
            let listed = try await good(["request", "list", "--overdue"] + officer).output
            #expect(listed.contains("D-1") && listed.contains("UNCONFIRMED") && listed.contains("days over"))
            #expect(!listed.contains("15-2-77"))
            let explained = try await good(["deadline", "explain", "D-1"] + officer).output
            #expect(explained.contains("recorded here by reference Note 12") && explained.contains("legal check"))
            #expect(try await good(["deadline", "list"] + officer).output.contains("D-1"))

            let table = OfficerPKI.scratch("table") + ".csv"
            let header = "reference,subject,side,channel,state,partner_authority,sent\n"
            try Data((header + "A-1,One,requesting,fax,UZ,Ministry,2025-01-01\n").utf8)
                .write(to: URL(fileURLWithPath: table))
            let refused = try await run(["request", "import", table] + officer)
            #expect(refused.status == 1 && refused.output.contains("Nothing was imported."))
            try Data((header + "A-1,One,requesting,email,UZ,Ministry,2025-01-01\n").utf8)
                .write(to: URL(fileURLWithPath: table))
            #expect(try await good(["request", "import", table] + officer).output == "Imported: 1\n")
            #expect(try await good(["statistics", "--by", "channel", "--csv"] + officer).output.hasPrefix("group,"))
            #expect(try await good(["calendar", "show", "KZ"] + officer).output.contains("Asia/"))
            #expect(try await good(["wishes", "set", "--language", "ru"] + officer).output.contains("ru"))
            #expect(try await good(["feed", "new"] + officer).output.contains("secret"))
        }
    }

    @Test("A file of treaty profiles is checked without a gateway, and its fault is named with its place")
    func profiles() async throws {
        let file = OfficerPKI.scratch("profile") + ".json"
        try Data(#"{"id":"kz-xx","nme":"Treaty"}"#.utf8).write(to: URL(fileURLWithPath: file))
        let bad = try await run(["treaty", "check", file])
        #expect(bad.status == 1 && bad.error.contains("nme") && bad.error.contains("[treaty.profile_invalid]"))
        let missing = try await run(["treaty", "check", file + ".none"])
        #expect(missing.status == 78)
    }

    @Test("A signature that openssl made is handed in")
    func foreignSignature() async throws {
        try await OfficerHouse.run { house in
            let officer = ["--as", try house.profile("officer")]
            let id = try await house.draft()
            let object = OfficerPKI.scratch("object")
            _ = try await good(["draft", "object", id, "--out", object] + officer)
            let person = house.pki.directory + "/parties/KZ-GPO/people/officer-signature"
            let openssl = Process()
            openssl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            openssl.arguments = [
                "openssl", "cms", "-sign", "-cades", "-binary", "-outform", "DER", "-nosmimecap", "-md", "sha256",
                "-in", object, "-signer", person + ".crt", "-inkey", person + ".key", "-out", object + ".p7s",
            ]
            try openssl.run()
            openssl.waitUntilExit()
            #expect(openssl.terminationStatus == 0)
            let signed = try await good(["draft", "sign", id, "--signature", object + ".p7s", "--json"] + officer)
            #expect(try signed.json["state"]?.text == "signed")
        }
    }

    @Test("An auditor reads, verifies, proves and exports")
    func auditor() async throws {
        try await OfficerHouse.run { house in
            let auditor = ["--as", try house.profile("auditor", changing: [:])]
            #expect(try await good(["log", "show", "--kind", "peer.added"] + auditor).output.contains("peer.added"))
            #expect(try await good(["log", "verify"] + auditor).output.contains("verified"))
            #expect(try await good(["log", "prove", "0"] + auditor).output.contains("c2sp.org/tlog-proof"))
            let file = OfficerPKI.scratch("export")
            _ = try await good(["log", "export", "--log", "house", "--out", file] + auditor)
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)).count > 1_000)
            let refused = try await run(["evidence", "list"] + auditor)
            #expect(refused.status == 1)
            #expect(refused.error.contains("[access.denied]") && refused.error.contains("hint:"))
        }
    }

    @Test("A card is proposed only once its fingerprint was compared")
    func fingerprint() async throws {
        try await OfficerHouse.run { house in
            let local = ["--data", house.directory.path]
            #expect(try await good(["whoami"] + local).output.contains("localSocket"))
            let card = OfficerPKI.scratch("card")
            try Data(house.pki.card()).write(to: URL(fileURLWithPath: card))
            let silent = try await run(["peer", "replace", card] + local)
            #expect(silent.status == 1 && silent.error.contains("[client.not_compared]"))
            let wrong = try await run(
                ["peer", "replace", card, "--fingerprint", String(repeating: "0", count: 64)] + local
            )
            #expect(wrong.status == 1 && wrong.error.contains("[client.not_compared]"))
            #expect(try await good(["change", "list", "--state", "proposed"] + local).output == "none\n")
            let own = OfficerPKI.scratch("own")
            let shown = try await good(["peer", "card", "--out", own] + local).output
            #expect(shown.contains("fingerprint"))
        }
    }

    @Test("Whom a command cannot reach or trust, it says with an exit code of its own")
    func unreachable() async throws {
        try await OfficerHouse.run { house in
            #expect(try await run(["whoami"]).status == 78)
            #expect(try await run(["whoami", "--data", "/nonexistent"]).status == 2)
            let stranger = try house.profile("officer", changing: ["party": .text("KG-GPO")])
            let other = try await run(["whoami", "--as", stranger])
            // A certificate that does not hold is a failed check, and nothing is sent to whoever showed it.
            #expect(other.status == 1 && other.error.contains("[certificate."), "\(other)")
            let foreign = JSONValue.array([.text(house.pki.directory + "/ca/kg-issuing.crt")])
            let elsewhere = try await run(["whoami", "--as", house.profile("officer", changing: ["anchors": foreign])])
            #expect(elsewhere.status == 1 && elsewhere.error.contains("[certificate."), "\(elsewhere)")
            let typo = try house.profile("officer", changing: ["anchor": .text("x")])
            let refused = try await run(["whoami", "--as", typo])
            #expect(refused.status == 78 && refused.error.contains("anchor"))
            let profile = try house.profile("officer")
            #expect(try await run(["whoami"], environment: ["ROGATORY_PROFILE": profile]).status == 0)
        }
    }
}
