import ExchangeModel
import Foundation
import GatewaySchemas
import GatewayText
import Testing
import TrustCrypto

@testable import EvidencePackaging

@Suite("A verification report in its four writings")
struct ReportTests {
    private static func text(_ report: BundleReport, _ format: BundleReport.Format, _ language: Language) throws
        -> String
    {
        String(decoding: try report.written(as: format, in: language), as: UTF8.self)
    }

    @Test("tells all there is to tell of a bundle that holds, in every language", arguments: Language.allCases)
    func everything(language: Language) throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let report = try workshop.open(ReportSamples.sealed(in: workshop)).bundleReport
        try #require(report.report.outcome == .passed, "\(report.report)")
        #expect(report.signatures.map(\.name) == ["seal", "signer.1", "signer.2"])
        for signature in report.signatures {
            #expect(signature.provenTime == BundleWorkshop.now.description, "\(signature)")
            #expect(signature.path.count == 3 && signature.authorityPath.count >= 2, "\(signature)")
            #expect(signature.revocation.count == signature.path.count + signature.authorityPath.count - 2)
            #expect(signature.valuePlace != nil && signature.tokenPlace != nil)
        }
        for format in BundleReport.Format.allCases {
            let text = try Self.text(report, format, language)
            for signature in report.signatures { #expect(text.contains(signature.signer), "\(format)") }
            for wanted in ["Данные телефона по делу № 5", "KG-GPO", "kzgpo".uppercased(), "Дело № 5"]
            where wanted != "KZGPO" { #expect(text.contains(wanted), "\(format): \(wanted)") }
            #expect(text.contains(report.subject.contentDigest?.hex ?? "?"), "\(format)")
            let found = text.firstMatch(of: /\[(report|check|fault|size|list|unit|month)\.[^\]]*\]/)
            #expect(found == nil, "\(format): a word is missing: \(found.map { String($0.0) } ?? "")")
            let open = text.firstMatch(of: /\{(count|time|signer|name|number|title|party|authority|subject)\}/)
            #expect(open == nil, "\(format): a placeholder is left: \(open.map { String($0.0) } ?? "")")
        }
        let words = ReportWords(language)
        for check in report.report.checks {
            #expect(words.title(of: CheckKind(check.name)) != CheckKind(check.name).key, "\(check.name) has no title")
            if language != .english { #expect(words.sentence(of: check) != check.reason, "\(check.name)") }
        }
    }

    @Test("is XML that follows the schema, by xmllint, whatever the names")
    func schema() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let path = try ReportSamples.sealed(in: workshop)
        var failed = ReportSamples.large(3)
        failed.report.fail("zip\u{1}.\u{FFFE}", ExchangeError(.zipTruncated, "A name \u{0}\u{1B}[31m \u{FFFF}"))
        let reports = [
            try workshop.open(path).bundleReport,
            BundleVerification(of: path, trust: try workshop.trust(), now: BundleWorkshop.now).bundleReport,
            BundleVerification(of: "/nowhere", trust: try workshop.trust(), now: BundleWorkshop.now).bundleReport,
            failed,
        ]
        #expect(reports.map(\.report.outcome) == [.passed, .passed, .notChecked, .failed])
        for report in reports {
            for language in Language.allCases {
                let result = try ForeignTool.run(
                    ["xmllint", "--nonet", "--noout", "--schema", "verification-report.xsd", "report.xml"],
                    files: [
                        "verification-report.xsd": SchemaBytes.verificationReport,
                        "exchange-header.xsd": SchemaBytes.exchangeHeader,
                        "evidence-manifest.xsd": SchemaBytes.evidenceManifest,
                        "report.xml": try report.written(as: .xml, in: language),
                    ]
                )
                #expect(result.status == 0, "\(result.output)")
            }
        }
    }

    @Test("says the same in JSON and XML, as Python reads them")
    func sameInBoth() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let report = try workshop.open(ReportSamples.sealed(in: workshop)).bundleReport
        let result = try ForeignTool.run(
            ["/usr/bin/python3", "check.py"],
            files: [
                "check.py": Array(Self.comparison.utf8), "report.json": try report.written(as: .json, in: .kazakh),
                "report.xml": try report.written(as: .xml, in: .kazakh),
            ]
        )
        #expect(result.status == 0 && result.output.hasPrefix("equal "), "\(result.output)")
    }

    private static let comparison = """
        import json, xml.etree.ElementTree as tree
        def leaves(value, path=()):
            if isinstance(value, dict):
                for name, member in value.items(): yield from leaves(member, path + (name,))
            elif isinstance(value, list):
                for member in value: yield from leaves(member, path)
            else:
                yield path, str(value)
        def texts(element, path=()):
            for child in element:
                name = child.tag.split('}')[1]
                if len(child): yield from texts(child, path + (name,))
                elif child.text: yield path + (name,), child.text
        # XML names the items of a list, JSON does not.
        json_leaves = [value for path, value in leaves(json.load(open('report.json'))) if value]
        xml_leaves = [value for path, value in texts(tree.parse('report.xml').getroot())]
        assert json_leaves == xml_leaves, set(json_leaves) ^ set(xml_leaves)
        print('equal', len(xml_leaves))
        """

    @Test("can be kept as JSON and written again in another language, with header and manifest from elsewhere")
    func kept() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let report = try workshop.open(ReportSamples.sealed(in: workshop)).bundleReport
        let read = try BundleReport(
            json: report.written(as: .json, in: .chinese),
            header: report.header,
            manifest: report.manifest
        )
        #expect(read == report)
        // As it was kept before it said more than the checks.
        let old =
            #"{"checks":[{"name":"a","outcome":"passed","reason":"b"}],"outcome":"passed","time":"2026-11-22T10:00:00Z"}"#
        #expect(try BundleReport(json: Array(old.utf8)).report.outcome == .passed)
        for text in [
            "", "[]", "{}", String(old.dropLast()), old.replacing("passed", with: "good"),
            old.replacing("10:00", with: "1"),
            String(repeating: "[", count: 100_000),
        ] {
            #expect(throws: ExchangeError.self, "\(text.prefix(80))") { try BundleReport(json: Array(text.utf8)) }
        }
    }

    @Test("is a page without script or address, and shows hostile names for what they are")
    func hostileNames() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let report = try workshop.open(ReportSamples.sealed(in: workshop)).bundleReport
        for language in Language.allCases {
            let page = try Self.text(report, .html, language)
            #expect(!page.contains("<script") && !page.contains("\u{202E}"))
            #expect(
                page.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;⟨U+202E⟩gpj.exe&quot;onload=x&amp;lt;")
            )
            #expect(page.contains("default-src 'none'"))
            for banned in ["src=", "href=\"h", "url(", "@import", " on", "<iframe", "<object", "<form", "javascript:"] {
                let inTags = page.matches(of: /<[^>]*>/).map { String($0.0) }.filter { $0.contains(banned) }
                #expect(inTags.isEmpty, "\(inTags)")
            }
            #expect(
                page.hasPrefix(
                    "<!DOCTYPE html>\n<html lang=\"\(language == .chinese ? "zh-Hans" : language.rawValue)\">"
                )
            )
        }
        // A tree that a browser's parser would not have to mend.
        let tree = try ForeignTool.run(
            ["xmllint", "--html", "--noout", "page.html"],
            files: ["page.html": Array(try Self.text(report, .html, .english).utf8)]
        )
        let complaints = tree.output.split(separator: "\n").filter { $0.contains("error") }
            .filter { line in
                !["main", "header", "section", "bdi", "svg", "footer", "line", "circle", "rect", "path", "text", " g "]
                    .contains { line.contains("Tag \($0)") || line.contains("Tag g ") }
            }
        #expect(complaints.isEmpty, "\(complaints)")
        #expect(try !Self.text(report, .text, .english).contains("\u{202E}"))
    }

    @Test("shows no content of a bundle that does not hold, and says what is wrong in the language and in English")
    func failures() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let path = try ReportSamples.sealed(in: workshop, name: "b.asice")
        var bytes = try SmallFile.read(path)
        bytes[bytes.count / 2] ^= 1
        let damaged = try workshop.write("damaged.asice", bytes)
        let report = try workshop.open(damaged).bundleReport
        #expect(report.report.outcome == .failed && report.manifest == nil && report.kind == .sealedBundle)
        let page = try Self.text(report, .html, .russian)
        #expect(page.contains("Не подтверждено") && page.contains("zip.crc_mismatch"))
        #expect(page.contains("Файл в архиве повреждён или изменён.") && page.contains("parts/00003.p7m"))
        #expect(page.contains("Содержимое не показано") && !page.contains("Данные телефона"))
        let text = try Self.text(report, .text, .russian)
        #expect(text.contains("НЕВЕРНО") && text.contains("НЕ ПРОЙДЕНО") && text.contains("parts/00003.p7m"))
        // Without a proven seal the header is nobody's word either.
        let stranger = BundleVerification(
            of: path,
            trust: try TrustDirectory(parties: [:], timestamping: TrustStore(anchors: [])),
            now: BundleWorkshop.now
        ).bundleReport
        #expect(stranger.report.outcome == .failed && stranger.header == nil)
        #expect(stranger.signatures.first?.provenTime == nil && stranger.signatures.first?.claimedTime != nil)
        #expect(try Self.text(stranger, .html, .english).contains("not proven"))
    }

    @Test("lists what people can read of ten thousand items, and everything in JSON and XML")
    func large() throws {
        let report = ReportSamples.large(10_000)
        let page = try report.written(as: .html, in: .english)
        #expect(page.count < 1_000_000, "\(page.count) bytes")
        let text = String(decoding: page, as: UTF8.self)
        #expect(text.contains("evidence/0500") && !text.contains("evidence/0501"))
        #expect(text.contains("Left out here: 9500 further files"))
        #expect(text.contains("Left out here, from the middle: 9941 events"))
        #expect(text.contains("1–10000"), "events of all items stand once")
        let plain = try Self.text(report, .text, .english)
        #expect(plain.contains("evidence/0200") && !plain.contains("evidence/0201"))
        for format in [BundleReport.Format.json, .xml] {
            #expect(try Self.text(report, format, .english).contains("evidence/10000"), "\(format)")
        }
    }

    @Test("has words for every code that a verification can give", arguments: Language.allCases)
    func codes(language: Language) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")
        var codes: Set<String> = []
        for module in ["EvidencePackaging", "TrustCrypto", "StrictXML"] {
            let folder = root.appendingPathComponent(module)
            let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
            for case let file as URL in files where file.lastPathComponent.hasSuffix("+ErrorCodes.swift") {
                let source = try String(contentsOf: file, encoding: .utf8)
                codes.formUnion(source.matches(of: /ErrorCode\("([a-z0-9_.]+)"\)/).map { String($0.1) })
            }
        }
        // What only making, sending and receiving can give.
        let others: Set<Substring> = [
            "announcement", "assembly", "card", "draft", "evidence", "issuing", "receipt", "report", "sealing", "sheet",
            "statement",
        ]
        let texts = Texts(language)
        #expect(codes.count > 200)
        for code in codes.sorted() where !others.contains(code.prefix { $0 != "." }) {
            #expect(texts.has("fault." + code), "\(code) has no sentence")
        }
        for code in codes.sorted() where !others.contains(code.prefix { $0 != "." }) {
            #expect(texts.has("fault.area." + code.prefix { $0 != "." }), "the area of \(code) has no sentence")
        }
    }

    @Test("says how to repeat each check, and the commands do it, with nothing but unzip, sha256sum and openssl")
    func repetition() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let path = try ReportSamples.sealed(in: workshop)
        let report = try workshop.open(path).bundleReport
        let steps = RepetitionSteps(report)
        let repeated = Set(steps.all.flatMap(\.checks))
        #expect(report.report.checks.filter { !repeated.contains($0.name) }.map(\.name) == ["header.format"])
        let script = steps.all.flatMap(\.commands).joined(separator: "\n")
        for (bytes, holds) in [(try SmallFile.read(path), true), (try Self.damaged(path), false)] {
            let result = try ForeignTool.run(
                holds ? ["bash", "-e", "-o", "pipefail", "script"] : ["bash", "script"],
                files: [
                    "it's a bundle.asice": bytes,
                    "script": Array(
                        """
                        export TRUST='\(workshop.pki)/trust' RECIPIENT='\(workshop.pki)/parties/KG-GPO/encryption'
                        \(script)

                        """.utf8
                    ),
                ]
            )
            if holds { #expect(result.status == 0, "\(result.output)") }
            #expect(result.output.contains("DIFFERS") != holds, "\(result.output)")
            guard holds else { continue }
            #expect(result.output.contains("none of the certificates is listed"), "\(result.output)")
            #expect(result.output.matches(of: /Verification: OK/).count == 3, "three timestamps: \(result.output)")
            #expect(result.output.matches(of: /CAdES Verification successful/).count == 3, "\(result.output)")
        }
    }

    /// A bit of a part that the manifest speaks of, the ZIP's CRC-32 mended by nobody: unzip complains and goes on.
    private static func damaged(_ path: String) throws -> [UInt8] {
        var bytes = try SmallFile.read(path)
        let directory = try ZipDirectory(of: RandomAccessFile(openingForReading: path))
        let header = try #require(directory.entry(named: BundleNames.header))
        bytes[Int(header.dataOffset) + 100] ^= 1
        return bytes
    }

    @Test("keeps every custody event in the order of time, and tells proven times from stated ones")
    func timeline() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let report = try workshop.open(ReportSamples.sealed(in: workshop)).bundleReport
        let timeline = CustodyTimeline(report, ReportWords(.english))
        #expect(timeline.omitted == 0)
        #expect(timeline.events.map(\.time) == timeline.events.map(\.time).sorted())
        #expect(
            timeline.events.filter { $0.kind == .custody }.map(\.action)
                == ["seized", "handed over", "acquired", "data acquired", "taken in"]
        )
        #expect(timeline.events.first?.items == [1, 2, 3])
        #expect(timeline.events.filter { $0.kind == .proof }.count == 3)
        #expect(timeline.events.last?.kind == .check)
        #expect(CustodyTimeline.ranges([5, 1, 2, 3, 9]) == "1–3, 5, 9")
    }
}
