public import ExchangeModel

/// The working days of a state: its weekend, and for each year that is known the days off and the working days that
/// decrees moved to a weekend. What is not known is said, never guessed.
public struct WorkCalendar: Hashable, Sendable {
    /// What a day is called.
    public enum DayName: Hashable, Sendable {
        /// A key of the catalogues, such as `holiday.new-year`.
        case key(String)
        /// A name as somebody wrote it.
        case text(String)

        /// The key or the name.
        public var text: String {
            switch self {
            case .key(let text), .text(let text): text
            }
        }
    }

    /// One year, complete.
    public struct Year: Hashable, Sendable {
        /// Days off besides the weekend; a day of the weekend may stand here too.
        public var daysOff: [CivilDate: DayName]
        /// Days of the weekend on which people work.
        public var workingDays: [CivilDate: DayName]
        /// Where it was read.
        public var source: String
        /// How firmly it is known.
        public var confidence: Confidence

        /// Takes all fields.
        public init(
            daysOff: [CivilDate: DayName],
            workingDays: [CivilDate: DayName] = [:],
            source: String,
            confidence: Confidence
        ) {
            self.daysOff = daysOff
            self.workingDays = workingDays
            self.source = source
            self.confidence = confidence
        }
    }

    /// What a day is.
    public enum Day: Hashable, Sendable {
        /// An ordinary working day.
        case working
        /// A working day on a weekend.
        case movedWorking(DayName)
        /// A day of the weekend.
        case weekend
        /// A day off.
        case off(DayName)
        /// Nothing is known about this year: "calendar missing for 2031".
        case missing(year: Int)

        /// Whether people work; `nil` where the year is missing.
        public var isWorking: Bool? {
            switch self {
            case .working, .movedWorking: true
            case .weekend, .off: false
            case .missing: nil
            }
        }
    }

    /// The state.
    public var state: StateCode
    /// The days of the week that are off (ISO 8601: 1 is Monday, 7 is Sunday).
    public var weekend: Set<Int>
    /// The state's time zones, the default one first; empty where none is known.
    public var zones: [ZoneName]
    /// How periods are counted there; `nil` where that is not known.
    public var rule: CountingRule?
    /// The years that are known.
    public var years: [Int: Year]

    /// Takes all fields.
    public init(
        state: StateCode,
        weekend: Set<Int> = [6, 7],
        zones: [ZoneName] = [],
        rule: CountingRule? = nil,
        years: [Int: Year] = [:]
    ) {
        self.state = state
        self.weekend = weekend
        self.zones = zones
        self.rule = rule
        self.years = years
    }

    /// The time zone of the state where a request names no other.
    public var defaultZone: ZoneName? { zones.first }

    /// What a day is.
    public func day(_ date: CivilDate) -> Day {
        let number = date.components.year
        guard let year = years[number] else { return .missing(year: number) }
        if let name = year.workingDays[date] { return .movedWorking(name) }
        if let name = year.daysOff[date] { return .off(name) }
        return weekend.contains(date.weekday) ? .weekend : .working
    }

    /// How firmly a year is known; `unknown` where it is missing.
    public func confidence(of year: Int) -> Confidence { years[year]?.confidence ?? .unknown }

    /// The same calendar with these years in place of its own.
    public func replacing(_ newYears: [Int: Year]) -> WorkCalendar {
        var copy = self
        copy.years.merge(newYears) { _, new in new }
        return copy
    }
}
