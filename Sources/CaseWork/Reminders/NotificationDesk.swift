public import BundleExchange
public import ExchangeModel
import Persistence

/// Something that a person was told.
public struct NotificationRecord: Hashable, Sendable {
    /// How far it got on one way.
    public struct Delivery: Hashable, Sendable {
        /// How it stands.
        public enum State: String, CaseIterable, Hashable, Sendable {
            /// It is still to be sent.
            case waiting
            /// It was sent.
            case sent
            /// It was given up.
            case failed
        }

        /// The way.
        public let way: NotificationSender.Way
        /// How it stands.
        public let state: State
        /// How often it was tried.
        public let attempts: Int64
        /// Why the last attempt failed, if it did.
        public let lastError: ErrorCode?
    }

    /// Its name: 32 hexadecimal digits.
    public let id: String
    /// What it is about.
    public let kind: NotificationKind
    /// The request that it is about, if it is about one.
    public let request: ThreadID?
    /// One line.
    public let subject: String
    /// The text.
    public let body: String
    /// When it was made.
    public let made: ExchangeTime
    /// The ways that it went besides the log.
    public let deliveries: [Delivery]
}

/// Where people read what they were told, also what reached them no other way.
public struct NotificationDesk: Sendable {
    let core: GatewayCore

    /// The person's notifications, the newest first.
    ///
    /// - Parameters:
    ///   - limit: How many at most, 1 to 500.
    ///   - skip: How many to leave out at the beginning.
    ///   - person: Who asks.
    /// - Returns: The notifications.
    /// - Throws: `access.denied`, `request.value`.
    public func list(limit: Int = 100, skip: Int = 0, by person: ActingPerson) async throws -> [NotificationRecord] {
        try await core.authorise(person, to: .changeOwnWishes)
        guard (1...500).contains(limit), skip >= 0 else {
            throw ExchangeError(.requestValue, "At most 500 notifications are listed at once")
        }
        return try await core.store.read { store in
            try store.rows(
                """
                SELECT id, kind, request, subject, body, made FROM notification WHERE person = ? \
                ORDER BY made DESC, id LIMIT ? OFFSET ?
                """,
                [.text(person.person.text), SQLValue(limit), SQLValue(skip)]
            ).map { try NotificationRecord($0, in: store) }
        }
    }
}

extension NotificationRecord {
    fileprivate init(_ row: StoredRow, in store: any StoreReading) throws {
        func known<Value>(_ value: Value?) throws -> Value {
            guard let value else {
                throw ExchangeError(.storeUnexpectedValue, "The database holds a notification with an unknown value")
            }
            return value
        }
        id = try row.text("id")
        kind = try known(NotificationKind(rawValue: row.text("kind")))
        request = try row.optionalID("request")
        subject = try row.text("subject")
        body = try row.text("body")
        made = try row.time("made")
        deliveries = try store.rows(
            "SELECT way, state, attempts, last_error FROM notification_delivery WHERE notification = ? ORDER BY way",
            [.text(id)]
        ).map { row in
            Delivery(
                way: try known(NotificationSender.Way(rawValue: row.text("way"))),
                state: try known(Delivery.State(rawValue: row.text("state"))),
                attempts: try row.integer("attempts"),
                lastError: try row.optionalText("last_error").map { ErrorCode($0) }
            )
        }
    }
}
