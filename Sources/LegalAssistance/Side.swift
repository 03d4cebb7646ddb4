/// On which side of a request for assistance somebody stands.
public enum Side: String, CaseIterable, Hashable, Sendable {
    /// The state that asks.
    case requesting
    /// The state that is asked.
    case requested

    /// The other side.
    public var other: Side { self == .requesting ? .requested : .requesting }
}
