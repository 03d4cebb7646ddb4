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
        /// Seal the content of a bundle again, which takes its place.
        case reseal
        /// Bring a sealed bundle to its recipient's gateway.
        case deliver
        /// Open a received bundle.
        case open
        /// Have the operator's program look at what was opened.
        case scan
        /// Make and store the receipt for an act that stands in the log.
        case issueReceipt = "issue_receipt"
        /// Hand a stored receipt, own or of an agency, to the bundle's sender.
        case sendReceipt = "send_receipt"

        /// Whether a partner must be reached.
        var isOutward: Bool { self == .deliver || self == .sendReceipt }
    }

    /// Why work waits whatever its time is.
    enum Hold: String, CaseIterable, Sendable {
        /// A person has the delivery wait.
        case paused
        /// It ended the gateway several times.
        case crashed
    }

    /// What goes ahead of everything.
    static let emergency: Int64 = 0

    var id: String
    var kind: Kind
    /// The partner that must be reached; `nil` for work done here.
    var peer: PartyID?
    var bundle: BundleKey?
    var draft: String?
    /// The kind of a receipt.
    var receipt: Receipt.Kind?
    /// The agency whose receipt it is; `nil` for this gateway's own.
    var agency: String?
    /// Who asked for it.
    var person: PersonID?
    var attempts: Int64 = 0
    var crashes: Int64 = 0
    var due: ExchangeTime
    /// Where it waits; set when it is entered.
    var lane: OutboxLane?

    init(
        _ kind: Kind,
        due: ExchangeTime,
        peer: PartyID? = nil,
        bundle: BundleKey? = nil,
        draft: String? = nil,
        receipt: Receipt.Kind? = nil,
        agency: String? = nil,
        person: PersonID? = nil
    ) throws {
        id = Hexadecimal.text(of: try randomBytes(16))
        self.kind = kind
        self.due = due
        self.peer = peer
        self.bundle = bundle
        self.draft = draft
        self.receipt = receipt
        self.agency = agency
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
        agency = try row.optionalText("agency")
        person = try row.optionalText("person").flatMap { PersonID($0) }
        attempts = try row.integer("attempts")
        crashes = try row.optionalInteger("crashes") ?? 0
        due = try row.time("due")
        lane = try row.optionalText("lane").flatMap { OutboxLane(text: $0) }
    }

    // MARK: - Entering and removing

    /// Enters it in the transaction that demands it; the limits say what is large.
    func insert(_ limits: ExchangeLimits, in store: any StoreWriting) throws {
        let place = try place(limits, in: store)
        try store.execute(
            """
            INSERT INTO outbox (id, kind, peer, sender, bundle, draft, detail, agency, person, entered, due, attempts,
                lane, rank, crashes)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 0)
            """,
            [
                .text(id), .text(kind.rawValue), .init(peer?.text), .init(bundle?.sender.text),
                .init(bundle?.id.urn), .init(draft), .init(receipt?.rawValue), .init(agency), .init(person?.text),
                .integer(due.secondsSince1970), .integer(due.secondsSince1970), .text(place.lane.text),
                .integer(place.rank),
            ]
        )
    }

    /// The lane by kind, partner and size, and the rank by urgency.
    func place(_ limits: ExchangeLimits, in store: any StoreReading) throws -> (lane: OutboxLane, rank: Int64) {
        var (size, priority, other) = (Int64(0), ExchangeHeader.Priority.routine, peer?.text ?? "")
        if let bundle,
            let row = try store.row(
                "SELECT size, priority, peer FROM exchange_bundle WHERE sender = ? AND id = ?",
                bundle.arguments
            )
        {
            size = try row.integer("size")
            priority = ExchangeHeader.Priority(rawValue: try row.text("priority")) ?? .routine
            other = try row.text("peer")
        } else if let draft, let id = DraftID(draft), let record = try DraftRows.find(id, in: store) {
            let row = try store.row(
                """
                SELECT COALESCE(SUM(f.size), 0) AS size FROM draft_file d JOIN stored_file f ON f.id = d.file
                WHERE d.draft = ?
                """,
                [.text(draft)]
            )
            size = try row?.integer("size") ?? 0
            priority = record.order.priority
            other =
                try store.row("SELECT peer FROM thread WHERE id = ?", [.text(record.thread.urn)])?.text("peer") ?? ""
        }
        let isLarge = size > limits.largeBundle
        let group: OutboxLane.Group =
            switch kind {
            case .seal, .reseal: isLarge ? .sealLarge : .seal
            case .open: isLarge ? .openLarge : .open
            case .issueReceipt: .issue
            case .scan: .scan
            case .deliver: isLarge ? .deliverLarge : .deliver
            case .sendReceipt: .hand
            }
        return (OutboxLane(group, other), Self.rank(of: priority))
    }

    private static func rank(of priority: ExchangeHeader.Priority) -> Int64 {
        switch priority {
        case .emergency: emergency
        case .urgent: 1
        case .routine: 2
        }
    }

    static func priority(of rank: Int64) -> ExchangeHeader.Priority {
        rank == emergency ? .emergency : rank == 1 ? .urgent : .routine
    }

    func remove(in store: any StoreWriting) throws {
        try store.execute("DELETE FROM outbox WHERE id = ?", [.text(id)])
    }

    /// Has it wait for a person.
    func hold(_ hold: Hold, in store: any StoreWriting) throws {
        try store.execute("UPDATE outbox SET held = ? WHERE id = ?", [.text(hold.rawValue), .text(id)])
    }

    // MARK: - Attempts

    /// The next work of a lane that is due, in the order in which it fell due.
    static func due(
        in lane: OutboxLane,
        rank: Int64,
        at now: ExchangeTime,
        limit: Int,
        in store: any StoreReading
    ) throws -> [OutboxEntry] {
        try store.rows(
            """
            SELECT * FROM outbox
            WHERE lane = ? AND held IS NULL AND rank = ? AND begun IS NULL AND due <= ?
            ORDER BY due, entered LIMIT ?
            """,
            [.text(lane.text), .integer(rank), .integer(now.secondsSince1970), .integer(Int64(limit))]
        ).map(OutboxEntry.init)
    }

    /// Enters that it is being done, before anything of it is; so that work which ends the gateway is known afterwards.
    ///
    /// - Returns: Whether it is still to be done.
    func begin(at now: ExchangeTime, in store: any StoreWriting) throws -> Bool {
        try store.execute(
            "UPDATE outbox SET begun = ? WHERE id = ? AND held IS NULL AND begun IS NULL",
            [.integer(now.secondsSince1970), .text(id)]
        ) == 1
    }

    /// The attempt was given up without a result.
    func giveUp(in store: any StoreWriting) throws {
        try store.execute("UPDATE outbox SET begun = NULL WHERE id = ?", [.text(id)])
    }

    /// Puts the work off after a failure that may pass.
    func postpone(until due: ExchangeTime, because error: ExchangeError, in store: any StoreWriting) throws {
        try store.execute(
            "UPDATE outbox SET due = ?, attempts = attempts + 1, last_error = ?, begun = NULL WHERE id = ?",
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
