import ExchangeModel
import Foundation
import GRDB
import Synchronization

/// SQLite through a pool of connections: one writes, several read at the same time (write-ahead log).
///
/// After a failure to make bytes durable nothing is written any more: what the kernel forgot it reports only once.
final class SQLiteEngine: SQLEngine {
    private let path: String
    private let pool: DatabasePool
    private let fuse: DurabilityFuse
    private let jobs = WriteQueue()
    private let checkpointedLogSize = Mutex<Int64>(0)

    /// Frames beyond this many bytes of write-ahead log are copied into the database file.
    private static let checkpointSize: Int64 = 4 << 20

    /// Opens an existing file and checks it; `schema` is what its tables have to be.
    ///
    /// - Throws: `store.needs_migration`, `store.newer`, `store.migration_changed`, `store.damaged`,
    ///   `store.foreign_schema`, `store.busy`, `store.read_only`.
    init(opening path: String, schema: Set<SchemaObject>, patience: Int, fuse: DurabilityFuse) throws {
        self.path = path
        self.fuse = fuse
        do {
            pool = try DatabasePool(path: path, configuration: Self.configuration(patience: patience))
            try pool.writeWithoutTransaction { database in
                try Self.setDurability(database)
                try Migration.requireAll(in: database)
                try Self.checkSchema(database, schema)
                try Self.checkIntegrity(database)
            }
        } catch {
            throw SQLiteFailure.error(error, during: "opening")
        }
    }

    /// How every connection is set up.
    static func configuration(patience: Int = 10) -> Configuration {
        var configuration = Configuration()
        configuration.label = "store"
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(TimeInterval(patience))
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { database in
            // A file from elsewhere cannot make SQLite call functions through its schema, and damaged cells are seen.
            try database.execute(sql: "PRAGMA trusted_schema = OFF")
            try database.execute(sql: "PRAGMA cell_size_check = ON")
        }
        return configuration
    }

    /// Sets what the pool resets while it opens, and asserts it.
    private static func setDurability(_ database: Database) throws {
        try database.execute(sql: "PRAGMA synchronous = FULL")
        // The engine copies the write-ahead log itself: SQLite's own checkpoint after a commit hides its errors.
        _ = try Int.fetchOne(database, sql: "PRAGMA wal_autocheckpoint = 0")
        _ = try Int.fetchOne(database, sql: "PRAGMA journal_size_limit = 0")
        let settings: [(String, String)] = [
            ("synchronous", "2"), ("journal_mode", "wal"), ("foreign_keys", "1"), ("trusted_schema", "0"),
            ("cell_size_check", "1"), ("wal_autocheckpoint", "0"),
        ]
        for (name, expected) in settings {
            let value = try Row.fetchOne(database, sql: "PRAGMA \(name)")?.first.map { $0.1.description }
            guard value?.trimmingCharacters(in: ["\""]) == expected else {
                throw ExchangeError(.storeFailed, "SQLite did not take the setting \(name)")
            }
        }
    }

    private static func checkSchema(_ database: Database, _ expected: Set<SchemaObject>) throws {
        let found = try SchemaObject.all(in: database)
        guard found == expected else {
            let names = found.symmetricDifference(expected).map(\.name).sorted().prefix(5)
            throw ExchangeError(
                .storeForeignSchema,
                "The database's tables are not those of this version",
                details: Array(names)
            )
        }
    }

    /// `quick_check` looks at every page and row, `integrity_check` also whether each index says what its table says.
    static func checkIntegrity(_ database: Database, by pragma: String = "quick_check") throws {
        let findings = try Row.fetchAll(database, sql: "PRAGMA \(pragma)(3)")
            .compactMap { $0.first.map { $0.1.description } }
        guard findings == ["\"ok\""] else {
            throw ExchangeError(.storeDamaged, "The database file is damaged", details: findings)
        }
    }

    func readAtStart<T>(_ body: (any StoreReading) throws -> T) throws -> T {
        try Self.result(of: "reading") { try pool.read { try body(SQLiteSession($0)) } }.get()
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any StoreReading) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncRead { database in
                continuation.resume(with: Self.result(of: "reading") { try body(SQLiteSession(database.get())) })
            }
        }
    }

    // A transaction that has begun is not given up when its caller is cancelled: half of what it did could be known.
    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> WriteOutcome<T>) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            jobs.add(WriteJob(body, continuation))
            pool.asyncWriteWithoutTransaction { [self] database in
                // Empty when the group before took this one along.
                let group = jobs.take()
                guard !group.isEmpty else { return }
                WriteGroup(group).run(on: database, fuse: fuse)
                copyWriteAheadLog(database)
            }
        }
    }

    // The transaction before is durable already; a failure here ends the writing, not that transaction.
    private func copyWriteAheadLog(_ database: Database) {
        var status = stat()
        guard stat(path + "-wal", &status) == 0 else { return }
        let size = Int64(status.st_size)
        let due = checkpointedLogSize.withLock { checkpointed in
            if size < checkpointed { checkpointed = 0 }
            guard size - checkpointed >= Self.checkpointSize else { return false }
            checkpointed = size
            return true
        }
        guard due else { return }
        do {
            try database.checkpoint(.passive)
        } catch {
            fuse.blow(on: SQLiteFailure.error(error, during: "copying the write-ahead log"))
        }
    }

    private static func result<T>(of work: String, _ body: () throws -> T) -> Result<T, any Error> {
        do {
            return .success(try body())
        } catch {
            return .failure(SQLiteFailure.error(error, during: work))
        }
    }

    func checkIntegrity() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            pool.asyncRead { [self] database in
                continuation.resume(
                    with: Self.result(of: "checking") {
                        do {
                            try Self.checkIntegrity(database.get(), by: "integrity_check")
                        } catch {
                            let error = SQLiteFailure.error(error, during: "checking")
                            fuse.blow(on: error)
                            throw error
                        }
                    }
                )
            }
        }
    }

    func backup(to path: String) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            pool.asyncRead { database in
                continuation.resume(
                    with: Self.result(of: "a backup") { try Self.copy(database.get(), to: path) }
                )
            }
        }
    }

    // One step copies one state, and in write-ahead mode holds nobody up.
    private static func copy(_ database: Database, to path: String) throws {
        let copy = try DatabaseQueue(path: path, configuration: configuration())
        try copy.inDatabase { target in
            try database.backup(to: target)
            // The copy stands alone, without a write-ahead log beside it.
            let mode = try String.fetchOne(target, sql: "PRAGMA journal_mode = DELETE")
            guard mode == "delete" else { throw ExchangeError(.storeFailed, "The copy's mode could not be set") }
            try checkIntegrity(target)
        }
        try copy.close()
    }

    func close() throws {
        // A reader closes last, and readers cannot copy the write-ahead log. Whoever still reads, or a full disk, keeps it
        // in place, and the next start uses it.
        let copied = Result { try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) } }
        do {
            try pool.close()
            try copied.get()
        } catch let error as DatabaseError where [.SQLITE_BUSY, .SQLITE_FULL].contains(error.resultCode) {
        } catch {
            throw SQLiteFailure.error(error, during: "closing")
        }
    }
}
