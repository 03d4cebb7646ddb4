import ExchangeModel
import LegalAssistance
import Persistence

/// Years of work calendars in the database.
enum CalendarRows {
    /// Days as they are stored: each day off or working day with its name.
    private struct Days: Codable {
        var off: [String: String]
        var working: [String: String]
    }

    /// A calendar of a state that none was shipped for.
    static func bare(_ state: StateCode) -> WorkCalendar { WorkCalendar(state: state) }

    static func year(_ row: StoredRow) throws -> WorkCalendar.Year {
        let days = try StoredJSON.value(Days.self, in: row.text("days"))
        func named(_ days: [String: String]) throws -> [CivilDate: WorkCalendar.DayName] {
            var named: [CivilDate: WorkCalendar.DayName] = [:]
            for (day, name) in days {
                guard let date = CivilDate(iso: day) else {
                    throw ExchangeError(.storeUnexpectedValue, "The database holds a calendar with an impossible day")
                }
                named[date] = .text(name)
            }
            return named
        }
        return WorkCalendar.Year(
            daysOff: try named(days.off),
            workingDays: try named(days.working),
            source: try row.text("source"),
            confidence: Confidence(rawValue: try row.text("confidence")) ?? .unknown
        )
    }

    static func text(of year: WorkCalendar.Year) throws -> String {
        func plain(_ days: [CivilDate: WorkCalendar.DayName]) -> [String: String] {
            var plain: [String: String] = [:]
            for (day, name) in days { plain[day.description] = name.text }
            return plain
        }
        return try StoredJSON.text(Days(off: plain(year.daysOff), working: plain(year.workingDays)))
    }
}
