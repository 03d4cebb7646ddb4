import ExchangeModel
import GRDB
import TrustCrypto

/// One numbered step of the tables; once shipped its text never changes.
struct Migration: Sendable {
    let number: Int64
    let name: String
    let sql: String

    /// `0001-foundation`, as the file is named.
    var title: String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "-" + name
    }

    func digest() throws -> SHA256Digest { try SHA256Digest(of: Array(sql.utf8)) }

    /// All steps that this program knows, in order.
    static let all: [Migration] = [
        Migration(
            number: 1,
            name: "foundation",
            sql: String(decoding: PackageResources._001_foundation_sql, as: UTF8.self)
        ),
        Migration(
            number: 2,
            name: "case-work",
            sql: String(decoding: PackageResources._002_case_work_sql, as: UTF8.self)
        ),
        Migration(
            number: 3,
            name: "exchange",
            sql: String(decoding: PackageResources._003_exchange_sql, as: UTF8.self)
        ),
        Migration(
            number: 4,
            name: "case-document",
            sql: String(decoding: PackageResources._004_case_document_sql, as: UTF8.self)
        ),
    ]

    private static let record = """
        CREATE TABLE schema_migration (
            number BIGINT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            sha256 TEXT NOT NULL
        )
        """

    /// How many of the steps a database has had; throws if it is newer, or had other steps.
    ///
    /// - Throws: `store.newer`, `store.migration_changed`, `store.damaged`.
    static func applied(in database: Database) throws -> Int {
        guard try database.tableExists("schema_migration") else {
            guard try SchemaObject.all(in: database).isEmpty else {
                throw ExchangeError(.storeForeignSchema, "The database was not made by this program")
            }
            return 0
        }
        let session = SQLiteSession(database)
        let rows = try session.rows("SELECT number, name, sha256 FROM schema_migration ORDER BY number", [])
        guard rows.count <= all.count else {
            throw ExchangeError(
                .storeNewer,
                "The database was made by a newer version of the program",
                hint: "Use that version, or restore a backup made before the change"
            )
        }
        for (row, migration) in zip(rows, all) {
            let isSame =
                try row.integer("number") == migration.number && row.text("name") == migration.name
                && row.text("sha256") == migration.digest().hex
            guard isSame else {
                throw ExchangeError(
                    .storeMigrationChanged,
                    "Migration \(migration.title) is not the one that the database has had"
                )
            }
        }
        return rows.count
    }

    static let hint = "Run the migration, after a backup"

    /// Demands that a database has had all steps.
    static func requireAll(in database: Database) throws {
        guard try applied(in: database) == all.count else {
            throw ExchangeError(
                .storeNeedsMigration,
                "The database was made by an older version of the program",
                hint: hint
            )
        }
    }

    /// Carries out the steps that are missing, each in a transaction of its own, and gives their titles.
    static func apply(to database: Database) throws -> [String] {
        var done: [String] = []
        for migration in all.dropFirst(try applied(in: database)) {
            try database.inTransaction(.immediate) {
                if try !database.tableExists("schema_migration") { try database.execute(sql: record) }
                try database.execute(sql: migration.sql)
                _ = try SQLiteSession(database).execute(
                    "INSERT INTO schema_migration (number, name, sha256) VALUES (?, ?, ?)",
                    [.integer(migration.number), .text(migration.name), SQLValue(try migration.digest())]
                )
                return .commit
            }
            done.append(migration.title)
        }
        return done
    }

    /// What the tables are after all steps.
    static func schema() throws -> Set<SchemaObject> { try made.get() }

    // Made once, by carrying out all steps on an empty database in memory.
    private static let made = Result<Set<SchemaObject>, any Error> {
        let scratch = try DatabaseQueue(configuration: SQLiteEngine.configuration())
        return try scratch.inDatabase { database in
            _ = try apply(to: database)
            return try SchemaObject.all(in: database)
        }
    }
}
