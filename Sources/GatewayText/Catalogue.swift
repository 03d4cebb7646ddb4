import CEmbeddedFiles
import Foundation

/// The texts of one language, by key.
struct Catalogue: Sendable {
    /// One text, or one for each form of counting.
    enum Entry: Sendable, Hashable, Decodable {
        case text(String)
        case forms([PluralCategory: String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
                return
            }
            var forms: [PluralCategory: String] = [:]
            for (name, text) in try container.decode([String: String].self) {
                guard let category = PluralCategory(rawValue: name) else {
                    throw DecodingError.dataCorruptedError(in: container, debugDescription: "no such form: \(name)")
                }
                forms[category] = text
            }
            self = .forms(forms)
        }

        /// Every text that it holds.
        var texts: [String] {
            switch self {
            case .text(let text): [text]
            case .forms(let forms): PluralCategory.allCases.compactMap { forms[$0] }
            }
        }
    }

    let entries: [String: Entry]

    /// Reads a catalogue's JSON.
    init(json: [UInt8]) throws {
        entries = try JSONDecoder().decode([String: Entry].self, from: Data(json))
    }

    private init() { entries = [:] }

    /// The JSON that is built into the program.
    static func json(_ language: Language) -> [UInt8] {
        switch language {
        case .english: bytes(embedded_catalogue_en_json())
        case .russian: bytes(embedded_catalogue_ru_json())
        case .kazakh: bytes(embedded_catalogue_kk_json())
        case .chinese: bytes(embedded_catalogue_zh_json())
        }
    }

    private static func bytes(_ file: embedded_file) -> [UInt8] {
        Array(UnsafeBufferPointer(start: file.bytes, count: file.size))
    }

    /// The catalogue of a language; empty if it cannot be read, which the tests exclude.
    static subscript(_ language: Language) -> Catalogue {
        switch language {
        case .english: english
        case .russian: russian
        case .kazakh: kazakh
        case .chinese: chinese
        }
    }

    private static let english = read(.english)
    private static let russian = read(.russian)
    private static let kazakh = read(.kazakh)
    private static let chinese = read(.chinese)

    private static func read(_ language: Language) -> Catalogue {
        (try? Catalogue(json: json(language))) ?? Catalogue()
    }
}
