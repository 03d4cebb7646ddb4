public import ExchangeModel

/// The times between which a certificate is accepted, besides its own validity; while one takes the place of another, two
/// windows overlap.
public struct AcceptanceWindow: Hashable, Sendable, CustomStringConvertible {
    /// From when, if that is limited.
    public var from: ExchangeTime?
    /// Until when, if that is limited.
    public var until: ExchangeTime?

    /// Takes both.
    public init(from: ExchangeTime? = nil, until: ExchangeTime? = nil) {
        self.from = from
        self.until = until
    }

    /// No limits but the certificate's own.
    public static let always = AcceptanceWindow()

    /// Whether a time lies in it; both ends do.
    public func contains(_ time: ExchangeTime) -> Bool {
        (from.map { $0 <= time } ?? true) && (until.map { time <= $0 } ?? true)
    }

    /// `from … until …`, as far as it is limited.
    public var description: String {
        let words = [from.map { "from \($0)" }, until.map { "until \($0)" }].compactMap { $0 }
        return words.isEmpty ? "always" : words.joined(separator: " ")
    }
}
