import ExchangeLog
import ExchangeModel
import Persistence
import Testing

/// What every database under the store promises. The table `log_checkpoint` serves as a table like any other.
@Suite struct StoreContractTests {
    private static let insert = "INSERT INTO log_checkpoint (tree, size, root, note, signed) VALUES (?, ?, ?, ?, ?)"

    private static func row(_ size: Int64, _ note: SQLValue = "note") -> [SQLValue] {
        ["probe", .integer(size), "root", note, .integer(1)]
    }

    @Test(arguments: Engine.allCases)
    func valuesComeBackAsTheyWere(engine: Engine) async throws {
        let texts = ["", "plain", "Сырдария", "证据", "e\u{301}", "'; DROP TABLE log_entry; --", "\u{10FFFF}"]
        let numbers: [Int64] = [.min, -1, 0, 1, .max]
        let store = try engine.store().store
        try await store.write { session in
            for (position, text) in texts.enumerated() {
                try session.execute(Self.insert, Self.row(Int64(position), .text(text)))
            }
            for (position, number) in numbers.enumerated() {
                try session.execute(
                    "INSERT INTO gateway_key (id, purpose, private_key, made) VALUES (?, 'probe', ?, ?)",
                    [SQLValue(String(position)), .bytes([UInt8](repeating: 0, count: position)), .integer(number)]
                )
            }
        }
        let read = try await store.read { session in
            (
                try session.rows("SELECT note FROM log_checkpoint ORDER BY size").map { try $0.text("note") },
                try session.rows("SELECT made, private_key FROM gateway_key ORDER BY made")
                    .map { (try $0.integer("made"), try $0.bytes("private_key").count) }
            )
        }
        #expect(read.0.map { Array($0.utf8) } == texts.map { Array($0.utf8) })
        #expect(read.1.map(\.0) == numbers)
        #expect(read.1.map(\.1) == Array(numbers.indices))
    }

    @Test(arguments: Engine.allCases)
    func typedColumnsRefuseOtherKinds(engine: Engine) async throws {
        let store = try engine.store().store
        let row = try #require(
            try await store.read {
                try $0.row("SELECT 7 AS number, 'word' AS word, NULL AS none, ? AS time", [.integer(.max)])
            }
        )
        #expect(try row.integer("number") == 7)
        #expect(try row.optionalInteger("none") == nil)
        #expect(try row.optionalDigest("none") == nil)
        let attempts: [(String, () throws -> Void)] = [
            ("no such column", { _ = try row.integer("other") }), ("a text as number", { _ = try row.integer("word") }),
            ("a number as text", { _ = try row.text("number") }), ("a text as bytes", { _ = try row.bytes("word") }),
            ("nothing as number", { _ = try row.integer("none") }), ("a digest", { _ = try row.digest("word") }),
            ("a party", { _ = try row.party("word") }), ("an id", { _ = try row.id("word", as: BundleID.self) }),
            ("a time out of range", { _ = try row.time("time") }), ("7 as boolean", { _ = try row.boolean("number") }),
        ]
        for (what, attempt) in attempts { await refuses(.storeUnexpectedValue, what) { try attempt() } }
    }

    @Test(arguments: Engine.allCases)
    func aTransactionIsAllOrNothing(engine: Engine) async throws {
        struct Stop: Error {}
        let store = try engine.store().store
        await #expect(throws: Stop.self) {
            try await store.write { session in
                try session.execute(Self.insert, Self.row(1))
                try session.append(Sample.entry(0), to: .exchange)
                throw Stop()
            }
        }
        #expect(try await store.count("log_checkpoint") == 0)
        #expect(try await store.count("log_entry") == 0)
    }

    @Test(arguments: Engine.allCases)
    func faultsHaveTheirCodes(engine: Engine) async throws {
        let store = try engine.store().store
        try await store.write { try $0.execute(Self.insert, Self.row(1)) }
        let attempts: [(String, ErrorCode, String, [SQLValue])] = [
            ("the same key again", .storeConflict, Self.insert, Self.row(1)),
            ("no value where one must be", .storeConstraint, Self.insert, Self.row(2, .null)),
            (
                "a reference to nobody", .storeConstraint,
                "INSERT INTO person_role (person, role, granted) VALUES ('nobody', 'officer', 1)", []
            ),
            ("no SQL", .storeStatement, "SELEKT 1", []),
            ("no such table", .storeStatement, "DELETE FROM nowhere", []),
            ("too few arguments", .storeStatement, Self.insert, Array(Self.row(3).dropLast())),
            ("too many arguments", .storeStatement, Self.insert, Self.row(3) + ["more"]),
            ("two statements", .storeStatement, "DELETE FROM log_checkpoint; DELETE FROM log_entry", []),
            ("a text with U+0000", .storeStatement, Self.insert, Self.row(3, "a\u{0}b")),
        ]
        for (what, code, sql, arguments) in attempts {
            await refuses(code, what) { _ = try await store.write { try $0.execute(sql, arguments) } }
        }
        #expect(try await store.count("log_checkpoint") == 1)
    }

    @Test(arguments: Engine.allCases)
    func executeCountsRows(engine: Engine) async throws {
        let store = try engine.store().store
        let counts = try await store.write { session in
            for size in 1...3 { try session.execute(Self.insert, Self.row(Int64(size))) }
            return [
                try session.execute("UPDATE log_checkpoint SET note = 'x' WHERE size > 1"),
                try session.execute("DELETE FROM log_checkpoint WHERE size > 9"),
            ]
        }
        #expect(counts == [2, 0])
    }

    @Test(arguments: Engine.allCases)
    func aReaderSeesOneState(engine: Engine) async throws {
        let store = try engine.store().store
        try await store.append(0..<1)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let (written, write) = AsyncStream.makeStream(of: Void.self)
        async let seen = store.read { session -> [Int] in
            let before = try session.rows("SELECT entry_index FROM log_entry").count
            begin.finish()
            // Blocks this reader's thread, as a long query would, until the writer is through.
            let gate = Gate()
            Task {
                for await _ in written {}
                gate.open()
            }
            gate.wait()
            return [before, try session.rows("SELECT entry_index FROM log_entry").count]
        }
        for await _ in begun {}
        try await store.append(1..<5)
        write.finish()
        let counts = try await seen
        #expect(counts == [1, 1])
        #expect(try await store.count("log_entry") == 5)
    }

    @Test(arguments: Engine.allCases)
    func writersTakeTurns(engine: Engine) async throws {
        let store = try engine.store().store
        let indexes = try await withThrowingTaskGroup(of: Int64.self) { group in
            for number in 0..<40 {
                group.addTask { try await store.write { try $0.append(Sample.entry(number), to: .house) } }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(indexes == Set(0..<40))
        try await store.verify(.house)
    }

    /// Writers that wait at the same time share one transaction of the database, but nothing else.
    @Test(arguments: Engine.allCases)
    func aWriterThatFailsTakesNobodyAlong(engine: Engine) async throws {
        struct Stop: Error {}
        let store = try engine.store().store
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let gate = Gate()
        async let first = store.write { session in
            begin.finish()
            gate.wait()
            return try session.append(Sample.entry(1_000), to: .exchange)
        }
        for await _ in begun {}
        let outcomes = try await withThrowingTaskGroup(of: Int64?.self) { group in
            for number in 0..<90 {
                group.addTask {
                    if number == 89 { gate.open() }
                    do {
                        return try await store.write { session in
                            try session.execute(Self.insert, Self.row(Int64(number)))
                            let index = try session.append(Sample.entry(number), to: .exchange)
                            if number % 3 == 0 { throw Stop() }
                            if number % 3 == 1 { try session.execute(Self.insert, Self.row(Int64(number))) }
                            return index
                        }
                    } catch is Stop {
                        #expect(number % 3 == 0)
                    } catch let error as ExchangeError {
                        #expect(number % 3 == 1 && error.code == .storeConflict)
                    }
                    return nil
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(try await first == 0)
        #expect(Set(outcomes.compactMap { $0 }) == Set(1...30))
        #expect(try await store.count("log_checkpoint WHERE tree = 'probe'") == 30)
        #expect(try await store.size(of: .exchange) == 31)
        try await store.tamper("DELETE FROM log_checkpoint")
        try await store.verify(.exchange)
    }

    @Test(arguments: Engine.allCases)
    func aCancelledWriteIsWholeOrNothing(engine: Engine) async throws {
        let store = try engine.store().store
        let task = Task {
            try await store.write { session in
                withUnsafeCurrentTask { $0?.cancel() }
                return try session.append(Sample.entry(0), to: .exchange)
            }
        }
        task.cancel()
        #expect(try await task.value == 0)
        #expect(try await store.size(of: .exchange) == 1)
    }

    @Test(arguments: Engine.allCases)
    func nothingIsWrittenWhileReading(engine: Engine) async throws {
        let store = try engine.store().store
        await refuses(.storeReadOnly) {
            _ = try await store.read { try $0.rows("DELETE FROM log_entry") }
        }
    }

    @Test(arguments: Engine.allCases)
    func aClosedStoreRefuses(engine: Engine) async throws {
        let store = try engine.store().store
        try store.close()
        await refuses(.storeStatement) { _ = try await store.read { try $0.rows("SELECT 1") } }
        await refuses(.storeStatement) { _ = try await store.write { try $0.execute("DELETE FROM log_entry") } }
    }
}
