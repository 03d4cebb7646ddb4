/// A time limit as an instrument states it, before it meets a request.
public struct TimeLimit: Hashable, Sendable {
    /// What must have happened when it ends, such as `execution`.
    public enum Event: String, CaseIterable, Hashable, Sendable {
        case acknowledgement
        case decision
        case decisionExtension
        case execution
        case production
        case productionEmergency
        case enforcingAuthorityRefusal
        case enforcingAuthorityRefusalEmergency
        case provisionalMeasureDecision
        case writtenConfirmationOfOralRequest
        case preservation
        case preservationMinimum
        case preservationExtension
        case domesticPreservationOrderMax
        case providerResponseSubscriberInfo
        case serviceOfOrderOnProvider
        case returnSubscriberInfo
        case returnTrafficData
        case safeConductExpiry
        case summonsLeadTimeDeclaredMax
        case summonsRequestLeadTime
        case contactPointAvailability
    }

    /// The event that it runs from, or back from.
    public enum Anchor: String, CaseIterable, Hashable, Sendable {
        case always
        case beforeCourtHearing
        case dateSetForAppearance
        case decisionTaken
        case endOfDecisionPeriod
        case endOfPreservation
        case oralRequestSent
        case presenceNoLongerRequired
        case preservationOrder
        case preservationStart
        case received
        case receivedByCompetentExecutingAuthority
        case receivedByEachAuthority
        case receivedByEnforcingAuthority
        case receivedByExecutingAuthority
        case receivedByProvider
        case receivedNotification
        case receivedWithAllInformation
        case serviceOnProvider
        case witnessInformedPresenceNoLongerRequired
    }

    /// How it is counted.
    public enum Unit: String, CaseIterable, Hashable, Sendable {
        case hours
        case calendarDays
        case workingDays
        case months
    }

    /// What kind of limit it is.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// Must not be exceeded.
        case maximum = "max"
        /// Lasts at least so long: act before it ends.
        case minimum = "min"
        /// Ought not to be exceeded ("as a rule").
        case asARule
        /// By how much another limit may be extended.
        case extensionMaximum = "extensionMax"
        /// Lasts so long.
        case period
        /// To be reached by reasonable efforts.
        case reasonableEfforts
        /// To be reached wherever practicable.
        case whereverPracticable
        /// At least so long before a date.
        case minimumLead = "minLead"
        /// The longest lead that a state may declare.
        case maximumDeclarable
        /// A standing service, not a deadline.
        case availability
    }

    /// Who has to act.
    public enum Obliged: String, CaseIterable, Hashable, Sendable {
        case requesting
        case requested
        case provider
        case enforcing
        case issuing
    }

    /// Names it within all profiles: the instrument's id, a slash, the event, and a number where one event has several.
    public var id: String
    /// What must have happened.
    public var event: Event
    /// How many units.
    public var amount: Int
    /// Which units.
    public var unit: Unit
    /// What it runs from.
    public var anchor: Anchor
    /// The article that states it.
    public var article: String
    /// What kind of limit it is.
    public var kind: Kind
    /// Who has to act; `nil` where the instrument obliges nobody.
    public var obliged: Obliged?
    /// How firmly it is known.
    public var confidence: Confidence
    /// Where it was read.
    public var source: String?
    /// What else is to be known.
    public var note: String?

    /// Takes all fields.
    public init(
        id: String,
        event: Event,
        amount: Int,
        unit: Unit,
        anchor: Anchor,
        article: String,
        kind: Kind,
        obliged: Obliged? = nil,
        confidence: Confidence,
        source: String? = nil,
        note: String? = nil
    ) {
        self.id = id
        self.event = event
        self.amount = amount
        self.unit = unit
        self.anchor = anchor
        self.article = article
        self.kind = kind
        self.obliged = obliged
        self.confidence = confidence
        self.source = source
        self.note = note
    }
}
