import ExchangeModel

/// An instrument considered as the legal basis of a request between two states.
public struct Candidate: Hashable, Sendable {
    /// What became of it.
    public enum Verdict: String, CaseIterable, Hashable, Sendable {
        /// The first choice.
        case chosen
        /// Can be taken as well.
        case possible
        /// Cannot be taken; the remarks say why.
        case excluded
    }

    /// How well it covers the request types.
    public enum Coverage: Int, CaseIterable, Hashable, Comparable, Sendable {
        /// It names them.
        case named
        /// It names a wider type that includes them.
        case wider
        /// Its clause on any other assistance includes them.
        case generalClause

        /// Better coverage comes first.
        public static func < (left: Coverage, right: Coverage) -> Bool { left.rawValue < right.rawValue }
    }

    /// Why, or with which reservation. The words are in the text catalogues under `treaty.remark.<code>`.
    public enum Remark: Hashable, Sendable {
        /// It binds exactly these two states.
        case bilateral
        /// It binds both states, and nothing goes before it.
        case bindsBoth
        /// Something that is not certain stands against it or for it: a state's party status is recalled.
        case partyStatusRecalled(StateCode)
        /// Nothing is known of a state's party status.
        case partyStatusUnknown(StateCode)
        /// The state is not a party.
        case notParty(StateCode)
        /// The state is not yet, or no longer, a party on that day.
        case notPartyOnDay(StateCode)
        /// It is not in force, or that is not known.
        case notInForce
        /// It takes the place of another instrument between these states.
        case supersedes(String)
        /// Another instrument has taken its place between these states.
        case superseded(by: String)
        /// Another instrument has taken its place, if what is recalled is right.
        case perhapsSuperseded(by: String)
        /// It gives way to another treaty between these states.
        case givesWay(to: String)
        /// It gives way to another treaty, if what is recalled is right.
        case perhapsGivesWay(to: String)
        /// It gives way to other treaties, and none for what is asked is known between these states.
        case noOtherTreaty
        /// It does not name these request types, but wider ones.
        case coversByWiderType([RequestType])
        /// Only its clause on any other assistance covers these.
        case coversByGeneralClause([RequestType])
        /// It does not cover these.
        case doesNotCover([RequestType])
        /// It is confined to offences of these kinds.
        case onlyForOffences([OffenceSubject])
        /// It is for law-enforcement services: no substitute where evidence needs judicial form.
        case serviceToService
        /// It is a framework without a procedure for requests.
        case framework
        /// Domestic law, as a fallback by reciprocity.
        case fallbackByReciprocity
        /// Domestic law is not needed where this treaty applies.
        case fallbackNotNeeded(because: String)
        /// Rules of this state's own service are never a legal basis.
        case internalRules

        /// A stable name of the kind of remark.
        public var code: String {
            switch self {
            case .bilateral: "bilateral"
            case .bindsBoth: "bindsBoth"
            case .partyStatusRecalled: "partyStatusRecalled"
            case .partyStatusUnknown: "partyStatusUnknown"
            case .notParty: "notParty"
            case .notPartyOnDay: "notPartyOnDay"
            case .notInForce: "notInForce"
            case .supersedes: "supersedes"
            case .superseded: "superseded"
            case .perhapsSuperseded: "perhapsSuperseded"
            case .givesWay: "givesWay"
            case .perhapsGivesWay: "perhapsGivesWay"
            case .noOtherTreaty: "noOtherTreaty"
            case .coversByWiderType: "coversByWiderType"
            case .coversByGeneralClause: "coversByGeneralClause"
            case .doesNotCover: "doesNotCover"
            case .onlyForOffences: "onlyForOffences"
            case .serviceToService: "serviceToService"
            case .framework: "framework"
            case .fallbackByReciprocity: "fallbackByReciprocity"
            case .fallbackNotNeeded: "fallbackNotNeeded"
            case .internalRules: "internalRules"
            }
        }

        /// What the remark names: states, instruments, request types or kinds of offence, by their keys.
        public var names: [String] {
            switch self {
            case .partyStatusRecalled(let state), .partyStatusUnknown(let state), .notParty(let state),
                .notPartyOnDay(let state):
                [state.text]
            case .supersedes(let id), .superseded(let id), .perhapsSuperseded(let id), .givesWay(let id),
                .perhapsGivesWay(let id), .fallbackNotNeeded(let id):
                [id]
            case .coversByWiderType(let types), .coversByGeneralClause(let types), .doesNotCover(let types):
                types.map(\.rawValue)
            case .onlyForOffences(let subjects): subjects.map(\.rawValue)
            default: []
            }
        }
    }

    /// The instrument.
    public var profile: TreatyProfile
    /// What became of it.
    public var verdict: Verdict
    /// Why, most important first.
    public var remarks: [Remark]
    /// How well it covers the request types, taken from the worst of those that it covers.
    public var coverage: Coverage
    /// Whether the status of both states as parties is verified or confirmed.
    public var isCertain: Bool
}
