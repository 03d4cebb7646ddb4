public import BundleExchange
import ExchangeLog
public import ExchangeModel
import Logging
import OutboundTransport
import Persistence

/// Sends what was made: a line in the log for each notification, then by a command, then by electronic mail, each
/// without waiting for the others.
///
/// A notification goes each way at least once: a gateway that is killed after sending and before noting it sends again.
/// Its id stands in what is sent, so that receivers can drop what they have.
public struct NotificationSender: Sendable {
    /// A way out of the gateway.
    public enum Way: String, CaseIterable, Hashable, Sendable {
        /// The operator's command.
        case command
        /// Electronic mail.
        case email
    }

    /// After how many attempts a notification is given up on one way.
    public static let mostAttempts: Int64 = 10
    private static let batch = 100

    private let core: GatewayCore
    private let settings: NotificationSettings

    /// Takes a gateway and the ways out of it.
    public init(core: GatewayCore, settings: NotificationSettings) {
        self.core = core
        self.settings = settings
    }

    /// Which ways are set.
    public var ways: [Way] {
        Way.allCases.filter { way in
            switch way {
            case .command: settings.command != nil
            case .email: settings.mail != nil
            }
        }
    }

    /// Writes the log's line for what was made and enters the ways that it goes.
    ///
    /// - Returns: How many notifications there were.
    /// - Throws: `store.*`.
    @discardableResult
    public func route() async throws -> Int {
        var routed = 0
        while true {
            let now = core.now()
            let waiting = try await core.store.read { store in
                try store.rows(
                    """
                    SELECT notification.id, kind, notification.person, email FROM notification \
                    LEFT JOIN person_wish ON person_wish.person = notification.person \
                    WHERE routed IS NULL ORDER BY made, notification.id LIMIT \(Self.batch)
                    """
                ).map {
                    (id: try $0.text("id"), kind: try $0.text("kind"), hasAddress: try $0.optionalText("email") != nil)
                }
            }
            guard !waiting.isEmpty else { return routed }
            for one in waiting {
                core.logger.notice("Notification", metadata: ["notification": "\(one.id)", "kind": "\(one.kind)"])
            }
            try await core.store.write { store in
                for one in waiting {
                    for way in ways where way != .email || one.hasAddress {
                        try store.execute(
                            """
                            INSERT INTO notification_delivery (notification, way, state, attempts, due) \
                            VALUES (?, ?, 'waiting', 0, ?) ON CONFLICT (notification, way) DO NOTHING
                            """,
                            [.text(one.id), .text(way.rawValue), SQLValue(now)]
                        )
                    }
                    try store.execute(
                        "UPDATE notification SET routed = ? WHERE id = ?",
                        [SQLValue(now), .text(one.id)]
                    )
                }
            }
            routed += waiting.count
        }
    }

    /// Tries everything that is due on one way, once each.
    ///
    /// - Returns: How many were tried.
    /// - Throws: `store.*`, `CancellationError`.
    @discardableResult
    public func runDue(_ way: Way) async throws -> Int {
        var tried = 0
        while let notification = try await due(way) {
            try await attempt(notification, way)
            tried += 1
        }
        return tried
    }

    /// When something is to be tried next on a way; `nil` for never.
    ///
    /// - Throws: `store.*`.
    public func next(_ way: Way) async throws -> ExchangeTime? {
        try await core.store.read { store in
            try store.row(
                "SELECT due FROM notification_delivery WHERE way = ? AND state = 'waiting' ORDER BY due LIMIT 1",
                [.text(way.rawValue)]
            )?.time("due")
        }
    }

    /// Seconds until the attempt after so many failed ones: from a minute up, four times as long each time, at most 16
    /// hours; ten attempts outlast a weekend.
    static func delay(after failed: Int64) -> Int64 {
        min(57_600, 60 << (2 * min(max(failed - 1, 0), 5)))
    }

    // MARK: - One attempt

    /// The next notification that is due, with what is known of its person now.
    private func due(_ way: Way) async throws -> WaitingNotification? {
        let now = core.now()
        return try await core.store.read { store in
            try store.row(
                """
                SELECT notification.id, kind, notification.person, request, notification.language, subject, body, \
                made, attempts, email, \
                CASE WHEN person.suspended IS NULL AND authority.suspended IS NULL THEN 1 ELSE 0 END AS is_active \
                FROM notification_delivery JOIN notification ON notification.id = notification_delivery.notification \
                JOIN person ON person.id = notification.person JOIN authority ON authority.id = person.authority \
                LEFT JOIN person_wish ON person_wish.person = notification.person \
                WHERE way = ? AND state = 'waiting' AND due <= ? ORDER BY due, notification.id LIMIT 1
                """,
                [.text(way.rawValue), SQLValue(now)]
            ).map { try WaitingNotification($0) }
        }
    }

    private func attempt(_ notification: WaitingNotification, _ way: Way) async throws {
        guard notification.isActive, way != .email || notification.email != nil else {
            // The person may not act any more, or wants no mail any more.
            return try await core.store.write { store in
                _ = try store.execute(
                    "DELETE FROM notification_delivery WHERE notification = ? AND way = ?",
                    [.text(notification.id), .text(way.rawValue)]
                )
            }
        }
        do {
            switch way {
            case .command: try await giveToCommand(notification)
            case .email: try await mail(notification)
            }
        } catch let error as ExchangeError {
            guard error.code != .transportCancelled else { throw CancellationError() }
            return try await note(error, notification, way)
        }
        try await core.store.write { store in
            _ = try store.execute(
                """
                UPDATE notification_delivery SET state = 'sent', attempts = attempts + 1, last_error = NULL \
                WHERE notification = ? AND way = ?
                """,
                [.text(notification.id), .text(way.rawValue)]
            )
        }
    }

    private func giveToCommand(_ notification: WaitingNotification) async throws {
        guard let command = settings.command else { return }
        let text = try notification.json()
        try await CommandHook(path: command, limit: settings.commandLimit).run(Array(text.utf8))
    }

    private func mail(_ notification: WaitingNotification) async throws {
        guard let mail = settings.mail, let email = notification.email else { return }
        let host = mail.from.address.split(separator: "@").last.map(String.init) ?? "localhost"
        let isLiteral = host.hasPrefix("[")
        let message = try MailMessage(
            from: mail.from,
            to: [MailAddress(email)],
            subject: String(notification.subject.prefix(400)),
            body: notification.body,
            date: notification.made,
            messageID: "\(notification.id)@\(isLiteral ? "localhost" : host)"
        )
        try await MailClient.send(message, server: mail.server)
    }

    /// Puts the attempt off, or gives up: at once where another attempt can bring nothing else.
    private func note(_ error: ExchangeError, _ notification: WaitingNotification, _ way: Way) async throws {
        let attempts = notification.attempts + 1
        let isHopeless = [.mailRefused, .mailAddress, .mailHeader].contains(error.code)
        let fails = isHopeless || attempts >= Self.mostAttempts
        let due = core.now().adding(seconds: Self.delay(after: attempts))
        var alarm: LogEntry?
        if fails {
            alarm = try core.entry(.alarmRaised, outcome: .failed, code: .notificationUndelivered)
            alarm?.subject = "\(way.rawValue) \(notification.id)"
        }
        core.logger.log(
            level: fails ? .error : .warning,
            fails ? "A notification was given up" : "A notification was put off",
            metadata: [
                "notification": "\(notification.id)", "kind": "\(notification.kind)", "way": "\(way.rawValue)",
                "code": "\(error.code)", "attempt": "\(attempts)",
            ]
        )
        try await core.store.write { [alarm] store in
            try store.execute(
                """
                UPDATE notification_delivery SET state = ?, attempts = ?, due = ?, last_error = ? \
                WHERE notification = ? AND way = ?
                """,
                [
                    .text(fails ? "failed" : "waiting"), .integer(attempts), SQLValue(due), .text(error.code.rawValue),
                    .text(notification.id), .text(way.rawValue),
                ]
            )
            if let alarm { try store.append(alarm, to: .house) }
        }
    }
}

/// A notification that is about to be sent.
struct WaitingNotification: Sendable {
    let id: String
    let kind: String
    let person: String
    let request: ThreadID?
    let language: String
    let subject: String
    let body: String
    let made: ExchangeTime
    let attempts: Int64
    let email: String?
    let isActive: Bool

    init(_ row: StoredRow) throws {
        id = try row.text("id")
        kind = try row.text("kind")
        person = try row.text("person")
        request = try row.optionalID("request")
        language = try row.text("language")
        subject = try row.text("subject")
        body = try row.text("body")
        made = try row.time("made")
        attempts = try row.integer("attempts")
        email = try row.optionalText("email")
        isActive = try row.integer("is_active") != 0
    }

    /// What the command reads: one JSON object.
    func json() throws -> String {
        struct Form: Encodable {
            let id: String
            let kind: String
            let person: String
            let email: String?
            let language: String
            let request: String?
            let subject: String
            let body: String
            let made: String
            let attempt: Int64
        }
        return try StoredJSON.text(
            Form(
                id: id,
                kind: kind,
                person: person,
                email: email,
                language: language,
                request: request?.uuid,
                subject: subject,
                body: body,
                made: made.description,
                attempt: attempts + 1
            )
        )
    }
}
