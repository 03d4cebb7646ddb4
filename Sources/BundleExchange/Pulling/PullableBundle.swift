import EvidencePackaging
public import ExchangeModel
import Persistence

/// A bundle that a caller may fetch, as that caller sees it.
public struct PullableBundle: Hashable, Sendable {
    /// What the caller said of it by receipt so far.
    public enum State: String, CaseIterable, Sendable {
        /// Nothing.
        case waiting
        /// The caller's gateway has it whole.
        case received
        /// The agency fetched it.
        case retrieved
        /// It was opened, and everything in it holds.
        case opened
        /// It was refused for good.
        case rejected
    }

    /// What names it.
    public let key: BundleKey
    /// What its header states.
    public let header: ExchangeHeader
    /// The identity of the sealed file.
    public let sealedDigest: SHA256Digest
    /// Length of the sealed file in bytes.
    public let size: Int64
    /// What the caller said of it.
    public let state: State
    /// Since when the caller may fetch it.
    public let available: ExchangeTime
    /// When it was first given to the caller whole.
    public let served: ExchangeTime?
    let direction: BundleRecord.Direction
    let peer: PartyID
    /// SHA-256 of the file, as far as it is known.
    let fileDigest: SHA256Digest?

    /// The place in the listing that follows this bundle.
    public var cursor: String { "\(key.id.uuid).\(key.sender)" }

    /// Reads a place in the listing; `nil` for what is none.
    static func key(cursor: String) -> BundleKey? {
        let pieces = cursor.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard pieces.count == 2, let id = BundleID(urn: "urn:uuid:" + pieces[0]),
            let sender = PartyID(String(pieces[1]))
        else { return nil }
        return BundleKey(sender: sender, id: id)
    }

    init(_ row: StoredRow) throws {
        key = try BundleKey(row)
        header = try ExchangeHeader(xml: row.bytes("header"))
        sealedDigest = try row.digest("sealed_digest")
        size = try row.integer("size")
        available = try row.time("since")
        served = try row.optionalTime("served")
        fileDigest = try row.optionalText("file_sha256").flatMap { SHA256Digest(hex: $0) }
        guard let direction = BundleRecord.Direction(rawValue: try row.text("direction")),
            let peer = PartyID(try row.text("peer")),
            let state = State(rawValue: try row.optionalText("said") ?? State.waiting.rawValue)
        else { throw ExchangeError(.storeUnexpectedValue, "The database holds a bundle in an unknown state") }
        self.direction = direction
        self.peer = peer
        self.state = state
    }
}

/// The questions that find what a caller may fetch. Whether a bundle is not there or somebody else's, the same question is
/// asked and gives no row.
struct PullQuestion {
    private let caller: PullCaller
    private let condition: String
    private let holders: [SQLValue]
    private let own: PartyID

    /// - Parameters:
    ///   - caller: Who asks.
    ///   - keys: The encryption certificates that the caller, an agency, holds now.
    ///   - own: The party whose gateway this is.
    init(_ caller: PullCaller, keys: [SHA256Digest], own: PartyID) {
        self.caller = caller
        self.own = own
        switch caller {
        case .gateway(let party):
            condition = "RIGHT.holder = 'party' AND RIGHT.name = ?"
            holders = [.text(party.text)]
        case .agency(let id, _):
            let marks = keys.isEmpty ? "NULL" : keys.map { _ in "?" }.joined(separator: ", ")
            condition =
                "((RIGHT.holder = 'agency' AND RIGHT.name = ?) OR (RIGHT.holder = 'key' AND RIGHT.name IN (\(marks))))"
            holders = [.text(id)] + keys.map { .text($0.hex) }
        }
    }

    private func held(_ table: String) -> String { condition.replacing("RIGHT.", with: table + ".") }

    private var select: String {
        """
        SELECT b.sender, b.id, b.direction, b.peer, b.header, b.sealed_digest, b.size, b.file_sha256, r.number, r.since,
            (SELECT s.served FROM pull_service s
                WHERE s.bundle_sender = b.sender AND s.bundle = b.id AND s.caller = ?) AS served,
            (SELECT x.kind FROM receipt x
                WHERE x.sender = b.sender AND x.bundle = b.id AND x.issuer = ? AND x.agency = ?
                ORDER BY CASE x.kind WHEN 'received' THEN 2 WHEN 'retrieved' THEN 1 ELSE 0 END LIMIT 1) AS said
        FROM pull_right r JOIN exchange_bundle b ON b.sender = r.bundle_sender AND b.id = r.bundle
        WHERE \(held("r"))
            AND NOT EXISTS (SELECT 1 FROM pull_right e WHERE e.bundle_sender = r.bundle_sender
                AND e.bundle = r.bundle AND e.number < r.number AND \(held("e")))
            AND ((b.direction = 'outgoing' AND b.peer = ? AND b.paused IS NULL AND b.state NOT IN ('expired', 'cancelled', 'superseded'))
                OR (b.direction = 'incoming' AND ? = ? AND b.state IN ('received', 'opening', 'opened')))
        """
    }

    private var arguments: [SQLValue] {
        [.text(caller.name), .text(caller.party.text), .text(caller.agency ?? "")] + holders + holders
            + [.text(caller.party.text), .text(caller.party.text), .text(own.text)]
    }

    /// The bundles after a place, in the order in which the caller came to them.
    func list(after: Int64, limit: Int, in store: any StoreReading) throws -> [PullableBundle] {
        try store.rows(
            select + " AND r.number > ? ORDER BY r.number LIMIT ?",
            arguments + [.integer(after), .integer(Int64(limit))]
        ).map(PullableBundle.init)
    }

    /// The bundle of an id; of several senders' the one that was here first.
    func find(_ id: BundleID, sender: PartyID?, in store: any StoreReading) throws -> PullableBundle? {
        let anySender = sender == nil ? 1 : 0
        return try store.row(
            select + " AND b.id = ? AND (? = 1 OR b.sender = ?) ORDER BY r.number LIMIT 1",
            arguments + [.text(id.urn), .integer(Int64(anySender)), .text(sender?.text ?? "")]
        ).map(PullableBundle.init)
    }

    /// The place of a bundle among all that the caller ever could fetch.
    func place(of key: BundleKey, in store: any StoreReading) throws -> Int64? {
        try store.row(
            "SELECT MIN(r.number) AS place FROM pull_right r WHERE r.bundle_sender = ? AND r.bundle = ? AND \(held("r"))",
            key.arguments + holders
        )?.optionalInteger("place")
    }
}
