import BundleExchange
import ExchangeModel
import GatewayText
import Persistence
import TrustCrypto

/// What a notification is about, as logs and hooks name it.
public enum NotificationKind: String, CaseIterable, Hashable, Sendable {
    /// A deadline comes nearer or ends.
    case deadlineDue = "deadline.due"
    /// A deadline has passed.
    case deadlineOverdue = "deadline.overdue"
    /// What is due today, soon, and overdue.
    case digest
    /// The second signature of a bundle that one person released is missing.
    case secondSignatureMissing = "release.second_signature_missing"
    /// A message did not reach the partner.
    case undelivered = "message.undelivered"
    /// A bundle of a partner was rejected here.
    case rejected = "message.rejected"
    /// A certificate, root or revocation list ends soon or has ended.
    case ending = "trust.expiring"
    /// A message expires soon, and no receipt has come.
    case expiring = "message.expiring"
    /// A log was found to contradict itself.
    case logContradicted = "witness.alarm"
}

/// Notifications in the database.
enum NotificationRows {
    /// What a notification is made for; the same name makes none a second time.
    struct Occasion: Sendable {
        let kind: NotificationKind
        /// Names it together with the kind and the person.
        let name: [String]
        var request: ThreadID?

        /// 32 hexadecimal digits that tell nothing of what they name.
        func id(for person: PersonID) throws -> String {
            let parts = [kind.rawValue, request?.urn ?? "", person.text] + name
            // Lengths first, so that no two lists of parts are written alike.
            let text = parts.map { "\($0.utf8.count):\($0)" }.joined()
            return String(try SHA256Digest(of: Array(text.utf8)).hex.prefix(32))
        }
    }

    /// Makes the notification for each person who has not got it yet, in the person's language.
    ///
    /// - Returns: How many were made.
    @discardableResult
    static func make(
        _ occasion: Occasion,
        for people: [PersonID],
        at now: ExchangeTime,
        in store: any StoreWriting,
        text: (Language) -> NotificationText
    ) throws -> Int {
        var made = 0
        for person in people {
            let id = try occasion.id(for: person)
            guard try store.row("SELECT id FROM notification WHERE id = ?", [.text(id)]) == nil else { continue }
            let language = try WishDesk.wishes(of: person, in: store).language
            let text = text(language)
            made += try store.execute(
                """
                INSERT INTO notification (id, person, request, kind, language, subject, body, made) \
                VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
                """,
                [
                    .text(id), .text(person.text), SQLValue(occasion.request), .text(occasion.kind.rawValue),
                    .text(language.rawValue), .text(text.subject), .text(text.body), SQLValue(now),
                ]
            )
        }
        return made
    }
}
