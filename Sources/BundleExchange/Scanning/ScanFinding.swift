public import ExchangeModel
import Persistence

/// The operator's program that looks at received files, and what it is given.
public struct ScannerSettings: Hashable, Sendable {
    /// The program, by its absolute path.
    public var command: String
    /// How long it may take for one file, in seconds.
    public var seconds: Int64
    /// The largest file that it is given, in bytes.
    public var largest: Int64

    /// Takes all fields.
    public init(command: String, seconds: Int64 = 300, largest: Int64 = 4 << 30) {
        self.command = command
        self.seconds = seconds
        self.largest = largest
    }
}

/// What the operator's program said of a received item or document. It stands beside the item, which is never altered.
public struct ScanFinding: Hashable, Sendable {
    /// What it came to.
    public enum Outcome: String, CaseIterable, Hashable, Sendable {
        /// The program found nothing.
        case clean
        /// The program found something.
        case found
        /// The program failed, took too long or did not read everything; nothing is known.
        case error
        /// The file is larger than the program is given.
        case tooLarge = "too_large"
    }

    /// The file's path in the bundle.
    public let path: String
    /// What it came to.
    public let outcome: Outcome
    /// What the program calls itself: its first line.
    public let engine: String?
    /// Its version: the second line.
    public let version: String?
    /// What it found, or what went wrong: the third line.
    public let finding: String?
    /// When it looked.
    public let scanned: ExchangeTime
}

extension ScanFinding {
    init(_ row: StoredRow) throws {
        guard let outcome = Outcome(rawValue: try row.text("outcome")) else {
            throw ExchangeError(.storeUnexpectedValue, "The database holds an unknown outcome of a scan")
        }
        self.init(
            path: try row.text("path"),
            outcome: outcome,
            engine: try row.optionalText("engine"),
            version: try row.optionalText("version"),
            finding: try row.optionalText("finding"),
            scanned: try row.time("scanned")
        )
    }

    /// What is known of a bundle's files, by path.
    static func all(of bundle: BundleKey, in store: any StoreReading) throws -> [ScanFinding] {
        try store.rows("SELECT * FROM scan_finding WHERE sender = ? AND bundle = ? ORDER BY path", bundle.arguments)
            .map { try ScanFinding($0) }
    }

    /// What is known of a received item.
    static func of(_ origin: EvidenceRecord.Origin, in store: any StoreReading) throws -> ScanFinding? {
        try store.row(
            "SELECT * FROM scan_finding WHERE sender = ? AND bundle = ? AND path = ?",
            [SQLValue(origin.sender), .text(origin.bundle), .text(origin.path)]
        ).map { try ScanFinding($0) }
    }

    func save(of bundle: BundleKey, in store: any StoreWriting) throws {
        try store.execute(
            "DELETE FROM scan_finding WHERE sender = ? AND bundle = ? AND path = ?",
            bundle.arguments + [.text(path)]
        )
        try store.execute(
            """
            INSERT INTO scan_finding (sender, bundle, path, outcome, engine, version, finding, scanned)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            bundle.arguments + [
                .text(path), .text(outcome.rawValue), SQLValue(engine), SQLValue(version), SQLValue(finding),
                SQLValue(scanned),
            ]
        )
    }
}
