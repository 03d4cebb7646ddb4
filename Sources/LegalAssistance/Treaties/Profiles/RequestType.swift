/// What a request asks for. A closed vocabulary: the words of the instruments are mapped to it in their profiles.
public enum RequestType: String, CaseIterable, Hashable, Sendable {
    // Evidence.
    case takingEvidence
    case videoConferenceHearing
    case expertExamination
    case examinationOfObjectsAndSites
    case searchAndSeizure
    case productionOfDocuments
    case transferOfEvidence
    case judicialRecords
    case bankInformation
    case identificationOfPerson
    // Data.
    case preservationOfData
    case disclosureOfTrafficData
    case subscriberInformation
    case trafficData
    case storedData
    case realTimeTrafficData
    case interceptionOfContent
    case domainRegistrationInformation
    case emergencyDisclosure
    case productionOrderToProvider
    case preservationOrderToProvider
    case subscriberOrderToProvider
    // Service and persons.
    case serviceOfDocuments
    case witnessAppearance
    case temporaryTransferOfPersons
    // Property.
    case provisionalMeasure
    case freezing
    case confiscation
    case tracingProceeds
    case assetRecovery
    // Work together.
    case operationalSearchMeasures
    case controlledDelivery
    case jointInvestigationTeam
    case plannedOperations
    case preventiveMeasures
    case blockingOfResources
    case policeInformation
    case customsInformation
    case threatInformation
    case policyConsultation
    case spontaneousInformation
    // Transfer of persons, proceedings and sentences.
    case extradition
    case transit
    case transferOfSentencedPersons
    case recognitionOfSentences
    case transferOfProceedings
    // Whole classes.
    case emergencyAssistance
    case proceduralActs
    case generalAssistance

    /// Whether it asks for electronic data.
    public var isData: Bool {
        switch self {
        case .preservationOfData, .disclosureOfTrafficData, .subscriberInformation, .trafficData, .storedData,
            .realTimeTrafficData, .interceptionOfContent, .domainRegistrationInformation, .emergencyDisclosure,
            .productionOrderToProvider, .preservationOrderToProvider, .subscriberOrderToProvider:
            true
        default: false
        }
    }

    /// Whether it asks that data be kept, not handed over.
    public var isPreservation: Bool { self == .preservationOfData || self == .preservationOrderToProvider }

    /// Whether it asks for a measure that as a rule needs a sanction of a court or prosecutor.
    public var isCoercive: Bool {
        switch self {
        case .searchAndSeizure, .freezing, .confiscation, .interceptionOfContent, .realTimeTrafficData,
            .operationalSearchMeasures, .provisionalMeasure:
            true
        default: false
        }
    }

    /// The wider types that include it, such as the production of documents for stored data; not the general clause.
    public var wider: [RequestType] {
        switch self {
        case .subscriberInformation, .trafficData:
            [.storedData, .productionOfDocuments, .searchAndSeizure, .proceduralActs]
        case .storedData, .bankInformation: [.productionOfDocuments, .searchAndSeizure, .proceduralActs]
        case .judicialRecords: [.productionOfDocuments]
        case .videoConferenceHearing: [.takingEvidence, .proceduralActs]
        case .transferOfEvidence: [.productionOfDocuments, .proceduralActs]
        case .takingEvidence, .expertExamination, .examinationOfObjectsAndSites, .searchAndSeizure,
            .productionOfDocuments, .identificationOfPerson, .disclosureOfTrafficData, .realTimeTrafficData,
            .interceptionOfContent:
            [.proceduralActs]
        case .preservationOfData: [.provisionalMeasure]
        case .freezing: [.provisionalMeasure]
        default: []
        }
    }

    /// Whether a clause on any other assistance includes it: not what instruments regulate apart, such as extradition,
    /// orders that go to providers, or the exchange of information among police services.
    public var fallsUnderGeneralClause: Bool {
        switch self {
        case .extradition, .transit, .transferOfSentencedPersons, .recognitionOfSentences, .transferOfProceedings,
            .productionOrderToProvider, .preservationOrderToProvider, .subscriberOrderToProvider, .policeInformation,
            .customsInformation, .threatInformation, .policyConsultation, .plannedOperations, .preventiveMeasures:
            false
        default: true
        }
    }
}
