public import EvidencePackaging
public import ExchangeModel
import Persistence

/// Where people see bundles, sent and received, with their receipts.
public struct BundleRegister: Sendable {
    /// A stored receipt.
    public struct StoredReceipt: Hashable, Sendable {
        /// What it says happened.
        public let kind: Receipt.Kind
        /// The party that gave it.
        public let issuer: PartyID
        /// The agency that gave it, if it was one.
        public let agency: String?
        /// When the act happened, by the issuer's clock.
        public let time: ExchangeTime
        /// When it was stored here.
        public let stored: ExchangeTime
        /// SHA-256 of the signed object.
        public let sha256: SHA256Digest
        /// The signed object (DER).
        public let der: [UInt8]
    }

    /// Work that is still to be done for a bundle.
    public struct Pending: Hashable, Sendable {
        /// What is to be done.
        public let work: String
        /// When it is tried next.
        public let due: ExchangeTime
        /// How often it was tried.
        public let attempts: Int64
        /// Why the last attempt failed.
        public let lastError: String?
        /// `paused` by a person, or `crashed`: it ended the gateway several times.
        public let held: String?
    }

    private let core: GatewayCore

    /// Takes the gateway.
    public init(core: GatewayCore) { self.core = core }

    /// Bundles that the person may see, newest first.
    ///
    /// - Parameters:
    ///   - direction: Only those that go this way.
    ///   - thread: Only those of one thread.
    ///   - state: Only those in one state.
    ///   - after: Those older than this bundle's key.
    ///   - limit: At most so many.
    ///   - person: Who asks.
    /// - Returns: The bundles.
    /// - Throws: `access.denied`.
    public func list(
        direction: BundleRecord.Direction? = nil,
        thread: ThreadID? = nil,
        state: BundleRecord.State? = nil,
        after: BundleKey? = nil,
        limit: Int = 100,
        by person: ActingPerson
    ) async throws -> [BundleRecord] {
        try await core.authorise(person, to: .seeBundles)
        var conditions: [String] = []
        var arguments: [SQLValue] = []
        func require(_ condition: String, _ values: SQLValue...) {
            conditions.append(condition)
            arguments += values
        }
        if let direction { require("direction = ?", .text(direction.rawValue)) }
        if let thread { require("thread = ?", .text(thread.urn)) }
        if let state { require("state = ?", .text(state.rawValue)) }
        if let after {
            require(
                "(created < (SELECT created FROM exchange_bundle WHERE sender = ? AND id = ?) OR (created = (SELECT created FROM exchange_bundle WHERE sender = ? AND id = ?) AND id < ?))",
                .text(after.sender.text),
                .text(after.id.urn),
                .text(after.sender.text),
                .text(after.id.urn),
                .text(after.id.urn)
            )
        }
        require(Self.sight, .text(person.authority))
        let sql =
            "SELECT \(BundleRecord.columns) FROM exchange_bundle WHERE " + conditions.joined(separator: " AND ")
            + " ORDER BY created DESC, id DESC LIMIT ?"
        let values = arguments + [.integer(Int64(max(1, min(limit, 500))))]
        return try await core.store.read { try $0.rows(sql, values).map(BundleRecord.init) }
    }

    /// One bundle with its receipts and pending work.
    ///
    /// - Throws: `access.denied`, `request.not_found`.
    public func show(_ key: BundleKey, by person: ActingPerson) async throws
        -> (record: BundleRecord, receipts: [StoredReceipt], pending: [Pending])
    {
        try await core.authorise(person, to: .seeBundles)
        return try await core.store.read { store in
            guard let record = try BundleRecord.visible(key, nil, to: person, in: store) else {
                throw ExchangeError(.notFound, "There is no such bundle")
            }
            let receipts = try store.rows(
                "SELECT * FROM receipt WHERE sender = ? AND bundle = ? ORDER BY stored, kind",
                key.arguments
            ).map(StoredReceipt.init)
            let pending = try store.rows(
                "SELECT kind, due, attempts, last_error, held FROM outbox WHERE sender = ? AND bundle = ? ORDER BY entered",
                key.arguments
            ).map {
                Pending(
                    work: try $0.text("kind"),
                    due: try $0.time("due"),
                    attempts: try $0.integer("attempts"),
                    lastError: try $0.optionalText("last_error"),
                    held: try $0.optionalText("held")
                )
            }
            return (record, receipts, pending)
        }
    }

    /// What the operator's program said of the bundle's files, by path.
    ///
    /// - Throws: `access.denied`, `request.not_found`.
    public func scans(of key: BundleKey, by person: ActingPerson) async throws -> [ScanFinding] {
        try await core.authorise(person, to: .seeBundles)
        return try await core.store.read { store in
            guard try BundleRecord.visible(key, nil, to: person, in: store) != nil else {
                throw ExchangeError(.notFound, "There is no such bundle")
            }
            return try ScanFinding.all(of: key, in: store)
        }
    }

    /// The report of the opening; `nil` when it was not tried yet.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `report.malformed`.
    public func report(_ key: BundleKey, by person: ActingPerson) async throws -> BundleReport? {
        try await core.authorise(person, to: .seeBundles)
        let kept = try await core.store.read { store in
            guard let record = try BundleRecord.visible(key, nil, to: person, in: store) else {
                throw ExchangeError(.notFound, "There is no such bundle")
            }
            let row = try store.row(
                "SELECT report, manifest FROM exchange_bundle WHERE sender = ? AND id = ?",
                key.arguments
            )
            return (
                header: record.header, report: try row?.optionalText("report"), xml: try row?.optionalBytes("manifest")
            )
        }
        guard let text = kept.report else { return nil }
        // The manifest is kept only of what was proven.
        return try BundleReport(
            json: Array(text.utf8),
            header: kept.header,
            manifest: kept.xml.map { try EvidenceManifest(xml: $0) }
        )
    }

    /// What an opened bundle states in the terms of CASE and UCO, as JSON-LD; `nil` before it was opened.
    ///
    /// - Throws: `access.denied`, `request.not_found`.
    public func caseDocument(_ key: BundleKey, by person: ActingPerson) async throws -> String? {
        try await core.authorise(person, to: .seeBundles)
        return try await core.store.read { store in
            guard try BundleRecord.visible(key, nil, to: person, in: store) != nil else {
                throw ExchangeError(.notFound, "There is no such bundle")
            }
            return try store.row(
                "SELECT case_document FROM exchange_bundle WHERE sender = ? AND id = ?",
                key.arguments
            )?.optionalText("case_document")
        }
    }

    /// The condition under which a person sees a bundle: its thread is the authority's, or nobody's yet.
    static let sight = """
        NOT EXISTS (SELECT 1 FROM thread t WHERE t.id = exchange_bundle.thread AND t.authority IS NOT NULL
            AND t.authority <> ?)
        """
}

extension BundleRegister.StoredReceipt {
    init(_ row: StoredRow) throws {
        guard let kind = Receipt.Kind(rawValue: try row.text("kind")), let issuer = PartyID(try row.text("issuer"))
        else { throw ExchangeError(.storeUnexpectedValue, "The database holds a receipt of an unknown kind") }
        let agency = try row.text("agency")
        self.init(
            kind: kind,
            issuer: issuer,
            agency: agency.isEmpty ? nil : agency,
            time: try row.time("time"),
            stored: try row.time("stored"),
            sha256: try row.digest("sha256"),
            der: try row.bytes("der")
        )
    }
}

extension BundleRecord {
    /// A bundle that the person may see; for others it does not exist.
    static func visible(
        _ key: BundleKey,
        _ direction: Direction?,
        to person: ActingPerson,
        in store: any StoreReading
    ) throws -> BundleRecord? {
        let record = try store.row(
            "SELECT \(columns) FROM exchange_bundle WHERE sender = ? AND id = ? AND \(BundleRegister.sight)",
            key.arguments + [.text(person.authority)]
        ).map(BundleRecord.init)
        guard direction == nil || record?.direction == direction else { return nil }
        return record
    }
}
