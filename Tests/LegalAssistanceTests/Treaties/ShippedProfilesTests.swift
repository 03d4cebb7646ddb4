import ExchangeModel
import Foundation
import GatewaySchemas
import LegalAssistance
import Testing

struct ShippedProfilesTests {
    @Test func thereAreTwentyWithThirtyTwoLimits() throws {
        let book = try ProfileSamples.shippedBook.get()
        #expect(book.profiles.count == 20)
        let limits = book.profiles.flatMap(\.limits)
        #expect(limits.count == 32)
        #expect(limits.filter { $0.confidence == .verified }.count == 17)
        #expect(limits.allSatisfy { $0.confidence != .confirmed })
    }

    /// The numbers, as the collection of instruments has them.
    @Test(
        arguments: [
            ("eu-eio-2014/acknowledgement", 7, "calendarDays", "receivedByEachAuthority", "max", "16(1)", "verified"),
            (
                "eu-eio-2014/decision", 30, "calendarDays", "receivedByCompetentExecutingAuthority", "max", "12(3)",
                "verified"
            ),
            (
                "eu-eio-2014/decisionExtension", 30, "calendarDays", "endOfDecisionPeriod", "extensionMax", "12(5)",
                "verified"
            ),
            ("eu-eio-2014/execution", 90, "calendarDays", "decisionTaken", "max", "12(4)", "verified"),
            (
                "eu-eio-2014/provisionalMeasureDecision", 24, "hours", "received", "whereverPracticable", "32(2)",
                "recalled"
            ),
            ("eu-eevidence-2023/production", 10, "calendarDays", "receivedByProvider", "max", "10(2)-(3)", "verified"),
            ("eu-eevidence-2023/productionEmergency", 8, "hours", "receivedByProvider", "max", "10(4)", "verified"),
            (
                "eu-eevidence-2023/enforcingAuthorityRefusalEmergency", 96, "hours", "receivedNotification", "max",
                "10(4)", "verified"
            ),
            ("eu-eevidence-2023/preservation", 60, "calendarDays", "receivedByProvider", "period", "11(1)", "verified"),
            (
                "coe-budapest-2001/preservationMinimum", 60, "calendarDays", "preservationStart", "min", "29(7)",
                "verified"
            ),
            (
                "coe-budapest-2001/domesticPreservationOrderMax", 90, "calendarDays", "preservationOrder", "max",
                "16(2)", "recalled"
            ),
            (
                "coe-sap2-2022/serviceOfOrderOnProvider", 45, "calendarDays", "receivedWithAllInformation",
                "reasonableEfforts", "8(6)(a)", "recalled"
            ),
            (
                "un-cybercrime-2024/preservationMinimum", 60, "calendarDays", "preservationStart", "min", "42(8)",
                "recalled"
            ),
            ("cis-cyber-2001/writtenConfirmationOfOralRequest", 72, "hours", "oralRequestSent", "max", "6", "recalled"),
            ("cis-cyber-2001/execution", 30, "calendarDays", "received", "asARule", "7", "recalled"),
            ("cis-it-crime-2018/execution", 30, "calendarDays", "received", "asARule", "7", "recalled"),
            (
                "sco-shanghai-2001/writtenConfirmationOfOralRequest", 72, "hours", "oralRequestSent", "max", "8",
                "recalled"
            ),
            (
                "kz-cpc-2014/execution", 1, "months", "receivedByExecutingAuthority", "max", "not verified; Section 12",
                "recalled"
            ),
            ("cn-imla-2018/summonsRequestLeadTime", 3, "months", "beforeCourtHearing", "minLead", "22", "verified"),
            (
                "un-untoc-2000/safeConductExpiry", 15, "calendarDays", "witnessInformedPresenceNoLongerRequired",
                "period", "18(27)", "verified"
            ),
            (
                "coe-ecma-1959/summonsLeadTimeDeclaredMax", 50, "calendarDays", "dateSetForAppearance",
                "maximumDeclarable", "7(3)", "verified"
            ),
        ] as [(String, Int, String, String, String, String, String)]
    )
    func limitIs(
        _ id: String,
        _ amount: Int,
        _ unit: String,
        _ anchor: String,
        _ kind: String,
        _ article: String,
        _ confidence: String
    ) throws {
        let limit = try #require(try ProfileSamples.shippedBook.get().limit(id))
        #expect(limit.amount == amount)
        #expect(limit.unit.rawValue == unit)
        #expect(limit.anchor.rawValue == anchor)
        #expect(limit.kind.rawValue == kind)
        #expect(limit.article == article)
        #expect(limit.confidence.rawValue == confidence)
    }

    /// What was only read in commentary or press, or in part, has not become verified.
    @Test func secondarySourcesStayRecalled() throws {
        let book = try ProfileSamples.shippedBook.get()
        #expect(try book.profile("kz-cpc-2014").computation?.statement.confidence == .recalled)
        #expect(try book.profile("kz-cpc-2014").computation?.statement.note?.contains("secondary") == true)
        #expect(try book.profile("ru-upk-2001").computation?.statement.confidence == .recalled)
        #expect(try book.profile("cis-cyber-2001").ground("contraryToLaw")?.statement.confidence == .recalled)
        #expect(try book.profile("cis-minsk-1993").channel.confidence == .recalled)
        #expect(try book.profile("cn-imla-2018").languages.statement.confidence == .recalled)
        #expect(try book.profile("sco-customs-2007").noFixedTimeLimit?.statement.confidence == .recalled)
    }

    @Test(
        arguments: [
            ("cis-chisinau-2002", "KZ", "verified"), ("cis-chisinau-2002", "KG", "verified"),
            ("cis-chisinau-2002", "RU", "recalled"), ("cis-minsk-1993", "KZ", "recalled"),
            ("cis-cyber-2001", "BY", "verified"), ("cis-cyber-2001", "KZ", "recalled"),
            ("cis-it-crime-2018", "KZ", "verified"), ("cis-it-crime-2018", "AM", "verified"),
            ("cis-it-crime-2018", "KG", "recalled"), ("sco-ct-2009", "KZ", "verified"),
            ("sco-iis-2009", "KZ", "recalled"), ("coe-sap2-2022", "JP", "verified"),
            ("un-untoc-2000", "KZ", "recalled"),
            ("un-untoc-2000", "US", "unknown"), ("eu-eio-2014", "DE", "recalled"), ("kz-cpc-2014", "KZ", "verified"),
        ] as [(String, String, String)]
    )
    func partyStatusIs(_ instrument: String, _ state: String, _ confidence: String) throws {
        let profile = try ProfileSamples.shippedBook.get().profile(instrument)
        #expect(profile.partiesConfidence(of: try StateCode(sample: state)).rawValue == confidence)
    }

    @Test func noFixedLimitIsSaidAndUnknownIsNotNone() throws {
        let book = try ProfileSamples.shippedBook.get()
        let palermo = try #require(try book.noFixedLimit(under: "un-untoc-2000"))
        #expect(palermo.value == true)
        #expect(palermo.statement.article == "18(24)")
        #expect(palermo.statement.confidence == .verified)
        let extremism = try #require(try book.noFixedLimit(under: "sco-extremism-2017"))
        #expect(extremism.value == nil)
        #expect(extremism.statement.confidence == .unknown)
        #expect(try book.noFixedLimit(under: "eu-eio-2014") == nil)
        #expect(exchangeError { _ = try book.noFixedLimit(under: "atlantis") }?.code == .treatyUnknown)
    }

    @Test func everyVerifiedLimitNamesArticleAndSource() throws {
        for limit in try ProfileSamples.shippedBook.get().profiles.flatMap(\.limits) where limit.confidence == .verified
        {
            #expect(limit.source != nil && !limit.article.isEmpty, "\(limit.id)")
        }
    }

    /// An instrument without a limit for handling a request says so, or says that it is unknown.
    @Test func silenceOnLimitsIsAStatement() throws {
        let handling: Set<TimeLimit.Event> = [.decision, .execution, .production]
        for profile in try ProfileSamples.shippedBook.get().profiles {
            let hasLimit = profile.limits.contains { handling.contains($0.event) }
            #expect(hasLimit == (profile.noFixedTimeLimit == nil), "\(profile.id)")
        }
    }

    /// The closed lists of the schema are those of the code, in the same order.
    @Test func theSchemaHasTheSameWords() throws {
        let schema = try #require(
            try JSONSerialization.jsonObject(with: Data(SchemaBytes.treatyProfileJSON)) as? [String: Any]
        )
        func words(_ path: String...) -> [String]? {
            var place: Any? = schema["$defs"]
            for name in path { place = (place as? [String: Any])?[name] }
            return (place as? [String: Any])?["enum"] as? [String]
        }
        #expect(words("requestType") == RequestType.allCases.map(\.rawValue))
        #expect(words("field") == RequestField.allCases.map(\.rawValue))
        #expect(words("subject") == OffenceSubject.allCases.map(\.rawValue))
        #expect(words("confidence") == ["verified", "recalled", "unknown"])
        #expect(words("limit", "properties", "event") == TimeLimit.Event.allCases.map(\.rawValue))
        #expect(words("limit", "properties", "unit") == TimeLimit.Unit.allCases.map(\.rawValue))
        #expect(words("limit", "properties", "from") == TimeLimit.Anchor.allCases.map(\.rawValue))
        #expect(words("limit", "properties", "kind") == TimeLimit.Kind.allCases.map(\.rawValue))
        #expect(words("limit", "properties", "obliged") == TimeLimit.Obliged.allCases.map(\.rawValue))
        #expect(words("profile", "properties", "kind") == TreatyProfile.Kind.allCases.map(\.rawValue))
        #expect(words("profile", "properties", "purpose") == TreatyProfile.Purpose.allCases.map(\.rawValue))
        #expect(words("profile", "properties", "contentsBind") == Side.allCases.map(\.rawValue))
        #expect(words("status", "properties", "value") == TreatyProfile.Status.Value.allCases.map(\.rawValue))
        #expect(words("ground", "properties", "kind") == TreatyProfile.RefusalGround.Kind.allCases.map(\.rawValue))
        #expect(words("provision", "properties", "topic") == TreatyProfile.Provision.Topic.allCases.map(\.rawValue))
        #expect(
            words("content", "properties", "conditions", "items") == TreatyProfile.Condition.allCases.map(\.rawValue)
        )
    }
}
