import BundleExchange
import ExchangeModel
import GatewayText
import LegalAssistance
import Persistence
import TrustCrypto

/// Gives people's deadlines to their calendar programs, which know nothing but the secret of a link.
public struct CalendarFeedDesk: Sendable {
    /// The most events of one calendar, those that fall due first.
    public static let mostEvents = 2_000

    let core: GatewayCore
    let book: CaseBook

    /// The open deadlines of the requests that the link's owner works on or stands in for, as a calendar.
    ///
    /// It names references, partner states, dates and articles; no subject and no person. An event keeps its name, and
    /// its sequence rises when its date has moved since a feed showed it last.
    ///
    /// - Parameter secret: What ends the link.
    /// - Returns: The file, UTF-8; `nil` for a secret that never was or does not hold any more, without a difference. The
    ///   secret is looked up by its digest, so that how long it takes tells nothing of secrets that are given out.
    /// - Throws: `store.*`.
    public func feed(secret: String) async throws -> [UInt8]? {
        let digest = try SHA256Digest(of: Array(secret.utf8))
        let found = try await core.store.read { store -> (Language, [Event])? in
            guard let owner = try Self.owner(digest, in: store) else { return nil }
            return (owner.language, try events(of: owner, in: store))
        }
        guard let (language, events) = found else { return nil }
        let shown = try await shown(events)
        let entries = try events.compactMap { event in
            try shown[event.key].map { try event.entry(in: language, shown: $0, of: core.party) }
        }
        let feed = CalendarFeed(entries: entries, name: CalendarFeed.name(in: language))
        return Array(feed.ics.utf8)
    }

    // MARK: - Reading

    private struct Owner {
        let person: PersonID
        let authority: String
        let language: Language
    }

    private static func owner(_ digest: SHA256Digest, in store: any StoreReading) throws -> Owner? {
        let row = try store.row(
            """
            SELECT calendar_feed.person, person.authority, language FROM calendar_feed \
            JOIN person ON person.id = calendar_feed.person JOIN authority ON authority.id = person.authority \
            WHERE secret_sha256 = ? AND revoked IS NULL AND person.suspended IS NULL AND authority.suspended IS NULL \
            AND EXISTS (SELECT 1 FROM person_role WHERE person_role.person = person.id AND role = 'officer')
            """,
            [SQLValue(digest)]
        )
        guard let row, let person = PersonID(try row.text("person")) else { return nil }
        return Owner(
            person: person,
            authority: try row.text("authority"),
            language: Language(rawValue: try row.text("language")) ?? .english
        )
    }

    struct Event: Sendable {
        struct Key: Hashable, Sendable {
            let request: ThreadID
            let deadline: String
        }

        let key: Key
        let matter: NotificationText.Matter
        let isOverdue: Bool

        /// The date as it is stored and compared.
        var start: String { matter.time?.description ?? matter.date.description }
    }

    private func events(of owner: Owner, in store: any StoreReading) throws -> [Event] {
        let now = core.now()
        // Two questions, so that each has its index.
        let rows = try ["assigned", "stand_in"].flatMap { column in
            try store.rows(
                """
                SELECT id, next_due FROM assistance_request \
                WHERE \(column) = ? AND ended IS NULL AND authority = ? AND next_due < ? \
                ORDER BY next_due, id LIMIT \(Self.mostEvents)
                """,
                [.text(owner.person.text), .text(owner.authority), .integer(RequestRows.never)]
            ).map { (id: try $0.id("id", as: ThreadID.self), due: try $0.integer("next_due")) }
        }.sorted { ($0.due, $0.id.urn) < ($1.due, $1.id.urn) }
        var events: [Event] = []
        var seen: Set<ThreadID> = []
        for row in rows where seen.insert(row.id).inserted {
            guard events.count < Self.mostEvents, let record = try RequestRows.find(row.id, in: store) else { break }
            let file = try book.caseFile(of: record, in: store)
            for deadline in file.deadlines where [.running, .overdue, .paused].contains(deadline.status) {
                guard let matter = file.matter(deadline, at: now) else { continue }
                events.append(
                    Event(
                        key: Event.Key(request: record.id, deadline: deadline.id),
                        matter: matter,
                        isOverdue: deadline.status == .overdue
                    )
                )
            }
        }
        return Array(events.prefix(Self.mostEvents))
    }

    // MARK: - What feeds showed

    struct Shown: Sendable {
        let start: String
        let sequence: Int
        let modified: ExchangeTime
    }

    /// What is known of the events' dates, with those that are new or have moved entered.
    private func shown(_ events: [Event]) async throws -> [Event.Key: Shown] {
        let known = try await core.store.read { try Self.known(events, in: $0) }
        let changed = events.filter { known[$0.key]?.start != $0.start }
        guard !changed.isEmpty else { return known }
        let now = core.now()
        return try await core.store.write { store in
            for event in changed {
                try store.execute(
                    """
                    INSERT INTO calendar_entry (request, deadline, start, sequence, modified) VALUES (?, ?, ?, 0, ?) \
                    ON CONFLICT (request, deadline) DO UPDATE SET start = excluded.start, \
                    sequence = calendar_entry.sequence + 1, modified = excluded.modified \
                    WHERE calendar_entry.start <> excluded.start
                    """,
                    [SQLValue(event.key.request), .text(event.key.deadline), .text(event.start), SQLValue(now)]
                )
            }
            return try Self.known(events, in: store)
        }
    }

    private static func known(_ events: [Event], in store: any StoreReading) throws -> [Event.Key: Shown] {
        var known: [Event.Key: Shown] = [:]
        for request in Set(events.map(\.key.request)) {
            let rows = try store.rows(
                "SELECT deadline, start, sequence, modified FROM calendar_entry WHERE request = ?",
                [SQLValue(request)]
            )
            for row in rows {
                known[Event.Key(request: request, deadline: try row.text("deadline"))] = Shown(
                    start: try row.text("start"),
                    sequence: Int(clamping: try row.integer("sequence")),
                    modified: try row.time("modified")
                )
            }
        }
        return known
    }
}

extension CalendarFeedDesk.Event {
    /// Seconds before the end, or before midnight of the day: the day before at nine, two hours before.
    private var alarms: [Int64] {
        if isOverdue { return [] }
        return matter.time == nil ? [-54_000] : [-7_200]
    }

    fileprivate func entry(
        in language: Language,
        shown: CalendarFeedDesk.Shown,
        of party: PartyID
    ) throws -> CalendarFeed.Entry {
        let words = CalendarFeed.Entry.words(matter, language: language)
        // The names of deadlines are ours; a digest of them tells nothing.
        let name = try SHA256Digest(of: Array("\(key.request.urn) \(key.deadline)".utf8)).hex.prefix(32)
        return CalendarFeed.Entry(
            uid: "\(name)@\(party.text.lowercased())",
            sequence: shown.sequence,
            start: matter.time.map { .instant($0) } ?? .day(matter.date),
            summary: words.summary,
            description: words.description,
            alarms: alarms,
            lastModified: shown.modified
        )
    }
}
