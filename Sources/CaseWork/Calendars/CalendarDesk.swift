public import BundleExchange
import ExchangeLog
import ExchangeModel
public import LegalAssistance
import Persistence
import TrustCrypto

/// Work calendars in use: the shipped ones, and years that people imported here.
public struct CalendarDesk: Sendable {
    let core: GatewayCore
    let book: CaseBook

    /// The form of a file that is imported.
    public enum Form: String, CaseIterable, Hashable, Sendable {
        /// Comma-separated values with the header `date,kind,name,source`.
        case csv
        /// iCalendar (RFC 5545), one all-day event for each day off.
        case ics
    }

    /// All calendars, in the order of the states.
    ///
    /// - Throws: `access.denied`.
    public func list(by person: ActingPerson) async throws -> [WorkCalendar] {
        try await core.authorise(person, to: .seeTreaties)
        return try await core.store.read { try book.calendars(in: $0).values.sorted { $0.state < $1.state } }
    }

    /// One state's calendar.
    ///
    /// - Throws: `access.denied`, `request.not_found`.
    public func show(_ state: StateCode, by person: ActingPerson) async throws -> WorkCalendar {
        try await core.authorise(person, to: .seeTreaties)
        let found = try await core.store.read { try book.calendars(in: $0)[state] }
        guard let found else { throw ExchangeError.notFound("calendar of", state.text) }
        return found
    }

    /// Takes the years of a file in place of those that were known; all of the file or nothing.
    ///
    /// The source says in words where the file comes from, for years whose lines name none; what the person has compared
    /// with the official decree counts as confirmed. Gives the years that were imported.
    ///
    /// - Throws: `access.denied`, `request.value`, `calendar.*` naming the line.
    public func importYears(
        of state: StateCode,
        from bytes: [UInt8],
        _ form: Form,
        source: String,
        isOfficial: Bool,
        by person: ActingPerson
    ) async throws -> [Int] {
        try await core.authorise(person, to: .importCalendar)
        try StatementText.requireLine(source, "source", most: 512)
        let now = core.now()
        let confidence: Confidence = isOfficial ? .confirmed : .recalled
        let weekend = try await core.store.read { try book.calendars(in: $0)[state]?.weekend } ?? [6, 7]
        let years: [Int: WorkCalendar.Year]
        switch form {
        case .csv: years = try WorkCalendar.years(csv: bytes, weekend: weekend, confidence: confidence)
        case .ics:
            years = try WorkCalendar.years(ics: bytes, source: source, weekend: weekend, confidence: confidence)
        }
        let digest = try SHA256Digest(of: bytes)
        let entries = try years.keys.sorted().map { year in
            var entry = try core.entry(.calendarImported, by: person)
            entry.subject = "\(state) \(year)"
            entry.digest = digest
            return entry
        }
        try await core.store.write { store in
            for (year, days) in years {
                try store.execute(
                    "DELETE FROM calendar_year WHERE state = ? AND year = ?",
                    [.text(state.text), .integer(Int64(year))]
                )
                try store.execute(
                    """
                    INSERT INTO calendar_year (state, year, days, source, confidence, imported, imported_by) \
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        .text(state.text), .integer(Int64(year)), .text(try CalendarRows.text(of: days)),
                        .text(days.source.isEmpty ? source : days.source), .text(confidence.rawValue), SQLValue(now),
                        .text(person.person.text),
                    ]
                )
            }
            for entry in entries { try store.append(entry, to: .house) }
        }
        try await book.refreshOpen(in: core.store)
        return years.keys.sorted()
    }
}
