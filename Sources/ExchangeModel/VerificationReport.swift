/// What was checked, in order, and how each check ended.
public struct VerificationReport: Hashable, Sendable {
    /// How a check ended.
    public enum Outcome: String, CaseIterable, Sendable {
        /// It holds.
        case passed
        /// It does not hold.
        case failed
        /// It could not be made; never to be read as passed.
        case notChecked
    }

    /// One check.
    public struct Check: Hashable, Sendable {
        /// Its stable name, such as `seal.signature`.
        public let name: String
        /// How it ended.
        public let outcome: Outcome
        /// What is wrong, when it failed or could not be made.
        public let code: ErrorCode?
        /// One English sentence: what holds, what fails, or why it could not be checked.
        public let reason: String
        /// What the sentence of a check that holds names, so that it can be said in other languages.
        public let arguments: [Argument]
        /// Which of a check's sentences it is, where it has several.
        public let variant: String?

        /// Takes all fields.
        public init(
            name: String,
            outcome: Outcome,
            code: ErrorCode? = nil,
            reason: String,
            arguments: [Argument] = [],
            variant: String? = nil
        ) {
            self.name = name
            self.outcome = outcome
            self.code = code
            self.reason = reason
            self.arguments = arguments
            self.variant = variant
        }
    }

    /// The checks in the order they were made.
    public private(set) var checks: [Check] = []

    /// A report without checks.
    public init() {}

    /// Adds a check as it was made elsewhere.
    public mutating func add(_ check: Check) { checks.append(check) }

    /// Adds a check that holds, told in English only.
    public mutating func pass(_ name: String, _ reason: String) {
        checks.append(Check(name: name, outcome: .passed, reason: reason))
    }

    /// Adds a check that holds, told so that it can be said in other languages.
    public mutating func pass(_ name: String, _ finding: Finding) {
        checks.append(
            Check(
                name: name,
                outcome: .passed,
                reason: finding.sentence,
                arguments: finding.arguments,
                variant: finding.variant
            )
        )
    }

    /// Adds a check that does not hold.
    public mutating func fail(_ name: String, _ error: ExchangeError) {
        checks.append(Check(name: name, outcome: .failed, code: error.code, reason: error.sentence))
    }

    /// Adds a check that could not be made.
    public mutating func skip(_ name: String, _ error: ExchangeError) {
        checks.append(Check(name: name, outcome: .notChecked, code: error.code, reason: error.sentence))
    }

    /// `failed` if any check failed, else `notChecked` if any could not be made or there is none, else `passed`.
    public var outcome: Outcome {
        if checks.contains(where: { $0.outcome == .failed }) { return .failed }
        if checks.isEmpty || checks.contains(where: { $0.outcome == .notChecked }) { return .notChecked }
        return .passed
    }
}

extension ExchangeError {
    /// The reason with what the libraries below said, without the code.
    public var sentence: String {
        details.isEmpty ? reason : reason + " (" + details.joined(separator: "; ") + ")"
    }
}
