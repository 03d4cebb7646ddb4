/// What a time limit is worth between two states.
public enum DeadlineStanding: String, CaseIterable, Hashable, Sendable {
    /// The limit and both states' party status are verified or confirmed: it is a treaty deadline.
    case treaty
    /// Something of it is only recalled: shown as unconfirmed, a legal check is needed.
    case unconfirmed
    /// A rule of this state's own service, not of any treaty.
    case internalRule
}
