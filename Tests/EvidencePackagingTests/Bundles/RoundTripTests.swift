import ExchangeModel
import Foundation
import Testing
import TrustCrypto

@testable import EvidencePackaging

@Suite("A bundle that is sealed and opened")
struct RoundTripTests {
    @Test("comes out byte for byte, with every check passed and readable names beside our own")
    func roundTrip() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let large = (0..<300_001).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        let files = [
            try workshop.write("снимок 1.jpg", large), try workshop.write("empty.txt", []),
            try workshop.write("one.bin", [7]),
        ]
        let path = try workshop.seal(files, as: "bundle.asice")
        let verification = try workshop.open(path)
        #expect(
            verification.report.outcome == .passed,
            "\(verification.report.text(of: verification.subject, at: BundleWorkshop.now))"
        )
        let verified = try #require(verification.verified)
        #expect(verified.items.map(\.file.originalName) == ["снимок 1.jpg", "empty.txt", "one.bin"])
        #expect(verified.signers.count == 2)
        try verified.publish(with: [("report.txt", Array("x".utf8))])
        let opened = workshop.folder + "/opened"
        #expect(try SmallFile.read(opened + "/evidence/0001") == large)
        #expect(try SmallFile.read(opened + "/evidence/0002") == [])
        #expect(try SmallFile.read(opened + "/named/evidence-0001_снимок_1.jpg") == large)
        #expect(try !FileManager.default.contentsOfDirectory(atPath: workshop.folder).contains { $0.hasPrefix(".") })
    }

    @Test("is the same whatever the number of threads, and at every border of parts and chunks", arguments: [1, 2, 3])
    func sizes(threads: Int) throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let signer = try workshop.officer
        for (index, size) in [1, 60_000, 65_536 - 1, 65_536, 65_537, 262_144 * 2 + 1].enumerated() {
            let file = try workshop.write("f\(index)", [UInt8](repeating: UInt8(index), count: size))
            let draft = try workshop.draft(files: [file], signers: [signer])
            let released = try workshop.release(draft, by: [signer])
            for partSize in [65_536, 100_000, 1 << 20] as [Int64] {
                let path = workshop.folder + "/b\(index)-\(partSize)"
                _ = try BundleSealer(draft: draft, order: workshop.order(partSize: partSize)).seal(
                    signature: released,
                    to: path,
                    timestamper: { try workshop.timestamp($0) },
                    threads: threads
                )
                let reader = try workshop.recipient
                let verification = BundleVerification(
                    of: path,
                    trust: try workshop.trust(),
                    now: BundleWorkshop.now,
                    recipient: .init(certificate: reader.certificate, key: reader.key),
                    threads: threads
                )
                #expect(verification.error == nil, "\(size) bytes, parts of \(partSize)")
            }
        }
    }

    @Test("is refused at sealing when a file is no longer what was taken in, and nothing is left")
    func changedEvidence() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let file = try workshop.write("image.dd", [UInt8](repeating: 1, count: 100_000))
        let signer = try workshop.officer
        let draft = try workshop.draft(files: [file], signers: [signer])
        let released = try workshop.release(draft, by: [signer])
        var bytes = [UInt8](repeating: 1, count: 100_000)
        bytes[99_999] = 2
        try FileManager.default.removeItem(atPath: file)
        _ = try workshop.write("image.dd", bytes)
        let output = workshop.folder + "/changed.asice"
        #expect(throws: ExchangeError(.evidenceChanged, "")) {
            try BundleSealer(draft: draft, order: workshop.order()).seal(
                signature: released,
                to: output,
                timestamper: { try workshop.timestamp($0) }
            )
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: workshop.folder) == ["image.dd"])
    }

    @Test("never replaces what is there already")
    func existingOutput() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let file = try workshop.write("f", [1])
        _ = try workshop.seal([file], as: "b.asice")
        #expect(throws: ExchangeError(.outputExists, "")) { try workshop.seal([file], as: "b.asice") }
    }

    @Test("is drafted once and read again; an edited draft is refused")
    func draftOnDisk() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let draft = try workshop.draft(files: [workshop.write("f", [1])], signers: [workshop.officer])
        let path = workshop.folder + "/draft"
        try draft.write(to: path)
        #expect(try BundleDraft(readingFrom: path).contentDigest == draft.contentDigest)
        #expect(throws: ExchangeError(.draftExists, "")) { try draft.write(to: path) }
        let manifest = path + "/manifest.xml"
        let edited = try String(contentsOfFile: manifest, encoding: .utf8).replacingOccurrences(
            of: "Ответ",
            with: "Отказ"
        )
        try edited.write(toFile: manifest, atomically: true, encoding: .utf8)
        #expect(throws: ExchangeError(.draftInvalid, "")) { try BundleDraft(readingFrom: path) }
    }

    @Test("is released only by exactly those whom the manifest names")
    func release() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let officer = try workshop.officer
        let approver = try workshop.approver
        let file = try workshop.write("f", [1])
        let both = try workshop.draft(files: [file], signers: [officer, approver])
        let one = try workshop.draft(files: [file], signers: [officer])
        func release(_ draft: BundleDraft, _ signatures: [CAdESSignature]) throws {
            _ = try BundleSealer.release(draft, signatures: signatures, timestamper: { try workshop.timestamp($0) })
        }
        #expect(throws: ExchangeError(.signatureMissing, "")) { try release(both, []) }
        #expect(throws: ExchangeError(.signatureMissing, "")) { try release(both, [workshop.sign(both, by: officer)]) }
        #expect(throws: ExchangeError(.signatureUnexpected, "")) {
            try release(one, [workshop.sign(one, by: officer), workshop.sign(one, by: approver)])
        }
        // A signature over another draft.
        #expect(throws: ExchangeError.self) {
            try release(both, [workshop.sign(both, by: officer), workshop.sign(one, by: approver)])
        }
    }
}
