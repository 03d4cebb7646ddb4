/// The letters of ICAO Doc 9303, part 3, section 6, table B, and those that passports add to it.
enum TransliterationTable {
    /// The small form of a letter that a table covers, or `nil`.
    static func small(_ letter: Character) -> Character? {
        let folded = letter.lowercased()
        guard folded.count == 1, let small = folded.first, standard[small] != nil || added[small] != nil else {
            return nil
        }
        return small
    }

    /// A small letter in Latin, and whether that is not the standard's.
    static func latin(_ small: Character, _ alphabet: Transliteration.Alphabet?) -> (text: String, isBeyond: Bool) {
        if alphabet == .uzbek, let text = uzbek[small] { return (text, true) }
        if let text = standard[small] { return (text, false) }
        return (added[small] ?? "", true)
    }

    /// What stays as it is in a name, dashes and apostrophes as ASCII has them; `nil` for everything else.
    static func kept(_ sign: Character) -> Character? {
        switch sign {
        case " ", "\u{a0}", "\u{202f}": " "
        case "-", "\u{2010}", "\u{2011}", "\u{2013}": "-"
        case "'", "\u{2019}", "\u{2bc}", "\u{2bb}": "'"
        case ".", ",", "(", ")", "/", "0"..."9", "a"..."z", "A"..."Z": sign.isASCII ? sign : nil
        default: nil
        }
    }

    /// The standard, without its exceptions for Belarusian, Bulgarian, Macedonian, Serbian and Ukrainian.
    private static let standard: [Character: String] = [
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "i",
        "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
        "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "ie", "ы": "y", "ь": "", "э": "e", "ю": "iu",
        "я": "ia", "і": "i", "ў": "u", "ғ": "g",
    ]

    /// Kazakh, Kyrgyz and Uzbek letters that the standard does not list.
    private static let added: [Character: String] = [
        "ә": "a", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "ҳ": "h",
    ]

    /// Where Uzbek passports, whose names are in the Uzbek Latin alphabet, differ from what stands above.
    private static let uzbek: [Character: String] = ["қ": "q", "ҳ": "h", "ў": "o"]
}
