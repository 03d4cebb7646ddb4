/// A name in Cyrillic letters written in Latin ones, as machine-readable travel documents recommend: ICAO Doc 9303,
/// part 3, section 6, table B, "Transliteration of Cyrillic characters".
///
/// The table has no entry for some letters of Kazakh, Kyrgyz and Uzbek; these follow the practice of those states'
/// passports and are named in `lettersBeyondStandard`. The spelling in a person's own travel document always prevails.
public struct Transliteration: Hashable, Sendable {
    /// The alphabet that a name is written in, where that is known. It decides how the letters are read which the
    /// states write differently.
    public enum Alphabet: String, CaseIterable, Hashable, Sendable {
        /// Russian.
        case russian = "ru"
        /// Kazakh.
        case kazakh = "kk"
        /// Kyrgyz.
        case kyrgyz = "ky"
        /// Uzbek, in Cyrillic letters.
        case uzbek = "uz"
    }

    /// The standard, as letters cite it.
    public static let standard = "ICAO Doc 9303-3"

    /// The name in Latin letters, capitals where the original has them.
    public let latin: String
    /// The letters, small, for which the standard has no entry, in the order of their first appearance.
    public let lettersBeyondStandard: [Character]

    /// Transliterates a name; accents that mark the stress are left out.
    ///
    /// It is `nil` when the name has no Cyrillic letter, or has a letter or sign that no table here covers, such as a
    /// Chinese character: such a name is to be entered by somebody who can read it.
    public init?(_ name: some StringProtocol, alphabet: Alphabet? = nil) {
        var letters: [(written: Character, small: Character?)] = []
        for character in name {
            let bare = Self.withoutStress(character)
            letters.append((bare, TransliterationTable.small(bare)))
        }
        var text = ""
        var beyond: [Character] = []
        var hasCyrillic = false
        for (position, letter) in letters.enumerated() {
            guard let small = letter.small else {
                guard let kept = TransliterationTable.kept(letter.written) else { return nil }
                text.append(kept)
                continue
            }
            hasCyrillic = true
            let (latin, isBeyond) = TransliterationTable.latin(small, alphabet)
            if isBeyond, !beyond.contains(small) { beyond.append(small) }
            guard letter.written != small else {
                text += latin
                continue
            }
            // Щ becomes SHCH among capitals and Shch elsewhere.
            let next = position + 1 < letters.count ? letters[position + 1] : nil
            let previous = position > 0 ? letters[position - 1] : nil
            let neighbour = next?.small == nil ? previous : next
            let amongCapitals = neighbour.map { $0.small != nil && $0.small != $0.written } ?? false
            text += amongCapitals ? latin.uppercased() : latin.prefix(1).uppercased() + latin.dropFirst()
        }
        guard hasCyrillic else { return nil }
        self.latin = text
        lettersBeyondStandard = beyond
    }

    /// The letter without acute and grave accents.
    private static func withoutStress(_ character: Character) -> Character {
        guard character.unicodeScalars.count > 1 else { return character }
        let rest = character.unicodeScalars.filter { $0 != "\u{301}" && $0 != "\u{300}" }
        return rest.isEmpty ? character : Character(String(String.UnicodeScalarView(rest)))
    }
}
