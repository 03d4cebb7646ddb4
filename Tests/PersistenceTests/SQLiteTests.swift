import ExchangeLog
import ExchangeModel
import Foundation
import Persistence
import Testing

/// What is set on SQLite, and what its file lets happen.
@Suite struct SQLiteTests {
    @Test(arguments: [
        ("synchronous", SQLValue.integer(2)), ("journal_mode", "wal"), ("foreign_keys", 1), ("trusted_schema", 0),
        ("cell_size_check", 1), ("wal_autocheckpoint", 0),
    ])
    func theWriterIsDurableAndDistrustful(setting: String, expected: SQLValue) async throws {
        let store = try StoreUnderTest().store
        let row = try #require(try await store.write { try $0.row("PRAGMA \(setting)") })
        #expect(try row.value(setting) == expected)
    }

    @Test(arguments: [("journal_mode", SQLValue.text("wal")), ("trusted_schema", 0), ("cell_size_check", 1)])
    func theReadersAreDistrustful(setting: String, expected: SQLValue) async throws {
        let store = try StoreUnderTest().store
        let row = try #require(try await store.read { try $0.row("PRAGMA \(setting)") })
        #expect(try row.value(setting) == expected)
    }

    @Test func sqlite3ReadsTheDatabaseWhileItRuns() async throws {
        let under = try StoreUnderTest()
        try await under.store.append(0..<50)
        let integrity = try run("sqlite3", ["-readonly", under.directory.database, "PRAGMA integrity_check"])
        #expect(integrity.output == "ok\n")
        let count = try run("sqlite3", ["-readonly", under.directory.database, "SELECT count(*) FROM log_entry"])
        #expect(count.output == "50\n")
    }

    @Test func theWriteAheadLogIsCopiedAndDoesNotGrowForEver() async throws {
        let under = try StoreUnderTest()
        let junk = [UInt8](repeating: 7, count: 60_000)
        for number in 0..<400 {
            try await under.store.write {
                try $0.execute(
                    "INSERT INTO gateway_key (id, purpose, private_key, made) VALUES (?, 'probe', ?, 1)",
                    [SQLValue(String(number)), .bytes(junk)]
                )
            }
        }
        let log = try FileManager.default.attributesOfItem(atPath: under.directory.database + "-wal")[.size] as? Int
        #expect(try #require(log) < 6 << 20, "24 MB were written")
        #expect(try await under.store.count("gateway_key") == 400)
    }

    /// A commit that fails takes everything back, also what was known in memory.
    @Test func aFailedCommitLeavesNothing() async throws {
        let store = try StoreUnderTest().store
        try await store.append(0..<3)
        await refuses(.storeConstraint, "a reference that is wrong at the commit") {
            try await store.write { session in
                try session.execute("PRAGMA defer_foreign_keys = ON")
                try session.execute("INSERT INTO person_role (person, role, granted) VALUES ('nobody', 'officer', 1)")
                #expect(try session.append(Sample.entry(3), to: .exchange) == 3)
            }
        }
        #expect(try await store.write { try $0.append(Sample.entry(4), to: .exchange) } == 3)
        #expect(try await store.count("person_role") == 0)
        try await store.verify(.exchange)
    }

    /// SQLite's own limit stands for the disk's: whoever finds no room is told so, and all goes on when there is room.
    @Test func aFullDatabaseGoesOnWhenThereIsRoom() async throws {
        let store = try StoreUnderTest().store
        try await store.append(0..<3)
        let pages = try #require(try await store.read { try $0.row("PRAGMA page_count") }).integer("page_count")
        try await store.write { _ = try $0.rows("PRAGMA max_page_count = \(pages + 8)") }
        let outcomes = await withTaskGroup(of: ErrorCode?.self) { group in
            for number in 0..<30 {
                group.addTask {
                    do {
                        try await store.write { session in
                            try session.append(Sample.entry(number), to: .exchange)
                            try session.execute(
                                "INSERT INTO gateway_key (id, purpose, private_key, made) VALUES (?, 'probe', ?, 1)",
                                [SQLValue(String(number)), .bytes(Sample.content(9_000))]
                            )
                        }
                        return nil
                    } catch {
                        return (error as? ExchangeError)?.code
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let done = outcomes.filter { $0 == nil }.count
        #expect(done < 10 && outcomes.allSatisfy { $0 == nil || $0 == .storeFull })
        #expect(try await store.size(of: .exchange) == Int64(3 + done))
        #expect(try await store.count("gateway_key") == Int64(done))
        try await store.write { _ = try $0.rows("PRAGMA max_page_count = 1000000") }
        try await store.append(50..<60)
        #expect(try await store.size(of: .exchange) == Int64(13 + done))
        try await store.verify(.exchange)
    }

    @Test func aFileThatIsNoDatabaseIsRefused() async throws {
        let samples: [(String, [UInt8])] = [
            ("text", Array(String(repeating: "not a database ", count: 1_000).utf8)),
            ("zeros", [UInt8](repeating: 0, count: 8_192)), ("one byte", [1]),
            ("a header alone", Array("SQLite format 3\u{0}".utf8) + [UInt8](repeating: 0xff, count: 84)),
        ]
        for (what, content) in samples {
            let under = try StoreUnderTest()
            try under.store.close()
            try write(content, to: under.directory.database)
            await refuses(.storeDamaged, what) { _ = try GatewayStore(opening: under.directory) }
            await refuses(.storeDamaged, what) { _ = try GatewayStore.migrate(under.directory) }
        }
    }

    /// Every byte that is changed is seen at opening or verifying, or nothing that is read differs; and nothing crashes.
    @Test func aChangedByteIsSeenOrMeansNothing() async throws {
        let under = try StoreUnderTest()
        try await under.store.append(0..<300)
        try await under.store.append(0..<10, to: .house)
        _ = try await under.store.checkpoint(of: .exchange, signedBy: Sample.key())
        let truth = try await Self.content(of: under.store)
        try under.store.close()
        let original = try bytes(of: under.directory.database)
        var seen = 0
        var random = SplitMix(seed: 20_261_122)
        for _ in 0..<160 {
            let position = Int(random.next() % UInt64(original.count))
            var changed = original
            changed[position] ^= UInt8(1 + random.next() % 255)
            for suffix in ["-wal", "-shm"] { unlink(under.directory.database + suffix) }
            try write(changed, to: under.directory.database)
            do {
                let store = try GatewayStore(opening: under.directory)
                defer { try? store.close() }
                try await store.checkIntegrity()
                try await store.verify(.exchange)
                try await store.verify(.house)
                #expect(try await Self.content(of: store) == truth, "byte \(position)")
            } catch is ExchangeError {
                seen += 1
            }
        }
        #expect(seen > 40)
    }

    @Test func anIndexThatContradictsItsTableIsFound() async throws {
        let under = try StoreUnderTest()
        try await under.store.append(0..<4)
        try await under.store.checkIntegrity()
        try under.store.close()
        // The table's own copy of a key is changed; the index that finds the row is not.
        var file = try bytes(of: under.directory.database)
        let thread = Data(Sample.thread(0).urn.utf8)
        let place = try #require(Data(file).range(of: Data("bundle.receiveddone".utf8) + thread))
        file[place.lowerBound] ^= 1
        try write(file, to: under.directory.database)
        let store = try GatewayStore(opening: under.directory)
        await refuses(.storeDamaged, "damaged index") { try await store.checkIntegrity() }
        await refuses(.storeDamaged, "writing on") { try await store.append(4..<5) }
    }

    /// Everything in the logs; the date beside a checkpoint and the key check are for others to hold.
    private static func content(of store: GatewayStore) async throws -> [String] {
        try await store.read { session in
            let entries = try session.rows("SELECT * FROM log_entry ORDER BY tree, entry_index")
                .map { "\(try $0.text("tree")) \(try $0.integer("entry_index")) \(try $0.bytes("entry"))" }
            let nodes = try session.rows("SELECT * FROM log_node ORDER BY tree, level, node_index")
                .map { "\(try $0.text("tree")) \(try $0.integer("level")) \(try $0.bytes("hash"))" }
            return entries + nodes
        }
    }

    @Test func aLockedDatabaseIsBusy() async throws {
        let under = try StoreUnderTest(patience: 0)
        let holder = Process()
        let (input, output) = (Pipe(), Pipe())
        holder.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        holder.arguments = ["sqlite3", under.directory.database]
        holder.standardInput = input
        holder.standardOutput = output
        try holder.run()
        input.fileHandleForWriting.write(Data("BEGIN IMMEDIATE; SELECT 'held';\n".utf8))
        #expect(firstLine(from: output) == "held\n")
        await refuses(.storeBusy) { try await under.store.append(0..<1) }
        // A reader is not held up by a writer.
        #expect(try await under.store.count("log_entry") == 0)
        input.fileHandleForWriting.write(Data("ROLLBACK;\n.quit\n".utf8))
        holder.waitUntilExit()
        try await under.store.append(0..<1)
        try await under.store.verify(.exchange)
    }
}

/// The same numbers in every run (SplitMix64).
struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
