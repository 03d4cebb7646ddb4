public import ExchangeModel

extension TreatyProfile {
    /// Whether an instrument is in force at all.
    public struct Status: Hashable, Sendable {
        /// What is known.
        public enum Value: String, CaseIterable, Hashable, Sendable {
            case inForce
            case notInForce
            case unknown
        }

        /// What is known.
        public var value: Value
        /// The first day on which it was in force.
        public var since: CivilDate?
        /// The last day on which it was in force.
        public var until: CivilDate?
        /// The rule of entry into force, and how firmly the status is known.
        public var statement: Statement
    }

    /// A state that is bound.
    public struct Party: Hashable, Sendable {
        /// Which state.
        public var state: StateCode
        /// How firmly it is known.
        public var confidence: Confidence
        /// The day of its ratification: it was not bound before.
        public var ratified: CivilDate?
        /// The first day on which it was bound.
        public var since: CivilDate?
        /// The last day on which it was bound.
        public var until: CivilDate?
        /// Where it was read.
        public var source: String?
        /// What else is to be known.
        public var note: String?
    }

    /// That an instrument takes the place of another between states bound by both.
    public struct Supersession: Hashable, Sendable {
        /// The id of the older instrument.
        public var instrument: String
        /// Where it says so.
        public var statement: Statement
    }

    /// That an instrument gives way to other treaties on legal assistance between the same states.
    public struct Subsidiary: Hashable, Sendable {
        /// The rule.
        public var statement: Statement
        /// The request types for which it gives way; empty for all.
        public var types: [RequestType]
    }

    /// Something that may be asked.
    public struct CoveredType: Hashable, Sendable {
        /// What.
        public var type: RequestType
        /// What the collection of instruments calls it.
        public var names: [String]
        /// How firmly it is known.
        public var confidence: Confidence
        /// Where it was read.
        public var source: String?
    }

    /// A language that is accepted.
    public enum AcceptedLanguage: Hashable, Sendable {
        /// This one.
        case language(LanguageCode)
        /// The state languages of the parties.
        case stateLanguages
        /// The state languages of the requested state.
        case requestedStateLanguages
        /// What the requested state notified to the depositary, which this gateway does not know.
        case notified
        /// Any: no translation is required.
        case any
    }

    /// In which languages requests are made.
    public struct LanguageRule: Hashable, Sendable {
        /// The rule.
        public var statement: Statement
        /// One of these is enough; empty where the instrument is silent.
        public var accepted: [AcceptedLanguage]
        /// If not empty, the request or a translation must also be in one of these.
        public var translationInto: [AcceptedLanguage]
    }

    /// When something must stand in a request.
    public enum Condition: String, CaseIterable, Hashable, Sendable {
        /// In criminal cases.
        case criminal
        /// If documents are to be served.
        case service
        /// If something else than the service of documents is asked.
        case notService
        /// If procedural acts are asked (letters rogatory).
        case rogatory
        /// If electronic data are concerned.
        case data
        /// If data are to be preserved.
        case preservation
        /// If a coercive measure is asked.
        case coercive
        /// In an emergency.
        case emergency
        /// If the request is urgent or names a date.
        case urgent
        /// If an order goes to a provider.
        case providerOrder
        /// If there is such a thing in the case.
        case ifAny
        /// If the requesting authority has it.
        case ifAvailable
        /// Where possible.
        case wherePossible
        /// Where necessary.
        case whereNecessary

        /// Whether only people can tell if it holds, so that what is missing is never more than a warning.
        public var isForPeople: Bool {
            switch self {
            case .ifAny, .ifAvailable, .wherePossible, .whereNecessary: true
            default: false
            }
        }
    }

    /// Something that a request must say.
    public struct RequiredContent: Hashable, Sendable {
        /// Names it within the profile.
        public var id: String
        /// The fields that hold it.
        public var fields: [RequestField]
        /// When it is demanded; all must hold; empty for always.
        public var conditions: [Condition]
        /// What is demanded.
        public var statement: Statement
    }

    /// What an instrument says on there being no fixed limit for handling a request.
    public struct NoFixedTimeLimit: Hashable, Sendable {
        /// `true` if it sets none; `nil` if unknown, which is not the same.
        public var value: Bool?
        /// What it says instead.
        public var statement: Statement
    }

    /// Why a request may be refused or postponed, or what may be no reason.
    public struct RefusalGround: Hashable, Sendable {
        /// What the ground allows or demands.
        public enum Kind: String, CaseIterable, Hashable, Sendable {
            /// Allows refusal.
            case optional
            /// Demands refusal.
            case mandatory
            /// Allows postponement.
            case postpone
            /// Is no ground.
            case forbidden
            /// A duty of whoever refuses or postpones.
            case duty
            /// Another rule.
            case rule
        }

        /// Names it within the profile; the same meaning has the same id in all shipped profiles.
        public var id: String
        /// What it allows or demands.
        public var kind: Kind
        /// What it says.
        public var statement: Statement

        /// Whether a refusal can rest on it.
        public var allowsRefusal: Bool { kind == .optional || kind == .mandatory }
    }

    /// What an instrument says on urgent requests.
    public struct UrgentRule: Hashable, Sendable {
        /// Whether it has a rule for them; `nil` if unknown.
        public var available: Bool?
        /// Whether they may be made orally; `nil` if unknown.
        public var oral: Bool?
        /// The id of the limit for confirming an oral request in writing, if it has a number.
        public var confirmationLimit: String?
        /// The rule.
        public var statement: Statement
    }

    /// How time is counted.
    public struct ComputationRule: Hashable, Sendable {
        /// Whether the hour or day of the event is left out; `nil` if unknown.
        public var startExcluded: Bool?
        /// Whether an end on a day off moves to the next working day; `nil` if unknown.
        public var endMovesToWorkingDay: Bool?
        /// The rule.
        public var statement: Statement
    }

    /// Something else that people should see.
    public struct Provision: Hashable, Sendable {
        /// What it is about.
        public enum Topic: String, CaseIterable, Hashable, Sendable {
            case status
            case useLimitation
            case confidentiality
            case formalities
            case entryIntoForce
        }

        /// What it is about.
        public var topic: Topic
        /// What it says.
        public var statement: Statement
    }
}
