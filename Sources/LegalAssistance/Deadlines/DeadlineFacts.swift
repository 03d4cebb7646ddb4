public import ExchangeModel

/// The two states of a request, and in which zone each one's local days are counted.
public struct DeadlineParties: Hashable, Sendable {
    /// The state that asks.
    public var requesting: StateCode
    /// The state that is asked.
    public var requested: StateCode
    /// The zone of the authority that asks.
    public var requestingZone: ZoneName
    /// The zone of the authority that is asked.
    public var requestedZone: ZoneName

    /// Takes all fields.
    public init(
        requesting: StateCode,
        requested: StateCode,
        requestingZone: ZoneName,
        requestedZone: ZoneName
    ) {
        self.requesting = requesting
        self.requested = requested
        self.requestingZone = requestingZone
        self.requestedZone = requestedZone
    }

    /// The state on a side.
    public func state(of side: Side) -> StateCode { side == .requesting ? requesting : requested }

    /// The zone of a side.
    public func zone(of side: Side) -> ZoneName { side == .requesting ? requestingZone : requestedZone }
}

/// The date by which the requesting side asks for an answer.
public struct RequestedDate: Hashable, Sendable {
    /// The last day.
    public var date: CivilDate
    /// Why; without reasons it is shown as a wish, not as a deadline (UNTOC art. 18(24), UNCAC art. 46(24)).
    public var reasons: String?

    /// Takes all fields.
    public init(date: CivilDate, reasons: String?) {
        self.date = date
        self.reasons = reasons
    }
}

/// What the engine must know of a request besides its timeline.
public struct DeadlineFacts: Hashable, Sendable {
    /// The types of assistance asked for, as the profile names them; empty where not known.
    public var requestTypes: Set<String>
    /// Whether it is an emergency: of two limits for one event the shorter one applies.
    public var isEmergency: Bool
    /// The day of the hearing or appearance that a summons is for.
    public var hearing: CivilDate?
    /// The lead in days that the requested state has declared for a summons (such as ETS 30 art. 7(3)).
    public var declaredSummonsLead: Int?
    /// By when the requesting side asks for the answer.
    public var requestedBy: RequestedDate?

    /// Takes all fields.
    public init(
        requestTypes: Set<String> = [],
        isEmergency: Bool = false,
        hearing: CivilDate? = nil,
        declaredSummonsLead: Int? = nil,
        requestedBy: RequestedDate? = nil
    ) {
        self.requestTypes = requestTypes
        self.isEmergency = isEmergency
        self.hearing = hearing
        self.declaredSummonsLead = declaredSummonsLead
        self.requestedBy = requestedBy
    }
}

/// A time in which work on a request rests.
///
/// No instrument says that its clock stops: a pause moves internal and requested deadlines; on every other it is shown,
/// and the end stays. A pause without reason or person moves nothing.
public struct DeadlinePause: Hashable, Sendable {
    /// When it began.
    public var from: ExchangeTime
    /// When it ended; `nil` while it lasts.
    public var until: ExchangeTime?
    /// Why.
    public var reason: String
    /// Who decided it.
    public var person: String

    /// Takes all fields.
    public init(from: ExchangeTime, until: ExchangeTime? = nil, reason: String, person: String) {
        self.from = from
        self.until = until
        self.reason = reason
        self.person = person
    }
}

/// An extension of one deadline.
public struct DeadlineExtension: Hashable, Sendable {
    /// By how much.
    public enum Length: Hashable, Sendable {
        /// So many calendar days after the last day.
        case days(Int)
        /// Until 24:00 of this day.
        case until(CivilDate)
    }

    /// The ``TimeLimit/id`` of the limit, or the ``Deadline/id``.
    public var limit: String
    /// When the other side was told.
    public var announced: ExchangeTime
    /// By how much.
    public var length: Length
    /// Why; an extension without reasons extends nothing.
    public var reason: String
    /// How it is known.
    public var proof: TimelineEvent.Proof

    /// Takes all fields.
    public init(
        limit: String,
        announced: ExchangeTime,
        length: Length,
        reason: String,
        proof: TimelineEvent.Proof
    ) {
        self.limit = limit
        self.announced = announced
        self.length = length
        self.reason = reason
        self.proof = proof
    }
}
