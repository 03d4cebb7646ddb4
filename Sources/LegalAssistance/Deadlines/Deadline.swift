public import ExchangeModel

/// One date, or one date that is still to come, of a request: what is due, from whom, by when, under which article.
public struct Deadline: Hashable, Sendable, Identifiable {
    /// How it looks and what it is worth.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// The instrument says so, and it is verified or confirmed that it does and that it binds both states.
        case treaty
        /// The instrument is recalled to say so; a legal check is needed.
        case unconfirmed
        /// The requesting side asked for it.
        case requested
        /// Our own rule.
        case `internal`
        /// Data stay preserved at least until then: act before.
        case preservation
    }

    /// How it stands.
    public enum Status: String, CaseIterable, Hashable, Sendable {
        /// What it runs from has not happened yet.
        case waiting
        /// It runs.
        case running
        /// It was met in time.
        case met
        /// It was met, but after its end.
        case late
        /// Its end has passed and it is not met.
        case overdue
        /// It rests.
        case paused
        /// Nothing is owed any more.
        case void
    }

    /// What it runs from.
    public enum Anchor: Hashable, Sendable {
        /// Something that happened.
        case event(TimelineEvent)
        /// A day that the request names, such as that of the hearing.
        case day(CivilDate)
        /// The end of the deadline with this id.
        case endOf(String)
    }

    /// Why nothing is owed any more.
    public enum VoidReason: Hashable, Sendable {
        /// This happened.
        case event(TimelineEvent)
        /// It was no duty, and its time is over.
        case elapsed
    }

    /// Names it within the request; the same whatever happens later.
    public var id: String
    /// How it looks.
    public var kind: Kind
    /// What the limit is worth between the two states; `nil` for a requested date.
    public var standing: DeadlineStanding?
    /// The limit it comes from; `nil` for a requested date.
    public var limit: TimeLimit?
    /// What must have happened.
    public var event: TimeLimit.Event
    /// Who has to act.
    public var owes: TimeLimit.Obliged?
    /// Whether missing it breaches anything; a wish, a ceiling or a period that merely elapses does not.
    public var isDuty: Bool
    /// Which authority it is separate for.
    public var authority: TimelineEvent.Authority?
    /// The zone whose local days count.
    public var zone: ZoneName
    /// What it runs from; `nil` while that has not happened.
    public var anchor: Anchor?
    /// The day at whose 24:00 it ends by the words of the instrument; `nil` for hours and where not known.
    public var lastDay: CivilDate?
    /// The instant at which it ends by the words of the instrument, without pause, extension or roll-forward.
    public var rawEnd: ExchangeTime?
    /// The end after pauses and extensions, as far as they move it; otherwise the raw end.
    public var adjustedEnd: ExchangeTime?
    /// The adjusted end moved forward under the law of the state that has to act; never earlier than the adjusted end.
    public var rolledEnd: ExchangeTime?
    /// The instant after which it is overdue: the rolled end where rule and calendar are verified or confirmed,
    /// otherwise the adjusted end.
    public var end: ExchangeTime?
    /// The local day on which ``end`` falls: the last one on which to act.
    public var dueDay: CivilDate?
    /// How it stands at the time asked for.
    public var status: Status
    /// When it was met.
    public var metAt: ExchangeTime?
    /// Why nothing is owed any more.
    public var voidReason: VoidReason?
    /// How it came about.
    public var explanation: DeadlineExplanation

    /// Which side has to act; a provider or an enforcing authority stands on the requested side.
    public var owingSide: Side? { owes?.side }

    /// Whether its end passed before it was met or fell away, also where nothing is owed any more.
    public func isBreached(at now: ExchangeTime) -> Bool {
        guard isDuty, let end else { return false }
        if let metAt { return metAt > end }
        if case .event(let event)? = voidReason { return event.time > end }
        return now > end
    }

    /// The whole local days from today to the due day, negative when it has passed; `nil` without an end.
    public func daysLeft(at now: ExchangeTime) -> Int64? {
        dueDay.map { $0.daysSince1970 - zone.date(of: now).daysSince1970 }
    }
}

extension TimeLimit.Obliged {
    /// The side on which it stands.
    public var side: Side {
        switch self {
        case .requesting, .issuing: .requesting
        case .requested, .provider, .enforcing: .requested
        }
    }
}
