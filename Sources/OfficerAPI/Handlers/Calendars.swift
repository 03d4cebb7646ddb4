import CaseWork
import ExchangeModel
import GatewayListener
import GatewayText
import LegalAssistance

extension OfficerInterface {
    /// Work calendars.
    static func calendars(_ office: CaseOffice) -> [String: Handler] {
        let calendars = office.calendars
        return [
            "listCalendars": { call in
                .page(try await calendars.list(by: call.person), of: call) { JSONValue($0, withDays: false) }
            },
            "showCalendar": { call in
                .value(JSONValue(try await calendars.show(call.calendarState(), by: call.person), withDays: true))
            },
            "importCalendar": { call in
                guard let form = try call.query("form", { CalendarDesk.Form(rawValue: $0) }) else {
                    throw OfficerCall.unfit("form")
                }
                let years = try await calendars.importYears(
                    of: call.calendarState(),
                    from: call.request.body,
                    form,
                    source: call.query["source"]?.text ?? "",
                    isOfficial: call.query["official"]?.bool ?? false,
                    by: call.person
                )
                return .value(.members(["years": .array(years.map { .integer(Int64($0)) })]))
            },
        ]
    }
}

extension OfficerCall {
    fileprivate func calendarState() throws(ExchangeError) -> StateCode { try id("state") { StateCode($0) } }
}

extension JSONValue {
    fileprivate init(_ calendar: WorkCalendar, withDays: Bool) {
        self = .members([
            "state": .text(calendar.state.text),
            "weekend": .array(calendar.weekend.sorted().map { .integer(Int64($0)) }),
            "zones": .array(calendar.zones.map { .text($0.text) }),
            "rule": calendar.rule.map { rule in
                .members([
                    "days": JSONValue(rule.days), "startingHour": rule.startingHour.map { JSONValue($0) },
                    "rollForward": rule.rollForward.map { JSONValue($0) },
                ])
            },
            "years": .array(
                calendar.years.sorted { $0.key < $1.key }.map { JSONValue($0.value, $0.key, withDays: withDays) }
            ),
        ])
    }

    private init(_ clause: CountingRule.Clause) {
        self = .members([
            "article": .text(clause.article), "source": clause.source.map(JSONValue.text),
            "confidence": .text(clause.confidence.rawValue),
        ])
    }

    private init(_ year: WorkCalendar.Year, _ number: Int, withDays: Bool) {
        func days(_ named: [CivilDate: WorkCalendar.DayName]) -> JSONValue {
            .array(
                named.sorted { $0.key < $1.key }.map { day, name in
                    .members(["day": .day(day), "name": .text(Self.text(of: name))])
                }
            )
        }
        self = .members([
            "year": .integer(Int64(number)), "source": .text(year.source),
            "confidence": .text(year.confidence.rawValue), "daysOff": withDays ? days(year.daysOff) : nil,
            "workingDays": withDays ? days(year.workingDays) : nil,
        ])
    }

    private static func text(of name: WorkCalendar.DayName) -> String {
        switch name {
        case .key(let key): Texts(.english).ifThere(key, otherwise: key)
        case .text(let text): text
        }
    }
}
