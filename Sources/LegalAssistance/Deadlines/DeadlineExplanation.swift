public import ExchangeModel

/// How a deadline came about, as values; ``lines`` says it in English, ``sentences`` for any language.
public struct DeadlineExplanation: Hashable, Sendable {
    /// What a pause did.
    public struct Pause: Hashable, Sendable {
        /// The pause.
        public var pause: DeadlinePause
        /// Whether it moved the end.
        public var moved: Bool
        /// By how many days of the count, where days are counted.
        public var days: Int
        /// By how many seconds, where hours are counted.
        public var seconds: Int64
    }

    /// What an extension did.
    public struct Extension: Hashable, Sendable {
        /// The outcome.
        public enum Outcome: Hashable, Sendable {
            /// It extends the deadline until then.
            case applied(until: CivilDate)
            /// It extends it only as far as the instrument allows.
            case limited(until: CivilDate, by: TimeLimit)
            /// It gives no reasons.
            case withoutReasons
            /// It came after the end.
            case tooLate
            /// The instrument allows no extension of this limit, or no second one.
            case notForeseen
            /// It would not end later.
            case notLater
            /// The provision on extensions is only recalled, so that the confirmed end stays.
            case unconfirmed(by: TimeLimit)
        }

        /// The extension.
        public var record: DeadlineExtension
        /// The outcome.
        public var outcome: Outcome
    }

    /// What is due.
    public var event: TimeLimit.Event
    /// The kind of deadline.
    public var kind: Deadline.Kind
    /// The instrument's id; `nil` for a requested date.
    public var instrument: String?
    /// The article; `nil` for a requested date.
    public var article: String?
    /// What kind of limit it is.
    public var limitKind: TimeLimit.Kind?
    /// How many units.
    public var amount: Int?
    /// Which units.
    public var unit: TimeLimit.Unit?
    /// How firmly the limit is known.
    public var confidence: Confidence?
    /// Where it was read.
    public var source: String?
    /// What it waits for while its anchor is missing.
    public var awaits: TimeLimit.Anchor?
    /// What it runs from.
    public var anchor: Deadline.Anchor?
    /// The zone whose local days count.
    public var zone: ZoneName
    /// The state whose law and calendar apply to its end.
    public var state: StateCode
    /// The count by the words of the instrument.
    public var period: CountedPeriod
    /// Whether it was counted back.
    public var isBackwards: Bool
    /// Reasons that the requesting side gave.
    public var reasons: String?
    /// Pauses that fall into it.
    public var pauses: [Pause] = []
    /// Extensions of it.
    public var extensions: [Extension] = []
    /// When it was postponed without being taken up again.
    public var postponed: ExchangeTime?
    /// What became of the end under that state's law.
    public var roll: RollForward
    /// Whether the rolled end counts.
    public var rollCounts: Bool
    /// The calendar years that were read, with their sources.
    public var calendars: [CalendarYear] = []
    /// Years that would be needed and are not there.
    public var missingYears: [Int] = []
    /// The end that counts.
    public var end: ExchangeTime?
    /// The local day of that end.
    public var dueDay: CivilDate?
    /// How it stands.
    public var status: Deadline.Status
    /// When it was met.
    public var metAt: ExchangeTime?
    /// Why nothing is owed any more.
    public var voidReason: Deadline.VoidReason?
    /// Whether missing it breaches anything.
    public var isDuty: Bool

    /// A calendar year that was read.
    public struct CalendarYear: Hashable, Sendable {
        /// The year.
        public var year: Int
        /// Where it was read.
        public var source: String
        /// How firmly it is known.
        public var confidence: Confidence
    }
}
