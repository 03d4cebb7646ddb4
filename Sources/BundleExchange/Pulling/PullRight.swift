import EvidencePackaging
import ExchangeModel
import Persistence

/// Who may fetch a bundle, as it stands in the database: entered with the change by which somebody comes to it, so that
/// the order of entry is the order in which a caller sees them.
enum PullRight {
    /// By what somebody holds it.
    enum Holder: String, Sendable {
        /// The gateway of the party that the bundle is addressed to.
        case party
        /// The holder of a key that it is encrypted to, in mode `agency`.
        case key
        /// The agency that its manifest names as recipient.
        case agency
    }

    /// A sealed bundle waits for its recipient.
    static func sealed(_ header: ExchangeHeader, agency: String?, at time: ExchangeTime, in store: any StoreWriting)
        throws
    {
        let key = BundleKey(sender: header.sender, id: header.bundle)
        try insert(key, .party, header.recipient.text, at: time, in: store)
        try arrived(header, at: time, in: store)
        if let agency { try insert(key, .agency, agency, at: time, in: store) }
    }

    /// A bundle is whole here; in mode `agency` its recipients may have it.
    static func arrived(_ header: ExchangeHeader, at time: ExchangeTime, in store: any StoreWriting) throws {
        guard header.mode == .agency else { return }
        let key = BundleKey(sender: header.sender, id: header.bundle)
        for recipient in header.recipientKeys { try insert(key, .key, recipient.hex, at: time, in: store) }
    }

    /// A bundle was opened, and its manifest names its recipient.
    static func opened(_ key: BundleKey, agency: String?, at time: ExchangeTime, in store: any StoreWriting) throws {
        if let agency { try insert(key, .agency, agency, at: time, in: store) }
    }

    private static func insert(
        _ key: BundleKey,
        _ holder: Holder,
        _ name: String,
        at time: ExchangeTime,
        in store: any StoreWriting
    ) throws {
        let known = try store.row(
            "SELECT number FROM pull_right WHERE bundle_sender = ? AND bundle = ? AND holder = ? AND name = ?",
            key.arguments + [.text(holder.rawValue), .text(name)]
        )
        guard known == nil else { return }
        let last = try store.row("SELECT COALESCE(MAX(number), 0) AS last FROM pull_right")?.integer("last") ?? 0
        try store.execute(
            "INSERT INTO pull_right (number, bundle_sender, bundle, holder, name, since) VALUES (?, ?, ?, ?, ?, ?)",
            [.integer(last + 1)] + key.arguments
                + [.text(holder.rawValue), .text(name), .integer(time.secondsSince1970)]
        )
    }

    // MARK: - From before

    private static let page = 200

    /// Enters what bundles from before the table give, once.
    static func enterEarlier(core: GatewayCore) async throws {
        let isDone = try await core.store.read { store in
            try store.row("SELECT pull_rights FROM gateway WHERE id = 1")?.optionalInteger("pull_rights") != nil
        }
        guard !isDone else { return }
        var last: BundleKey?
        while true {
            let after = last
            let next = try await core.store.write { store -> BundleKey? in
                let rows = try store.rows(
                    """
                    SELECT sender, id, direction, header, manifest, draft, changed, state FROM exchange_bundle
                    WHERE sender > ? OR (sender = ? AND id > ?) ORDER BY sender, id LIMIT \(page)
                    """,
                    [.text(after?.sender.text ?? ""), .text(after?.sender.text ?? ""), .text(after?.id.urn ?? "")]
                )
                for row in rows { try enter(row, in: store) }
                return try rows.last.map { try BundleKey($0) }
            }
            guard let next else { break }
            last = next
        }
        let now = core.now()
        try await core.store.write { store in
            _ = try store.execute(
                "UPDATE gateway SET pull_rights = ? WHERE id = 1",
                [.integer(now.secondsSince1970)]
            )
        }
    }

    private static func enter(_ row: StoredRow, in store: any StoreWriting) throws {
        let header = try ExchangeHeader(xml: row.bytes("header"))
        let time = try row.time("changed")
        if try row.text("direction") == BundleRecord.Direction.outgoing.rawValue {
            let agency = try agency(ofDraft: row.optionalText("draft"), in: store)
            try sealed(header, agency: agency, at: time, in: store)
        } else if ["received", "opening", "opened"].contains(try row.text("state")) {
            try arrived(header, at: time, in: store)
            let manifest = try row.optionalBytes("manifest").map { try EvidenceManifest(xml: $0) }
            try opened(BundleKey(row), agency: manifest?.recipientAgency, at: time, in: store)
        }
    }

    /// The agency that a draft is for.
    static func agency(ofDraft draft: String?, in store: any StoreReading) throws -> String? {
        guard let draft, let row = try store.row("SELECT manifest FROM draft WHERE id = ?", [.text(draft)]) else {
            return nil
        }
        return try EvidenceManifest(xml: row.bytes("manifest")).recipientAgency
    }
}
