/// Something that a draft lacks, with who demands it and what mends it.
public struct MissingItem: Hashable, Sendable {
    /// What is wrong.
    public enum Problem: String, CaseIterable, Hashable, Sendable {
        /// The field is empty.
        case missing
        /// The value is not of the field's form, such as a date that does not exist.
        case unreadable
        /// The letter and its translations are in none of the languages that are accepted.
        case language
        /// Which languages are accepted is not known here.
        case languageUnknown
    }

    /// What it means for sending.
    public enum Severity: String, CaseIterable, Hashable, Comparable, Sendable {
        /// The request would come back: it is not sent so.
        case blocks
        /// It may come back, or the demand is only recalled: it is said, and nothing more.
        case warns

        /// What blocks comes first.
        public static func < (left: Severity, right: Severity) -> Bool { left == .blocks && right == .warns }
    }

    /// What mends it; the words are in the text catalogues under the raw value.
    public enum Remedy: String, CaseIterable, Hashable, Sendable {
        /// Write the field.
        case fill = "remedy.fill"
        /// Attach the document, or write the text.
        case attach = "remedy.attach"
        /// Correct the value.
        case correct = "remedy.correct"
        /// Attach a certified translation.
        case translate = "remedy.translate"
        /// Ask the partner which languages it accepts.
        case askLanguages = "remedy.askLanguages"
        /// Write it, or say that there is none.
        case fillOrSayNone = "remedy.fillOrSayNone"
    }

    /// The field.
    public var field: RequestField
    /// What is wrong.
    public var problem: Problem
    /// What it means for sending.
    public var severity: Severity
    /// The id of the instrument that demands it; `nil` for what every well-formed request has.
    public var instrument: String?
    /// The id of the item in the instrument's contents.
    public var content: String?
    /// The article that demands it.
    public var article: String?
    /// How firmly the demand is known.
    public var confidence: Confidence
    /// What mends it.
    public var remedy: Remedy
}
