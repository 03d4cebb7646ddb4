import ExchangeLog
import ExchangeModel
import Persistence
import Testing

@Suite struct LogTests {
    @Test func anUnfinishedTransactionLeavesNoEntry() async throws {
        struct Stop: Error {}
        let under = try StoreUnderTest()
        let store = under.store
        try await store.append(0..<5)
        await #expect(throws: Stop.self) {
            try await store.write { session in
                for number in 5..<9 { #expect(try session.append(Sample.entry(number), to: .exchange) == number) }
                throw Stop()
            }
        }
        #expect(try await store.size(of: .exchange) == 5)
        #expect(try await store.count("log_node") == 3)
        // The edge in memory went back too: the next entries continue the five.
        #expect(try await store.write { try $0.append(Sample.entry(50), to: .exchange) } == 5)
        try await store.verify(.exchange)
        try await under.reopened().verify(.exchange)
    }

    @Test func twoTreesGrowApart() async throws {
        let store = try StoreUnderTest().store
        let indexes = try await store.write { session in
            [
                try session.append(Sample.entry(0), to: .exchange), try session.append(Sample.entry(1), to: .house),
                try session.append(Sample.entry(2), to: .house), try session.append(Sample.entry(3), to: .exchange),
            ]
        }
        #expect(indexes == [0, 0, 1, 1])
        for tree in LogTree.allCases {
            #expect(try await store.size(of: tree) == 2)
            try await store.verify(tree)
        }
    }

    @Test func anEntryThatCannotBeEncodedStopsTheTransaction() async throws {
        let store = try StoreUnderTest().store
        await refuses(.logEntryValue) {
            try await store.write { session in
                var entry = try Sample.entry(0)
                entry.random = []
                try session.append(entry, to: .exchange)
            }
        }
        #expect(try await store.size(of: .exchange) == 0)
    }

    @Test func aThousandEntriesAreProven() async throws {
        let under = try StoreUnderTest()
        let store = under.store
        let key = try Sample.key()
        var signed: [Checkpoint] = []
        for start in stride(from: 0, to: 1_000, by: 125) {
            try await store.append(start..<(start + 125), each: 25)
            let note = try await store.checkpoint(of: .exchange, signedBy: key)
            signed.append(try Checkpoint(note: note, verifiedBy: key.verifier))
        }
        #expect(signed.map(\.size) == Array(stride(from: 125, through: 1_000, by: 125)))
        let last = try #require(signed.last)
        for old in signed {
            let proof = try await store.consistencyProof(from: old.size, to: last.size, in: .exchange)
            try proof.verify(oldRoot: old.root, newRoot: last.root)
        }
        let entries = try await store.entries(in: .exchange, from: 0, count: 1_000)
        #expect(entries.map(\.index) == Array(0..<1_000))
        for checkpoint in signed {
            for index in stride(from: 0, to: checkpoint.size, by: 61) {
                let proof = try await store.inclusionProof(index: index, size: checkpoint.size, in: .exchange)
                let leaf = try MerkleTree.leafHash(entries[Int(index)].bytes)
                #expect(try proof.root(ofLeaf: leaf) == checkpoint.root)
            }
        }
        #expect(try LogEntry(decoding: entries[321].bytes) == Sample.entry(321))
        try await store.verify(.exchange)
        try await under.reopened().verify(.exchange)
    }

    @Test func oneSizeHasOneCheckpoint() async throws {
        let under = try StoreUnderTest()
        let key = try Sample.key()
        let empty = try await under.store.checkpoint(of: .exchange, signedBy: key)
        #expect(try Checkpoint(note: empty, verifiedBy: key.verifier).size == 0)
        try await under.store.append(0..<3)
        let note = try await under.store.checkpoint(of: .exchange, signedBy: key, at: Sample.time(1))
        #expect(try await under.store.checkpoint(of: .exchange, signedBy: key, at: Sample.time(2)) == note)
        // Another key would sign other bytes.
        #expect(try await under.store.checkpoint(of: .exchange, signedBy: Sample.key()) == note)
        let store = try under.reopened()
        #expect(try await store.checkpoint(of: .exchange, signedBy: key) == note)
        #expect(try await store.count("log_checkpoint") == 2)
        let found = try await store.signedCheckpoint(of: .exchange)
        #expect(found?.size == 3 && found?.note == note)
        #expect(try await store.signedCheckpoint(of: .exchange, upTo: 2)?.note == empty)
        #expect(try await store.signedCheckpoint(of: .house) == nil)
    }

    @Test func manyAsksForACheckpointGetTheSame() async throws {
        let store = try StoreUnderTest().store
        let key = try Sample.key()
        try await store.append(0..<10)
        let notes = try await withThrowingTaskGroup(of: (Int64, String).self) { group in
            for number in 0..<20 {
                group.addTask {
                    if number % 3 == 0 { try await store.append((100 + number)..<(101 + number)) }
                    let note = try await store.checkpoint(of: .exchange, signedBy: key)
                    return (try Checkpoint(note: note, verifiedBy: key.verifier).size, note)
                }
            }
            return try await group.reduce(into: [Int64: Set<String>]()) { $0[$1.0, default: []].insert($1.1) }
        }
        #expect(notes.values.allSatisfy { $0.count == 1 })
        try await store.verify(.exchange)
    }

    @Test func sizesOutsideTheLogAreRefused() async throws {
        let store = try StoreUnderTest().store
        try await store.append(0..<5)
        for (index, size) in [(0, 6), (5, 5), (-1, 5), (0, 0), (0, -1), (Int64.max, Int64.max)] as [(Int64, Int64)] {
            await refuses(.logRange, "\(index) in \(size)") {
                _ = try await store.inclusionProof(index: index, size: size, in: .exchange)
            }
        }
        for (from, to) in [(0, 6), (4, 3), (-1, 3)] as [(Int64, Int64)] {
            await refuses(.logRange, "\(from) to \(to)") {
                _ = try await store.consistencyProof(from: from, to: to, in: .exchange)
            }
        }
        await refuses(.logRange) { _ = try await store.entries(in: .exchange, from: -1, count: 1) }
        await refuses(.logRange) { _ = try await store.entries(in: .exchange, from: 0, count: -1) }
        #expect(try await store.entries(in: .exchange, from: 4, count: 9).map(\.index) == [4])
        #expect(try await store.entries(in: .exchange, from: 5, count: 9).isEmpty)
        #expect(try await store.entries(in: .exchange, from: .max, count: 9).isEmpty)
        #expect(try await store.entries(in: .exchange, from: 0, count: 0).isEmpty)
    }

    @Test func filtersFindWhatTheyName() async throws {
        let store = try StoreUnderTest().store
        try await store.append(0..<60)
        try await store.append(0..<3, to: .house)
        try await store.write { try $0.append(Sample.entry(60, kind: .receiptIssued), to: .exchange) }
        func found(_ change: (inout LogFilter) throws -> Void) async throws -> [Int64] {
            var filter = LogFilter()
            filter.limit = 1_000
            try change(&filter)
            return try await store.entries(in: .exchange, matching: filter).map(\.index)
        }
        func numbers(_ condition: (Int64) -> Bool) -> [Int64] { (0...60).filter(condition) }
        #expect(try await found { _ in } == numbers { _ in true })
        #expect(try await found { $0.kind = .receiptIssued } == [60])
        #expect(try await found { $0.thread = Sample.thread(3) } == numbers { $0 / 10 == 3 })
        #expect(try await found { $0.bundle = Sample.bundle(7) } == [7])
        #expect(try await found { $0.item = Sample.thread(14).uuid } == [14])
        #expect(try await found { $0.peer = PartyID("KG-GPO") } == numbers { $0 % 2 == 1 })
        #expect(try await found { $0.outcome = .refused } == numbers { $0 % 5 == 4 })
        #expect(try await found { $0.person = try Sample.entry(2).person } == numbers { $0 % 3 == 2 })
        #expect(try await found { $0.from = Sample.time(58) } == [58, 59, 60])
        #expect(try await found { $0.to = Sample.time(2) } == [0, 1])
        #expect(try await found { ($0.afterIndex, $0.limit) = (9, 3) } == [10, 11, 12])
        #expect(
            try await found { ($0.afterIndex, $0.limit, $0.newestFirst) = (9, 3, true) } == [8, 7, 6]
        )
        #expect(
            try await found {
                ($0.thread, $0.peer, $0.from) = (Sample.thread(3), PartyID("UZ-GPO"), Sample.time(35))
            } == [36, 38]
        )
        #expect(try await found { $0.item = "' OR 1 = 1 --" }.isEmpty)
        for limit in [0, -1, 10_001] {
            await refuses(.logRange) { _ = try await found { $0.limit = limit } }
        }
    }
}
