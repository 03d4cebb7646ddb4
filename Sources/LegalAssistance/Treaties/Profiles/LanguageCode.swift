/// A language by its ISO 639-1 code, such as `ru`.
public struct LanguageCode: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Two small letters.
    public let text: String

    /// Reads exactly two small letters; whether ISO has assigned them is not asked.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 2, text.utf8.allSatisfy({ (0x61...0x7a).contains($0) }) else { return nil }
        self.text = String(text)
    }

    /// Alphabetically.
    public static func < (left: LanguageCode, right: LanguageCode) -> Bool { left.text < right.text }

    /// The two letters.
    public var description: String { text }

    /// The state languages of a state, empty where this table does not know them.
    ///
    /// State languages only: a language with another official rank, such as Russian in Kazakhstan, is left out, because
    /// treaties say "state languages".
    public static func stateLanguages(of state: StateCode) -> [LanguageCode] {
        (table[state.text] ?? []).compactMap { LanguageCode($0) }
    }

    private static let table: [String: [String]] = [
        "AM": ["hy"], "AT": ["de"], "AZ": ["az"], "BE": ["nl", "fr", "de"], "BG": ["bg"], "BY": ["be", "ru"],
        "CN": ["zh"], "CY": ["el", "tr"], "CZ": ["cs"], "DE": ["de"], "EE": ["et"], "ES": ["es"], "FI": ["fi", "sv"],
        "FR": ["fr"], "GE": ["ka"], "GR": ["el"], "HR": ["hr"], "HU": ["hu"], "IE": ["ga", "en"], "IN": ["hi", "en"],
        "IR": ["fa"], "IT": ["it"], "JP": ["ja"], "KG": ["ky"], "KZ": ["kk"], "LT": ["lt"], "LU": ["lb", "fr", "de"],
        "LV": ["lv"], "MD": ["ro"], "MT": ["mt", "en"], "NL": ["nl"], "PK": ["ur", "en"], "PL": ["pl"], "PT": ["pt"],
        "RO": ["ro"], "RS": ["sr"], "RU": ["ru"], "SE": ["sv"], "SI": ["sl"], "SK": ["sk"], "TJ": ["tg"],
        "TM": ["tk"], "UA": ["uk"], "UZ": ["uz"],
    ]
}
