import ExchangeModel
import Foundation
import GatewaySchemas
import LegalAssistance
import Testing

/// The cases that python-dateutil and zoneinfo worked out from the same calendars.
@Suite struct DeadlineTableTests {
    struct Case: Decodable, CustomTestStringConvertible, Sendable {
        struct Expected: Decodable, Sendable {
            let lastDay: String?
            let rawEnd: String?
            let outcome: String
            let rolledDay: String?
            let rolledEnd: String?
            let end: String?
            let missingYears: [Int]
        }

        let name: String
        let rule: String
        let state: String
        let zone: String
        let amount: Int
        let unit: String
        let kind: String
        let from: String?
        let day: String?
        let expected: Expected

        var testDescription: String { name }
    }

    static let folder = DebianPython.root + "/Tests/Vectors/deadlines"

    static func cases() throws -> [Case] {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/cases.json"))
        return try JSONDecoder().decode([Case].self, from: bytes)
    }

    @Test func everyCaseComesOutTheSame() throws {
        let cases = try Self.cases()
        let calendars = try WorkCalendar.shipped()
        #expect(cases.count >= 200)
        for one in cases {
            let deadline = try Self.deadline(one, calendars)
            let told: Comment = "\(one.name): \(one.rule)"
            #expect(deadline.lastDay?.description == one.expected.lastDay, told)
            #expect(deadline.rawEnd?.description == one.expected.rawEnd, told)
            #expect(deadline.adjustedEnd == deadline.rawEnd, told)
            #expect(deadline.rolledEnd?.description == one.expected.rolledEnd, told)
            #expect(deadline.end?.description == one.expected.end, told)
            #expect(deadline.explanation.missingYears == one.expected.missingYears, told)
            #expect(Self.word(deadline.explanation.roll.outcome) == one.expected.outcome, told)
            #expect(deadline.explanation.roll.lastDay?.description == one.expected.rolledDay, told)
            #expect(!one.rule.isEmpty, told)
        }
    }

    /// The whole way through the engine, with the state of the case as the one that has to act.
    private static func deadline(_ one: Case, _ calendars: [StateCode: WorkCalendar]) throws -> Deadline {
        let unit = try #require(TimeLimit.Unit(rawValue: one.unit))
        let state = try Sample.state(one.state)
        let parties = DeadlineParties(
            requesting: state,
            requested: state,
            requestingZone: try Sample.zone(one.zone),
            requestedZone: try Sample.zone(one.zone)
        )
        var facts = DeadlineFacts()
        let limit: TimeLimit
        var events: [TimelineEvent] = []
        if let day = one.day {
            facts.hearing = try Sample.day(day)
            limit = Sample.limit(
                .summonsRequestLeadTime,
                one.amount,
                unit,
                from: .beforeCourtHearing,
                kind: .minimumLead,
                obliged: .requesting
            )
        } else if one.kind == "min" {
            limit = Sample.limit(.preservationMinimum, one.amount, unit, from: .preservationStart, kind: .minimum)
            events = [try Sample.event(.preservationBegun, #require(one.from))]
        } else {
            limit = Sample.limit(.execution, one.amount, unit, from: .received)
            events = [try Sample.event(.received, #require(one.from), .executing)]
        }
        let deadlines = try Sample.deadlines(
            [limit],
            events,
            facts: facts,
            between: parties,
            calendars: calendars,
            now: "2020-01-01T00:00:00Z"
        )
        #expect(deadlines.count == 1)
        return try #require(deadlines.first)
    }

    private static func word(_ outcome: RollForward.Outcome) -> String {
        switch outcome {
        case .notApplicable: "notApplicable"
        case .noRule: "noRule"
        case .calendarMissing: "calendarMissing"
        case .onWorkingDay: "onWorkingDay"
        case .moved: "moved"
        case .nextFullHour: "nextFullHour"
        }
    }

    @Test func pythonWorksOutTheSameTableAgain() throws {
        let result = try DebianPython.run([Self.folder + "/make_cases.py", "--check"])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output == "\(try Self.cases().count) cases are the same\n")
    }

    @Test func theTableHoldsWhatMattersMost() throws {
        let rules = try Self.cases().map(\.rule)
        for part in [
            "the local day of the event is not the day in UTC",
            "months, until 24:00 of the last day of a month without",
            "a working day moved to a weekend counts", "the calendar is missing", "counted back from the hearing",
            "from the next full hour", "which is shown and does not count", "never moved to a working day",
        ] {
            #expect(rules.filter { $0.contains(part) }.count >= 3, "\(part)")
        }
    }

    @Test func jsonschemaAcceptsTheShippedCalendars() throws {
        let program = """
            import json, sys, jsonschema
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(schema)
            validator = jsonschema.Draft202012Validator(schema)
            calendars = json.load(open(sys.argv[2]))
            validator.validate(calendars)
            import copy
            for change in (
                lambda c: c["states"][0].update(extra=1), lambda c: c["states"][0].update(state="kz"),
                lambda c: c["states"][0].update(weekend=[8]), lambda c: c["states"][0].update(zones=["Almaty"]),
                lambda c: c.update(formatVersion=2), lambda c: c["states"][0].pop("years"),
            ):
                other = copy.deepcopy(calendars)
                change(other)
                assert not validator.is_valid(other)
            print("valid")
            """
        let schemas = DebianPython.root + "/Schemas/"
        let result = try DebianPython.run(
            ["-c", program, schemas + "work-calendar.schema.json", schemas + "work-calendars.json"]
        )
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output == "valid\n")
    }
}
