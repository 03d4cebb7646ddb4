import ExchangeModel
import Testing

@testable import EvidencePackaging

/// One archive per rule of the random-access reader.
@Suite struct ZipHostileTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: String
        let make: @Sendable (inout ZipTestBuilder) -> Void

        init(_ what: String, _ code: String, _ make: @escaping @Sendable (inout ZipTestBuilder) -> Void) {
            testDescription = what
            self.code = code
            self.make = make
        }

        /// A sample with one bad name in both headers.
        static func name(_ name: String, _ code: String, flags: UInt16 = 0) -> Sample {
            Sample("name \(name.debugDescription)", code) { $0.entries[1].rename(Array(name.utf8), flags: flags) }
        }

        /// A sample with two entry names, UTF-8.
        static func names(_ first: String, _ second: String, _ code: String) -> Sample {
            Sample("names \(first.debugDescription) and \(second.debugDescription)", code) {
                $0.entries[1].rename(Array(first.utf8), flags: 0x0800)
                $0.entries[2].rename(Array(second.utf8), flags: 0x0800)
            }
        }
    }

    static let sound: [Sample] = [
        Sample("32-bit archive", "accepted") { _ in },
        Sample("ZIP64 end records", "accepted") { $0.isZip64 = true },
        Sample("ZIP64 end records with saturated end record", "accepted") {
            $0.isZip64 = true
            $0.adjustEnd = {
                $0.countHere = .max
                $0.count = .max
                $0.size = .max
                $0.offset = .max
            }
        },
        Sample("no entries", "accepted") { $0.entries = [] },
        Sample("directory in another order than the file", "accepted") {
            $0.entries[1].offsetOf = 2
            $0.entries[2].offsetOf = 1
            let first = $0.entries[1].central
            $0.entries[1].central = $0.entries[2].central
            $0.entries[2].central = first
        },
        Sample("ZIP64 sizes of an entry", "accepted") {
            $0.entries[1].both {
                $0.size = .max
                $0.storedSize = .max
                $0.extra = ZipTestBuilder.zip64(5, 5)
            }
        },
        Sample("content that looks like an end record", "accepted") {
            $0.entries[2] = .init("b", "PK\u{05}\u{06}" + String(repeating: "\0", count: 40))
        },
        .name("Дело/протокол.pdf", "accepted", flags: 0x0800),
        .names("straße", "STRASE", "accepted"),
    ]

    static let ends: [Sample] = [
        Sample("prefix, offsets not adjusted", "zip.prefix_bytes") { $0.prefix = Array("#!/bin/sh\n".utf8) },
        Sample("prefix, offsets not adjusted, ZIP64", "zip.prefix_bytes") {
            $0.isZip64 = true
            $0.prefix = [0]
        },
        Sample("prefix, offsets adjusted", "zip.prefix_bytes") { $0.entries[0].before = Array("MZ".utf8) },
        Sample("only bytes before an empty directory", "zip.prefix_bytes") {
            $0.entries = [.init("hidden", "x")]
            $0.entries[0].isInDirectory = false
        },
        Sample("suffix", "zip.trailing_bytes") { $0.suffix = [0x0A] },
        Sample("suffix that looks like half an end record", "zip.trailing_bytes") {
            $0.suffix = [0x50, 0x4B, 0x05, 0x06, 0, 0]
        },
        Sample("comment", "zip.comment") { $0.adjustEnd = { $0.comment = Array("hello".utf8) } },
        Sample("entry comment", "zip.comment") { $0.entries[1].comment = Array("hello".utf8) },
        Sample("cut comment", "zip.truncated") { $0.adjustEnd = { $0.commentLength = 1 } },
        Sample("end record in a comment", "zip.several_ends") {
            $0.adjustEnd = {
                $0.comment = ZipTestBuilder.End(countHere: 0, count: 0, size: 0, offset: 0).bytes
            }
        },
        Sample("two end records", "zip.several_ends") {
            $0.beforeEnd = ZipTestBuilder.End(countHere: 0, count: 0, size: 0, offset: 0).bytes
        },
        Sample("end record whose comment is the rest of the archive", "zip.several_ends") {
            // Content of 22 + 1 bytes, then the central header (46 + 1) and the end record.
            var end = ZipTestBuilder.End(countHere: 0, count: 0, size: 0, offset: 0)
            end.comment = Array(repeating: 0x41, count: 1 + 47 + 22)
            $0.entries = [.init("x", "")]
            $0.entries[0].content = Array(end.bytes.prefix(23))
            $0.entries[0].both {
                $0.size = 23
                $0.storedSize = 23
            }
        },
        Sample("counts of the end record differ", "zip.bad_count") { $0.adjustEnd = { $0.countHere = 2 } },
        Sample("count too small", "zip.bad_count") {
            $0.adjustEnd = {
                $0.count = 2
                $0.countHere = 2
            }
        },
        Sample("count too large", "zip.bad_count") {
            $0.adjustEnd = {
                $0.count = 4
                $0.countHere = 4
            }
        },
        Sample("ZIP64 counts differ", "zip.bad_count") {
            $0.isZip64 = true
            $0.adjustWideEnd = { $0.countHere = 2 }
        },
        Sample("directory offset beyond the directory", "zip.bad_offset") { $0.adjustEnd = { $0.offset += 1 } },
        Sample("directory offset beyond the file", "zip.bad_offset") { $0.adjustEnd = { $0.offset = 0xFFFF_FFF0 } },
        Sample("directory offset too small", "zip.bad_offset") { $0.adjustEnd = { $0.offset -= 1 } },
        Sample("directory size too small", "zip.bad_size") { $0.adjustEnd = { $0.size -= 1 } },
        Sample("directory size too large", "zip.bad_size") { $0.adjustEnd = { $0.size += 100 } },
        Sample("digital signature record behind the directory", "zip.bad_size") {
            $0.beforeEnd = [0x50, 0x4B, 0x05, 0x05, 0, 0]
        },
        Sample("foreign record within the directory", "zip.bad_directory") {
            $0.beforeEnd = [0x50, 0x4B, 0x05, 0x05, 0, 0]
            $0.adjustEnd = {
                $0.size += 6
                $0.count += 1
                $0.countHere += 1
            }
        },
        Sample("directory ends within a header", "zip.bad_directory") {
            $0.beforeEnd = [0x50, 0x4B, 0x01, 0x02, 0, 0]
            $0.adjustEnd = {
                $0.size += 6
                $0.count += 1
                $0.countHere += 1
            }
        },
        Sample("directory ends within an extra field", "zip.bad_directory") { $0.entries[2].central.extraLength = 1 },
        Sample("64-bit directory size", "zip.bad_size") {
            $0.isZip64 = true
            $0.adjustEnd = { $0.size = .max }
            $0.adjustWideEnd = { $0.size = 1 << 63 }
        },
        Sample("64-bit directory size and offset overflow", "zip.bad_size") {
            $0.isZip64 = true
            $0.adjustEnd = {
                $0.size = .max
                $0.offset = .max
            }
            $0.adjustWideEnd = {
                $0.size = UInt64(Int64.max)
                $0.offset = UInt64(Int64.max)
            }
        },
        Sample("saturated end record without ZIP64", "zip.zip64_mismatch") { $0.adjustEnd = { $0.offset = .max } },
        Sample("ZIP64 count contradicts", "zip.zip64_mismatch") {
            $0.isZip64 = true
            $0.adjustEnd = {
                $0.count = 2
                $0.countHere = 2
            }
        },
        Sample("ZIP64 size contradicts", "zip.zip64_mismatch") {
            $0.isZip64 = true
            $0.adjustEnd = { $0.size -= 46 }
        },
        Sample("ZIP64 offset contradicts", "zip.zip64_mismatch") {
            $0.isZip64 = true
            $0.adjustEnd = { $0.offset += 1 }
        },
        Sample("ZIP64 locator points elsewhere", "zip.zip64_mismatch") {
            $0.isZip64 = true
            $0.adjustWideEnd = { $0.recordOffset += 1 }
        },
        Sample("ZIP64 locator points beyond 2^63", "zip.zip64_mismatch") {
            $0.isZip64 = true
            $0.adjustWideEnd = { $0.recordOffset = .max }
        },
        Sample("ZIP64 record of another size", "zip.zip64_mismatch") {
            $0.isZip64 = true
            $0.adjustWideEnd = { $0.recordSize = 45 }
        },
        Sample("ZIP64 locator without record", "zip.zip64_mismatch") {
            $0.entries = []
            $0.beforeEnd = [0x50, 0x4B, 0x06, 0x07] + Array(repeating: 0, count: 16)
        },
        Sample("end record on another disk", "zip.multi_disk") { $0.adjustEnd = { $0.disk = 1 } },
        Sample("directory on another disk", "zip.multi_disk") { $0.adjustEnd = { $0.directoryDisk = 1 } },
        Sample("ZIP64 record on another disk", "zip.multi_disk") {
            $0.isZip64 = true
            $0.adjustWideEnd = { $0.disk = 1 }
        },
        Sample("ZIP64 locator on another disk", "zip.multi_disk") {
            $0.isZip64 = true
            $0.adjustWideEnd = { $0.locatorDisk = 1 }
        },
        Sample("two disks", "zip.multi_disk") {
            $0.isZip64 = true
            $0.adjustWideEnd = { $0.disks = 2 }
        },
        Sample("entry on another disk", "zip.multi_disk") { $0.entries[1].disk = 1 },
    ]

    static let names: [Sample] = [
        .names("x", "x", "zip.duplicate_name"),
        .names("Case/File", "case/fILE", "zip.duplicate_name"),
        .names("\u{E9}", "e\u{301}", "zip.duplicate_name"),
        .names("\u{C9}", "e\u{301}", "zip.duplicate_name"),
        .names("straße", "STRASSE", "zip.duplicate_name"),
        .names("ſ", "S", "zip.duplicate_name"),
        .names("ΟΔΟΣ", "οδος", "zip.duplicate_name"),
        .names("\u{212A}", "k", "zip.duplicate_name"),
        .name("../x", "zip.name_dot_segment"),
        .name("a/../x", "zip.name_dot_segment"),
        .name("a/..", "zip.name_dot_segment"),
        .name("..", "zip.name_dot_segment"),
        .name("./x", "zip.name_dot_segment"),
        .name("a/./x", "zip.name_dot_segment"),
        .name("/etc/passwd", "zip.name_absolute"),
        .name("//host/share", "zip.name_absolute"),
        .name("C:/x", "zip.name_drive"),
        .name("c:x", "zip.name_drive"),
        .name("..\\x", "zip.name_backslash"),
        .name("C:\\x", "zip.name_backslash"),
        .name("\\\\host\\x", "zip.name_backslash"),
        .name("x\0.txt", "zip.name_control"),
        .name("x\u{1B}[2J", "zip.name_control"),
        .name("x\u{7F}", "zip.name_control"),
        .name("x\u{85}", "zip.name_control", flags: 0x0800),
        .name("x\u{2028}y", "zip.name_control", flags: 0x0800),
        .name("gpj\u{202E}exe", "zip.name_control", flags: 0x0800),
        .name("", "zip.name_empty_segment"),
        .name("a//b", "zip.name_empty_segment"),
        .name("a.", "zip.name_trailing_dot"),
        .name("a./b", "zip.name_trailing_dot"),
        .name("a ", "zip.name_trailing_dot"),
        .name("...", "zip.name_trailing_dot"),
        .name(String(repeating: "a", count: 256), "zip.name_too_long"),
        .name("é", "zip.name_encoding"),
        Sample("overlong UTF-8 slash", "zip.name_encoding") {
            $0.entries[1].rename([0x2E, 0x2E, 0xC0, 0xAF, 0x78], flags: 0x0800)
        },
        Sample("CP437 bytes declared UTF-8", "zip.name_encoding") { $0.entries[1].rename([0x82], flags: 0x0800) },
        .name("a/", "zip.directory_entry"),
        Sample("Unix directory", "zip.directory_entry") { $0.entries[1].attributes = 0o040755 << 16 },
        Sample("DOS directory", "zip.directory_entry") { $0.entries[1].attributes = 0x10 },
        Sample("symbolic link", "zip.symlink") { $0.entries[1].attributes = 0o120777 << 16 },
        Sample("device", "zip.special_file") { $0.entries[1].attributes = 0o060644 << 16 },
        Sample("named pipe", "zip.special_file") { $0.entries[1].attributes = 0o010644 << 16 },
        Sample("volume label", "zip.special_file") { $0.entries[1].attributes = 0x08 },
    ]

    static let entries: [Sample] = [
        Sample("local name differs", "zip.local_mismatch") { $0.entries[1].local.name[0] = 0x62 },
        Sample("local name longer", "zip.local_mismatch") { $0.entries[1].local.name.append(0x62) },
        Sample("local method differs", "zip.local_mismatch") { $0.entries[1].local.method = 8 },
        Sample("local flags differ", "zip.local_mismatch") { $0.entries[1].local.flags = 0x0800 },
        Sample("local CRC differs", "zip.local_mismatch") { $0.entries[1].local.crc ^= 1 },
        Sample("local size differs", "zip.local_mismatch") { $0.entries[1].local.size += 1 },
        Sample("local stored size differs", "zip.local_mismatch") { $0.entries[1].local.storedSize += 1 },
        Sample("local ZIP64 size differs", "zip.local_mismatch") {
            $0.entries[1].local.size = .max
            $0.entries[1].local.storedSize = .max
            $0.entries[1].local.extra = ZipTestBuilder.zip64(6, 6)
        },
        Sample("deflated", "zip.method") { $0.entries[1].both { $0.method = 8 } },
        Sample("deflate64", "zip.method") { $0.entries[1].both { $0.method = 9 } },
        Sample("LZMA", "zip.method") { $0.entries[1].both { $0.method = 14 } },
        Sample("encrypted", "zip.encrypted") { $0.entries[1].both { $0.flags = 1 } },
        Sample("strongly encrypted", "zip.encrypted") { $0.entries[1].both { $0.flags = 0x41 } },
        Sample("AES encrypted", "zip.encrypted") {
            $0.entries[1].both {
                $0.flags = 1
                $0.method = 99
            }
        },
        Sample("masked headers", "zip.encrypted") { $0.entries[1].both { $0.flags = 0x2000 } },
        Sample("data descriptor", "zip.data_descriptor") { $0.entries[1].both { $0.flags = 8 } },
        Sample("patch data", "zip.flags") { $0.entries[1].both { $0.flags = 0x20 } },
        Sample("the two sizes differ", "zip.bad_size") { $0.entries[1].both { $0.size += 1 } },
        Sample("two entries share one local header", "zip.overlap") { $0.entries[2].offsetOf = 1 },
        Sample("content covers the next entry", "zip.overlap") {
            $0.entries[1].both {
                $0.size += 37
                $0.storedSize += 37
            }
        },
        Sample("content covers the directory", "zip.overlap") {
            $0.entries[2].both {
                $0.size += 1
                $0.storedSize += 1
            }
        },
        Sample("content size near 2^63", "zip.overlap") {
            $0.entries[2].both {
                $0.size = .max
                $0.storedSize = .max
                $0.extra = ZipTestBuilder.zip64(UInt64(Int64.max), UInt64(Int64.max))
            }
        },
        Sample("gap between entries", "zip.gap") { $0.entries[1].after = [0] },
        Sample("gap before the directory", "zip.gap") { $0.entries[2].after = [0] },
        Sample("content smaller than stored", "zip.gap") {
            $0.entries[1].both {
                $0.size -= 1
                $0.storedSize -= 1
            }
        },
        Sample("hidden entry in the middle", "zip.gap") { $0.entries[1].isInDirectory = false },
        Sample("hidden entry at the end", "zip.gap") { $0.entries[2].isInDirectory = false },
        Sample("hidden first entry", "zip.prefix_bytes") { $0.entries[0].isInDirectory = false },
        Sample("offset behind the local header", "zip.gap") { $0.entries[1].shift = 1 },
        Sample("offset before the local header", "zip.overlap") { $0.entries[1].shift = -1 },
        Sample("offset in the directory", "zip.gap") { $0.entries[2].offset = 0x7FFF_FFFF },

        Sample("no local header", "zip.bad_offset") {
            $0.entries[0].offset = 0
            $0.entries[0].before = [0x50, 0x4B]
        },
        Sample("local header where the directory stands", "zip.bad_offset") {
            $0.entries = [.init("x", "y")]
            $0.entries[0].isInFile = false
        },
        Sample("local extra field reaches into the directory", "zip.overlap") {
            $0.entries[2].local.extraLength = 7
        },
        Sample("Unicode path in the directory", "zip.extra_field") {
            $0.entries[1].central.extra = ZipTestBuilder.extra(0x7075, [1, 0, 0, 0, 0, 0x78])
        },
        Sample("Unicode path in the local header", "zip.extra_field") {
            $0.entries[1].local.extra = ZipTestBuilder.extra(0x7075, [1, 0, 0, 0, 0, 0x78])
        },
        Sample("timestamp field", "zip.extra_field") {
            $0.entries[1].both { $0.extra = ZipTestBuilder.extra(0x5455, [1, 0, 0, 0, 0]) }
        },
        Sample("extra field cut", "zip.extra_field") { $0.entries[1].both { $0.extra = [1, 0, 8, 0, 0] } },
        Sample("stray byte in the extra area", "zip.extra_field") { $0.entries[1].central.extra = [0] },
        Sample("ZIP64 sizes without the field", "zip.zip64_mismatch") {
            $0.entries[1].both {
                $0.size = .max
                $0.storedSize = .max
            }
        },
        Sample("ZIP64 field too short", "zip.zip64_mismatch") {
            $0.entries[1].both {
                $0.size = .max
                $0.storedSize = .max
                $0.extra = ZipTestBuilder.zip64(5)
            }
        },
        Sample("ZIP64 field too long", "zip.zip64_mismatch") {
            $0.entries[1].both { $0.extra = ZipTestBuilder.zip64(5) }
        },
        Sample("ZIP64 field too long in the local header", "zip.zip64_mismatch") {
            $0.entries[1].local.extra = ZipTestBuilder.zip64(5)
        },
        Sample("ZIP64 field twice", "zip.zip64_mismatch") {
            $0.entries[1].both {
                $0.size = .max
                $0.storedSize = .max
                $0.extra = ZipTestBuilder.zip64(5, 5) + ZipTestBuilder.zip64(6, 6)
            }
        },
        Sample("ZIP64 size beyond 2^63", "zip.zip64_mismatch") {
            $0.entries[1].both {
                $0.size = .max
                $0.storedSize = .max
                $0.extra = ZipTestBuilder.zip64(1 << 63, 1 << 63)
            }
        },
    ]

    @Test(arguments: sound + ends + names + entries)
    func refusesForItsOwnReason(_ sample: Sample) throws {
        var builder = ZipTestBuilder()
        sample.make(&builder)
        let file = try ZipTest.file(builder.bytes())
        #expect(ZipTest.code { _ = try ZipDirectory(of: file) } == sample.code)
    }

    @Test func noZip() throws {
        for bytes in [[], [0x50], Array("%PDF-1.7 ".utf8), Array(repeating: 0, count: 100_000)] as [[UInt8]] {
            let file = try ZipTest.file(bytes)
            #expect(ZipTest.code { _ = try ZipDirectory(of: file) } == "zip.not_zip")
            #expect(
                ZipTest.code { _ = try ZipTest.readStream(bytes) }
                    == (bytes.count < 4 ? "zip.truncated" : "zip.not_zip")
            )
        }
        let file = try ZipTest.file([0x50, 0x4B, 3, 4] + Array(repeating: 0, count: 100_000))
        #expect(ZipTest.code { _ = try ZipDirectory(of: file) } == "zip.truncated")
    }

    @Test func limitsHold() throws {
        let file = try ZipTest.file(ZipTestBuilder().bytes())
        func code(_ change: (inout ZipLimits) -> Void) -> String {
            var limits = ZipLimits()
            change(&limits)
            return ZipTest.code { _ = try ZipDirectory(of: file, limits: limits) }
        }
        #expect(code { $0.maximumEntries = 3 } == "accepted")
        #expect(code { $0.maximumEntries = 2 } == "zip.too_many_entries")
        #expect(code { $0.maximumDirectoryBytes = 100 } == "zip.directory_too_large")
        #expect(code { $0.maximumNameBytes = 7 } == "zip.name_too_long")
        #expect(code { $0.maximumTotalBytes = file.size } == "accepted")
        #expect(code { $0.maximumTotalBytes = file.size - 1 } == "zip.too_large")

        var many = ZipTestBuilder()
        many.entries = (0...20_000).map { ZipTestBuilder.Entry("n\($0)", "") }
        let manyFile = try ZipTest.file(many.bytes())
        #expect(ZipTest.code { _ = try ZipDirectory(of: manyFile) } == "zip.too_many_entries")
    }

    @Test func foreignArchiveIsSoundButNotCanonical() throws {
        var builder = ZipTestBuilder()
        let directory = try ZipDirectory(of: try ZipTest.file(builder.bytes()))
        #expect(directory.entries.map(\.name) == ["mimetype", "a/one", "b"])
        #expect(directory.entries.map(\.size) == [31, 5, 6])
        let entry = try #require(directory.entry(named: "a/one"))
        #expect(try directory.content(of: entry, atMost: 5) == Array("first".utf8))
        #expect(ZipTest.code { _ = try directory.content(of: entry, atMost: 4) } == "zip.entry_too_large")
        #expect(ZipTest.code { try directory.requireProfile() } == "zip.not_canonical")

        builder.entries[1].content[0] ^= 1
        let damaged = try ZipDirectory(of: try ZipTest.file(builder.bytes()))
        let bad = try #require(damaged.entry(named: "a/one"))
        #expect(ZipTest.code { _ = try damaged.content(of: bad, atMost: 5) } == "zip.crc_mismatch")
        #expect(damaged.entry(named: "none") == nil)
    }

    @Test func profileNamesItsOwnRules() throws {
        func code(_ change: (inout ZipTestBuilder) -> Void) throws -> String {
            var builder = ZipTestBuilder()
            change(&builder)
            let directory = try ZipDirectory(of: try ZipTest.file(builder.bytes()))
            return ZipTest.code { try directory.requireProfile() }
        }
        #expect(try code { $0.entries[1].rename(Array("a b".utf8)) } == "zip.name_not_in_profile")
        #expect(try code { $0.entries.swapAt(0, 1) } == "zip.mimetype_not_first")
        #expect(try code { $0.entries = [] } == "zip.no_entries")

        // Entries of the profile, but only a 32-bit end record.
        var shorter = try ZipFileWriter.archive([("a", [1])])
        shorter.removeLast(98)
        let end = ZipTestBuilder.End(countHere: 1, count: 1, size: 75, offset: 52)
        let directory = try ZipDirectory(of: try ZipTest.file(shorter + end.bytes))
        #expect(ZipTest.code { try directory.requireProfile() } == "zip.not_canonical")
    }
}
