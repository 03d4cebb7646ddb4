/// The forms in which a language counts whole things, by the plural rules of the Unicode CLDR.
public enum PluralCategory: String, CaseIterable, Hashable, Sendable {
    /// As for 1; in Russian also for 21, 31, 101.
    case one
    /// In Russian as for 2, 3, 4, 22.
    case few
    /// In Russian as for 0, 5, 11, 100.
    case many
    /// Everything else.
    case other

    /// The form for a whole number; a negative one counts like its magnitude.
    public init(_ number: Int64, in language: Language) {
        let magnitude = number.magnitude
        switch language {
        case .english, .kazakh: self = magnitude == 1 ? .one : .other
        case .chinese: self = .other
        case .russian:
            switch (magnitude % 10, magnitude % 100) {
            case (1, let tens) where tens != 11: self = .one
            case (2...4, let tens) where !(12...14).contains(tens): self = .few
            default: self = .many
            }
        }
    }

    /// The forms that whole numbers need in a language.
    public static func needed(in language: Language) -> Set<PluralCategory> {
        switch language {
        case .english, .kazakh: [.one, .other]
        case .russian: [.one, .few, .many]
        case .chinese: [.other]
        }
    }
}
