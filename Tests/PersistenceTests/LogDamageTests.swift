import ExchangeLog
import ExchangeModel
import Persistence
import Testing
import TrustCrypto

/// Changes to the stored log behind its back: each is found, and the first wrong entry named.
@Suite struct LogDamageTests {
    private static let count: Int64 = 21

    /// A log of 21 entries with checkpoints at 8 and 21.
    private static func store() async throws -> StoreUnderTest {
        let under = try StoreUnderTest()
        let key = try Sample.key()
        try await under.store.append(0..<8)
        _ = try await under.store.checkpoint(of: .exchange, signedBy: key)
        try await under.store.append(8..<Int(count))
        _ = try await under.store.checkpoint(of: .exchange, signedBy: key)
        try await under.store.append(0..<4, to: .house)
        try await under.store.verify(.exchange)
        return under
    }

    private static func names(_ index: Int64, _ what: String, in store: GatewayStore) async {
        let error = await refuses(.logInconsistent, what) { try await store.verify(.exchange) }
        #expect(error?.details == ["entry \(index)"], "\(what): \(String(describing: error))")
    }

    @Test func everyChangedByteOfEveryEntryIsFound() async throws {
        let store = try await Self.store().store
        for (index, original) in try await store.entries(in: .exchange, from: 0, count: 100) {
            for position in stride(from: Int(index), to: original.count, by: 37) {
                var changed = original
                changed[position] ^= 1
                let sql = "UPDATE log_entry SET entry = ? WHERE tree = 'exchange' AND entry_index = ?"
                try await store.tamper(sql, [.bytes(changed), .integer(index)])
                await Self.names(index, "byte \(position) of entry \(index)", in: store)
                try await store.tamper(sql, [.bytes(original), .integer(index)])
            }
        }
        try await store.verify(.exchange)
    }

    @Test func everyChangedLeafAndColumnIsFound() async throws {
        let store = try await Self.store().store
        let columns: [(String, SQLValue)] = [
            ("leaf_hash", SQLValue(try SHA256Digest(of: []))), ("time", 1), ("kind", "receipt.issued"),
            ("outcome", "failed"), ("thread", SQLValue(Sample.thread(99))), ("bundle", nil), ("item", "x"),
            ("peer", "UZ-MIA"), ("person", nil), ("entry", .bytes([])), ("entry", "text"),
        ]
        for index in 0..<Self.count {
            for (column, value) in columns {
                let condition = "WHERE tree = 'exchange' AND entry_index = ?"
                let before = try await store.read {
                    try $0.row("SELECT \(column) FROM log_entry \(condition)", [.integer(index)])?.value(column)
                }
                let sql = "UPDATE log_entry SET \(column) = ? \(condition)"
                try await store.tamper(sql, [value, .integer(index)])
                await Self.names(index, "\(column) of entry \(index)", in: store)
                try await store.tamper(sql, [try #require(before), .integer(index)])
            }
        }
        try await store.verify(.exchange)
    }

    @Test func everyChangedSubtreeIsFound() async throws {
        let store = try await Self.store().store
        let nodes = try await store.read { session in
            try session.rows("SELECT level, node_index, hash FROM log_node WHERE tree = 'exchange'")
                .map { (try $0.integer("level"), try $0.integer("node_index"), try $0.bytes("hash")) }
        }
        #expect(nodes.count == 18)
        for (level, index, hash) in nodes {
            let condition = "WHERE tree = 'exchange' AND level = ? AND node_index = ?"
            let place: [SQLValue] = [.integer(level), .integer(index)]
            for position in [0, 13, 31] {
                var changed = hash
                changed[position] ^= 0x80
                try await store.tamper("UPDATE log_node SET hash = ? \(condition)", [.bytes(changed)] + place)
                await Self.names(index << level, "node \(level)/\(index)", in: store)
            }
            try await store.tamper("DELETE FROM log_node \(condition)", place)
            await Self.names(index << level, "no node \(level)/\(index)", in: store)
            try await store.tamper(
                "INSERT INTO log_node (tree, level, node_index, hash) VALUES ('exchange', ?, ?, ?)",
                place + [.bytes(hash)]
            )
        }
        try await store.verify(.exchange)
    }

    @Test func missingMovedAndAddedRowsAreFound() async throws {
        let changes: [(String, Int64, String)] = [
            ("the first entry is gone", 0, "DELETE FROM log_entry WHERE tree = 'exchange' AND entry_index = 0"),
            ("an entry is gone", 11, "DELETE FROM log_entry WHERE tree = 'exchange' AND entry_index = 11"),
            ("the end is gone", 19, "DELETE FROM log_entry WHERE tree = 'exchange' AND entry_index >= 19"),
            ("everything is gone", 0, "DELETE FROM log_entry WHERE tree = 'exchange'"),
            (
                "an entry was moved into the other log", 5,
                "UPDATE log_entry SET tree = 'house', entry_index = 40 WHERE tree = 'exchange' AND entry_index = 5"
            ),
            (
                "a negative index", 0,
                """
                INSERT INTO log_entry (tree, entry_index, time, kind, outcome, leaf_hash, entry)
                SELECT tree, -1, time, kind, outcome, leaf_hash, entry FROM log_entry WHERE entry_index = 0
                AND tree = 'exchange'
                """
            ),
            (
                "a subtree too many", 21,
                "INSERT INTO log_node SELECT tree, level, 10, hash FROM log_node WHERE level = 1 AND node_index = 9"
            ),
            (
                "a level too many", 21,
                "INSERT INTO log_node SELECT tree, 0, 0, hash FROM log_node WHERE level = 1 AND node_index = 9"
            ),
        ]
        for (what, index, sql) in changes {
            let under = try await Self.store()
            try await under.store.tamper(sql)
            await Self.names(index, what, in: under.store)
        }
        let under = try await Self.store()
        // Entries 3 and 4 exchange their places, with everything that stands in their rows.
        for (from, to) in [(3, 90), (4, 3), (90, 4)] {
            try await under.store.tamper(
                "UPDATE log_entry SET entry_index = ? WHERE tree = 'exchange' AND entry_index = ?",
                [SQLValue(to), SQLValue(from)]
            )
        }
        await Self.names(2, "two entries exchanged", in: under.store)
    }

    @Test func everyChangedCheckpointIsFound() async throws {
        let changes: [(String, Int64, String)] = [
            ("another root", 8, "UPDATE log_checkpoint SET root = replace(root, '1', '2') WHERE size = 8"),
            ("another root in the note", 8, "UPDATE log_checkpoint SET note = replace(note, '=', 'A') WHERE size = 8"),
            ("another size", 21, "UPDATE log_checkpoint SET size = 20 WHERE size = 21"),
            ("an older note under a newer size", 21, "UPDATE log_checkpoint SET size = 22 WHERE size = 21"),
            ("no note", 21, "UPDATE log_checkpoint SET note = '' WHERE size = 21"),
        ]
        for (what, index, sql) in changes {
            let under = try await Self.store()
            #expect(try await under.store.tamper(sql) == 1)
            let error = await refuses(.logInconsistent, what) { try await under.store.verify(.exchange) }
            #expect(["entry \(index)", "entry 20"].contains(error?.details.first ?? ""), "\(what)")
        }
    }

    /// A log that is found wrong signs nothing and takes no entry, now or after a start, but can be read.
    @Test func aDamagedLogSignsNothing() async throws {
        let changes = [
            // The stored state ends before what was signed.
            "DELETE FROM log_entry WHERE tree = 'exchange' AND entry_index >= 19",
            // The subtree over the first sixteen entries is part of every later root.
            "UPDATE log_node SET hash = zeroblob(32) WHERE tree = 'exchange' AND level = 4",
            "DELETE FROM log_node WHERE tree = 'exchange' AND level = 4",
            "UPDATE log_node SET hash = 'x' WHERE tree = 'exchange' AND level = 4",
            "UPDATE log_checkpoint SET root = replace(root, '1', '2') WHERE size = 21",
        ]
        for sql in changes {
            let under = try await Self.store()
            let key = try Sample.key()
            try await under.store.tamper(sql)
            await refuses(.logInconsistent, sql) { _ = try await under.store.checkpoint(of: .exchange, signedBy: key) }
            await refuses(.logInconsistent, sql) { try await under.store.append(30..<31) }
            let store = try under.reopened()
            await refuses(.logInconsistent, sql) { try await store.append(30..<31) }
            await refuses(.logInconsistent, sql) { _ = try await store.checkpoint(of: .exchange, signedBy: key) }
            #expect(try await store.count("log_checkpoint") == 2)
            // The other log goes on, and this one can be read.
            try await store.append(4..<6, to: .house)
            #expect(try await store.entries(in: .exchange, from: 0, count: 10).count == 10)
        }
    }

    @Test func whatTheScrubberFindsStopsTheLog() async throws {
        let under = try await Self.store()
        try await under.store.tamper("UPDATE log_entry SET entry = ? WHERE entry_index = 2", [.bytes([1])])
        await refuses(.logInconsistent) { try await under.store.verify(.exchange) }
        await refuses(.logInconsistent) { try await under.store.append(30..<31) }
        await refuses(.logInconsistent) {
            _ = try await under.store.checkpoint(of: .exchange, signedBy: Sample.key())
        }
    }

    @Test func anEntryBehindTheStoresBackIsFound() async throws {
        let under = try await Self.store()
        let sql = """
            INSERT INTO log_entry (tree, entry_index, time, kind, outcome, leaf_hash, entry)
            SELECT tree, 21, time, kind, outcome, leaf_hash, entry FROM log_entry WHERE entry_index = 0
            AND tree = 'exchange'
            """
        try await under.store.tamper(sql)
        await refuses(.logInconsistent) {
            _ = try await under.store.checkpoint(of: .exchange, signedBy: Sample.key())
        }
    }

    @Test func progressIsTold() async throws {
        let store = try StoreUnderTest().store
        try await store.append(0..<1_100)
        let (numbers, told) = AsyncStream.makeStream(of: [Int64].self)
        try await store.verify(.exchange) { told.yield([$0, $1]) }
        told.finish()
        var seen: [[Int64]] = []
        for await pair in numbers { seen.append(pair) }
        #expect(seen == [[512, 1_100], [1_024, 1_100], [1_100, 1_100]])
        try await store.verify(.house)
    }
}
