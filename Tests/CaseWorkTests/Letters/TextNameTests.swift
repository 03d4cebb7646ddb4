import CaseWork
import ExchangeModel
import GatewayText
import LegalAssistance
import Testing

/// The catalogues know names, the modules below have types: both must list the same.
@Suite("The catalogues have a text for every name of the types")
struct TextNameTests {
    private static func holds<Name: RawRepresentable<String> & CaseIterable>(
        _ family: TextKeys.Family,
        _ type: Name.Type,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(Set(family.names) == Set(type.allCases.map(\.rawValue)), sourceLocation: sourceLocation)
    }

    @Test("Requests")
    func requests() {
        Self.holds(TextKeys.phases, RequestPhase.self)
        Self.holds(TextKeys.acts, RequestAct.Kind.self)
        Self.holds(TextKeys.subjects, RequestAct.Kind.self)
        Self.holds(TextKeys.owed, Owed.self)
        Self.holds(TextKeys.flags, RequestFlag.self)
        Self.holds(TextKeys.requestKinds, RequestKind.self)
        Self.holds(TextKeys.preservationStatuses, PreservationState.Status.self)
        Self.holds(TextKeys.escalations, RequestAct.EscalationLevel.self)
        Self.holds(TextKeys.crossings, Crossing.Outcome.self)
        Self.holds(TextKeys.sides, Side.self)
        Self.holds(TextKeys.authorities, TimelineEvent.Authority.self)
        Self.holds(TextKeys.timelineEvents, TimelineEvent.Kind.self)
        let codes: [ErrorCode] = [
            .actUnknown, .actInvalid, .actWrongSide, .actBeforeRequest, .actWrongKind, .actWrongPhase, .actAfterClose,
            .actUnknownItem, .actItemSettled, .actDuplicateItem, .actNoGround, .actNoReason, .actNotAwaited,
            .actNotLater, .chainFork, .chainSequence,
        ]
        #expect(Set(TextKeys.refusals.names) == Set(codes.map(\.rawValue)))
    }

    @Test("Deadlines")
    func deadlines() {
        Self.holds(TextKeys.limitEvents, TimeLimit.Event.self)
        Self.holds(TextKeys.limitAnchors, TimeLimit.Anchor.self)
        Self.holds(TextKeys.limitKinds, TimeLimit.Kind.self)
        Self.holds(TextKeys.deadlineKinds, Deadline.Kind.self)
        Self.holds(TextKeys.deadlineStatuses, Deadline.Status.self)
        Self.holds(TextKeys.confidences, Confidence.self)
        #expect(Set(TimeLimit.Unit.allCases.map(\.rawValue)).isSubset(of: TextKeys.limitUnits.names))
    }

    @Test("What the command line says of deadlines in English is what the catalogue says")
    func explanations() {
        let texts = Texts(.english)
        for (key, text) in ExplanationTexts.english {
            #expect(texts.has(key), "\(key)")
            guard !key.hasPrefix("deadline.unit.") else { continue }
            #expect(texts(key) == text, "\(key)")
        }
        for (key, text) in ExplanationTexts.englishForOne {
            #expect(texts.count(key, 1) == text.replacing("{n}", with: "1"))
        }
    }

    @Test("Treaties")
    func treaties() throws {
        Self.holds(TextKeys.requestTypes, RequestType.self)
        Self.holds(TextKeys.offenceSubjects, OffenceSubject.self)
        #expect(Set(TextKeys.remedies.keys) == Set(MissingItem.Remedy.allCases.map(\.rawValue)))
        for field in RequestField.allCases {
            #expect(
                TextKeys.fieldLabels.names.contains(field.rawValue)
                    && TextKeys.fieldHelps.names.contains(field.rawValue)
            )
        }
        let profiles = try TreatyProfiles.shipped().profiles
        #expect(Set(TextKeys.treaties.names) == Set(profiles.map(\.id)))
        #expect(Set(TextKeys.treatyTitles.names) == Set(profiles.map(\.id)))
        #expect(Set(TextKeys.grounds.names) == Set(profiles.flatMap { $0.grounds.map(\.id) }))
        for state in Set(profiles.flatMap { $0.parties.map(\.state.text) }) {
            #expect(TextKeys.states.names.contains(state), "\(state)")
        }
    }

    @Test("Holidays of the calendars that are shipped")
    func holidays() throws {
        var used: Set<String> = []
        for calendar in try WorkCalendar.shipped().values {
            for year in calendar.years.values {
                for case .key(let key) in Array(year.daysOff.values) + Array(year.workingDays.values) {
                    used.insert(key)
                }
            }
        }
        #expect(used.isSubset(of: Set(TextKeys.holidays.keys)), "\(used.subtracting(TextKeys.holidays.keys))")
    }

    @Test("Titles, states and languages by name, or as they are where no catalogue has them")
    func names() throws {
        let texts = Texts(.russian)
        #expect(
            texts.treatyTitle("un-uncac-2003", otherwise: "UNCAC").hasPrefix("Конвенция Организации Объединённых Наций")
        )
        #expect(texts.treatyTitle("kz-kg-2030", otherwise: "Договор 2030 г.") == "Договор 2030 г.")
        #expect(texts.state(try #require(StateCode("KZ"))) == "Казахстан")
        #expect(texts.state(try #require(StateCode("ZZ"))) == "ZZ")
        #expect(texts.languageName("zh-Hans") == "китайский" && texts.languageName("KK") == "казахский")
        #expect(texts.languageName("eo") == "eo")
    }

    @Test(
        "Instants on a clock",
        arguments: [
            ("2024-02-29T23:30:00Z", 300, "1 March 2024, 04:30 (UTC+05:00)"),
            ("2024-03-01T00:15:00Z", -210, "29 February 2024, 20:45 (UTC−03:30)"),
            ("1969-12-31T23:59:59Z", 0, "31 December 1969, 23:59 (UTC)"),
            ("2026-11-22T10:00:00Z", 100_000, "22 November 2026, 10:00 (UTC)"),
            ("2026-11-22T10:00:00Z", .min, "22 November 2026, 10:00 (UTC)"),
        ]
    )
    func instants(time: String, offset: Int, written: String) throws {
        let time = try #require(ExchangeTime(rfc3339: time))
        #expect(Texts(.english).instant(time, offsetMinutes: offset) == written)
    }
}
