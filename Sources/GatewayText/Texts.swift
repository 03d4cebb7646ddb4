/// The texts that people read, in one language.
///
/// A text is named by a key, such as `letter.request.title`, and may hold placeholders, such as `{reference}`. A key
/// that is missing shows itself in brackets, `[letter.request.title]`; the tests see to it that none is.
public struct Texts: Hashable, Sendable {
    /// The language.
    public let language: Language

    /// The texts of a language.
    public init(_ language: Language) { self.language = language }

    /// The text of a key with its placeholders filled in; a placeholder without a value stays as it is, and values are
    /// never read for placeholders.
    public func callAsFunction(_ key: String, _ values: [String: String] = [:]) -> String {
        switch Catalogue[language].entries[key] {
        case .text(let text): Self.fill(text, values)
        case .forms(let forms): Self.fill(forms[.other] ?? forms[.many] ?? "[\(key)]", values)
        case nil: "[\(key)]"
        }
    }

    /// The text of a key in the form that a number asks for; `{n}` is the number in this language's writing.
    public func count(_ key: String, _ number: Int64, _ values: [String: String] = [:]) -> String {
        var filled = values
        filled["n"] = self.number(number)
        guard case .forms(let forms) = Catalogue[language].entries[key] else { return self(key, filled) }
        let form = forms[PluralCategory(number, in: language)] ?? forms[.other] ?? "[\(key)]"
        return Self.fill(form, filled)
    }

    /// The text of a key in the form that a number asks for.
    public func count(_ key: String, _ number: Int, _ values: [String: String] = [:]) -> String {
        count(key, Int64(number), values)
    }

    /// The text of a key with its placeholders filled in; `nil` where there is none, or none that these values fill.
    public func ifFilled(_ key: String, _ values: [String: String]) -> String? {
        guard case .text(let text) = Catalogue[language].entries[key] else { return nil }
        let names = text.split(separator: "{").dropFirst(text.hasPrefix("{") ? 0 : 1).map { $0.prefix { $0 != "}" } }
        return names.allSatisfy { values[String($0)] != nil } ? Self.fill(text, values) : nil
    }

    /// Whether there is a text of that key in this language.
    public func has(_ key: String) -> Bool { Catalogue[language].entries[key] != nil }

    /// The text of a key, or a word as it is where there is no text for it; for names that are data, such as the
    /// fields of a treaty profile made here.
    public func ifThere(_ key: String, otherwise word: String) -> String { has(key) ? self(key) : word }

    /// Every key of a language, sorted.
    public static func keys(of language: Language) -> [String] { Catalogue[language].entries.keys.sorted() }

    private static func fill(_ text: String, _ values: [String: String]) -> String {
        guard text.utf8.contains(UInt8(ascii: "{")) else { return text }
        var result = ""
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[open...]
            guard let close = rest.firstIndex(of: "}") else { break }
            let name = rest[rest.index(after: rest.startIndex)..<close]
            if let value = values[String(name)] {
                result += value
            } else {
                result += rest[...close]
            }
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}
