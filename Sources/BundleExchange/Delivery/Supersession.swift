import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Persistence

/// What becomes here of bundles whose place another one takes, which has the same content sealed anew.
enum Supersession {
    /// Checks that a bundle which says that it takes another's place may do so.
    ///
    /// - Throws: `announcement.supersedes`.
    static func check(_ header: ExchangeHeader, in store: any StoreReading) throws {
        guard let old = header.supersedes,
            let record = try BundleRecord.find(BundleKey(sender: header.sender, id: old), .incoming, in: store)
        else { return }
        guard record.contentDigest == header.contentDigest, record.header.thread == header.thread,
            record.header.sequence == header.sequence
        else {
            throw ExchangeError(
                .announcementSupersedes,
                "The bundle says that it takes the place of one with another content",
                hint: "only the same signed content can be sealed again"
            )
        }
    }

    /// Sets aside what the sender no longer delivers because this bundle takes its place; called with its announcement and
    /// when it is whole.
    ///
    /// - Returns: Those whose parts are not needed any more.
    static func apply(
        _ header: ExchangeHeader,
        isWhole: Bool,
        core: GatewayCore,
        at now: ExchangeTime,
        in store: any StoreWriting
    ) throws -> [BundleKey] {
        guard header.supersedes != nil else { return [] }
        // By content: the one before may have taken the place of an earlier one and never have been announced here.
        let older = try store.rows(
            """
            SELECT \(BundleRecord.columns) FROM exchange_bundle
            WHERE sender = ? AND content_digest = ? AND direction = 'incoming' AND id <> ? AND created <= ?
                AND state IN ('announced', 'abandoned', 'received')
            """,
            [
                .text(header.sender.text), .text(header.contentDigest.hex), .text(header.bundle.urn),
                .integer(header.created.secondsSince1970),
            ]
        ).map(BundleRecord.init)
        var dropped: [BundleKey] = []
        // What is whole stays to be opened until the other one is whole too.
        for record in older where isWhole || record.state != .received {
            var entry = try core.entry(
                .bundleSuperseded,
                of: record
            )
            entry.subject = header.bundle.uuid
            if record.state != .received { dropped.append(record.key) }
            try record.move(
                .superseded,
                because: "The sender sealed it again as \(header.bundle.uuid)",
                at: now,
                in: store
            )
            try store.execute(
                "UPDATE exchange_bundle SET superseded_by = ? WHERE sender = ? AND id = ?",
                [.text(header.bundle.urn)] + record.key.arguments
            )
            try store.append(entry, to: .exchange)
        }
        return dropped
    }

    /// A bundle of the same sender with the same content that was opened before.
    static func openedBefore(_ record: BundleRecord, in store: any StoreReading) throws -> BundleRecord? {
        try store.row(
            """
            SELECT \(BundleRecord.columns) FROM exchange_bundle
            WHERE sender = ? AND content_digest = ? AND direction = 'incoming' AND state = 'opened' AND id <> ?
                AND thread = ? AND content_of IS NULL
            """,
            [
                .text(record.key.sender.text), .text(record.contentDigest.hex), .text(record.key.id.urn),
                .text(record.header.thread.urn),
            ]
        ).map(BundleRecord.init)
    }
}
