import ExchangeModel
import Testing

@testable import EvidencePackaging

@Suite struct ZipStreamReaderTests {
    private func code(_ bytes: [UInt8], limits: ZipLimits = ZipLimits()) -> String {
        ZipTest.code {
            var sink = ZipTestSink()
            var reader = ZipStreamReader(limits: limits)
            try bytes.withUnsafeBytes { try reader.consume($0, to: &sink) }
            try reader.finish()
        }
    }

    private func archive(_ entries: (String, String)...) throws -> [UInt8] {
        try ZipFileWriter.archive(entries.map { ($0.0, Array($0.1.utf8)) })
    }

    // A local header of the profile with some bytes changed.
    private func changed(_ changes: [Int: UInt8], in name: String = "abc") throws -> String {
        var bytes = try archive((name, "content"))
        for (offset, byte) in changes { bytes[offset] = byte }
        return code(bytes)
    }

    @Test func localHeadersNameTheirFault() throws {
        #expect(try changed([:]) == "accepted")
        #expect(try changed([0: 0x51]) == "zip.not_zip")
        #expect(try changed([4: 20]) == "zip.not_canonical")  // Version needed.
        #expect(try changed([6: 1]) == "zip.encrypted")
        #expect(try changed([6: 8]) == "zip.data_descriptor")
        #expect(try changed([6: 2]) == "zip.flags")
        #expect(try changed([7: 8]) == "zip.not_canonical")  // The UTF-8 flag.
        #expect(try changed([8: 8]) == "zip.method")
        #expect(try changed([10: 1]) == "zip.not_canonical")  // Time.
        #expect(try changed([14: 0]) == "zip.crc_mismatch")
        #expect(try changed([18: 0]) == "zip.not_canonical")  // 32-bit stored size.
        #expect(try changed([27: 1]) == "zip.name_too_long")
        #expect(try changed([28: 0]) == "zip.zip64_mismatch")
        #expect(try changed([28: 21]) == "zip.extra_field")
        #expect(try changed([29: 1]) == "zip.extra_field")
        #expect(try changed([33: 2]) == "zip.extra_field")
        #expect(try changed([37: 8]) == "zip.not_canonical")  // 64-bit size 8, 64-bit stored size 7.
        #expect(try changed([44: 0x80]) == "zip.zip64_mismatch")  // 64-bit size beyond 2^63.
        #expect(try changed([44: 0x7F, 52: 0x7F]) == "zip.too_large")
    }

    @Test(arguments: [
        ("../", "zip.directory_entry"), ("/ab", "zip.name_absolute"), ("c:b", "zip.name_drive"),
        ("a\\b", "zip.name_backslash"), ("a\0b", "zip.name_control"), ("a..", "zip.name_trailing_dot"),
        (".//", "zip.directory_entry"), ("./b", "zip.name_dot_segment"), ("a b", "zip.name_not_in_profile"),
    ])
    func localHeadersNameTheirBadName(_ name: String, _ expected: String) throws {
        let bytes = Array(name.utf8)
        #expect(try changed([30: bytes[0], 31: bytes[1], 32: bytes[2]]) == expected)
    }

    @Test func nameThatIsNoASCII() throws {
        #expect(try changed([30: 0x82]) == "zip.name_encoding")
    }

    @Test func entriesBesideOneAnother() throws {
        // The archives end alike; joined, only the first entries count.
        func entry(_ name: String, _ text: String) throws -> [UInt8] {
            let archive = try archive((name, text))
            return Array(archive.prefix(30 + name.utf8.count + (name == "mimetype" ? 0 : 20) + text.utf8.count))
        }
        let ending = try archive(("a", "1"), ("b", "2")).dropFirst(2 * 52)
        #expect(code(try entry("a", "1") + entry("b", "2") + ending) == "accepted")
        #expect(code(try entry("b", "2") + entry("a", "1") + ending) == "zip.not_canonical")
        #expect(code(try entry("a", "1") + ending) == "zip.not_canonical")
        #expect(code(try entry("a", "1") + entry("A", "2") + ending) == "zip.duplicate_name")
        #expect(code(try entry("a", "1") + entry("a", "1") + ending) == "zip.duplicate_name")
        #expect(code(try entry("a", "1") + entry("mimetype", "2") + ending) == "zip.mimetype_not_first")
        #expect(code(try entry("a", "1") + [0] + entry("b", "2") + ending) == "zip.not_canonical")
        #expect(code(try entry("a", "1") + entry("b", "3") + ending) == "zip.not_canonical")
        #expect(code(try entry("a", "1") + entry("b", "2") + ending + [0]) == "zip.trailing_bytes")
        #expect(code(Array(ending)) == "zip.not_zip")
        #expect(code([]) == "zip.truncated")
    }

    @Test func limitsHold() throws {
        let bytes = try archive(("a", "1"), ("bb", "2"))
        var limits = ZipLimits()
        limits.maximumEntries = 1
        #expect(code(bytes, limits: limits) == "zip.too_many_entries")
        // Already by its header, not only when the archive is complete.
        #expect(code(Array(bytes.prefix(2 * 52 + 1)), limits: limits) == "zip.too_many_entries")
        limits = ZipLimits()
        limits.maximumNameBytes = 1
        #expect(code(bytes, limits: limits) == "zip.name_too_long")
        limits = ZipLimits()
        limits.maximumDirectoryBytes = 100
        #expect(code(bytes, limits: limits) == "zip.directory_too_large")
        limits = ZipLimits()
        limits.maximumTotalBytes = Int64(bytes.count) - 1
        #expect(code(bytes, limits: limits) == "zip.too_large")
        limits.maximumTotalBytes = Int64(bytes.count)
        #expect(code(bytes, limits: limits) == "accepted")
    }

    private struct Stubborn: ZipStreamSink {
        struct Refusal: Error {}
        var failure: any Error = Refusal()
        mutating func beginEntry(name: String, size: Int64) throws { throw failure }
        mutating func entryData(_ bytes: UnsafeRawBufferPointer) throws {}
        mutating func endEntry(crc: UInt32) throws {}
    }

    @Test func refusalOfTheSinkIsFinal() throws {
        let bytes = try archive(("a", "1"))
        var reader = ZipStreamReader()
        var stubborn = Stubborn()
        #expect(throws: Stubborn.Refusal.self) {
            try bytes.withUnsafeBytes { try reader.consume($0, to: &stubborn) }
        }
        var sink = ZipTestSink()
        #expect(throws: ExchangeError.self) { try bytes.withUnsafeBytes { try reader.consume($0, to: &sink) } }
        #expect(throws: ExchangeError.self) { try reader.finish() }
        #expect(sink.entries.isEmpty)

        var second = ZipStreamReader()
        stubborn.failure = ExchangeError(.zipTooLarge, "Too large")
        #expect(ZipTest.code { try bytes.withUnsafeBytes { try second.consume($0, to: &stubborn) } } == "zip.too_large")
        #expect(ZipTest.code { try second.finish() } == "zip.too_large")
    }

    private struct Addresses: ZipStreamSink {
        var slices: [UnsafeRawBufferPointer] = []
        mutating func beginEntry(name: String, size: Int64) throws {}
        mutating func entryData(_ bytes: UnsafeRawBufferPointer) throws { slices.append(bytes) }
        mutating func endEntry(crc: UInt32) throws {}
    }

    @Test func contentIsNotCopied() throws {
        let content = Array(repeating: UInt8(7), count: 300_000)
        let bytes = try ZipFileWriter.archive([("a", content)])
        var reader = ZipStreamReader()
        var sink = Addresses()
        try bytes.withUnsafeBytes { buffer in
            try reader.consume(buffer, to: &sink)
            #expect(sink.slices.map(\.count) == [content.count])
            #expect(sink.slices.first?.baseAddress == buffer.baseAddress?.advanced(by: 51))
        }
        try reader.finish()
        #expect(reader.position == Int64(bytes.count))
    }
}
