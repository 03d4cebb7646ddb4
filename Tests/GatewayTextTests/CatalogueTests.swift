import Foundation
import GatewayText
import Testing

@Suite("The catalogues of the four languages say the same")
struct CatalogueTests {
    private static let others: [Language] = [.russian, .kazakh, .chinese]

    @Test("What is built in is what stands in the files", arguments: Language.allCases)
    func builtIn(language: Language) throws {
        let entries = try Catalogues.entries(language)
        #expect(Texts.keys(of: language) == entries.keys.sorted())
        #expect(entries.count > 100)
    }

    @Test("Each language has every key", arguments: others)
    func keys(language: Language) throws {
        let (english, other) = try (Catalogues.entries(.english), Catalogues.entries(language))
        for key in english.keys.sorted() where other[key] == nil { Issue.record("\(key) is missing") }
        for key in other.keys.sorted() where english[key] == nil { Issue.record("\(key) is in no English catalogue") }
    }

    @Test("Keys are written once and sorted", arguments: Language.allCases)
    func order(language: Language) throws {
        let text = try String(decoding: Catalogues.bytes(language), as: UTF8.self)
        let keys = text.matches(of: /(?m)^ "([^"]+)":/).map { String($0.1) }
        #expect(keys == Set(keys).sorted())
    }

    @Test("A text holds the same placeholders in every language", arguments: others)
    func placeholders(language: Language) throws {
        let (english, other) = try (Catalogues.entries(.english), Catalogues.entries(language))
        for (key, entry) in english.sorted(by: { $0.key < $1.key }) {
            let wanted = Self.placeholders(entry)
            let found = other[key].map(Self.placeholders) ?? []
            #expect(found == wanted, "\(key)")
        }
    }

    @Test("No form of a number lacks what the others hold", arguments: Language.allCases)
    func formPlaceholders(language: Language) throws {
        for (key, entry) in try Catalogues.entries(language) {
            for text in entry.texts {
                #expect(Catalogues.placeholders(text) == Self.placeholders(entry), "\(key): \(text)")
            }
        }
    }

    @Test("Forms are those by which the language counts", arguments: Language.allCases)
    func forms(language: Language) throws {
        let needed = Set(PluralCategory.needed(in: language).map(\.rawValue))
        for (key, entry) in try Catalogues.entries(language) {
            guard case .forms(let forms) = entry else { continue }
            #expect(needed.isSubset(of: forms.keys), "\(key)")
            #expect(Set(forms.keys).subtracting(needed).isSubset(of: ["other"]), "\(key)")
            let english = try #require(try Catalogues.entries(.english)[key])
            if case .text = english { Issue.record("\(key) counts here and not in English") }
        }
    }

    @Test("No text is empty, begins or ends with a space, or holds a control character", arguments: Language.allCases)
    func wellFormed(language: Language) throws {
        for (key, entry) in try Catalogues.entries(language) {
            for text in entry.texts {
                #expect(!text.isEmpty, "\(key)")
                #expect(key.hasPrefix("list.") || text == text.trimmingCharacters(in: .whitespaces), "\(key)")
                #expect(!text.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }, "\(key)")
                #expect(!text.contains("  ") || key.hasPrefix("notice.digest.line"), "\(key)")
            }
        }
    }

    /// Symbols of units and algorithms, the same everywhere.
    private static let latinEverywhere: Set<String> = [
        "letter.attachment.digest", "report.moment", "size.kB", "size.MB", "size.GB", "size.TB",
    ]

    @Test("No English is left over in Russian, Kazakh and Chinese", arguments: others)
    func leftoverEnglish(language: Language) throws {
        let english = try Catalogues.entries(.english)
        for (key, entry) in try Catalogues.entries(language) where !Self.latinEverywhere.contains(key) {
            for text in entry.texts.map(Catalogues.withoutPlaceholders) {
                let letters = text.unicodeScalars.filter(\.properties.isAlphabetic)
                let latin = letters.filter { $0.isASCII }
                #expect(latin.count * 3 <= letters.count, "\(key): \(text)")
                if !letters.isEmpty { #expect(entry != english[key], "\(key): \(text)") }
            }
        }
    }

    @Test("Each language is written in its own letters")
    func ownLetters() throws {
        let kazakhOnly = Set("әғқңөұүһіӘҒҚҢӨҰҮҺІ".unicodeScalars)
        for (key, entry) in try Catalogues.entries(.russian) {
            for text in entry.texts {
                #expect(!text.unicodeScalars.contains(where: kazakhOnly.contains), "\(key): \(text)")
            }
        }
        for (key, entry) in try Catalogues.entries(.kazakh) {
            // A short word may well have none of the nine letters; a sentence has one.
            for text in entry.texts where Catalogues.withoutPlaceholders(text).count > 40 {
                #expect(text.unicodeScalars.contains(where: kazakhOnly.contains), "\(key): \(text)")
            }
        }
        for (key, entry) in try Catalogues.entries(.chinese) where !Self.latinEverywhere.contains(key) {
            for text in entry.texts.map(Catalogues.withoutPlaceholders) {
                let letters = text.unicodeScalars.filter(\.properties.isAlphabetic)
                #expect(
                    letters.isEmpty || letters.contains(where: \.properties.isIdeographic),
                    "\(key): \(text)"
                )
                #expect(!letters.contains { (0x400...0x52f).contains($0.value) }, "\(key): \(text)")
            }
        }
    }

    @Test("Russian sentences do not pass for Kazakh ones")
    func kazakhIsNotRussian() throws {
        let russian = try Catalogues.entries(.russian)
        for (key, entry) in try Catalogues.entries(.kazakh) {
            for text in entry.texts.map(Catalogues.withoutPlaceholders) where text.count > 25 {
                #expect(
                    russian[key].map { !$0.texts.map(Catalogues.withoutPlaceholders).contains(text) } ?? true,
                    "\(key)"
                )
            }
        }
    }

    private static func placeholders(_ entry: Catalogues.Entry) -> Set<String> {
        entry.texts.reduce(into: []) { $0.formUnion(Catalogues.placeholders($1)) }
    }
}
