public import ExchangeModel

/// Where a change stands.
public enum ChangeState: String, CaseIterable, Hashable, Sendable {
    /// It waits for a second administrator.
    case proposed
    /// One administrator put it into effect at once; it waits for another's review.
    case inEffect = "in_effect"
    /// A second administrator confirmed it, and it is in effect.
    case confirmed
    /// It was declined; if it was in effect, it was undone.
    case declined

    /// Whether it still waits for somebody.
    public var isOpen: Bool { self == .proposed || self == .inEffect }
}

/// A change with who proposed and who decided it.
public struct ChangeRecord: Hashable, Sendable {
    /// The change's id.
    public let id: String
    /// What is to change.
    public let change: ProposedChange
    /// Where it stands.
    public let state: ChangeState
    /// When it was proposed.
    public let proposed: ExchangeTime
    /// Who proposed it.
    public let proposer: PersonID
    /// When it was decided.
    public let decided: ExchangeTime?
    /// Who decided it.
    public let decider: PersonID?
    /// Why it was put into effect at once, or why it was declined.
    public let reason: String?
}
