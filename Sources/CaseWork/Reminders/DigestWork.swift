import BundleExchange
import ExchangeModel
import LegalAssistance
import Logging
import Persistence

/// Makes the daily digests: once a day for each person, at the person's hour in our state's zone.
struct DigestWork: Sendable {
    /// The most requests that one digest goes through, those that fall due first.
    static let mostRequests = 1_000
    /// How many days from today count as soon.
    static let daysAhead: Int64 = 7

    let core: GatewayCore
    let book: CaseBook

    private struct Reader {
        let person: PersonID
        let authority: String
        let hour: Int64
        let day: String?
    }

    private var zone: ZoneName { book.zone(of: book.state) }

    /// Makes the digests whose hour has come.
    ///
    /// - Returns: How many were made; nobody gets an empty one.
    func runDue() async throws -> Int {
        let now = core.now()
        let today = zone.date(of: now)
        let due = try await core.store.read { store in
            try Self.readers(in: store).filter { $0.day != today.description && instant(of: today, $0.hour) <= now }
        }
        var made = 0
        for reader in due {
            made += try await core.store.write { store in
                let parts = try parts(for: reader, at: now, in: store)
                try store.execute("DELETE FROM person_digest WHERE person = ?", [.text(reader.person.text)])
                try store.execute(
                    "INSERT INTO person_digest (person, day) VALUES (?, ?)",
                    [.text(reader.person.text), .text(today.description)]
                )
                guard !parts.isEmpty else { return 0 }
                let occasion = NotificationRows.Occasion(kind: .digest, name: [today.description])
                return try NotificationRows.make(occasion, for: [reader.person], at: now, in: store) { language in
                    NotificationText(
                        kind: .digest(date: today, overdue: parts.overdue, today: parts.today, week: parts.soon),
                        language: language
                    )
                }
            }
        }
        return made
    }

    /// When the next digest is to be made; `nil` without anybody to read one.
    func next() async throws -> ExchangeTime? {
        let now = core.now()
        let today = zone.date(of: now)
        return try await core.store.read { store in
            try Self.readers(in: store).map { reader in
                reader.day == today.description
                    ? instant(of: today.adding(days: 1), reader.hour) : instant(of: today, reader.hour)
            }.min()
        }
    }

    private func instant(of day: CivilDate, _ hour: Int64) -> ExchangeTime {
        zone.instant(of: day, secondOfDay: hour * 3_600)
    }

    private static func readers(in store: any StoreReading) throws -> [Reader] {
        try store.rows(
            """
            SELECT person.id, person.authority, digest_hour, day FROM person \
            JOIN authority ON authority.id = person.authority \
            LEFT JOIN person_wish ON person_wish.person = person.id \
            LEFT JOIN person_digest ON person_digest.person = person.id \
            WHERE person.suspended IS NULL AND authority.suspended IS NULL AND EXISTS \
            (SELECT 1 FROM person_role WHERE person_role.person = person.id AND role IN ('officer', 'approver')) \
            ORDER BY person.id
            """
        ).compactMap { row in
            guard let person = PersonID(try row.text("id")) else { return nil }
            return Reader(
                person: person,
                authority: try row.text("authority"),
                hour: try row.optionalInteger("digest_hour") ?? Int64(PersonWishes().digestHour),
                day: try row.optionalText("day")
            )
        }
    }

    // MARK: - Content

    private struct Parts {
        var overdue: [NotificationText.Matter] = []
        var today: [NotificationText.Matter] = []
        var soon: [NotificationText.Matter] = []

        var isEmpty: Bool { overdue.isEmpty && today.isEmpty && soon.isEmpty }
    }

    /// An officer reads what is due in the own requests and in those that are nobody's, an approver which own duties of
    /// the authority are overdue.
    private func parts(for reader: Reader, at now: ExchangeTime, in store: any StoreReading) throws -> Parts {
        let people = try NotifiedPeople(of: reader.authority, in: store)
        let approves = people.approvers.contains(reader.person)
        let end = instant(of: zone.date(of: now).adding(days: Self.daysAhead + 2), 0)
        let rows = try store.rows(
            """
            SELECT id, assigned, stand_in, is_overdue FROM assistance_request \
            WHERE authority = ? AND ended IS NULL AND next_due < ? ORDER BY next_due, id
            """,
            [.text(reader.authority), SQLValue(end)]
        )
        let wanted = try rows.lazy.compactMap { row -> (id: ThreadID, isOwn: Bool)? in
            let assigned = try row.optionalText("assigned").flatMap { PersonID($0) }
            let standIn = try row.optionalText("stand_in").flatMap { PersonID($0) }
            let isOwn = people.working(on: assigned, standIn: standIn).contains(reader.person)
            guard try isOwn || approves && row.integer("is_overdue") != 0 else { return nil }
            return (try row.id("id"), isOwn)
        }.prefix(Self.mostRequests)
        var parts = Parts()
        for (id, isOwn) in wanted {
            guard let file = caseFile(of: id, in: store) else { continue }
            for deadline in file.deadlines {
                guard isOwn || file.isOwnDuty(deadline), let matter = file.matter(deadline, at: now) else { continue }
                switch (deadline.status, matter.daysLeft) {
                case (.overdue, _): parts.overdue.append(matter)
                case (.running, 0) where isOwn: parts.today.append(matter)
                case (.running, 1...Int(Self.daysAhead)) where isOwn: parts.soon.append(matter)
                default: break
                }
            }
        }
        return parts
    }

    /// What is known of a request; `nil` where it cannot be read, which must not keep anybody's digest waiting.
    private func caseFile(of id: ThreadID, in store: any StoreReading) -> CaseFile? {
        do {
            return try RequestRows.find(id, in: store).map { try book.caseFile(of: $0, in: store) }
        } catch {
            core.logger.error(
                "A request was left out of a digest, because it cannot be read",
                metadata: ["thread": "\(id.uuid)", "error": "\(error)"]
            )
            return nil
        }
    }
}
