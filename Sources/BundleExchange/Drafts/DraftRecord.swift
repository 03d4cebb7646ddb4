public import ExchangeModel
import FoundationEssentials
import Persistence

/// A draft as lists show it.
public struct DraftRecord: Hashable, Sendable {
    /// How far it has come.
    public enum State: String, CaseIterable, Sendable {
        /// Nobody has signed.
        case open
        /// Only the approver must still sign.
        case signed
        /// Everybody has signed who must; it can be sent.
        case approved
        /// The approver declined.
        case refused
        /// The author took it back.
        case withdrawn
        /// It has become a bundle.
        case sealed
    }

    /// Its name.
    public let id: DraftID
    /// The thread it continues.
    public let thread: ThreadID
    /// Whose it is.
    public let authority: String
    /// Who made it and signs first.
    public let author: PersonID
    /// Who releases it, where it takes two.
    public let approver: PersonID?
    /// What the message does.
    public let messageType: EvidenceManifest.MessageType
    /// What it is about.
    public let subject: String
    /// SHA-256 of the object to sign.
    public let contentDigest: SHA256Digest
    /// How it is to be delivered.
    public let order: DeliveryOrder
    /// How far it has come.
    public let state: State
    /// Why it was refused, or could not be sealed.
    public let reason: String?
    /// When it was made.
    public let made: ExchangeTime
    /// When its state changed last.
    public let changed: ExchangeTime
}

/// A draft with what it says and who has signed.
public struct DraftFile: Sendable {
    /// A signature that was checked and kept.
    public struct Signature: Hashable, Sendable {
        /// Who signed.
        public let person: PersonID
        /// SHA-256 of the certificate.
        public let certificate: SHA256Digest
        /// When it was handed in.
        public let time: ExchangeTime
    }

    /// The draft.
    public let record: DraftRecord
    /// What will be signed, in a form to read.
    public let manifest: EvidenceManifest
    /// Who has signed.
    public let signatures: [Signature]
}

/// What the signers sign: the exact inner `META-INF/ASiCManifest.xml`.
public struct ObjectToSign: Hashable, Sendable {
    /// The bytes.
    public let bytes: [UInt8]
    /// SHA-256 of the bytes.
    public let contentDigest: SHA256Digest
}

extension DraftRecord {
    static let columns =
        "id, thread, authority, author, approver, message_type, subject, content_digest, order_body, state, reason, "
        + "made, changed"

    init(row: StoredRow) throws {
        guard let id = DraftID(try row.text("id")), let author = PersonID(try row.text("author")),
            let type = EvidenceManifest.MessageType(rawValue: try row.text("message_type")),
            let state = State(rawValue: try row.text("state")),
            let order = try? JSONDecoder().decode(DeliveryOrder.self, from: Data(try row.text("order_body").utf8))
        else { throw ExchangeError(.storeUnexpectedValue, "The database holds a draft that cannot be read") }
        self.id = id
        thread = try row.id("thread")
        authority = try row.text("authority")
        self.author = author
        approver = try row.optionalText("approver").flatMap { PersonID($0) }
        messageType = type
        subject = try row.text("subject")
        contentDigest = try row.digest("content_digest")
        self.order = order
        self.state = state
        reason = try row.optionalText("reason")
        made = try row.time("made")
        changed = try row.time("changed")
    }
}

extension DeliveryOrder {
    /// The form in which it stands in the database.
    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
