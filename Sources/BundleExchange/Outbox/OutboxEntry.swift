import EvidencePackaging
import ExchangeModel
import Persistence
import TrustCrypto

/// Work that must happen: entered in the transaction that demands it, removed in the transaction that does it. So a
/// killed gateway finds after its restart exactly what is still to be done.
struct OutboxEntry: Hashable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// Seal an approved draft.
        case seal
        /// Bring a sealed bundle to its recipient's gateway.
        case deliver
        /// Open a received bundle.
        case open
        /// Make and store the receipt for an act that stands in the log.
        case issueReceipt = "issue_receipt"
        /// Hand a stored receipt to the bundle's sender.
        case sendReceipt = "send_receipt"
    }

    var id: String
    var kind: Kind
    /// The partner that must be reached; `nil` for work done here.
    var peer: PartyID?
    var bundle: BundleKey?
    var draft: String?
    /// The kind of a receipt.
    var receipt: Receipt.Kind?
    /// Who asked for it.
    var person: PersonID?
    var attempts: Int64 = 0
    var due: ExchangeTime

    init(
        _ kind: Kind,
        due: ExchangeTime,
        peer: PartyID? = nil,
        bundle: BundleKey? = nil,
        draft: String? = nil,
        receipt: Receipt.Kind? = nil,
        person: PersonID? = nil
    ) throws {
        id = Hexadecimal.text(of: try randomBytes(16))
        self.kind = kind
        self.due = due
        self.peer = peer
        self.bundle = bundle
        self.draft = draft
        self.receipt = receipt
        self.person = person
    }

    init(_ row: StoredRow) throws {
        id = try row.text("id")
        guard let kind = Kind(rawValue: try row.text("kind")) else {
            throw ExchangeError(.storeUnexpectedValue, "The outbox holds work of an unknown kind")
        }
        self.kind = kind
        peer = try row.optionalText("peer").flatMap { PartyID($0) }
        if try row.optionalText("bundle") != nil { bundle = try BundleKey(row, id: "bundle") }
        draft = try row.optionalText("draft")
        receipt = try row.optionalText("detail").flatMap(Receipt.Kind.init(rawValue:))
        person = try row.optionalText("person").flatMap { PersonID($0) }
        attempts = try row.integer("attempts")
        due = try row.time("due")
    }

    func insert(in store: any StoreWriting) throws {
        try store.execute(
            """
            INSERT INTO outbox (id, kind, peer, sender, bundle, draft, detail, person, entered, due, attempts)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
            """,
            [
                .text(id), .text(kind.rawValue), .init(peer?.text), .init(bundle?.sender.text),
                .init(bundle?.id.urn), .init(draft), .init(receipt?.rawValue), .init(person?.text),
                .integer(due.secondsSince1970), .integer(due.secondsSince1970),
            ]
        )
    }

    func remove(in store: any StoreWriting) throws {
        try store.execute("DELETE FROM outbox WHERE id = ?", [.text(id)])
    }

    /// Puts the work off after a failure that may pass.
    func postpone(until due: ExchangeTime, because error: ExchangeError, in store: any StoreWriting) throws {
        try store.execute(
            "UPDATE outbox SET due = ?, attempts = attempts + 1, last_error = ? WHERE id = ?",
            [.integer(due.secondsSince1970), .text(String(error.description.prefix(1_000))), .text(id)]
        )
    }
}

/// How long to wait before the next attempt: doubling from 5 seconds to 15 minutes, with a fifth of jitter, so that
/// many gateways that lost the same partner do not come back at one moment.
enum Backoff {
    static let longest: Int64 = 900

    /// - Parameters:
    ///   - attempts: How many have failed before this one.
    ///   - jitter: From 0 to 255.
    /// - Returns: Seconds.
    static func delay(after attempts: Int64, jitter: UInt8) -> Int64 {
        let base = min(longest, 5 << min(max(attempts, 0), 8))
        return base - base / 5 + (base * 2 / 5) * Int64(jitter) / 255
    }
}
