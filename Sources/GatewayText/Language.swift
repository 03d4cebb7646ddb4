/// A language that people read pages, reports, letters and notifications in.
public enum Language: String, CaseIterable, Hashable, Sendable {
    /// English.
    case english = "en"
    /// Russian.
    case russian = "ru"
    /// Kazakh, in Cyrillic.
    case kazakh = "kk"
    /// Chinese, in simplified characters.
    case chinese = "zh"
}
