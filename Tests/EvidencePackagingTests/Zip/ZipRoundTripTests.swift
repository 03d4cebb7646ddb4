import ExchangeModel
import Testing

@testable import EvidencePackaging

/// Archives of the profile through both readers, whole and damaged in every way that one byte allows.
@Suite struct ZipRoundTripTests {
    @Test func directoryGivesWhatWasWritten() throws {
        let archive = try ZipFileWriter.archive(ZipTest.contents)
        let directory = try ZipDirectory(of: try ZipTest.file(archive))
        try directory.requireProfile()
        #expect(directory.entries.map(\.name) == ZipTest.contents.map(\.name))
        for (entry, content) in zip(directory.entries, ZipTest.contents) {
            #expect(try directory.content(of: entry, atMost: 100) == content.bytes)
            #expect(entry.crc == CRC32.checksum(of: content.bytes))
            var pieces: [UInt8] = []
            try directory.forEachChunk(of: entry, chunkSize: 7) { pieces.append(contentsOf: $0) }
            #expect(pieces == content.bytes)
        }
    }

    @Test(arguments: [1, 7, 64, Int.max])
    func streamGivesTheSameInPiecesOfAnySize(_ chunk: Int) throws {
        let archive = try ZipFileWriter.archive(ZipTest.contents)
        let sink = try ZipTest.readStream(archive, chunk: chunk)
        let expected = ZipTest.contents.map {
            ZipTestSink.Entry(
                name: $0.name,
                size: Int64($0.bytes.count),
                bytes: $0.bytes,
                crc: CRC32.checksum(of: $0.bytes)
            )
        }
        #expect(sink.entries == expected)
    }

    @Test func everyFlippedByteIsRefused() throws {
        let archive = try ZipFileWriter.archive(ZipTest.contents)
        for index in archive.indices {
            for mask: UInt8 in [0x01, 0x20, 0x80, 0xFF] {
                var damaged = archive
                damaged[index] ^= mask
                requireRefusal(damaged, "byte \(index) xor \(mask)")
            }
        }
    }

    @Test func everyTruncationIsRefused() throws {
        let archive = try ZipFileWriter.archive(ZipTest.contents)
        for count in archive.indices {
            requireRefusal(Array(archive.prefix(count)), "first \(count) bytes")
            #expect(ZipTest.code { _ = try ZipTest.readStream(Array(archive.prefix(count))) } == "zip.truncated")
            requireRefusal(Array(archive.dropFirst(count + 1)), "without the first \(count + 1) bytes")
        }
    }

    @Test func everyInsertedOrRemovedByteIsRefused() throws {
        let archive = try ZipFileWriter.archive(ZipTest.contents)
        for index in 0...archive.count {
            for byte: UInt8 in [0x00, 0x50] {
                var damaged = archive
                damaged.insert(byte, at: index)
                requireRefusal(damaged, "\(byte) inserted at \(index)")
            }
            guard index < archive.count else { continue }
            var damaged = archive
            damaged.remove(at: index)
            requireRefusal(damaged, "byte \(index) removed")
        }
    }

    @Test func swappedEntriesStaySoundButDiffer() throws {
        // Any order is a valid archive of its own; which order is right is for the caller to know.
        var contents = ZipTest.contents
        contents.swapAt(1, 2)
        let archive = try ZipFileWriter.archive(contents)
        try ZipTest.readDirectory(archive)
        #expect(archive != (try ZipFileWriter.archive(ZipTest.contents)))
    }

    // Refused by both readers, with an error of ours.
    private func requireRefusal(_ bytes: [UInt8], _ what: String) {
        for code in [
            ZipTest.code { try ZipTest.readDirectory(bytes) },
            ZipTest.code { _ = try ZipTest.readStream(bytes) },
        ] where !code.hasPrefix("zip.") {
            Issue.record("\(what): \(code)")
        }
    }
}
