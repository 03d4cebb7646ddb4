import ExchangeLog
import ExchangeModel
import Persistence
import TrustCrypto

/// What was cosigned last of a partner's log.
struct WitnessedLog: Sendable {
    let checkpoint: Checkpoint
    /// The signed note with our cosignature.
    let note: String
    let cosigned: ExchangeTime
}

/// Witnessing in the database.
enum WitnessRows {
    // MARK: - What we cosigned

    /// - Throws: `log.*` for a stored note that is damaged.
    static func witnessed(_ party: PartyID, _ key: LogVerifierKey, in store: any StoreReading) throws -> WitnessedLog? {
        let sql = "SELECT size, root, note, cosigned FROM witnessed_log WHERE party = ? AND log_key = ?"
        guard let row = try store.row(sql, [SQLValue(party), .text(key.vkey)]) else { return nil }
        let note = try row.text("note")
        let checkpoint = try Checkpoint(note: note, verifiedBy: key)
        // What is compared is what the log signed; a row that says something else was tampered with.
        guard try checkpoint.size == row.integer("size"), try checkpoint.root == row.digest("root") else {
            throw ExchangeError(.storeUnexpectedValue, "What was cosigned of \(party) is not what is stored of it")
        }
        return WitnessedLog(checkpoint: checkpoint, note: note, cosigned: try row.time("cosigned"))
    }

    static func keep(
        _ checkpoint: Checkpoint,
        note: String,
        of party: PartyID,
        _ key: LogVerifierKey,
        at time: ExchangeTime,
        in store: any StoreWriting
    ) throws {
        try store.execute(
            """
            INSERT INTO witnessed_log (party, log_key, size, root, note, cosigned) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (party, log_key) DO UPDATE SET
            size = excluded.size, root = excluded.root, note = excluded.note, cosigned = excluded.cosigned
            """,
            [
                SQLValue(party), .text(key.vkey), .integer(checkpoint.size), SQLValue(checkpoint.root), .text(note),
                SQLValue(time),
            ]
        )
    }

    // MARK: - What partners cosigned

    /// The size of ours that a partner cosigned last, 0 for none.
    static func cosignedSize(by party: PartyID, _ key: WitnessVerifierKey, in store: any StoreReading) throws -> Int64 {
        let sql = "SELECT MAX(size) AS size FROM cosignature WHERE party = ? AND witness_key = ?"
        return try store.row(sql, [SQLValue(party), .text(key.vkey)])?.optionalInteger("size") ?? 0
    }

    static func keep(
        _ cosignature: Cosignature,
        of size: Int64,
        by party: PartyID,
        at time: ExchangeTime,
        in store: any StoreWriting
    ) throws {
        try store.execute(
            """
            INSERT INTO cosignature (party, size, witness_key, line, made, taken) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (party, size) DO UPDATE SET
            witness_key = excluded.witness_key, line = excluded.line, made = excluded.made, taken = excluded.taken
            """,
            [
                SQLValue(party), .integer(size), .text(cosignature.witness.vkey), .text(cosignature.line),
                SQLValue(cosignature.time), SQLValue(time),
            ]
        )
    }

    /// Our checkpoint of a size with the cosignatures of partners, in the order of the partners; `nil` without any.
    static func cosignedNote(ofSize size: Int64, in store: any StoreReading) throws -> String? {
        let lines = try store.rows("SELECT line FROM cosignature WHERE size = ? ORDER BY party", [.integer(size)])
        let sql = "SELECT note FROM log_checkpoint WHERE tree = 'exchange' AND size = ?"
        guard !lines.isEmpty, let row = try store.row(sql, [.integer(size)]) else { return nil }
        return try row.text("note") + lines.map { try $0.text("line") }.joined()
    }

    /// The newest cosigned size in a range, the lower bound left out.
    static func cosignedSize(after: Int64, upTo: Int64, in store: any StoreReading) throws -> Int64? {
        let sql = "SELECT MAX(size) AS size FROM cosignature WHERE size > ? AND size <= ?"
        return try store.row(sql, [.integer(after), .integer(upTo)])?.optionalInteger("size")
    }

    /// The size that most partners have cosigned since a time, the newest of these; else the one cosigned last.
    static func bestSize(since time: ExchangeTime, in store: any StoreReading) throws -> Int64? {
        let sql = """
            SELECT size FROM cosignature WHERE taken >= ? GROUP BY size ORDER BY COUNT(*) DESC, size DESC LIMIT 1
            """
        if let row = try store.row(sql, [SQLValue(time)]) { return try row.integer("size") }
        return try store.row("SELECT MAX(size) AS size FROM cosignature")?.optionalInteger("size")
    }

    /// Of cosignatures older than two days, keeps each partner's last one of a day: the newer ones cover the older.
    static func thin(at now: ExchangeTime, in store: any StoreWriting) throws {
        try store.execute(
            """
            DELETE FROM cosignature WHERE taken < ? AND EXISTS (SELECT 1 FROM cosignature later
            WHERE later.party = cosignature.party AND later.taken / 86400 = cosignature.taken / 86400
            AND later.size > cosignature.size)
            """,
            [SQLValue(now.adding(seconds: -2 * 86_400))]
        )
    }

    // MARK: - Findings

    /// A finding is open until it is cleared, or the partner has a log with another key, which two administrators took.
    private static let isOpen = """
        cleared IS NULL AND (side = 'own' OR EXISTS (SELECT 1 FROM peer
        WHERE peer.party = witness_finding.party AND peer.exchange_log = witness_finding.log_key))
        """

    /// The partners whose logs stand as contradicting themselves.
    static func contradicted(_ store: any StoreReading) throws -> Set<PartyID> {
        let sql = "SELECT DISTINCT party FROM witness_finding WHERE side = 'partner' AND \(isOpen)"
        return Set(try store.rows(sql).map { try $0.party("party") })
    }

    static func findings(
        openOnly: Bool,
        limit: Int,
        skip: Int,
        in store: any StoreReading
    ) throws -> [WitnessFinding] {
        try store.rows(
            """
            SELECT \(WitnessFinding.columns) FROM witness_finding \(openOnly ? "WHERE \(isOpen)" : "")
            ORDER BY found DESC, id LIMIT ? OFFSET ?
            """,
            [SQLValue(limit), SQLValue(skip)]
        ).map(WitnessFinding.init)
    }

    static func finding(_ id: WitnessFindingID, in store: any StoreReading) throws -> WitnessFinding? {
        try store.row("SELECT \(WitnessFinding.columns) FROM witness_finding WHERE id = ?", [.text(id.text)])
            .map(WitnessFinding.init)
    }

    /// Enters a finding unless one of its kind is open.
    ///
    /// - Returns: Whether it is new.
    static func enter(_ finding: WitnessFinding, core: GatewayCore, in store: any StoreWriting) throws -> Bool {
        let known = try store.row(
            "SELECT id FROM witness_finding WHERE party = ? AND side = ? AND log_key = ? AND kind = ? AND cleared IS NULL",
            [
                SQLValue(finding.party), .text(finding.side.rawValue), .text(finding.log.vkey),
                .text(finding.kind.rawValue),
            ]
        )
        guard known == nil else { return false }
        try store.execute(
            "INSERT INTO witness_finding (\(WitnessFinding.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .text(finding.id.text), SQLValue(finding.party), .text(finding.side.rawValue), .text(finding.log.vkey),
                .text(finding.kind.rawValue), .integer(finding.cosignedSize), .integer(finding.shownSize),
                SQLValue(finding.proof), SQLValue(finding.found), SQLValue(finding.cleared),
            ]
        )
        var entry = try core.entry(.witnessAlarm, outcome: .failed, code: finding.kind.code)
        entry.peer = finding.party
        entry.subject = finding.log.origin
        entry.digest = try finding.proof.map { try SHA256Digest(of: $0) }
        try store.append(entry, to: .exchange)
        return true
    }

    /// Clears what was only suspected of a log that has been shown to continue.
    ///
    /// - Returns: How many findings were cleared.
    static func clear(
        _ party: PartyID,
        _ side: WitnessFinding.Side,
        _ log: LogVerifierKey,
        core: GatewayCore,
        in store: any StoreWriting
    ) throws -> Int {
        let cleared = try store.execute(
            """
            UPDATE witness_finding SET cleared = ? WHERE party = ? AND side = ? AND log_key = ? AND cleared IS NULL
            AND kind IN ('shorter', 'not_proven')
            """,
            [SQLValue(core.now()), SQLValue(party), .text(side.rawValue), .text(log.vkey)]
        )
        guard cleared > 0 else { return 0 }
        var entry = try core.entry(.witnessCleared)
        entry.peer = party
        entry.subject = log.origin
        try store.append(entry, to: .exchange)
        return cleared
    }
}
