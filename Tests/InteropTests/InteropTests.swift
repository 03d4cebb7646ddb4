import Foundation
import ProgramHarness
import Testing

/// The same bundles read and proven by tools that others wrote. Where a tool is missing, the tests say so and fail.
@Suite("Foreign tools", .serialized)
struct InteropTests {
    /// The sender decides which keys sign; the recipient, which keys encrypt.
    enum Direction: String, CaseIterable, Sendable {
        case fromKZ
        case fromKG

        func sample() async throws -> SampleBundle {
            switch self {
            case .fromKZ: try await SampleBundle.kazakh()
            case .fromKG: try await SampleBundle.kyrgyz()
            }
        }

        func recipient(_ world: DemoWorld) -> DemoWorld.Party { self == .fromKZ ? world.kg : world.kz }
    }

    @Test("openssl, unzip and sha256sum prove everything in a bundle", arguments: Direction.allCases)
    func commandLineTools(_ direction: Direction) async throws {
        let reading = try await ForeignReading()
        let sample = try await direction.sample()
        let proven = try await reading.prove(
            sample.path,
            as: direction.recipient(reading.world),
            originals: sample.evidence + [sample.letter]
        )
        #expect(proven.status == 0, "\(proven)")
        let results = String(decoding: try reading.room.bytes("results"), as: UTF8.self).split(separator: "\n")
        #expect(results.count >= 11 + 4, "\(proven)")
        for line in results { #expect(line.hasSuffix("\tholds"), "\(line)\n\(proven)") }
    }

    @Test("Python opens a bundle with primitives of cryptography alone", arguments: Direction.allCases)
    func python(_ direction: Direction) async throws {
        let reading = try await ForeignReading()
        let sample = try await direction.sample()
        let recipient = direction.recipient(reading.world)
        let opened = try await reading.open(sample.path, as: recipient)
        try #require(opened.status == 0, "\(opened)")
        #expect(opened.text.components(separatedBy: "signed by ").count == 1 + 3, "seal and two persons: \(opened)")
        #expect(opened.text.contains("opened 5 parts"), "\(opened)")
        for (index, original) in sample.evidence.enumerated() {
            let stored = "opened/evidence/000\(index + 1)"
            #expect(try reading.room.bytes(stored) == reading.room.bytes(original), "\(stored) is not \(original)")
        }
        #expect(try reading.room.bytes("opened/documents/0001") == reading.room.bytes(sample.letter))

        // What Python joined is, byte for byte, what our program keeps.
        let kept = try await reading.room.rogatory(
            ["bundle", "open", sample.path, "--trust", reading.world.trust, "--out", "ours", "--keep-container"]
                + ["--certificate", recipient.encryption + ".crt", "--key", recipient.encryption + ".key"]
        )
        try #require(kept.status == 0, "\(kept)")
        #expect(try reading.room.bytes("ours/signed.asice") == reading.room.bytes("opened/signed.asice"))
        for name in ["manifest.xml", "manifest.json", "META-INF/ASiCManifest.xml", "META-INF/signature.p7s"] {
            #expect(try reading.room.bytes("ours/" + name) == reading.room.bytes("opened/" + name), "\(name) differs")
        }
    }

    @Test("Both refuse a bundle that was damaged anywhere, so their agreement means something")
    func damaged() async throws {
        let sample = try await SampleBundle.kazakh()
        let size = try Room().bytes(sample.path).count
        for offset in [200, size / 2, size - 4_000] {
            let reading = try await ForeignReading()
            try reading.room.copy(sample.path, as: "damaged.asice")
            try reading.room.damage("damaged.asice", at: offset)
            let path = reading.room.path + "/damaged.asice"
            let opened = try await reading.open(path, as: reading.world.kg)
            #expect(opened.status == 1, "byte \(offset): \(opened)")
            let proven = try await reading.prove(path, as: reading.world.kg, originals: [])
            #expect(proven.status != 0, "byte \(offset): \(proven)")
        }
    }

    @Test("unzip, Python, bsdtar and 7z list the same names and sizes in both containers")
    func listings() async throws {
        let reading = try await ForeignReading()
        let sample = try await SampleBundle.kazakh()
        let opened = try await reading.open(sample.path, as: reading.world.kg)
        try #require(opened.status == 0, "\(opened)")
        for (container, expected) in [
            (sample.path, ["mimetype", "exchange.xml", "key.p7m", "parts/00001.p7m", "parts/00005.p7m"]),
            (reading.room.path + "/opened/signed.asice", ["mimetype", "manifest.xml", "evidence/0002"]),
        ] {
            let usual = try await reading.list(container, with: .python)
            #expect(usual.first == "31 mimetype", "\(usual)")
            for name in expected { #expect(usual.contains { $0.hasSuffix(" " + name) }, "\(name): \(usual)") }
            for tool in ForeignReading.Tool.allCases {
                #expect(try await reading.list(container, with: tool) == usual, "\(tool.rawValue) of \(container)")
            }
            for check in [["unzip", "-tqq", container], ["7z", "t", container], ["bsdtar", "-xOf", container]] {
                let finished = try await reading.room.run(check)
                #expect(finished.status == 0, "\(check[0]) cannot read \(container), exit code \(finished.status)")
            }
        }
    }
}
