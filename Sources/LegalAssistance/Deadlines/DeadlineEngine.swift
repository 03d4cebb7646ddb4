public import ExchangeModel

/// Works out the deadlines of one request. It knows no clock: the time asked for is a parameter, and the same input
/// gives the same deadlines in whatever order events, limits, pauses and extensions are handed over.
public struct DeadlineEngine: Sendable {
    /// The limits of the instrument with what they are worth between the two states.
    public let limits: [(limit: TimeLimit, standing: DeadlineStanding)]
    /// The two states.
    public let parties: DeadlineParties

    /// Takes the limits of the instrument that was chosen, and the two states.
    public init(limits: [(limit: TimeLimit, standing: DeadlineStanding)], parties: DeadlineParties) {
        self.limits = limits
        self.parties = parties
    }

    /// All deadlines, the nearest first and those without an end last.
    ///
    /// Limits that cannot concern this request are left out: those for a provider or an enforcing authority until such
    /// an authority has received something, those for a hearing without a hearing, those for preserved data where none
    /// were asked for, and standing services.
    public func deadlines(
        for timeline: [TimelineEvent],
        facts: DeadlineFacts,
        calendars: [StateCode: WorkCalendar],
        pauses: [DeadlinePause] = [],
        extensions: [DeadlineExtension] = [],
        now: ExchangeTime
    ) -> [Deadline] {
        let run = DeadlineRun(
            limits: limits,
            parties: parties,
            events: timeline.sorted(by: DeadlineRun.precedes),
            facts: facts,
            calendars: calendars,
            pauses: pauses.sorted { ($0.from, $0.reason, $0.person) < ($1.from, $1.reason, $1.person) },
            extensions: extensions.sorted { ($0.announced, $0.limit, $0.reason) < ($1.announced, $1.limit, $1.reason) },
            now: now
        )
        return run.all().sorted { left, right in
            switch (left.end, right.end) {
            case (let first?, let second?) where first != second: first < second
            case (_?, nil): true
            case (nil, _?): false
            default: left.id < right.id
            }
        }
    }
}
