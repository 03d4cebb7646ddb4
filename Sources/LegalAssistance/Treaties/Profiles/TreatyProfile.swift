public import ExchangeModel

/// An instrument as data: who is bound by it, what may be asked under it, in which form, and by when it is answered.
///
/// Everything in it carries its confidence; see ``Confidence``.
public struct TreatyProfile: Hashable, Sendable {
    /// What kind of instrument it is.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// A treaty of more than two states.
        case multilateralTreaty
        /// A treaty of exactly two states.
        case bilateralTreaty
        /// The law of one state, a fallback by reciprocity.
        case domesticLaw
        /// An act of the European Union.
        case unionAct
        /// Rules of this state's own service: never a legal basis, but they add limits and contents.
        case internalRules = "internal"
    }

    /// What kind of co-operation it is for.
    public enum Purpose: String, CaseIterable, Hashable, Sendable {
        /// Mutual legal assistance: results may be evidence in court.
        case legalAssistance
        /// Co-operation of law-enforcement services: no substitute where evidence needs judicial form.
        case policeCooperation
        /// Co-operation of customs services.
        case customsCooperation
        /// A framework without a procedure for requests.
        case framework
    }

    /// Names it in all files, commands and messages; never changes.
    public var id: String
    /// Its full name.
    public var name: String
    /// What people call it.
    public var shortName: String
    /// What kind of instrument it is.
    public var kind: Kind
    /// What kind of co-operation it is for.
    public var purpose: Purpose
    /// Whether it takes the place of a profile with the same id.
    public var replaces: Bool
    /// The day of its adoption or signature: it can bind nobody before.
    public var adopted: CivilDate?
    /// Whether it is in force at all.
    public var status: Status
    /// The states bound by it.
    public var parties: [Party]
    /// Whether ``parties`` lists all of them; if not, the status of a state that is missing is unknown.
    public var partiesComplete: Bool
    /// What else is to be known of the parties.
    public var partiesNote: String?
    /// States that have signed, as far as seen; not bound by that.
    public var signatories: [StateCode]
    /// The instruments whose place it takes between states bound by both.
    public var supersedes: [Supersession]
    /// Where it gives way to other treaties on legal assistance.
    public var subsidiary: Subsidiary?
    /// The offences that it is confined to; empty for all.
    public var subjects: [OffenceSubject]
    /// What may be asked under it.
    public var requestTypes: [CoveredType]
    /// In which languages.
    public var languages: LanguageRule
    /// By which channel.
    public var channel: Statement
    /// What a request must say.
    public var contents: [RequiredContent]
    /// For domestic law: on which side its state stands when ``contents`` bind; `nil` for treaties.
    public var contentsBind: Side?
    /// Its time limits.
    public var limits: [TimeLimit]
    /// What it says on there being no fixed limit; `nil` where it has limits for handling a request.
    public var noFixedTimeLimit: NoFixedTimeLimit?
    /// Why a request may be refused or postponed, and what may be no reason.
    public var grounds: [RefusalGround]
    /// What it says on urgent requests.
    public var urgent: UrgentRule
    /// How time is counted under it.
    public var computation: ComputationRule?
    /// What else it says that people should see.
    public var provisions: [Provision]

    /// The item of ``contents`` with an id.
    public func content(_ id: String) -> RequiredContent? { contents.first { $0.id == id } }

    /// The limit with an id.
    public func limit(_ id: String) -> TimeLimit? { limits.first { $0.id == id } }

    /// The refusal ground with an id.
    public func ground(_ id: String) -> RefusalGround? { grounds.first { $0.id == id } }

    /// How firmly a state's party status is known, without regard to a date; `.unknown` for a state not listed.
    public func partiesConfidence(of state: StateCode) -> Confidence {
        parties.first { $0.state == state }?.confidence ?? .unknown
    }
}
