import ExchangeLog
import ExchangeModel
import Foundation
import Persistence
import Testing

/// What a process that was killed, or a machine that lost its power, leaves behind.
@Suite struct CrashTests {
    /// A state row and its log entry, in one transaction each; `count` of them.
    private static func fill(_ store: GatewayStore, _ range: Range<Int>) async throws {
        for number in range {
            try await store.write { session in
                try session.execute(
                    "INSERT INTO gateway_key (id, purpose, private_key, made) VALUES (?, 'probe', ?, 1)",
                    [SQLValue(String(number)), .bytes(Sample.content(number * 7))]
                )
                try session.append(Sample.entry(number), to: .exchange)
                if number % 3 == 0 { try session.append(Sample.entry(number), to: .house) }
            }
        }
    }

    /// The files as they lie there at this moment, put into a directory of their own.
    private static func take(_ directory: DataDirectory, log: ([UInt8]) -> [UInt8]) throws -> DataDirectory {
        let copy = try DataDirectory(creating: ScratchDirectory().file("data"))
        try write(bytes(of: directory.database), to: copy.database)
        try write(log(bytes(of: directory.database + "-wal")), to: copy.database + "-wal")
        return copy
    }

    /// The state is one that stood between two transactions: rows and entries agree, and the logs hold.
    private static func requireConsistent(_ directory: DataDirectory, _ what: String) async throws -> Int64 {
        let store = try GatewayStore(opening: directory)
        let size = try await store.size(of: .exchange)
        #expect(try await store.count("gateway_key") == size, "\(what)")
        #expect(try await store.size(of: .house) == (size + 2) / 3, "\(what)")
        try await store.verify(.exchange)
        try await store.verify(.house)
        // And it goes on from there.
        try await fill(store, Int(size)..<(Int(size) + 2))
        try await store.verify(.exchange)
        try store.close()
        return size
    }

    @Test func filesTakenAtAnyMomentOpen() async throws {
        let under = try StoreUnderTest()
        var sizes: [Int64] = []
        for number in 0..<12 {
            try await Self.fill(under.store, number..<(number + 1))
            let copy = try Self.take(under.directory) { $0 }
            sizes.append(try await Self.requireConsistent(copy, "after \(number)"))
        }
        #expect(sizes == Array(1...12), "nothing that was acknowledged is lost")
    }

    @Test func aLogCutOffAnywhereGivesAnEarlierState() async throws {
        let under = try StoreUnderTest()
        try await Self.fill(under.store, 0..<30)
        let whole = try bytes(of: under.directory.database + "-wal")
        var random = SplitMix(seed: 7)
        let cuts = [0, 1, 31, 32, 33] + (0..<40).map { _ in Int(random.next() % UInt64(whole.count)) } + [whole.count]
        var last: Int64 = 0
        var states = Set<Int64>()
        for cut in cuts.sorted() {
            let copy = try Self.take(under.directory) { Array($0.prefix(cut)) }
            // A log cut off before the first transaction holds not even the tables, which migrating put into the file.
            let size = try await Self.requireConsistent(copy, "cut at \(cut)")
            #expect(size >= last)
            last = size
            states.insert(size)
        }
        #expect(last == 30)
        #expect(states.count > 10)
    }

    @Test func aTornLogGivesAnEarlierState() async throws {
        let under = try StoreUnderTest()
        try await Self.fill(under.store, 0..<30)
        var random = SplitMix(seed: 9)
        for _ in 0..<30 {
            let copy = try Self.take(under.directory) { log in
                var log = log
                // A page of 512 bytes that never reached the disk.
                let start = Int(random.next() % UInt64(log.count)) / 512 * 512
                for position in start..<min(start + 512, log.count) { log[position] = 0 }
                return log
            }
            _ = try await Self.requireConsistent(copy, "torn")
        }
    }

    @Test func withoutItsLogTheFileIsAnEarlierState() async throws {
        let under = try StoreUnderTest()
        try await Self.fill(under.store, 0..<9)
        // Closing copies everything into the file; what follows is in the write-ahead log, which somebody deletes.
        let store = try under.reopened()
        try await Self.fill(store, 9..<12)
        let copy = try Self.take(under.directory) { _ in [] }
        #expect(try await Self.requireConsistent(copy, "no write-ahead log") == 9)
        try store.close()
    }

    @Test func aBackupUnderLoadIsOneState() async throws {
        let under = try StoreUnderTest()
        try await Self.fill(under.store, 0..<10)
        let store = under.store
        let writing = Task {
            var number = 10
            while !Task.isCancelled {
                try await Self.fill(store, number..<(number + 1))
                number += 1
            }
            return number
        }
        var copies: [DataDirectory] = []
        for _ in 0..<5 {
            let copy = try DataDirectory(creating: ScratchDirectory().file("data"))
            try await store.backup(to: copy.database)
            copies.append(copy)
        }
        writing.cancel()
        let written = try await writing.value
        var last: Int64 = 10
        for copy in copies {
            let names = try FileManager.default.contentsOfDirectory(atPath: copy.path).filter {
                $0.hasPrefix("gateway.")
            }
            #expect(names == ["gateway.db"], "a backup is one file")
            #expect(try run("sqlite3", [copy.database, "PRAGMA integrity_check"]).output == "ok\n")
            let size = try await Self.requireConsistent(copy, "backup")
            #expect(size >= last && size <= written)
            last = size
        }
        try await store.verify(.exchange)
    }

    @Test func aBackupOverwritesNothing() async throws {
        let under = try StoreUnderTest()
        let path = under.scratch.file("backup")
        try write([1, 2, 3], to: path)
        await refuses(.dataFailed) { try await under.store.backup(to: path) }
        #expect(try bytes(of: path) == [1, 2, 3])
        await refuses(.dataFailed) { try await under.store.backup(to: under.scratch.file("nowhere/backup")) }
    }
}
