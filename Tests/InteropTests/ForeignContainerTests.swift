import EvidencePackaging
import ExchangeModel
import Foundation
import ProgramHarness
import Testing
import TrustCrypto

/// Containers of other tools: the good ones pass, and every fault has its own code in the check that finds it.
@Suite("Containers of other tools")
struct ForeignContainerTests {
    @Test("Every sample ends as it must, in the check it must")
    func samples() async throws {
        let made = try await ForeignSamples.shared()
        #expect(made.samples.count > 130)
        for sample in made.samples {
            let verification = try made.verify(sample)
            let found = sample.outcome == .passed ? nil : verification.first(sample.outcome)
            #expect(verification.report.outcome == sample.outcome, "\(sample): \(verification.report.checks)")
            #expect((found?.code?.rawValue ?? "") == sample.code, "\(sample): \(verification.report.checks)")
            #expect((found?.name ?? "") == sample.check, "\(sample)")
            if let objects = sample.objects {
                #expect(verification.foreign?.objects.count == objects, "\(sample)")
            }
            #expect(verification.verified == nil, "\(sample)")
        }
    }

    @Test("A fault and what is sound beside it are told apart by codes")
    func codes() async throws {
        let made = try await ForeignSamples.shared()
        let codes = Set(made.samples.map(\.code))
        for code in [
            "timestamp.imprint_mismatch", "timestamp.signature", "certificate.untrusted",
            "signature.certificate_mismatch", "signature.missing_attribute", "signature.duplicate_attribute",
            "signature.weak_digest", "key.not_in_suite", "certificate.wrong_purpose", "revocation.wrong_issuer",
            "timestamp.weak_digest", "timestamp.index_mismatch", "zip.ratio", "foreign.kind_not_checked",
        ] { #expect(codes.contains(code), "\(code)") }
    }

    @Test("What programs read differently is refused, and what is refused is named")
    func archives() async throws {
        let made = try await ForeignSamples.shared()
        let trust = try TrustDirectory(reading: made.directory + "/trust-full")
        #expect(made.archives.count > 80)
        for archive in made.archives {
            let verification = made.verify(archive.path, trust: trust)
            let code = verification.first(.failed)?.code?.rawValue ?? ""
            if let expected = archive.code {
                #expect(code == expected, "\(archive): \(verification.report.checks)")
            } else {
                #expect(!code.hasPrefix("zip."), "\(archive): \(verification.report.checks)")
                #expect(archive.isReadAlike, "\(archive): \(archive.views)")
            }
            // The rule that matters: never sound to us what the three do not read alike.
            #expect(archive.isReadAlike || code.hasPrefix("zip."), "\(archive): \(archive.views)")
        }
        #expect(made.archives.filter { !$0.isReadAlike }.count > 60)
    }

    @Test("No byte of a container can be changed unnoticed, not even by somebody who repairs the checksums")
    func everyByte() async throws {
        let made = try await ForeignSamples.shared()
        let sample = try made.sample("s-signature")
        let trust = try TrustDirectory(reading: sample.trust)
        let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: sample.path)))
        let room = try Room()
        // Whoever takes the timestamp away, which nothing signs, takes the proven time away; it must be gone then.
        func isAccepted(_ bytes: [UInt8]) throws -> Bool {
            let verification = made.verify(try room.write("damaged.asics", Data(bytes)), trust: trust)
            let isTimestamped = verification.foreign?.signatures.first?.isTimestamped
            return verification.report.outcome == .passed && isTimestamped != false
        }
        #expect(try isAccepted(original))
        let entries = Self.storedEntries(of: original)
        try #require(entries.map(\.content.count).reduce(0, +) > 2_000)
        // The versions of the makers, times and attributes in the headers mean nothing.
        var harmless: Set<Int> = []
        for entry in entries {
            harmless.formUnion([4, 5, 10, 11, 12, 13].map { entry.local + $0 })
            harmless.formUnion([4, 5, 6, 7, 12, 13, 14, 15, 36, 37, 38, 39, 40, 41].map { entry.central + $0 })
        }
        var accepted: [Int] = []
        for offset in stride(from: 0, to: original.count, by: 3) where !harmless.contains(offset) {
            var damaged = original
            damaged[offset] ^= 0x01
            if let entry = entries.first(where: { $0.content.contains(offset) }) {
                let crc = Self.crc32(damaged[entry.content])
                for place in [entry.local + 14, entry.central + 16] {
                    for byte in 0..<4 { damaged[place + byte] = UInt8(truncatingIfNeeded: crc >> UInt32(8 * byte)) }
                }
            }
            if try isAccepted(damaged) { accepted.append(offset) }
        }
        #expect(accepted.isEmpty, "\(accepted)")
    }

    private struct StoredEntry {
        let local: Int
        let central: Int
        let content: Range<Int>
    }

    /// The entries of an archive whose sizes stand in its 32-bit fields.
    private static func storedEntries(of bytes: [UInt8]) -> [StoredEntry] {
        func number(_ place: Int, _ count: Int) -> Int {
            bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        var central = number(bytes.count - 6, 4)
        return (0..<number(bytes.count - 12, 2)).map { _ in
            let local = number(central + 42, 4)
            let start = local + 30 + number(local + 26, 2) + number(local + 28, 2)
            defer { central += 46 + number(central + 28, 2) + number(central + 30, 2) + number(central + 32, 2) }
            return StoredEntry(local: local, central: central, content: start..<start + number(central + 20, 4))
        }
    }

    private static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
    }

    @Test("The limits that the caller names hold")
    func limits() async throws {
        let made = try await ForeignSamples.shared()
        func code(_ name: String, _ change: (inout ForeignLimits) -> Void) throws -> String? {
            var limits = ForeignLimits()
            change(&limits)
            return try made.verify(try made.sample(name), limits: limits).first(.failed)?.code?.rawValue
        }
        #expect(try code("deflated") { $0.entries = 4 } == "zip.too_many_entries")
        #expect(try code("deflated") { $0.contentBytes = 3_000 } == "zip.content_too_large")
        #expect(try code("deflated") { ($0.ratio, $0.freeBytes) = (2, 100) } == "zip.ratio")
        #expect(try code("deflated") { $0.metadataBytes = 500 } == "zip.entry_too_large")
        #expect(try code("deflated") { $0.allMetadataBytes = 2_000 } == "zip.entry_too_large")
        #expect(try code("two-manifests") { $0.signatures = 3 } == "foreign.too_many_signatures")
        #expect(try code("mimetype-missing") { $0.requiresMimetype = true } == "foreign.mimetype")
        #expect(try code("bomb-ratio") { $0.ratio = 2_000 } == nil)
    }

    @Test("What is not covered is no evidence, and what is covered has its digest")
    func content() async throws {
        let made = try await ForeignSamples.shared()
        let content = try #require(try made.verify(try made.sample("unsigned-file")).foreign)
        #expect(content.objects.map(\.name) == ["report.txt", "data/Отчёт 1.csv"])
        #expect(content.unsigned == ["extra.txt"])
        let report = Array("The account was opened on 3 March.\n".utf8)
        #expect(content.objects.first?.sha256 == (try SHA256Digest(of: report)))
        #expect(content.objects.first?.provenBy == ["signature.1"])
        #expect(content.signatures.first?.provenTime.description == "2026-11-20T10:01:00Z")

        let forged = try #require(try made.verify(try made.sample("flipped-signature")).foreign)
        #expect(forged.objects.isEmpty && forged.unsigned.count == 2)
    }

    @Test("evidence-verify says it with its exit code, and rogatory has nothing to open")
    func programs() async throws {
        let made = try await ForeignSamples.shared()
        let room = try Room()
        for (name, status) in [
            ("rsa-pss-sha384", Int32(0)), ("archive-manifests", 0), ("xades-only", 2), ("unsigned-file", 2),
            ("timestamp-copied", 1), ("bomb-ratio", 1),
        ] {
            let sample = try made.sample(name)
            let words = ["bundle", sample.path, "--trust", sample.trust, "--at", ForeignSamples.now.description]
            let finished = try await room.evidenceVerify(words + ["--json"])
            #expect(finished.status == status, "\(name): \(finished)")
            #expect(sample.code.isEmpty || finished.text.contains("\"\(sample.code)\""), "\(name): \(finished)")
        }
        let sample = try made.sample("unsigned-file")
        let shown = try await room.evidenceVerify(
            ["bundle", sample.path, "--trust", sample.trust, "--at", ForeignSamples.now.description]
        )
        #expect(shown.text.contains("'extra.txt'") && shown.text.contains("'data/Отчёт 1.csv'"), "\(shown)")
        for limit in [["--most-entries", "3"], ["--most-content", "3000"], ["--most-ratio", "0"]] {
            let finished = try await room.evidenceVerify(
                ["bundle", sample.path, "--trust", sample.trust, "--at", ForeignSamples.now.description] + limit
            )
            #expect(finished.status == (limit.last == "0" ? 64 : 1), "\(limit): \(finished)")
        }
    }

    @Test("openssl holds the same signatures for good")
    func openssl() async throws {
        let made = try await ForeignSamples.shared()
        for name in ["ecdsa-p384", "rsa-pss-sha256", "rsa-pkcs1-sha512", "two-signers", "revocation-carried"] {
            let room = try Room()
            let unpacked = try await room.run(["unzip", "-qq", try made.sample(name).path])
            try #require(unpacked.status == 0, "\(unpacked)")
            let roots = made.directory + "/trust-full/signers/anchors/root.crt"
            let verified = try await room.run(
                ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in"]
                    + ["META-INF/signature001.p7s", "-content", "META-INF/ASiCManifest001.xml", "-CAfile", roots]
                    + ["-purpose", "any", "-attime", "1795341600", "-out", "/dev/null"]
            )
            #expect(verified.status == 0, "\(name): \(verified)")
        }
    }
}
