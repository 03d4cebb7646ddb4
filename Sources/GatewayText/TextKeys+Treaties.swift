extension TextKeys {
    /// The fields of requests and answers, by name.
    public static let fieldLabels = Family(
        "field.",
        suffix: ".label",
        names: [
            "answer", "question", "information", "reasons", "conditions", "items", "ground", "estimate",
            "until", "transferTo", "statusText", "evidenceList", "hearing", "requestingAuthority",
            "investigatingAuthority", "requestedAuthority", "legalBasis", "caseNumber", "requestType",
            "factsSummary", "offence", "lawText", "damage", "suspicion", "persons", "legalPersons",
            "assistanceSought", "specialProcedure", "purpose", "confidentiality", "requestedDeadline",
            "deadlineReasons", "emergencyJustification", "provider", "identifiers", "dataCategoryTimeRange",
            "relationToOffence", "volatility", "priorPreservation", "intentionToRequest",
            "domesticAuthorisation", "assurances", "relatedRequests", "serviceDetails", "translation",
            "signature", "delivery", "costs",
        ]
    )

    /// What a field wants.
    public static let fieldHelps = Family(
        "field.",
        suffix: ".help",
        names: [
            "answer", "question", "information", "reasons", "conditions", "items", "ground", "estimate",
            "until", "transferTo", "statusText", "evidenceList", "hearing", "requestingAuthority",
            "investigatingAuthority", "requestedAuthority", "legalBasis", "caseNumber", "requestType",
            "factsSummary", "offence", "lawText", "damage", "suspicion", "persons", "legalPersons",
            "assistanceSought", "specialProcedure", "purpose", "confidentiality", "requestedDeadline",
            "deadlineReasons", "emergencyJustification", "provider", "identifiers", "dataCategoryTimeRange",
            "relationToOffence", "volatility", "priorPreservation", "intentionToRequest",
            "domesticAuthorisation", "assurances", "relatedRequests", "serviceDetails", "translation",
            "signature", "delivery", "costs",
        ]
    )

    /// The types of assistance.
    public static let requestTypes = Family(
        "requestType.",
        names: [
            "takingEvidence", "videoConferenceHearing", "expertExamination", "examinationOfObjectsAndSites",
            "searchAndSeizure", "productionOfDocuments", "transferOfEvidence", "judicialRecords",
            "bankInformation", "identificationOfPerson", "preservationOfData", "disclosureOfTrafficData",
            "subscriberInformation", "trafficData", "storedData", "realTimeTrafficData",
            "interceptionOfContent", "domainRegistrationInformation", "emergencyDisclosure",
            "productionOrderToProvider", "preservationOrderToProvider", "subscriberOrderToProvider",
            "serviceOfDocuments", "witnessAppearance", "temporaryTransferOfPersons", "provisionalMeasure",
            "freezing", "confiscation", "tracingProceeds", "assetRecovery", "operationalSearchMeasures",
            "controlledDelivery", "jointInvestigationTeam", "plannedOperations", "preventiveMeasures",
            "blockingOfResources", "policeInformation", "customsInformation", "threatInformation",
            "policyConsultation", "spontaneousInformation", "extradition", "transit",
            "transferOfSentencedPersons", "recognitionOfSentences", "transferOfProceedings",
            "emergencyAssistance", "proceduralActs", "generalAssistance",
        ]
    )

    /// Grounds for refusal, and what instruments say of refusing.
    public static let grounds = Family(
        "ground.",
        names: [
            "bankSecrecyNoGround", "conditionsOfLaw", "confiscationValueLimit", "contraryToLaw",
            "contraryToLegalSystem", "discrimination", "extraterritorialOffence", "fiscalNoGround",
            "forwardToCompetentAuthority", "fundamentalRights", "immunityOrPrivilege", "measureNotAuthorised",
            "measureRestricted", "nationalSecurity", "neBisInIdem", "noCrimeOrPolitical", "noDualCriminality",
            "notInConformity", "objectsNeededInProceedings", "ongoingProceedings", "partialOrConditional",
            "politicalOffence", "politicalOrFiscalOffence", "preservationWithoutDualCriminality",
            "prohibitedDomestically", "protocolReservations", "providerOrderGrounds", "reasons",
            "reasonsAndConsultation", "searchConditions", "sovereignty", "sovereigntyOrLaw",
            "summonsOfOwnCitizen",
        ]
    )

    /// The instruments that are shipped, by the id of their profile.
    public static let treaties = Family(
        "treaty.",
        names: [
            "cis-minsk-1993", "cis-chisinau-2002", "cis-cyber-2001", "cis-it-crime-2018",
            "sco-shanghai-2001", "sco-ct-2009", "sco-iis-2009", "sco-extremism-2017",
            "sco-customs-2007", "un-untoc-2000", "un-uncac-2003", "un-cybercrime-2024",
            "coe-ecma-1959", "coe-budapest-2001", "coe-sap2-2022", "eu-eio-2014",
            "eu-eevidence-2023", "kz-cpc-2014", "ru-upk-2001", "cn-imla-2018",
        ]
    )

    /// The full titles of the instruments that are shipped, as letters cite them, by the id of their profile.
    public static let treatyTitles = Family(
        "treatyTitle.",
        names: [
            "cis-minsk-1993", "cis-chisinau-2002", "cis-cyber-2001", "cis-it-crime-2018", "sco-shanghai-2001",
            "sco-ct-2009", "sco-iis-2009", "sco-extremism-2017", "sco-customs-2007", "un-untoc-2000",
            "un-uncac-2003", "un-cybercrime-2024", "coe-ecma-1959", "coe-budapest-2001", "coe-sap2-2022",
            "eu-eio-2014", "eu-eevidence-2023", "kz-cpc-2014", "ru-upk-2001", "cn-imla-2018",
        ]
    )

    /// Why a treaty applies, or does not; `{names}` are states or treaties.
    public static let treatyRemarks = Family(
        "treaty.remark.",
        names: [
            "bilateral", "bindsBoth", "partyStatusRecalled", "partyStatusUnknown", "notParty", "notPartyOnDay",
            "notInForce", "supersedes", "superseded", "perhapsSuperseded", "givesWay", "perhapsGivesWay",
            "noOtherTreaty", "coversByWiderType", "coversByGeneralClause", "doesNotCover", "onlyForOffences",
            "serviceToService", "framework", "fallbackByReciprocity", "fallbackNotNeeded", "internalRules",
        ]
    )

    /// How a missing or wrong field is mended.
    public static let remedies = Family(
        "remedy.",
        names: [
            "fill", "attach", "correct", "translate", "askLanguages", "fillOrSayNone",
        ]
    )

    /// What offences are about.
    public static let offenceSubjects = Family(
        "offenceSubject.",
        names: [
            "organisedCrime", "corruption", "cybercrime", "terrorism", "extremism", "customs",
            "informationSecurity",
        ]
    )

    /// States by their code (ISO 3166-1).
    public static let states = Family(
        "state.",
        names: [
            "AE", "AF", "AM", "AT", "AZ", "BE", "BG", "BY", "CH", "CN", "CY", "CZ", "DE", "DK", "EE", "ES",
            "FI", "FR", "GB", "GE", "GR", "HR", "HU", "IE", "IN", "IR", "IT", "JP", "KG", "KR", "KZ", "LT",
            "LU", "LV", "MD", "MN", "MT", "NL", "PK", "PL", "PT", "RO", "RS", "RU", "SE", "SI", "SK", "TJ",
            "TM", "TR", "UA", "US", "UZ",
        ]
    )

    static let treatyWords = [
        fieldLabels, fieldHelps, requestTypes, grounds, treaties, treatyTitles, treatyRemarks, remedies,
        offenceSubjects, states,
    ]
}
