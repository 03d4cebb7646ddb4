public import ExchangeModel

/// One sentence of an explanation: a key of the catalogues with what is filled in, so that it can be said in any
/// language, and the same in English.
public struct ExplanationSentence: Hashable, Sendable {
    /// What is filled in for a placeholder.
    public enum Argument: Hashable, Sendable {
        /// A word as it is.
        case text(String)
        /// A text of the catalogues.
        case key(String)
        /// A text of the catalogues in the form that the number asks for.
        case count(key: String, Int)
        /// A day.
        case day(CivilDate)
        /// An instant, for people in this zone.
        case time(ExchangeTime, ZoneName)
        /// Days, each with what it is.
        case days([SkippedDay])
    }

    /// The key, such as `explanation.rule`.
    public let key: String
    /// By the name of the placeholder.
    public let arguments: [String: Argument]

    init(_ key: String, _ arguments: [String: Argument] = [:]) {
        self.key = "explanation." + key
        self.arguments = arguments
    }

    /// The sentence in English.
    public var english: String {
        var words: [String: String] = [:]
        for (name, argument) in arguments { words[name] = ExplanationTexts.english(argument) }
        return ExplanationTexts.fill(ExplanationTexts.english[key] ?? key, words)
    }
}

/// The English texts that the command line prints; the catalogues hold the same keys in every language.
public enum ExplanationTexts {
    /// Every key with its English text; a text that depends on a number is the one for many.
    public static var english: [String: String] { texts }

    /// The English text for the number one, where it differs.
    public static var englishForOne: [String: String] { textsForOne }

    static func english(_ argument: ExplanationSentence.Argument) -> String {
        switch argument {
        case .text(let text): text
        case .key(let key): texts[key] ?? key
        case .count(let key, let number):
            fill((number == 1 ? textsForOne[key] : nil) ?? texts[key] ?? key, ["n": String(number)])
        case .day(let day): "\(day)"
        case .time(let time, let zone): "\(local(time, zone)) \(zone)"
        case .days(let days): days.map { "\($0.date) (\(name(of: $0.reason)))" }.joined(separator: ", ")
        }
    }

    static func fill(_ text: String, _ values: [String: String]) -> String {
        var result = ""
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[open...]
            guard let close = rest.firstIndex(of: "}") else { break }
            let name = rest[rest.index(after: rest.startIndex)..<close]
            result += values[String(name)] ?? String(rest[...close])
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    private static func local(_ time: ExchangeTime, _ zone: ZoneName) -> String {
        let text = Array("\(time.adding(seconds: zone.offset(at: time)))")
        guard text.count == 20 else { return String(text) }
        return String(text[0..<10]) + " " + String(text[11..<19])
    }

    private static func name(of day: WorkCalendar.Day) -> String {
        switch day {
        case .working: texts["day.working"] ?? ""
        case .movedWorking(.key(let key)), .off(.key(let key)): texts[key] ?? key
        case .movedWorking(.text(let text)), .off(.text(let text)): text
        case .weekend: texts["day.weekend"] ?? ""
        case .missing(let year): fill(texts["day.missing"] ?? "", ["year": String(year)])
        }
    }
}
