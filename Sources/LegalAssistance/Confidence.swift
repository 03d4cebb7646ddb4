/// How firmly a legal statement is known. Only a statement that is verified, or confirmed here by two authorised
/// persons, may drive a treaty deadline.
public enum Confidence: String, CaseIterable, Hashable, Sendable {
    /// The operative words were read at the source that is named.
    case verified
    /// Two authorised persons of this gateway attached the official text.
    case confirmed
    /// Known from memory or commentary; needs a legal check.
    case recalled
    /// Nothing is known; never to be read as "none".
    case unknown

    /// Whether a treaty deadline may rest on it.
    public var isReliable: Bool { self == .verified || self == .confirmed }
}
