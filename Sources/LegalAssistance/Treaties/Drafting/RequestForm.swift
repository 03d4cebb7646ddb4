public import ExchangeModel

/// What a draft of a request says so far.
public struct RequestForm: Hashable, Sendable {
    /// What kind of request it is.
    public enum Flag: String, CaseIterable, Hashable, Sendable {
        /// It is urgent.
        case urgent
        /// Life or safety is at risk.
        case emergency
        /// It is to be kept confidential.
        case confidential
        /// It was made orally first.
        case oral
        /// The proceedings are not criminal.
        case notCriminal
    }

    /// What is asked for.
    public var types: [RequestType]
    /// The values of fields; blank ones count as missing.
    public var fields: [RequestField: String]
    /// The fields for which a document is attached.
    public var attachments: Set<RequestField>
    /// The languages that the letter is written in.
    public var languages: [LanguageCode]
    /// The languages of translations that go with it.
    public var translations: [LanguageCode]
    /// What kind of request it is.
    public var flags: Set<Flag>

    /// Takes all fields.
    public init(
        types: [RequestType],
        fields: [RequestField: String] = [:],
        attachments: Set<RequestField> = [],
        languages: [LanguageCode] = [],
        translations: [LanguageCode] = [],
        flags: Set<Flag> = []
    ) {
        self.types = types
        self.fields = fields
        self.attachments = attachments
        self.languages = languages
        self.translations = translations
        self.flags = flags
    }

    /// The two states of a request and the day on which it is made.
    public struct Context: Hashable, Sendable {
        /// The state that asks.
        public var requesting: StateCode
        /// The state that is asked.
        public var requested: StateCode
        /// The day.
        public var date: CivilDate

        /// Takes all fields.
        public init(requesting: StateCode, requested: StateCode, date: CivilDate) {
            self.requesting = requesting
            self.requested = requested
            self.date = date
        }
    }

    /// Whether a field has something: text that is not blank, or an attached document.
    public func has(_ field: RequestField) -> Bool {
        if field == .requestType, !types.isEmpty { return true }
        if field == .translation, !translations.isEmpty { return true }
        if attachments.contains(field) { return true }
        return fields[field].map { value in value.unicodeScalars.contains { !$0.properties.isWhitespace } } ?? false
    }

    /// Whether a condition holds for what is asked.
    func meets(_ condition: TreatyProfile.Condition) -> Bool {
        switch condition {
        case .criminal: !flags.contains(.notCriminal)
        case .service: types.contains(.serviceOfDocuments)
        case .notService: types.isEmpty || types.contains { $0 != .serviceOfDocuments }
        case .rogatory: types.contains { $0 == .proceduralActs || $0.wider.contains(.proceduralActs) }
        case .data: types.contains { $0.isData }
        case .preservation: types.contains { $0.isPreservation }
        case .coercive: types.contains { $0.isCoercive }
        case .emergency: flags.contains(.emergency)
        case .urgent: flags.contains(.urgent) || has(.requestedDeadline)
        case .providerOrder:
            types.contains {
                $0 == .subscriberOrderToProvider || $0 == .productionOrderToProvider
                    || $0 == .preservationOrderToProvider
            }
        case .ifAny, .ifAvailable, .wherePossible, .whereNecessary: true
        }
    }
}
