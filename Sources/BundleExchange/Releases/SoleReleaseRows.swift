import EvidencePackaging
import ExchangeModel
import Persistence
import TrustCrypto

/// The table of bundles that one person released.
struct SoleReleaseRow: Sendable {
    let release: SoleRelease
    let signedObject: [UInt8]
    let firstCertificate: PartyCertificate
    private static let query = """
        SELECT r.*, b.direction, b.peer, b.subject, s.state AS supplement_state FROM sole_release r
        JOIN exchange_bundle b ON b.sender = r.sender AND b.id = r.bundle
        LEFT JOIN exchange_bundle s ON s.sender = r.sender AND s.id = r.supplement
        """

    /// The second signature is missing: it was never given, or the supplement that carries it never left.
    static let isMissing = "(r.state <> 'given' OR (b.direction = 'outgoing' AND s.state IN ('cancelled', 'expired')))"
    /// The bundle left, or came.
    static let happened = "b.state NOT IN ('cancelled', 'expired')"

    static func rows(
        _ condition: String,
        _ arguments: [SQLValue],
        limit: (most: Int, skip: Int)? = nil,
        in store: any StoreReading
    ) throws -> [SoleReleaseRow] {
        var sql = query + " WHERE " + condition + " ORDER BY r.due, r.sender, r.bundle"
        var arguments = arguments
        if let limit {
            sql += " LIMIT ? OFFSET ?"
            arguments += [.integer(Int64(limit.most)), .integer(Int64(limit.skip))]
        }
        return try store.rows(sql, arguments).map(SoleReleaseRow.init)
    }

    static func find(_ key: BundleKey, in store: any StoreReading) throws -> SoleReleaseRow? {
        try rows("r.sender = ? AND r.bundle = ?", key.arguments, in: store).first
    }

    static func find(draft id: DraftID, in store: any StoreReading) throws -> SoleReleaseRow? {
        try rows("r.draft = ?", [.text(id.text)], in: store).first
    }

    /// Releases of a party with this content, in a thread.
    static func find(
        _ content: SHA256Digest,
        of sender: PartyID,
        in thread: ThreadID,
        _ store: any StoreReading
    ) throws -> SoleReleaseRow? {
        try rows(
            "r.sender = ? AND r.content_digest = ? AND r.thread = ?",
            [.text(sender.text), .text(content.hex), .text(thread.urn)],
            in: store
        ).first
    }

    init(_ row: StoredRow) throws {
        let key = try BundleKey(row, id: "bundle")
        let isUndone =
            try row.text("direction") == BundleRecord.Direction.outgoing.rawValue
            && ["cancelled", "expired"].contains(row.optionalText("supplement_state"))
        let state = isUndone ? "awaited" : try row.text("state")
        let second: SoleRelease.SecondSignature? =
            switch state {
            case "awaited": .awaited
            case "given":
                .given(by: try row.text("signer"), time: try row.time("signed"))
            case "invalid": .invalid(ErrorCode(try row.text("code")))
            default: nil
            }
        guard let second, let direction = BundleRecord.Direction(rawValue: try row.text("direction")) else {
            throw ExchangeError(.storeUnexpectedValue, "The database holds a release in an unknown state")
        }
        release = SoleRelease(
            bundle: key,
            direction: direction,
            peer: try row.party("peer"),
            thread: try row.id("thread"),
            contentDigest: try row.digest("content_digest"),
            subject: try row.optionalText("subject"),
            reason: try row.text("reason"),
            released: try row.time("released"),
            due: try row.time("due"),
            secondSignature: second,
            draft: try row.optionalText("draft").flatMap { DraftID($0) },
            supplementDraft: try row.optionalText("supplement_draft").flatMap { DraftID($0) },
            supplement: try row.optionalID("supplement", as: BundleID.self)
                .map { BundleKey(sender: key.sender, id: $0) },
            alarmed: try row.optionalTime("alarmed")
        )
        signedObject = try row.bytes("signed_object")
        firstCertificate = try row.certificate("first_certificate")
    }

    /// Enters a release whose bundle stands in the database.
    static func insert(
        _ key: BundleKey,
        _ manifest: EvidenceManifest,
        reason: String,
        content: (digest: SHA256Digest, object: [UInt8]),
        first: (certificate: PartyCertificate, time: ExchangeTime),
        draft: String? = nil,
        in store: any StoreWriting
    ) throws {
        try store.execute(
            """
            INSERT INTO sole_release (sender, bundle, thread, content_digest, draft, signed_object, first_certificate,
                reason, released, due, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'awaited')
            """,
            key.arguments + [
                .text(manifest.thread.urn), .text(content.digest.hex), .init(draft), .bytes(content.object),
                .bytes(first.certificate.der), .text(reason), .init(first.time),
                .init(first.time.adding(seconds: SoleRelease.allowance)),
            ]
        )
    }

    /// The sender's: a second signature was taken and drafted as a supplement.
    static func take(
        _ signature: [UInt8],
        signer: String,
        at time: ExchangeTime,
        supplement: DraftID,
        of key: BundleKey,
        in store: any StoreWriting
    ) throws {
        try store.execute(
            """
            UPDATE sole_release SET signature = ?, signer = ?, signed = ?, supplement_draft = ?
            WHERE sender = ? AND bundle = ?
            """,
            [.bytes(signature), .text(signer), .init(time), .text(supplement.text)] + key.arguments
        )
    }

    /// The sender's: the supplement was sealed, so that the second signature is on its way for certain.
    static func sealed(_ supplement: BundleKey, draft: String, in store: any StoreWriting) throws {
        try store.execute(
            "UPDATE sole_release SET state = 'given', supplement = ? WHERE supplement_draft = ?",
            [.text(supplement.id.urn), .text(draft)]
        )
    }

    /// The recipient's: how the check of what came ended. What was proven once stays.
    static func judged(
        _ key: BundleKey,
        _ der: [UInt8]?,
        from supplement: BundleID,
        _ outcome: Result<SignatureProof, ExchangeError>,
        in store: any StoreWriting
    ) throws {
        switch outcome {
        case .success(let proof):
            try store.execute(
                """
                UPDATE sole_release SET state = 'given', code = NULL, signature = ?, signer = ?, signed = ?, supplement = ?
                WHERE sender = ? AND bundle = ? AND state <> 'given'
                """,
                [
                    .init(der), .text(proof.certificate.commonName ?? proof.certificate.subject),
                    .init(proof.provenTime), .text(supplement.urn),
                ] + key.arguments
            )
        case .failure(let error):
            try store.execute(
                """
                UPDATE sole_release SET state = 'invalid', code = ?, supplement = ?
                WHERE sender = ? AND bundle = ? AND state <> 'given'
                """,
                [.init(error.code), .text(supplement.urn)] + key.arguments
            )
        }
    }
}
