public import ExchangeModel

/// What a witness answers to a submission (C2SP tlog-witness).
///
/// Where it refuses because of what it cosigned before, it shows that checkpoint, so that the log's side can see for itself
/// what it signed once.
public enum WitnessAnswer: Equatable, Sendable {
    /// It cosigned: signature lines.
    case cosigned(lines: String)
    /// What it cosigned last has this size, and the submission does not continue it (409).
    case conflict(size: Int64, note: String?)
    /// The proof does not hold (422).
    case notProven(ExchangeError, note: String?)
}
