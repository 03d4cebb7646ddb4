import ExchangeModel
import Foundation
import Synchronization
import Testing
import TrustCrypto

@testable import EvidencePackaging

@Suite("Forensic images in a bundle")
struct ImagesInBundlesTests {
    /// Keeps everything, and gives it back.
    private final class Keeper: ContentSink {
        private let entries = Mutex<[(name: String, bytes: [UInt8])]>([])

        func begin(_ name: String, size: Int64) { entries.withLock { $0.append((name, [])) } }
        func write(_ bytes: UnsafeRawBufferPointer) {
            let bytes = Array(bytes)
            entries.withLock { $0[$0.count - 1].bytes += bytes }
        }
        func end() {}
        func source(of name: String) -> (any ByteSource)? {
            entries.withLock { $0.first { $0.name == name } }.map { ImageSamples.Bytes(bytes: $0.bytes) }
        }
    }

    /// A good image of two segments with a note between them, and a damaged one.
    private func seal(_ workshop: BundleWorkshop) throws -> (sealed: String, files: [String]) {
        let good = try ImageSamples.acquired(ImageSamples.content(), compression: "none")
        var bad = try ImageForgery(bytes: ImageSamples.acquired(ImageSamples.content(blocks: 4))[0].bytes)
        let start = bad.chunk(0)
        bad.bytes[start] ^= 1
        bad.mend(start, 32_768)
        let files = [
            try workshop.write(good[0].name, good[0].bytes), try workshop.write("note.txt", [1]),
            try workshop.write(good[1].name, good[1].bytes), try workshop.write("usb.E01", bad.bytes),
        ]
        return (try workshop.seal(files, as: "images.asice"), files)
    }

    private func expectVerdicts(_ verification: BundleVerification) throws -> VerifiedBundle {
        let verified = try #require(verification.verified)
        #expect(verification.error == nil)
        #expect(verification.report.outcome == .failed)
        let checks = verification.report.checks.filter { $0.name.hasSuffix(".stored_hash") }
        #expect(checks.map(\.name) == ["item.1.stored_hash", "item.4.stored_hash"])
        #expect(checks.map(\.outcome) == [.passed, .failed])
        #expect(checks.map(\.code) == [nil, .ewfStoredHash])
        #expect(checks[0].arguments.map(\.value) == ["MD5 and SHA1", "1311232", "2"])
        return verified
    }

    @Test("are compared when it is opened; a damaged one is opened and said to be damaged, by the CASE document too")
    func opened() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let (sealed, files) = try seal(workshop)
        let verified = try expectVerdicts(workshop.open(sealed))
        let document = try CaseDocument(verified).jsonLD()
        try verified.publish(with: [("case.jsonld", document)])
        #expect(
            try SmallFile.read(workshop.folder + "/opened/evidence/0004", limit: 1 << 24)
                == SmallFile.read(files[3], limit: 1 << 24)
        )
        let result = try ForeignTool.run(["case_validate", "case.jsonld"], files: ["case.jsonld": document])
        #expect(result.status == 0 && result.output.contains("Conforms: True"), "\(result.output)")
        let text = String(decoding: document, as: UTF8.self)
        for image in verified.images { #expect(text.contains(image.sentence)) }
        for hash in try verified.images[0].outcome.get().hashes {
            #expect(text.contains(Hexadecimal.text(of: hash.stored)))
        }
        #expect(text.components(separatedBy: "Contained_Within").count - 1 == 3)
        #expect(try CaseDocument(verified).jsonLD() == document)
    }

    @Test("are compared where a sink keeps them, and in a container that lies in the clear")
    func elsewhere() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let (sealed, files) = try seal(workshop)
        let reader = try workshop.recipient
        func verify(_ path: String, to destination: UnverifiedBundle.Destination?) throws -> BundleVerification {
            BundleVerification(
                of: path,
                trust: try workshop.trust(),
                now: BundleWorkshop.now,
                recipient: destination.map {
                    .init(certificate: reader.certificate, key: reader.key, destination: $0)
                }
            )
        }
        _ = try expectVerdicts(verify(sealed, to: .sink(Keeper())))
        let signer = try workshop.officer
        let draft = try workshop.draft(files: files, signers: [signer])
        let container = try workshop.container(draft, signature: workshop.release(draft, by: [signer]))
        _ = try expectVerdicts(verify(workshop.write("signed.asice", container), to: nil))
        // Where nothing is kept nothing is compared, and nothing is said.
        let forgotten = try verify(sealed, to: .nowhere)
        #expect(forgotten.report.outcome == .passed && forgotten.verified?.images.isEmpty == true)
    }

    @Test("are compared when files are taken in")
    func takenIn() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let (_, files) = try seal(workshop)
        let found = try ForensicImages.check(takenIn: EvidenceIntake.takeIn(files))
        #expect(found.map(\.files) == [[1, 3], [4]])
        #expect(found.map(\.error?.code) == [nil, .ewfStoredHash])
        #expect(found[0].sentence.hasSuffix("which has them: 1311232 bytes"))
    }
}
