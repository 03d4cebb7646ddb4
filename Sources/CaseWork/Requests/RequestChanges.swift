import BundleExchange
public import ExchangeModel

/// What is to be changed of a request that is being drafted; `nil` leaves a value as it is.
public struct RequestChanges: Sendable {
    /// What it is about.
    public var subject: String?
    /// The treaty's profile.
    public var instrument: String?
    /// What is asked for.
    public var requestTypes: [String]?
    /// Facts that deadlines depend on, those alone that change.
    public var facts: [Fact] = []
    /// Fields of the form to be set; an empty text removes a field.
    public var form: [String: String] = [:]
    /// The partner's reference number.
    public var partnerReference: String?

    /// One fact with its new value.
    public enum Fact: Hashable, Sendable {
        /// By when an answer is asked for; `nil` for no date any more.
        case requestedBy(CivilDate?)
        /// The reasons for the date.
        case requestedReasons(String?)
        /// The day of a hearing that it is for.
        case hearing(CivilDate?)
        /// By when it is to be done by our own rules.
        case internalBy(CivilDate?)
        /// Whether there is an imminent risk to life or safety.
        case isEmergency(Bool)
        /// Whether it is urgent.
        case isUrgent(Bool)
        /// Whether its fact or substance is to be kept confidential.
        case isConfidential(Bool)
    }

    /// Changes nothing.
    public init() {}

    func check() throws {
        if let subject { try StatementText.requireLine(subject, "subject", most: ThreadRegister.longestSubject) }
        if let instrument { try StatementText.requireTreaty(instrument) }
        if let partnerReference {
            try StatementText.requireLine(
                partnerReference,
                "partner's reference",
                most: ThreadRegister.longestReference
            )
        }
        try RequestProposal.check(form: form)
        for case .requestedReasons(let reasons?) in facts {
            try StatementText.requireText(reasons, "reasons", most: 4_096)
        }
        if let requestTypes { try RequestProposal.check(types: requestTypes) }
    }

    func apply(to record: inout RequestRecord) {
        record.subject = subject ?? record.subject
        record.instrument = instrument ?? record.instrument
        record.requestTypes = requestTypes ?? record.requestTypes
        for fact in facts { record.facts.apply(fact) }
        record.partnerReference = partnerReference ?? record.partnerReference
        for (name, value) in form { record.form[name] = value.isEmpty ? nil : value }
    }
}

extension RequestFacts {
    fileprivate mutating func apply(_ fact: RequestChanges.Fact) {
        switch fact {
        case .requestedBy(let day): requestedBy = day
        case .requestedReasons(let reasons): requestedReasons = reasons
        case .hearing(let day): hearing = day
        case .internalBy(let day): internalBy = day
        case .isEmergency(let value): isEmergency = value
        case .isUrgent(let value): isUrgent = value
        case .isConfidential(let value): isConfidential = value
        }
    }
}
