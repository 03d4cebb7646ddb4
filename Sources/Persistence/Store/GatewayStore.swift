import ExchangeLog
public import ExchangeModel
import GRDB
import Glibc

/// The gateway's database: its state, what is still to be sent, and the logs, changed together or not at all.
///
/// What a write returned is durable. When a call throws `store.durability`, the process must end and start again: the
/// store writes nothing more.
public final class GatewayStore: Sendable {
    let engine: any SQLEngine
    let state = LogState()
    /// Keeps the directory locked as long as the store lives.
    private let directory: DataDirectory

    /// Opens and checks the database of a data directory.
    ///
    /// Where another program holds the file locked, the store waits for it, `patience` seconds at most.
    ///
    /// A log that contradicts itself or its last checkpoint does not prevent it: the log can then be read, but takes no
    /// entry and signs nothing.
    ///
    /// - Throws: `store.needs_migration`, `store.newer`, `store.migration_changed`, `store.damaged`,
    ///   `store.foreign_schema`, `store.busy`, `store.read_only`.
    public init(opening directory: DataDirectory, patience: Int = 10) throws {
        self.directory = directory
        guard access(directory.database, F_OK) == 0 else {
            throw ExchangeError(.storeNeedsMigration, "There is no database yet", hint: Migration.hint)
        }
        try Self.requireDatabase(directory.database)
        engine = try SQLiteEngine(
            opening: directory.database,
            schema: Migration.schema(),
            patience: patience,
            fuse: directory.fuse
        )
        try engine.readAtStart { try state.load(from: $0) }
    }

    /// Makes the database or brings it to this version's tables, and gives the steps that were carried out.
    ///
    /// - Throws: `store.newer`, `store.migration_changed`, `store.foreign_schema`, `store.damaged`, `store.full`,
    ///   `store.busy`, `store.read_only`.
    public static func migrate(_ directory: DataDirectory) throws -> [String] {
        // SQLite gives its other files the mode of this one.
        let descriptor = open(directory.database, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SystemFile.failure("The database could not be made") }
        Glibc.close(descriptor)
        try requireDatabase(directory.database)
        do {
            let queue = try DatabaseQueue(path: directory.database, configuration: SQLiteEngine.configuration())
            let done = try queue.inDatabase { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try SQLiteEngine.checkIntegrity(database)
                return try Migration.apply(to: database)
            }
            try queue.close()
            try SystemFile.syncDirectory(directory.path)
            return done
        } catch {
            throw SQLiteFailure.error(error, during: "migrating")
        }
    }

    // SQLite takes a file of a few bytes for a new one, and would begin anew in the remains of a database.
    private static func requireDatabase(_ path: String) throws {
        try SystemFile.requirePrivate(path, kind: S_IFREG)
        let start = try SystemFile.start(of: path, count: 512)
        guard start.isEmpty || (start.count == 512 && start.starts(with: "SQLite format 3\u{0}".utf8)) else {
            throw ExchangeError(.storeDamaged, "The database file is no SQLite database")
        }
    }

    /// Reads one unchanging state.
    ///
    /// - Throws: what the body throws, and `store.busy`, `store.damaged`, `store.failed`.
    public func read<T: Sendable>(_ body: @escaping @Sendable (any StoreReading) throws -> T) async throws -> T {
        try await engine.read(body)
    }

    /// Changes the database in one transaction, which is durable when this returns and left no trace when it throws.
    ///
    /// Transactions run one after the other, in the order in which they were asked for; those that wait at the same time
    /// become durable together, and one that throws takes back only what it did itself. One that has begun is not given up when its caller is cancelled.
    ///
    /// - Throws: what the body throws, and `store.full`, `store.busy`, `store.read_only`, `store.damaged`,
    ///   `store.durability`, `store.failed`.
    @discardableResult
    public func write<T: Sendable>(_ body: @escaping @Sendable (any StoreWriting) throws -> T) async throws -> T {
        let state = self.state
        return try await engine.write { session in
            let session = StoreSession(session, state: state)
            let value = try body(session)
            let frontiers = session.frontiers
            return WriteOutcome(
                value: value,
                stage: { state.stage(frontiers) },
                settle: { isDurable in state.settle(frontiers, isDurable: isDurable) }
            )
        }
    }

    /// Has the database check all that it can check about itself, beside `verify` for the logs; takes as long as reading
    /// the whole file. After damage was found nothing is written any more.
    ///
    /// - Throws: `store.damaged`, and what `read` throws.
    public func checkIntegrity() async throws { try await engine.checkIntegrity() }

    /// Writes a consistent copy of the database to a new file of mode 0600, while others read and write, durably.
    ///
    /// The copy is not encrypted. A file that this began is removed when it fails.
    ///
    /// - Throws: `data.failed` if the file exists or cannot be made, `store.full`, `store.damaged`,
    ///   `store.backup_failed`.
    public func backup(to path: String) async throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SystemFile.failure("The backup could not be made") }
        defer { Glibc.close(descriptor) }
        do {
            try await engine.backup(to: path)
            try SystemFile.sync(descriptor)
            try SystemFile.syncDirectory(SystemFile.parent(of: path))
        } catch let error as ExchangeError where error.code == .storeDurability {
            // It is the copy's disk that failed, so the store itself goes on.
            unlink(path)
            throw ExchangeError(.storeBackupFailed, "The backup could not be made durable", details: error.details)
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Why nothing is written any more, if so; only a new start on a disk that is well again mends it.
    public var failure: ExchangeError? { directory.fuse.remembered }

    /// Ends all writing in the data directory, after somebody else failed to make a file in it durable.
    public func stopWriting(because error: ExchangeError) { directory.fuse.blow(error) }

    /// Ends all work; later calls throw. A store that goes out of use closes itself.
    ///
    /// - Throws: `store.durability`, `store.failed`.
    public func close() throws { try engine.close() }
}
