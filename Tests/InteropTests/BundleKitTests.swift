import ExchangeModel
import Foundation
import ProgramHarness
import Testing

/// Every case of the test kit has its expected code, and the kit covers the format's codes.
@Suite("Kit of bundles", .serialized)
struct BundleKitTests {
    @Test("Each case ends with its code at its check", arguments: BundleKit.areas)
    func cases(_ area: String) async throws {
        let kit = try await BundleKit.shared()
        let cases = kit.cases.filter { $0.area == area }
        #expect(!cases.isEmpty)
        for sample in cases {
            let expected = BundleKit.Finding(outcome: sample.outcome, check: sample.check, code: sample.expect)
            #expect(try kit.finding(sample) == expected, "\(sample)")
        }
    }

    @Test("evidence-verify says the same, with its exit codes and its JSON")
    func program() async throws {
        let kit = try await BundleKit.shared()
        var words = [BundleKit.source + "/check", kit.path, OurPrograms.evidenceVerify]
        // The first of every area, and those that are not checked.
        let chosen = BundleKit.areas.compactMap { area in kit.cases.first { $0.area == area } }
        for sample in chosen + kit.cases.filter({ $0.outcome == "not checked" }) { words += ["--case", sample.name] }
        let checked = try await Room().run(words)
        #expect(checked.status == 0, "\(checked)")
        #expect(checked.text.hasSuffix(" cases as expected\n"), "\(checked)")
    }

    @Test("The script notices a verifier that accepts everything, and one that refuses everything")
    func honesty() async throws {
        let kit = try await BundleKit.shared()
        let room = try Room()
        for (status, outcome, bad) in [(0, "passed", "zip/gap"), (1, "failed", "good/sealed")] {
            let answer = #"{"checks": [{"name": "container.structure", "outcome": "\#(outcome)"}]}"#
            let verifier = try room.write("verifier", "#!/bin/sh\necho '\(answer)'\nexit \(status)\n")
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: verifier)
            let checked = try await room.run([BundleKit.source + "/check", kit.path, verifier, "--case", bad])
            #expect(checked.status == 1, "\(checked)")
            #expect(checked.text.contains(bad + ": "), "\(checked)")
        }
    }

    @Test("There is a case for every code that a bundle can bring about")
    func coverage() async throws {
        let kit = try await BundleKit.shared()
        #expect(kit.cases.count >= 150)
        let page = try String(contentsOfFile: ForeignReading.root + "/Docs/error-codes.md", encoding: .utf8)
        let areas =
            ["zip", "xml", "header", "manifest", "asic", "bundle", "envelope", "signature", "timestamp"]
            + ["certificate", "key", "revocation", "ocsp", "archive"]
        let codes = page.split(separator: "\n").compactMap { line -> String? in
            let pieces = line.split(separator: "`")
            guard line.hasPrefix("| `"), pieces.count > 1 else { return nil }
            return areas.contains { pieces[1].hasPrefix($0 + ".") } ? String(pieces[1]) : nil
        }
        #expect(codes.count > 100)
        let covered = Set(kit.cases.map(\.expect))
        let missing = Set(codes).subtracting(covered).subtracting(Self.elsewhere)
        #expect(missing.isEmpty, "no case: \(missing.sorted())")
        #expect(
            covered.intersection(Self.elsewhere).isEmpty,
            "there is a case: \(covered.intersection(Self.elsewhere))"
        )
    }

    /// Codes that no bundle of the kit can bring about.
    private static let elsewhere: Set<String> = [
        // Of gateways, people and services.
        "bundle.part_damaged", "bundle.rejected_by_officer", "key.damaged", "key.mismatch", "key.none_usable",
        "key.purpose", "key.unreadable", "revocation.fetch_failed", "timestamp.authority",
        "timestamp.nonce_mismatch", "timestamp.rejected", "timestamp.unavailable", "ocsp.nonce_mismatch",
        "ocsp.stale", "ocsp.wrong_certificate",
        // Of other signed objects: statements and second signatures.
        "signature.not_attached", "signature.revocation_lists", "signature.same_person",
        // Of containers that other tools made.
        "asic.malformed", "asic.object_missing", "asic.weak_digest", "timestamp.index_malformed",
        "timestamp.index_mismatch", "timestamp.index_missing", "zip.content_too_large", "zip.deflate", "zip.ratio",
        // Of writers and of schemas.
        "archive.validation_data", "signature.not_long_term", "xml.misuse", "xml.schema_unusable",
        // Of files of more than 8 TiB, and of faults in libcrypto that have no code of their own.
        "zip.too_large", "certificate.path_invalid",
    ]

    @Test("People are told in their language what is wrong, for every code of the kit")
    func texts() async throws {
        let kit = try await BundleKit.shared()
        for language in ["en", "ru", "kk", "zh"] {
            let path = ForeignReading.root + "/Sources/GatewayText/Catalogues/\(language).json"
            let texts = try JSONSerialization.jsonObject(with: Room().bytes(path)) as? [String: Any] ?? [:]
            let missing = Set(kit.cases.map(\.expect)).filter { $0 != "passed" && !(texts["fault.\($0)"] is String) }
            #expect(missing.isEmpty, "\(language): no text for \(missing.sorted())")
        }
    }

    @Test("The list of cases is that of the folders")
    func list() async throws {
        let made = try await Room().run(["/usr/bin/python3", BundleKit.source + "/build", "--list"])
        #expect(made.status == 0, "\(made)")
        let kept = try String(contentsOfFile: BundleKit.source + "/CASES.md", encoding: .utf8)
        #expect(made.text == kept, "CASES.md is not what `build --list` writes")
    }

    @Test("The good bundle is opened and proven with openssl and with Python alone")
    func foreignTools() async throws {
        let kit = try await BundleKit.shared()
        let room = try Room()
        let bundle = kit.path + "/bundles/good/sealed/bundle.asice"
        let trust = kit.path + "/trust"
        var words = ["/usr/bin/python3", ForeignReading.root + "/Tests/InteropTests/open_bundle.py", bundle]
        words += ["--root", trust + "/parties/KZ-GPO/anchors/root.crt", "--out", room.path + "/opened"]
        words += ["--intermediate", trust + "/intermediates/tsa-issuing.crt"]
        words += ["--certificate", kit.path + "/recipients/kg-gateway.crt"]
        words += ["--key", kit.path + "/recipients/kg-gateway.key"]
        let opened = try await room.run(words)
        #expect(opened.status == 0, "\(opened)")
        #expect(try room.bytes("opened/evidence/0001") == room.bytes(BundleKit.source + "/base/evidence/0001"))

        let proven = try await room.run([
            "sh", "-euc",
            """
            unzip -q "$1" -d sealed
            cat "$2"/parties/*/anchors/*.crt > anchors.pem
            openssl cms -verify -cades -binary -inform DER -in sealed/META-INF/signature.p7s \
                -content sealed/META-INF/ASiCManifest.xml -CAfile anchors.pem -purpose any -out /dev/null \
                -attime 1795348800
            """,
            "sh", bundle, trust,
        ])
        #expect(proven.status == 0, "\(proven)")
    }
}
