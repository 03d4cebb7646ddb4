import ExchangeModel
import Foundation
import GatewaySchemas

extension WorkCalendar {
    /// The calendars that are shipped, by state. States of which only the zone or the counting rule is known have no
    /// years. Throws `calendar.shipped` where they do not read, which no build that passes its tests does.
    public static func shipped() throws -> [StateCode: WorkCalendar] { try read(json: SchemaBytes.workCalendars) }

    /// Reads calendars in the form of `Schemas/work-calendars.json`. Throws `calendar.shipped` with the first thing
    /// that is wrong: an unknown zone, an impossible day, a day outside its year, a day that stands twice.
    public static func read(json bytes: [UInt8]) throws -> [StateCode: WorkCalendar] {
        let file: CalendarFile
        do {
            file = try JSONDecoder().decode(CalendarFile.self, from: Data(bytes))
        } catch {
            throw ExchangeError(.calendarShipped, "the work calendars are not of their form", details: ["\(error)"])
        }
        guard file.formatVersion == 1 else {
            throw ExchangeError(.calendarShipped, "the work calendars are of format \(file.formatVersion), not 1")
        }
        var result: [StateCode: WorkCalendar] = [:]
        for entry in file.states {
            let calendar = try entry.calendar()
            guard result.updateValue(calendar, forKey: calendar.state) == nil else {
                throw ExchangeError(.calendarShipped, "\(calendar.state) stands twice in the work calendars")
            }
        }
        return result
    }
}

/// The JSON form.
private struct CalendarFile: Decodable {
    struct State: Decodable {
        let state: String
        let weekend: [Int]
        let zones: [String]
        let rule: Rule?
        let years: [Year]

        func calendar() throws -> WorkCalendar {
            guard let code = StateCode(state) else { throw wrong("\(state) is no state") }
            guard weekend.allSatisfy((1...7).contains) else { throw wrong("\(state): the weekend is no weekday") }
            let zones = try zones.map { name in
                guard let zone = ZoneName(name) else { throw wrong("\(state): \(name) is no time zone known here") }
                return zone
            }
            var calendar = WorkCalendar(state: code, weekend: Set(weekend), zones: zones, rule: try rule?.rule())
            for year in years {
                guard calendar.years.updateValue(try year.year(state), forKey: year.year) == nil else {
                    throw wrong("\(state): \(year.year) stands twice")
                }
            }
            return calendar
        }
    }

    struct Rule: Decodable {
        let days: Clause
        let startingHour: Clause?
        let rollForward: Clause?

        func rule() throws -> CountingRule {
            CountingRule(
                days: try days.clause(),
                startingHour: try startingHour?.clause(),
                rollForward: try rollForward?.clause()
            )
        }
    }

    struct Clause: Decodable {
        let article: String
        let source: String?
        let confidence: String

        func clause() throws -> CountingRule.Clause {
            .init(article: article, source: source, confidence: try CalendarFile.confidence(confidence))
        }
    }

    struct Year: Decodable {
        let year: Int
        let confidence: String
        let source: String
        let daysOff: [Day]
        let workingDays: [Day]

        func year(_ state: String) throws -> WorkCalendar.Year {
            var seen: Set<CivilDate> = []
            func read(_ days: [Day]) throws -> [CivilDate: WorkCalendar.DayName] {
                var result: [CivilDate: WorkCalendar.DayName] = [:]
                for day in days {
                    guard let date = CivilDate(iso: day.date), date.components.year == year else {
                        throw wrong("\(state): \(day.date) is no day of \(year)")
                    }
                    guard seen.insert(date).inserted else { throw wrong("\(state): \(day.date) stands twice") }
                    guard let name = day.name.map(WorkCalendar.DayName.key) ?? day.text.map(WorkCalendar.DayName.text)
                    else { throw wrong("\(state): \(day.date) has no name") }
                    result[date] = name
                }
                return result
            }
            return WorkCalendar.Year(
                daysOff: try read(daysOff),
                workingDays: try read(workingDays),
                source: source,
                confidence: try CalendarFile.confidence(confidence)
            )
        }
    }

    struct Day: Decodable {
        let date: String
        let name: String?
        let text: String?
    }

    let formatVersion: Int
    let states: [State]

    static func confidence(_ text: String) throws -> Confidence {
        guard let confidence = Confidence(rawValue: text) else { throw wrong("\(text) is no confidence") }
        return confidence
    }
}

private func wrong(_ reason: String) -> ExchangeError { ExchangeError(.calendarShipped, reason) }
