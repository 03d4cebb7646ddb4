import Foundation
import GatewayText

/// The catalogues and the sources as they stand in the tree that this test was compiled from.
enum Catalogues {
    /// One text, or one for each form of counting.
    enum Entry: Decodable, Equatable {
        case text(String)
        case forms([String: String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .forms(try container.decode([String: String].self))
            }
        }

        var texts: [String] {
            switch self {
            case .text(let text): [text]
            case .forms(let forms): forms.values.sorted()
            }
        }
    }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func bytes(_ language: Language) throws -> Data {
        try Data(
            contentsOf: root.appendingPathComponent("Sources/GatewayText/Catalogues/\(language.rawValue).json")
        )
    }

    static func entries(_ language: Language) throws -> [String: Entry] {
        try JSONDecoder().decode([String: Entry].self, from: bytes(language))
    }

    /// Every Swift file below Sources, by its path.
    static func sources() throws -> [String: String] {
        let folder = root.appendingPathComponent("Sources")
        var found: [String: String] = [:]
        for case let path as String in FileManager.default.enumerator(atPath: folder.path) ?? .init()
        where path.hasSuffix(".swift") {
            found[path] = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
        }
        return found
    }

    /// The placeholders of a text, `{name}`.
    static func placeholders(_ text: String) -> Set<String> {
        Set(text.matches(of: /\{([^{}]*)\}/).map { String($0.1) })
    }

    /// The text without its placeholders.
    static func withoutPlaceholders(_ text: String) -> String { text.replacing(/\{[^{}]*\}/, with: "") }
}
