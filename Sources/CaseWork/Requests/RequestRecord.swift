public import BundleExchange
public import ExchangeModel
public import LegalAssistance

/// A request for assistance as this gateway knows it, whatever channel it takes.
public struct RequestRecord: Hashable, Sendable {
    /// How the two sides reach each other.
    public enum Channel: String, CaseIterable, Hashable, Sendable {
        /// Signed bundles between gateways.
        case gateway
        /// Signed bundles on a disk that somebody carries.
        case courier
        /// Paper through ministries.
        case diplomatic
        /// Electronic mail outside the gateways.
        case email
        /// The 24/7 network of contact points.
        case contactPoint = "contact_point"

        /// Whether its steps are signed messages; those of the others are recorded by hand.
        public var isProven: Bool { self == .gateway || self == .courier }
    }

    /// Whose turn something is.
    public enum Party: String, CaseIterable, Hashable, Sendable {
        /// Ours.
        case own
        /// The partner's.
        case partner
    }

    /// The next date that something is due.
    public struct NextDeadline: Hashable, Sendable {
        /// Its id, as `deadline list` shows it.
        public let deadline: String
        /// When it ends.
        public let due: ExchangeTime
        /// Its kind: treaty, unconfirmed, requested, internal or preservation.
        public let kind: String
        /// How firmly its limit is known.
        public let confidence: Confidence
        /// Who has to act.
        public let owed: Party
    }

    /// Its name; the thread's where the gateways carry it.
    public let id: ThreadID
    /// On which side we stand.
    public internal(set) var side: Side
    /// How the sides reach each other.
    public internal(set) var channel: Channel
    /// The partner's state.
    public internal(set) var partnerState: StateCode
    /// The partner's authority, in words.
    public internal(set) var partnerAuthority: String
    /// The partner's gateway, where one carries it.
    public internal(set) var peer: PartyID?
    /// The authority here that it belongs to.
    public internal(set) var authority: String
    /// Who works on it.
    public internal(set) var assigned: PersonID?
    /// Who stands in for that person.
    public internal(set) var standIn: PersonID?
    /// Our reference number.
    public internal(set) var reference: String
    /// The partner's reference number.
    public internal(set) var partnerReference: String?
    /// What it is about, in one line.
    public internal(set) var subject: String
    /// The treaty's profile that it rests on.
    public internal(set) var instrument: String?
    /// What is asked for, as the profiles call it.
    public internal(set) var requestTypes: [String]
    /// Facts that deadlines depend on.
    public internal(set) var facts: RequestFacts
    /// The form's fields as they are being drafted.
    public internal(set) var form: [String: String]
    /// When it was entered here.
    public internal(set) var opened: ExchangeTime
    /// When something last changed.
    public internal(set) var changed: ExchangeTime
    /// Where it stands: `draft`, or a phase of its life.
    public internal(set) var phase: String
    /// What else is to be known: urgent, confidential and the like.
    public internal(set) var flags: [String]
    /// Whose turn it is, if it is anybody's.
    public internal(set) var owes: Party?
    /// What falls due next.
    public internal(set) var next: NextDeadline?
    /// Whether a deadline of either side has passed unmet.
    public internal(set) var isOverdue: Bool
    /// When it ended, if it has.
    public internal(set) var ended: ExchangeTime?
}
