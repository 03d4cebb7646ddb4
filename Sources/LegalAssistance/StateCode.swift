/// A state, by its ISO 3166-1 alpha-2 code, such as `KZ`.
public struct StateCode: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Two capital letters.
    public let text: String

    /// Reads exactly two capital letters; whether ISO has assigned them is not asked.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 2, text.utf8.allSatisfy({ (0x41...0x5a).contains($0) }) else { return nil }
        self.text = String(text)
    }

    /// Alphabetically.
    public static func < (left: StateCode, right: StateCode) -> Bool { left.text < right.text }

    /// The two letters.
    public var description: String { text }
}
