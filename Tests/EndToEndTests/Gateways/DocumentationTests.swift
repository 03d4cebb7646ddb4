import Foundation
import ProgramHarness
import Testing

@Suite("Documentation")
struct DocumentationTests {
    static func page(_ path: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
        return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test("Docs/configuration.md holds the table of all settings as the program has it")
    func settings() async throws {
        let listed = try await Program.require([OurPrograms.rogatory, "check-config", "--list"])
        #expect(listed.text.split(separator: "\n").count > 10)
        #expect(try Self.page("Docs/configuration.md").contains("\n\n" + listed.text + "\n"))
    }

    @Test("Every command that README and guides show exists")
    func commands() async throws {
        let pages = ["README.md"] + ["officer", "administrator", "auditor", "partner"].map { "Docs/guide-\($0).md" }
        var shown: Set<[String]> = []
        for page in pages {
            var isCode = false
            for line in try Self.page(page).split(separator: "\n", omittingEmptySubsequences: false) {
                if line.hasPrefix("```") { isCode.toggle() }
                // Two spaces begin a description.
                let words = (line.components(separatedBy: "  ").first ?? "").split(separator: " ").map(String.init)
                guard isCode, line.hasPrefix("rogatory ") else { continue }
                let names = words.dropFirst().prefix { $0.wholeMatch(of: /[a-z][a-z-]*/) != nil }
                shown.insert(Array(names.prefix(3)))
            }
        }
        #expect(shown.count > 30)
        for words in shown.sorted(by: { $0.joined() < $1.joined() }) {
            let help = try await Program.run([OurPrograms.rogatory] + words + ["--help"])
            // A second word that is no subcommand gives the help of the group.
            let isGroup = help.text.contains("SUBCOMMANDS:") && words.count >= 2
            #expect(help.status == 0 && !isGroup, "\(words)")
        }
    }
}
