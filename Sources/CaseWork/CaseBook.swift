import BundleExchange
public import ExchangeModel
public import LegalAssistance
public import Logging
import Persistence
import Synchronization

/// What requests are judged by: the treaties' profiles with what was confirmed here, the work calendars with what was
/// imported here, our own state and zone.
public final class CaseBook: Sendable {
    /// Our state.
    public let state: StateCode
    let logger: Logger
    /// The clock.
    public let now: @Sendable () -> ExchangeTime
    /// Rung whenever there may be a notification to send.
    let bell = NotificationBell()
    private let profiles: TreatyBook
    private let shipped: [StateCode: WorkCalendar]
    private let confirmed = Mutex<(ids: [String], book: TreatyBook)?>(nil)
    private let imported = Mutex<(marks: [String], calendars: [StateCode: WorkCalendar])?>(nil)

    /// Takes our state, the shipped profiles with those of the directory of local ones, and the shipped calendars.
    public init(
        state: StateCode,
        profiles: TreatyBook,
        calendars: [StateCode: WorkCalendar],
        now: @escaping @Sendable () -> ExchangeTime,
        logger: Logger
    ) {
        self.state = state
        self.profiles = profiles
        shipped = calendars
        self.now = now
        self.logger = logger
    }

    /// - Throws: `treaty.unknown`.
    func requireInstrument(_ id: String?) throws {
        if let id { _ = try profiles.profile(id) }
    }

    /// The profiles with what was confirmed here; made anew only when that has changed.
    func treaties(in store: any StoreReading) throws -> TreatyBook {
        let rows = try store.rows(
            "SELECT \(ConfirmationRecord.columns) FROM treaty_confirmation WHERE state = 'confirmed' ORDER BY decided, id",
            []
        )
        let ids = try rows.map { try $0.text("id") }
        if let known = confirmed.withLock({ $0 }), known.ids == ids { return known.book }
        let confirmations = try rows.compactMap { row -> TreatyConfirmation? in
            let record = try ConfirmationRecord(row)
            guard let subject = TreatyConfirmation.Subject(record.subject), let second = record.decidedBy,
                let time = record.decided
            else { return nil }
            return try TreatyConfirmation(
                id: record.id,
                subject: subject,
                statement: record.statement,
                document: record.digest,
                first: record.proposedBy.text,
                second: second.text,
                time: time
            )
        }
        let book = try profiles.applying(confirmations)
        confirmed.withLock { $0 = (ids, book) }
        return book
    }

    /// The calendars with the years that were imported here.
    func calendars(in store: any StoreReading) throws -> [StateCode: WorkCalendar] {
        let rows = try store.rows("SELECT * FROM calendar_year ORDER BY state, year", [])
        let marks = try rows.map { "\(try $0.text("state")) \(try $0.integer("year")) \(try $0.integer("imported"))" }
        if let known = imported.withLock({ $0 }), known.marks == marks { return known.calendars }
        var calendars = shipped
        for row in rows {
            let year = try CalendarRows.year(row)
            guard let state = StateCode(try row.text("state")) else { continue }
            let known = calendars[state] ?? CalendarRows.bare(state)
            calendars[state] = known.replacing([Int(try row.integer("year")): year])
        }
        imported.withLock { [calendars] in $0 = (marks, calendars) }
        return calendars
    }

    /// The zone whose local days a state's authorities count; UTC when no calendar names one.
    func zone(of state: StateCode) -> ZoneName { shipped[state]?.defaultZone ?? .utc }
}
