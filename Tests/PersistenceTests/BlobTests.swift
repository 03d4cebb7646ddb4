import ExchangeLog
import ExchangeModel
import Foundation
import Persistence
import Testing
import TrustCrypto

@Suite struct BlobTests {
    private static let segment = 1 << 20
    private static let header = 16

    private struct Place {
        let directory: DataDirectory
        let key: StoreKey
        let blobs: BlobStore

        init() throws {
            directory = try DataDirectory(creating: ScratchDirectory().file("data"))
            key = try StoreKey(creating: directory.storeKey)
            blobs = BlobStore(in: directory, key: key)
        }

        func store(_ content: [UInt8], each count: Int = 100_000) throws -> BlobRecord {
            let writer = try blobs.writer()
            for start in stride(from: 0, to: content.count, by: count) {
                try writer.write(Array(content[start..<min(start + count, content.count)]))
            }
            return try writer.finish()
        }

        func path(_ record: BlobRecord) -> String { directory.blobs + "/" + record.name }

        var files: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: directory.blobs) } }
    }

    private static func read(_ reader: BlobReader, _ offset: Int, _ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0xaa, count: count)
        try bytes.withUnsafeMutableBytes { try reader.read(into: $0, at: Int64(offset)) }
        return bytes
    }

    @Test(arguments: [0, 1, segment - 1, segment, segment + 1, 2 * segment, 5 * segment + 17])
    func whatWasWrittenIsRead(size: Int) throws {
        let place = try Place()
        let content = Sample.content(size)
        let record = try place.store(content)
        #expect(record.size == Int64(size))
        #expect(try place.files == [record.name])
        let reader = try place.blobs.reader(record)
        #expect(reader.size == Int64(size))
        #expect(try Self.read(reader, 0, size) == content)
        for offset in [0, 1, Self.segment - 3, Self.segment, size - 5] where offset >= 0 && offset <= size {
            for count in [0, 1, 7, Self.segment + 9] where offset + count <= size {
                #expect(try Self.read(reader, offset, count) == Array(content[offset..<(offset + count)]))
            }
        }
        try reader.check()
        // Nothing of the text lies on the disk, and each writing of it differs.
        let stored = try bytes(of: place.path(record))
        #expect(stored.count == Self.header + size + 16 * max(1, (size + Self.segment - 1) / Self.segment))
        if size > 100 { #expect(Data(stored).range(of: Data(content.prefix(32))) == nil) }
        let again = try place.store(content, each: 1 << 20)
        #expect(again.name != record.name && again.wrappedKey != record.wrappedKey)
        #expect(try bytes(of: place.path(again)) != stored)
    }

    @Test func beyondItsEndThereIsNothing() async throws {
        let place = try Place()
        let reader = try place.blobs.reader(place.store(Sample.content(100)))
        for (offset, count) in [(0, 101), (100, 1), (101, 0), (-1, 1), (Int.max, 1)] {
            await refuses(.blobDamaged, "\(offset), \(count)") { _ = try Self.read(reader, offset, count) }
        }
        #expect(try Self.read(reader, 100, 0) == [])
    }

    @Test func severalThreadsReadAtOnce() async throws {
        let place = try Place()
        let content = Sample.content(3 * Self.segment + 5)
        let reader = try place.blobs.reader(place.store(content))
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<24 {
                let offset = number * 131_071
                group.addTask { try Self.read(reader, offset, 70_000) == Array(content[offset..<(offset + 70_000)]) }
            }
            for try await isSame in group { #expect(isSame) }
        }
    }

    @Test func everyChangedByteIsSeen() async throws {
        let place = try Place()
        let size = 2 * Self.segment + 1_000
        let record = try place.store(Sample.content(size))
        let original = try bytes(of: place.path(record))
        let ends = [Self.header, Self.header + Self.segment, Self.header + Self.segment + 16, original.count]
        var positions = Set(0..<Self.header)
        for end in ends { positions.formUnion((end - 17)..<min(end + 17, original.count)) }
        positions.formUnion(stride(from: 0, to: original.count, by: 50_021))
        for position in positions.sorted() where original.indices.contains(position) {
            var changed = original
            changed[position] ^= 0x40
            try write(changed, to: place.path(record))
            await refuses(.blobDamaged, "byte \(position)") { try place.blobs.reader(record).check() }
        }
        try write(original, to: place.path(record))
        try place.blobs.reader(record).check()
    }

    @Test func cutMovedAndForeignSegmentsAreRefused() async throws {
        let place = try Place()
        let content = Sample.content(3 * Self.segment)
        let record = try place.store(content)
        let other = try place.store(content)
        let original = try bytes(of: place.path(record))
        let foreign = try bytes(of: place.path(other))
        let stored = Self.segment + 16
        func segment(_ number: Int, _ file: [UInt8]) -> [UInt8] {
            Array(file[(Self.header + number * stored)..<(Self.header + (number + 1) * stored)])
        }
        let head = Array(original.prefix(Self.header))
        let (first, second, third) = (segment(0, original), segment(1, original), segment(2, original))
        let samples: [(String, [UInt8])] = [
            ("cut off by one byte", Array(original.dropLast())), ("cut off by a segment", head + first + second),
            ("empty", []), ("header only", head), ("longer", original + [0]),
            ("segments exchanged", head + second + first + third), ("one twice", head + first + first + third),
            ("last one first", head + third + first + second),
            ("another blob's segment", head + first + segment(1, foreign) + third), ("another blob", foreign),
        ]
        for (what, file) in samples {
            try write(file, to: place.path(record))
            await refuses(.blobDamaged, what) { try place.blobs.reader(record).check() }
        }
        // A record that promises less cannot hide the end: the last segment knows that it is the last.
        try write(head + first + second, to: place.path(record))
        let shorter = BlobRecord(name: record.name, size: Int64(2 * Self.segment), wrappedKey: record.wrappedKey)
        await refuses(.blobDamaged, "file and record cut off") { try place.blobs.reader(shorter).check() }
    }

    @Test func nothingUnprovenIsGivenOut() async throws {
        let place = try Place()
        let record = try place.store(Sample.content(1_000))
        var file = try bytes(of: place.path(record))
        file[Self.header + 500] ^= 1
        try write(file, to: place.path(record))
        let reader = try place.blobs.reader(record)
        for (offset, count) in [(0, 1_000), (0, 10)] {
            var target = [UInt8](repeating: 0xaa, count: count)
            await refuses(.blobDamaged) {
                try target.withUnsafeMutableBytes { try reader.read(into: $0, at: Int64(offset)) }
            }
            #expect(target.allSatisfy { $0 == 0 } || target.allSatisfy { $0 == 0xaa })
        }
    }

    @Test func theKeyIsNeeded() async throws {
        let place = try Place()
        let record = try place.store([1, 2, 3])
        let stranger = BlobStore(in: place.directory, key: try StoreKey(SecretBytes(randomCount: 32)))
        await refuses(.blobDamaged, "another store key") { _ = try stranger.reader(record) }
        let second = try place.store([1, 2, 3])
        let mixed = BlobRecord(name: record.name, size: record.size, wrappedKey: second.wrappedKey)
        await refuses(.blobDamaged, "another item's key") { try place.blobs.reader(mixed).check() }
        let destroyed = BlobRecord(name: record.name, size: record.size, wrappedKey: [])
        await refuses(.blobDamaged, "no key any more") { _ = try place.blobs.reader(destroyed) }
    }

    @Test func aRecordNamesNothingOutside() async throws {
        let place = try Place()
        let record = try place.store([1])
        for name in ["../store.key", "", ".", String(record.name.dropLast()), record.name.uppercased() + "/"] {
            let hostile = BlobRecord(name: name, size: 1, wrappedKey: record.wrappedKey)
            await refuses(.blobDamaged, name) { _ = try place.blobs.reader(hostile) }
            await refuses(.blobDamaged, name) { try place.blobs.remove(name) }
        }
        for size in [-1, 2, Int64.max] {
            let hostile = BlobRecord(name: record.name, size: size, wrappedKey: record.wrappedKey)
            await refuses(.blobDamaged, "size \(size)") { _ = try place.blobs.reader(hostile) }
        }
        #expect(FileManager.default.fileExists(atPath: place.directory.storeKey))
    }

    @Test func removedBlobsAreGone() async throws {
        let place = try Place()
        let record = try place.store([1])
        try place.blobs.remove(record.name)
        try place.blobs.remove(record.name)
        #expect(try place.files.isEmpty)
        await refuses(.blobMissing) { _ = try place.blobs.reader(record) }
    }

    @Test func aWriterGivenUpLeavesNothing() async throws {
        let place = try Place()
        do {
            let writer = try place.blobs.writer()
            try writer.write(Sample.content(2 * Self.segment))
            #expect(try place.files.count == 1)
        }
        #expect(try place.files.isEmpty)
        let writer = try place.blobs.writer()
        _ = try writer.finish()
        await refuses(.dataFailed, "writing after the end") { try writer.write([1]) }
        await refuses(.dataFailed, "ending twice") { _ = try writer.finish() }
    }

    @Test func afterALossNothingIsWritten() async throws {
        let under = try StoreUnderTest()
        let blobs = BlobStore(in: under.directory, key: try StoreKey(SecretBytes(randomCount: 32)))
        let begun = try blobs.writer()
        try begun.write([1])
        under.store.stopWriting(because: ExchangeError(.storeDurability, "A part could not be made durable"))
        await refuses(.storeDurability, "a write") { try await under.store.append(0..<1) }
        await refuses(.storeDurability, "a new blob") { _ = try blobs.writer() }
        await refuses(.storeDurability, "the end of a blob") { _ = try begun.finish() }
        #expect(try FileManager.default.contentsOfDirectory(atPath: under.directory.blobs).isEmpty)
        #expect(try await under.store.size(of: .exchange) == 0, "reading goes on")
    }

    @Test func theSweepRemovesWhatNoRecordNames() throws {
        let place = try Place()
        let kept = try place.store([1])
        let forgotten = try place.store([2])
        try write([3], to: place.directory.blobs + "/" + String(repeating: "0", count: 32) + ".part")
        // A process that starts again knows nothing of what was written before.
        let blobs = BlobStore(in: place.directory, key: place.key)
        let writer = try blobs.writer()
        try writer.write([4])
        #expect(try blobs.sweep(keeping: [kept.name]) == 2)
        let record = try writer.finish()
        #expect(try blobs.sweep(keeping: [kept.name]) == 0, "what this process wrote stays")
        #expect(try Set(place.files) == [kept.name, record.name])
        #expect(try blobs.reader(kept).size == 1)
        _ = forgotten
    }
}
