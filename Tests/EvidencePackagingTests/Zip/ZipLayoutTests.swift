import ExchangeModel
import Testing

@testable import EvidencePackaging

@Suite struct ZipLayoutTests {
    @Test func checksumIsTheOneOfZip() {
        // The check value of CRC-32/ISO-HDLC.
        #expect(CRC32.checksum(of: Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CRC32.checksum(of: []) == 0)
        var crc = CRC32()
        for piece in ["1234", "", "56789"] {
            Array(piece.utf8).withUnsafeBytes { crc.update($0) }
            crc.update(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        #expect(crc.value == 0xCBF4_3926)
    }

    // Every byte as the profile prescribes it, written down by hand from APPNOTE 6.3.
    @Test func bytesAreThoseOfTheProfile() throws {
        let archive = try ZipFileWriter.archive([("mimetype", Array("123456789".utf8)), ("a", [])])
        let zeros = { Array(repeating: "00", count: $0).joined() }
        let ones = { Array(repeating: "ff", count: $0).joined() }
        let expected = [
            // Local header of mimetype, content.
            "504b0304", "0a00", "0000", "0000", "0000", "2100", "2639f4cb", "09000000", "09000000", "0800", "0000",
            "6d696d6574797065", "313233343536373839",
            // Local header of a, at 0x2f.
            "504b0304", "2d00", "0000", "0000", "0000", "2100", zeros(4), ones(4), ones(4), "0100", "1400", "61",
            "0100", "1000", zeros(8), zeros(8),
            // Central header of mimetype, at 0x62.
            "504b0102", "2d03", "0a00", "0000", "0000", "0000", "2100", "2639f4cb", "09000000", "09000000", "0800",
            "0000", "0000", "0000", "0000", "0000a481", zeros(4), "6d696d6574797065",
            // Central header of a.
            "504b0102", "2d03", "2d00", "0000", "0000", "0000", "2100", zeros(4), ones(4), ones(4), "0100", "1c00",
            "0000", "0000", "0000", "0000a481", ones(4), "61", "0100", "1800", zeros(8), zeros(8), "2f" + zeros(7),
            // ZIP64 end record: 54 + 75 = 0x81 bytes of directory; it stands at 0xe3.
            "504b0606", "2c" + zeros(7), "2d03", "2d00", zeros(4), zeros(4), "02" + zeros(7), "02" + zeros(7),
            "81" + zeros(7), "62" + zeros(7),
            // Locator and end record.
            "504b0607", zeros(4), "e3" + zeros(7), "01000000",
            "504b0506", "0000", "0000", "ffff", "ffff", ones(4), ones(4), "0000",
        ]
        #expect(archive.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined() == expected.joined())
    }

    @Test func offsetsBeyondFourGiB() throws {
        let size: Int64 = 5 << 30
        let layout = try ZipLayout([("mimetype", 31), ("parts/00001.p7m", size), ("parts/00002.p7m", size), ("z", 1)])
        #expect(layout.entries.map(\.headerOffset) == [0, 69, 69 + 65 + size, 69 + 2 * (65 + size)])
        #expect(layout.entries.map(\.dataOffset) == [38, 134, 134 + 65 + size, 69 + 2 * (65 + size) + 51])
        #expect(layout.directoryOffset == 69 + 2 * (65 + size) + 52)
        #expect(layout.directorySize == 54 + 89 + 89 + 75)
        #expect(layout.totalSize == layout.directoryOffset + layout.directorySize + 98)
        let ending = try layout.ending(crcs: [1, 2, 3, 4])
        #expect(Int64(ending.count) == layout.totalSize - layout.directoryOffset)
        var cursor = ZipCursor(ending[...], code: .zipBadDirectory)
        let headers = try layout.entries.map { _ in try ZipCentralHeader(&cursor, limits: ZipLimits()) }
        #expect(headers.map(\.headerOffset) == layout.entries.map(\.headerOffset))
        #expect(headers.map(\.size) == [31, size, size, 1])
        #expect(headers.map(\.fields.crc) == [1, 2, 3, 4])
        #expect(cursor.remaining == 98)
    }

    @Test func headerSizesDoNotDependOnContent() throws {
        for (index, content) in ZipTest.contents.enumerated() {
            let layout = try ZipLayout(ZipTest.contents.map { ($0.name, Int64($0.bytes.count)) })
            let header = layout.localHeader(at: index, crc: .max)
            let entry = layout.entries[index]
            #expect(entry.headerOffset + Int64(header.count) == entry.dataOffset)
            #expect(entry.dataOffset + Int64(content.bytes.count) == entry.dataEnd)
        }
    }

    @Test(arguments: [
        ("", "zip.name_empty_segment"), ("/a", "zip.name_absolute"), ("a//b", "zip.name_empty_segment"),
        ("a/", "zip.directory_entry"), ("./a", "zip.name_dot_segment"), ("a/..", "zip.name_dot_segment"),
        ("a.", "zip.name_trailing_dot"), ("a./b", "zip.name_trailing_dot"), ("a b", "zip.name_not_in_profile"),
        ("ä", "zip.name_not_in_profile"), ("ab:c", "zip.name_not_in_profile"), ("c:b", "zip.name_drive"),
        ("a\\b", "zip.name_backslash"), ("a\n", "zip.name_control"), ("a@b", "zip.name_not_in_profile"),
        (String(repeating: "a", count: 256), "zip.name_too_long"), (String(repeating: "a", count: 255), "accepted"),
        ("META-INF/ASiCManifest.xml", "accepted"), (".hidden", "accepted"), ("a..b/_-", "accepted"),
    ])
    func namesOfTheProfile(_ name: String, _ code: String) {
        #expect(ZipTest.code { _ = try ZipLayout([(name, 1)]) } == code)
    }

    @Test func refusesWhatCannotBeLaidOut() {
        func code(_ contents: [(name: String, size: Int64)], _ limits: ZipLimits = ZipLimits()) -> String {
            ZipTest.code { _ = try ZipLayout(contents, limits: limits) }
        }
        #expect(code([]) == "zip.no_entries")
        #expect(code([("a", 1), ("a", 1)]) == "zip.duplicate_name")
        #expect(code([("a", 1), ("A", 1)]) == "zip.duplicate_name")
        #expect(code([("a", 1), ("mimetype", 1)]) == "zip.mimetype_not_first")
        #expect(code([("a", -1)]) == "zip.bad_size")
        #expect(code([("mimetype", 0xFFFF_FFFF)]) == "zip.bad_size")
        #expect(code([("mimetype", 0xFFFF_FFFE)]) == "accepted")
        #expect(code((0...20_000).map { ("n\($0)", 0) }) == "zip.too_many_entries")
        #expect(code([("a", 8 << 40)]) == "zip.too_large")
        var limits = ZipLimits()
        limits.maximumTotalBytes = .max
        #expect(code([("a", .max)], limits) == "zip.bad_size")
        #expect(code([("a", .max - 51)], limits) == "zip.bad_size")
        #expect(code([("a", .max - 51 - 75 - 98)], limits) == "accepted")
        #expect(code([("a", .max - 51 - 75 - 97)], limits) == "zip.bad_size")
        limits.maximumDirectoryBytes = 74
        #expect(code([("a", 1)], limits) == "zip.directory_too_large")
    }

    @Test func checksumsMustMatchEntries() throws {
        let layout = try ZipLayout([("a", 1)])
        #expect(ZipTest.code { _ = try layout.ending(crcs: []) } == "zip.bad_count")
        #expect(ZipTest.code { _ = try layout.ending(crcs: [1, 2]) } == "zip.bad_count")
    }
}
