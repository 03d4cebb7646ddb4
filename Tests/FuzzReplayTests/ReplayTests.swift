import Foundation
import Testing

/// What the fuzzers have found worth keeping, given to the same readers without a sanitizer.
@Suite("Bytes that the fuzzers kept")
struct ReplayTests {
    private static let corpora = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fuzzing/Corpora")

    @Test("are refused or taken, and nothing else", arguments: FuzzTarget.allCases)
    func replay(_ target: FuzzTarget) throws {
        let folder = Self.corpora.appendingPathComponent(target.rawValue)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names.count >= 5, "the corpus of \(target) is missing")
        for name in names {
            let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
            #expect(throws: Never.self, "\(target)/\(name)") { try target.run(bytes) }
            // What was cut off on the way, too.
            #expect(throws: Never.self, "the half of \(target)/\(name)") {
                try target.run(Array(bytes.prefix(bytes.count / 2)))
            }
        }
    }
}
