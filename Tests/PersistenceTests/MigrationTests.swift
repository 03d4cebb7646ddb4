import ExchangeModel
import Foundation
import Persistence
import Testing
import TrustCrypto

@Suite struct MigrationTests {
    /// What has been shipped and so cannot change any more.
    private static let shipped: [(number: Int64, name: String, sha256: String)] = [
        (1, "foundation", "b1a47b64e2c0ce0f3b4a2684658f65e89e8591426bc266ebde07d7651d914a4b"),
        (2, "case-work", "fb74c023d8f7b9a03167b20407bcdfbd5ee9633348f9bde63a1bd5570dedc3f8"),
        (3, "exchange", "96a059716e26c2e8c4852a20e040848bb400feb0fe9364d88d95f5731e6bb3c6"),
        (4, "case-document", "cf804f0ca993d7765280095f7a29bcb867132ae6124fabc7447f1103b7ee17d3"),
    ]

    @Test func migrationsAreThoseThatWereShipped() async throws {
        let under = try StoreUnderTest()
        let found = try await under.store.read { session in
            try session.rows("SELECT number, name, sha256 FROM schema_migration ORDER BY number")
                .map { "\(try $0.integer("number")) \(try $0.text("name")) \(try $0.text("sha256"))" }
        }
        #expect(found == Self.shipped.map { "\($0.number) \($0.name) \($0.sha256)" })
    }

    @Test func migratingTwiceDoesNothing() async throws {
        let scratch = try ScratchDirectory()
        let directory = try DataDirectory(creating: scratch.file("data"))
        await refuses(.storeNeedsMigration, "no database") { _ = try GatewayStore(opening: directory) }
        #expect(try GatewayStore.migrate(directory).first == "0001-foundation")
        #expect(try GatewayStore.migrate(directory).isEmpty)
        _ = try GatewayStore(opening: directory)
    }

    @Test func anEmptyFileNeedsMigration() async throws {
        let scratch = try ScratchDirectory()
        let directory = try DataDirectory(creating: scratch.file("data"))
        try write([], to: directory.database)
        await refuses(.storeNeedsMigration) { _ = try GatewayStore(opening: directory) }
        #expect(try !GatewayStore.migrate(directory).isEmpty)
    }

    @Test(arguments: [
        ("UPDATE schema_migration SET sha256 = replace(sha256, 'a', 'b')", ErrorCode.storeMigrationChanged),
        ("UPDATE schema_migration SET name = 'cellar' WHERE number = 1", .storeMigrationChanged),
        ("INSERT INTO schema_migration VALUES (9999, 'attic', 'ff')", .storeNewer),
        ("DELETE FROM schema_migration", .storeNeedsMigration),
        ("DROP TABLE schema_migration", .storeForeignSchema),
        ("CREATE TABLE more (id BIGINT)", .storeForeignSchema),
        ("DROP TABLE store_key_check", .storeForeignSchema),
        ("CREATE VIEW more AS SELECT 1", .storeForeignSchema),
        (
            "CREATE TRIGGER more AFTER INSERT ON log_entry BEGIN DELETE FROM log_checkpoint; END",
            .storeForeignSchema
        ),
        ("DROP INDEX log_entry_thread", .storeForeignSchema),
        (
            "PRAGMA writable_schema = ON; "
                + "UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '') WHERE name = 'log_entry'",
            .storeForeignSchema
        ),
    ])
    func otherTablesAreRefused(sql: String, code: ErrorCode) async throws {
        let under = try StoreUnderTest()
        try under.store.close()
        let changed = try run("sqlite3", [under.directory.database, sql])
        #expect(changed.status == 0, "\(changed.output)")
        await refuses(code, sql) { _ = try GatewayStore(opening: under.directory) }
    }

    @Test func statisticsAreNoOtherTable() throws {
        let under = try StoreUnderTest()
        try under.store.close()
        #expect(try run("sqlite3", [under.directory.database, "ANALYZE"]).status == 0)
        _ = try GatewayStore(opening: under.directory)
    }

    @Test func aNewerOrForeignDatabaseIsNotMigrated() async throws {
        let scratch = try ScratchDirectory()
        let directory = try DataDirectory(creating: scratch.file("data"))
        #expect(try run("sqlite3", [directory.database, "CREATE TABLE photographs (id)"]).status == 0)
        #expect(chmod(directory.database, 0o600) == 0)
        await refuses(.storeForeignSchema) { _ = try GatewayStore.migrate(directory) }

        let under = try StoreUnderTest()
        try under.store.close()
        let sql = "INSERT INTO schema_migration VALUES (9999, 'attic', 'ff')"
        #expect(try run("sqlite3", [under.directory.database, sql]).status == 0)
        await refuses(.storeNewer) { _ = try GatewayStore.migrate(under.directory) }
    }
}
