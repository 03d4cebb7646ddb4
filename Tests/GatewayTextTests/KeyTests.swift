import Foundation
import GatewayText
import Testing

@Suite("Every key that the sources use is in the catalogues, and every key there is used")
struct KeyTests {
    @Test("No key is missing")
    func missing() throws {
        let keys = Set(Texts.keys(of: .english))
        for (path, source) in try Catalogues.sources() {
            for call in source.matches(of: Self.call) where !keys.contains(String(call.1)) {
                Issue.record("\(path): \(call.1) is in no catalogue")
            }
        }
        for family in TextKeys.families {
            for key in family.keys where !keys.contains(key) { Issue.record("\(key) is in no catalogue") }
        }
    }

    @Test("No key is unused")
    func unused() throws {
        var used = Set(TextKeys.families.flatMap(\.keys))
        for source in try Catalogues.sources().values {
            used.formUnion(source.matches(of: Self.literal).map { String($0.1) })
        }
        for key in Texts.keys(of: .english) where !used.contains(key) { Issue.record("\(key) is used nowhere") }
    }

    @Test("A family names each key once")
    func families() {
        let keys = TextKeys.families.flatMap(\.keys)
        var seen: Set<String> = []
        for key in keys where !seen.insert(key).inserted { Issue.record("\(key) stands in two families") }
        #expect(TextKeys.months == (1...12).map { "month.\($0)" })
    }

    @Test(
        "The search for keys finds each way of asking for one",
        arguments: [
            "texts(\"a.b\")", "texts(\n    \"a.b\",\n    [:]", "self(\"a.b\", values)", "texts.count(\"a.b\", 3)",
            "Texts(language)(\"a.b\")",
            "count(\"a.b\", number)", "words.texts(\"a.b\")",
        ]
    )
    func search(source: String) {
        #expect(source.matches(of: Self.call).map { String($0.1) } == ["a.b"])
        #expect(source.matches(of: Self.literal).map { String($0.1) } == ["a.b"])
    }

    /// A call that asks for a text; what is added to the literal, as in `"state." + code`, is a family's.
    nonisolated(unsafe) private static let call =
        /(?:[tT]exts|self|\bcount|Texts\(\w+\))(?:\.count)?\(\s*"([a-zA-Z]\w*(?:\.[\w-]+)+)"/

    /// A string that looks like a key.
    nonisolated(unsafe) private static let literal = /"([a-zA-Z]\w*(?:\.[\w-]+)+)"/
}
