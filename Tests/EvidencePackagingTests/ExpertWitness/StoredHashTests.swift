import CDeflate
import ExchangeModel
import Foundation
import Testing
import TrustCrypto

@testable import EvidencePackaging

@Suite("The hashes that a forensic image stores")
struct StoredHashTests {
    private static let content = ImageSamples.content()
    private static let small = Result { try ImageSamples.acquired(ImageSamples.content(blocks: 4)) }

    private static func digests(_ bytes: [UInt8]) throws -> (md5: [UInt8], sha1: [UInt8]) {
        var hasher = try StoredHashHasher()
        try bytes.withUnsafeBytes { try hasher.update($0) }
        return try hasher.finish()
    }

    @Test(
        "are found and hold in what ewfacquirestream writes",
        arguments: [
            "encase1", "encase4", "encase5", "encase6", "linen6", "ftk", "ewfx",
        ]
    )
    func foreignImages(_ format: String) throws {
        for compression in ["none", "fast", "empty-block"] {
            let segments = try ImageSamples.acquired(Self.content, format: format, compression: compression)
            let found = try ForensicImages.check(ImageSamples.files(segments.shuffled()))
            #expect(found.count == 1)
            let hashes = try found[0].outcome.get()
            #expect(hashes.hold && found[0].error == nil)
            #expect(hashes.contentSize == Int64(Self.content.count))
            #expect(!hashes.hashes.isEmpty)
            for hash in hashes.hashes {
                let expected = try Self.digests(Self.content)
                #expect(hash.found == (hash.method == .md5 ? expected.md5 : expected.sha1))
            }
        }
    }

    @Test("are taken as openssl takes them")
    func sameAsOpenSSL() throws {
        let bytes = Array("evidence".utf8)
        let found = try Self.digests(bytes)
        for (name, digest) in [("md5", found.md5), ("sha1", found.sha1)] {
            let result = try ForeignTool.run(["openssl", "dgst", "-\(name)", "-r", "f"], files: ["f": bytes])
            #expect(result.output.hasPrefix(Hexadecimal.text(of: digest)))
        }
    }

    @Test("are not there in other files, nor in an image without them")
    func nothingToCompare() throws {
        let other = [("a.E01", Array("not an image at all".utf8)), ("empty.E01", [])]
        #expect(try ForensicImages.check(ImageSamples.files(other)).isEmpty)
        var image = try ImageForgery(bytes: Self.small.get()[0].bytes)
        image.rename("hash", "unknown")
        image.rename("digest", "unknown")
        let found = try ForensicImages.check(ImageSamples.files([("a.E01", image.bytes)]))
        #expect(found.count == 1 && found[0].error == nil)
        #expect(try found[0].outcome.get().hashes.isEmpty)
    }

    // MARK: - Hostile images

    struct Case: Sendable, CustomTestStringConvertible {
        let what: String
        let code: ErrorCode
        let change: @Sendable (inout ImageForgery) -> Void

        init(_ what: String, _ code: ErrorCode, _ change: @escaping @Sendable (inout ImageForgery) -> Void) {
            self.what = what
            self.code = code
            self.change = change
        }

        var testDescription: String { what }
    }

    static let cases: [Case] = [
        Case("a descriptor with another checksum", .ewfSection) { $0.bytes[$0.section("volume") + 72] ^= 1 },
        Case("a section that is followed by itself", .ewfSection) {
            $0.descriptor("volume", 16, UInt64($0.section("volume")))
        },
        Case("a section that is followed by an earlier one", .ewfSection) { $0.descriptor("sectors", 16, 13) },
        Case("a section beyond the end", .ewfSection) { $0.descriptor("volume", 16, UInt64($0.bytes.count) + 1) },
        Case("a section at the largest offset", .ewfSection) { $0.descriptor("volume", 16, .max) },
        Case("a section that reaches into the next", .ewfSection) { $0.descriptor("volume", 24, 5_000) },
        Case("a section of the largest size", .ewfSection) { $0.descriptor("sectors", 24, .max) },
        Case("a section smaller than its descriptor", .ewfSection) { $0.descriptor("volume", 24, 75) },
        Case("a file that ends inside a section", .ewfSection) { $0.bytes.removeLast(100) },
        Case("a file that ends after its header", .ewfSection) { $0.bytes.removeSubrange(13...) },
        Case("sizes with another checksum", .ewfVolume) { $0.bytes[$0.data("volume") + 4] ^= 1 },
        Case("chunks of no sectors", .ewfVolume) { $0.volume(8, 4, 0) },
        Case("no content", .ewfVolume) { $0.volume(16, 8, 0) },
        Case("content that does not fill the chunks", .ewfVolume) { $0.volume(4, 4, 900) },
        Case("more content than a number holds", .ewfVolume) { $0.volume(16, 8, .max) },
        Case("sizes that overflow", .ewfLimit) { $0.volume(16, 8, UInt64(Int64.max)) },
        Case("chunks beyond the limit", .ewfLimit) { $0.volume(8, 4, 0xffff_ffff) },
        Case("sizes stated twice", .ewfVolume) { $0.rename("digest", "volume") },
        Case("no sizes before the table", .ewfVolume) { $0.rename("volume", "unknown") },
        Case("a volume section too short", .ewfVolume) { $0.descriptor("volume", 24, 76 + 1_051) },
        Case("a table header with another checksum", .ewfTable) { $0.bytes[$0.data("table") + 20] ^= 1 },
        Case("a table without entries", .ewfTable) { $0.tables(0, 4, 0) },
        Case("a table with more entries than its section holds", .ewfTable) { $0.tables(0, 4, 0xffff_ffff) },
        Case("a table with a base beyond the file", .ewfTable) { $0.tables(8, 8, .max) },
        Case("entries with another checksum", .ewfTable) { $0.bytes[$0.data("table") + 24] ^= 1 },
        Case("two chunks at one place", .ewfTable) { image in
            let first = image.number(image.data("table") + 24, 4)
            image.entry(1) { _ in first }
        },
        Case("a chunk before its section", .ewfTable) { $0.entry(0) { $0 & 0x8000_0000 } },
        Case("a chunk after its section", .ewfTable) { $0.entry(4) { $0 | 0x7fff_ffff } },
        Case("a second table unlike the first", .ewfTable) { image in
            image.set(image.data("table2") + 24, 4, 0)
        },
        Case("a table without sectors", .ewfTable) { $0.rename("sectors", "unknown") },
        Case("two tables for the same sectors", .ewfTable) { $0.rename("table2", "table") },
        Case("sectors without a table", .ewfTable) { image in
            image.rename("table", "unknown")
            image.rename("table2", "unknown")
        },
        Case("a compressed chunk that does not inflate", .ewfChunk) { $0.bytes[$0.chunk(1) + 4] ^= 0xff },
        Case("a plain chunk with another checksum", .ewfChunk) { $0.bytes[$0.chunk(0) + 9] ^= 1 },
        Case("a compressed chunk marked as plain", .ewfChunk) { $0.entry(1) { $0 & 0x7fff_ffff } },
        Case("a plain chunk marked as compressed", .ewfChunk) { $0.entry(0) { $0 | 0x8000_0000 } },
        Case("a chunk that inflates to more than its length", .ewfChunk) { image in
            let bomb = ImageSamples.zlib([UInt8](repeating: 0, count: 65_536))
            image.bytes.replaceSubrange(image.chunk(0)..<image.chunk(0) + bomb.count, with: bomb)
            image.entry(0) { $0 | 0x8000_0000 }
        },
        Case("a chunk that inflates to less than its length", .ewfChunk) { image in
            let little = ImageSamples.zlib([UInt8](repeating: 0, count: 100))
            image.bytes.replaceSubrange(image.chunk(0)..<image.chunk(0) + little.count, with: little)
            image.entry(0) { $0 | 0x8000_0000 }
        },
        Case("fewer chunks than stated", .ewfChunkCount) { image in
            image.volume(4, 4, 6)
            image.volume(16, 8, 64 * 5 + 1)
            // The last two chunks stand where one stood, both whole.
            let whole = ImageSamples.zlib([UInt8](repeating: 0, count: 32_768))
            let start = image.chunk(3)
            image.bytes.replaceSubrange(start..<start + 2 * whole.count, with: whole + whole)
            image.entry(3) { $0 | 0x8000_0000 }
            let third = image.number(image.data("table") + 24 + 12, 4)
            image.entry(4) { _ in third + UInt64(whole.count) }
        },
        Case("more chunks than stated", .ewfChunkCount) { image in
            image.volume(4, 4, 4)
            image.volume(16, 8, 64 * 4)
        },
        Case("an acquisition that was not completed", .ewfChunkCount) { $0.rename("header", "incomplete") },
        Case("a hash with another checksum", .ewfHashSection) { $0.bytes[$0.data("hash")] ^= 1 },
        Case("a digest with another checksum", .ewfHashSection) { $0.bytes[$0.data("digest")] ^= 1 },
        Case("a hash section too short", .ewfHashSection) { $0.descriptor("hash", 24, 80) },
        Case("two different hashes", .ewfHashSection) { image in
            image.bytes[image.data("hash")] ^= 1
            image.mend(image.data("hash"), 32)
        },
        Case("the MD5 of something else", .ewfStoredHash) { image in
            for (type, length) in [("hash", 32), ("digest", 76)] {
                image.bytes[image.data(type)] ^= 1
                image.mend(image.data(type), length)
            }
        },
        Case("the SHA-1 of something else", .ewfStoredHash) { image in
            image.bytes[image.data("digest") + 16] ^= 1
            image.mend(image.data("digest"), 76)
        },
        Case("the content of something else", .ewfStoredHash) { image in
            let start = image.chunk(0)
            image.bytes[start] ^= 1
            image.mend(start, 32_768)
        },
        Case("files instead of sectors", .ewfUnsupported) { $0.rename("header", "ltree") },
        Case("the signature of a logical image", .ewfUnsupported) { $0.bytes[0] = 0x4c },
        Case("the signature of version 2", .ewfUnsupported) {
            $0.bytes.replaceSubrange(0..<8, with: [0x45, 0x56, 0x46, 0x32, 0x0d, 0x0a, 0x81, 0x00])
        },
        Case("the sizes of a SMART image", .ewfUnsupported) { $0.descriptor("volume", 24, 76 + 94) },
        Case("only its second segment", .ewfSegmentMissing) { $0.set(9, 2, 2) },
        Case("a segment without number", .ewfSegmentForeign) { $0.set(9, 2, 0) },
        Case("another segment that is not there", .ewfSegmentMissing) { $0.rename("done", "next") },
    ]

    @Test("are not believed of a hostile image", arguments: cases)
    func hostile(_ sample: Case) throws {
        var image = try ImageForgery(bytes: Self.small.get()[0].bytes)
        sample.change(&image)
        let found = try ForensicImages.check(ImageSamples.files([("disk.E01", image.bytes)]))
        #expect(found.count == 1)
        #expect(found.first?.error?.code == sample.code, "\(String(describing: found.first?.error))")
    }

    @Test("are found false by ewfverify in the images that we find false")
    func foreignVerdict() throws {
        let good = try Self.small.get()[0].bytes
        for what in ["the MD5 of something else", "the content of something else"] {
            var image = ImageForgery(bytes: good)
            try #require(Self.cases.first { $0.what == what }).change(&image)
            let verdict = try ForeignTool.run(["ewfverify", "-q", "disk.E01"], files: ["disk.E01": image.bytes])
            #expect(verdict.status != 0, "\(verdict.output)")
        }
        let verdict = try ForeignTool.run(["ewfverify", "-q", "disk.E01"], files: ["disk.E01": good])
        #expect(verdict.status == 0, "\(verdict.output)")
    }

    @Test("need every segment, each once, all of one image")
    func segments() throws {
        let good = try ImageSamples.acquired(Self.content, compression: "none")
        try #require(good.count == 2)
        func code(_ segments: [(name: String, bytes: [UInt8])]) throws -> ErrorCode? {
            let found = try ForensicImages.check(ImageSamples.files(segments))
            #expect(found.count == 1)
            return found.first?.error?.code
        }
        #expect(try code(good) == nil)
        #expect(try code([good[0]]) == .ewfSegmentMissing)
        #expect(try code([good[1]]) == .ewfSegmentMissing)
        #expect(try code(good + [("disk.E03", good[1].bytes)]) == .ewfSegmentForeign)
        // The tool names no image; EnCase does, in both segments.
        func named(_ first: UInt8, _ second: UInt8) -> [(name: String, bytes: [UInt8])] {
            var segments = [ImageForgery(bytes: good[0].bytes), ImageForgery(bytes: good[1].bytes)]
            for (index, (type, name)) in [("volume", first), ("data", second)].enumerated() {
                segments[index].set(segments[index].data(type) + 64, 1, UInt64(name))
                segments[index].mend(segments[index].data(type), 1_048)
            }
            return [(good[0].name, segments[0].bytes), (good[1].name, segments[1].bytes)]
        }
        #expect(try code(named(1, 1)) == nil)
        #expect(try code(named(1, 2)) == .ewfSegmentForeign)
        var third = good[1].bytes
        third[9] = 3
        #expect(try code(good + [("disk.E03", third)]) == .ewfSegmentForeign)
        // Images beside each other are told apart by their names.
        let both = good + named(3, 3).map { ("other/" + $0.name, $0.bytes) }
        let found = try ForensicImages.check(ImageSamples.files(both))
        #expect(found.map(\.files) == [[1, 2], [3, 4]] && found.allSatisfy { $0.error == nil })
    }

    @Test("end at the limits")
    func limits() throws {
        let files = ImageSamples.files(try Self.small.get())
        func code(_ change: (inout ExpertWitnessLimits) -> Void) throws -> ErrorCode? {
            var limits = ExpertWitnessLimits()
            change(&limits)
            return try ForensicImages.check(files, limits: limits).first?.error?.code
        }
        #expect(try code { _ in } == nil)
        #expect(try code { $0.sections = 3 } == .ewfLimit)
        #expect(try code { $0.chunkBytes = 32_767 } == .ewfLimit)
        #expect(try code { $0.contentBytes = 100_000 } == .ewfLimit)
        #expect(try code { $0.segments = 0 } == .ewfLimit)
    }

    @Test("never change when any byte of the image does: the image is refused, or the byte is beside the content")
    func everyByte() throws {
        let good = try Self.small.get()[0].bytes
        let expected = try Self.digests(ImageSamples.content(blocks: 4))
        for offset in stride(from: 0, to: good.count, by: 61) {
            var bytes = good
            bytes[offset] ^= 0xff
            guard let found = try ForensicImages.check(ImageSamples.files([("disk.E01", bytes)])).first,
                found.error == nil
            else { continue }
            for hash in try found.outcome.get().hashes {
                #expect(hash.found == (hash.method == .md5 ? expected.md5 : expected.sha1))
            }
        }
    }
}
