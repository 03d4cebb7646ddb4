/// A field of a request, by a stable key that also names it in messages, profiles and text catalogues.
///
/// The words for people are in the text catalogues, under `field.<key>.label` and `field.<key>.help`.
public enum RequestField: String, CaseIterable, Hashable, Sendable {
    case requestingAuthority
    case investigatingAuthority
    case requestedAuthority
    case legalBasis
    case caseNumber
    case requestType
    case factsSummary
    case offence
    case lawText
    case damage
    case suspicion
    case persons
    case legalPersons
    case assistanceSought
    case specialProcedure
    case purpose
    case confidentiality
    case requestedDeadline
    case deadlineReasons
    case emergencyJustification
    case provider
    case identifiers
    case dataCategoryTimeRange
    case relationToOffence
    case volatility
    case priorPreservation
    case intentionToRequest
    case domesticAuthorisation
    case assurances
    case relatedRequests
    case serviceDetails
    case translation
    case signature
    case delivery
    case costs

    /// What a value looks like.
    public enum Form: String, CaseIterable, Hashable, Sendable {
        /// One line of text.
        case line
        /// Text of several lines.
        case text
        /// A day, ISO 8601.
        case date
        /// Several entries, one a line.
        case list
        /// `yes` or `no`.
        case choice
        /// An attached document; a text in its place is enough.
        case attachment
    }

    /// What a value looks like.
    public var form: Form {
        switch self {
        case .requestedAuthority, .caseNumber, .damage, .purpose, .delivery, .costs, .signature: .line
        case .requestedDeadline: .date
        case .requestType, .persons, .legalPersons, .assistanceSought, .identifiers, .dataCategoryTimeRange: .list
        case .confidentiality: .choice
        case .lawText, .domesticAuthorisation, .translation: .attachment
        default: .text
        }
    }

    /// Whether every well-formed request has it, as far as ``conditions`` hold; if not, it is optional.
    public var isMandatory: Bool {
        switch self {
        case .damage, .suspicion, .legalPersons, .specialProcedure, .confidentiality, .requestedDeadline, .volatility,
            .assurances, .relatedRequests, .delivery, .costs, .translation, .domesticAuthorisation:
            false
        default: true
        }
    }

    /// When it is demanded; all must hold; empty for always.
    public var conditions: [TreatyProfile.Condition] {
        switch self {
        case .factsSummary: [.notService]
        case .offence, .lawText, .damage: [.criminal]
        case .suspicion, .legalPersons, .specialProcedure, .relatedRequests, .costs: [.ifAny]
        case .persons: [.ifAvailable]
        case .deadlineReasons: [.urgent]
        case .emergencyJustification: [.emergency]
        case .provider, .identifiers, .dataCategoryTimeRange: [.data]
        case .relationToOffence, .priorPreservation, .intentionToRequest: [.preservation]
        case .domesticAuthorisation: [.coercive]
        case .serviceDetails: [.service]
        case .confidentiality, .requestedDeadline, .volatility, .assurances, .delivery, .translation: [.whereNecessary]
        default: []
        }
    }

    /// The key of its name in the text catalogues.
    public var labelKey: String { "field.\(rawValue).label" }

    /// The key of its explanation in the text catalogues.
    public var helpKey: String { "field.\(rawValue).help" }
}
