/// A statement about the law with where it stands and how firmly it is known.
public struct Statement: Hashable, Sendable {
    /// What is said, in plain English.
    public var text: String
    /// The article that says it.
    public var article: String?
    /// How firmly it is known.
    public var confidence: Confidence
    /// Where it was read.
    public var source: String?
    /// What else is to be known.
    public var note: String?

    /// Takes all fields.
    public init(
        text: String,
        article: String? = nil,
        confidence: Confidence,
        source: String? = nil,
        note: String? = nil
    ) {
        self.text = text
        self.article = article
        self.confidence = confidence
        self.source = source
        self.note = note
    }
}
