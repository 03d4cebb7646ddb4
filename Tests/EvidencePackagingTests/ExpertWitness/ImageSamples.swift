import CDeflate
import ExchangeModel
import Foundation
import Testing

@testable import EvidencePackaging

/// Forensic images that Debian's ewf-tools make, and hands that damage them.
enum ImageSamples {
    /// What a device may hold: noise, zeros, text and noise again.
    static func content(blocks: Int = 40) -> [UInt8] {
        var state: UInt64 = 1
        var bytes: [UInt8] = []
        for block in 0..<blocks {
            bytes += (0..<32_768).map { index in
                switch block % 4 {
                case 1: return 0
                case 2: return Array("evidence ".utf8)[index % 9]
                default:
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return UInt8(truncatingIfNeeded: state >> 33)
                }
            }
        }
        return bytes + [UInt8](repeating: 7, count: 512)
    }

    /// The segments that `ewfacquirestream` makes, by name.
    static func acquired(
        _ content: [UInt8],
        format: String = "encase6",
        compression: String = "fast",
        sha1: Bool = true
    ) throws -> [(name: String, bytes: [UInt8])] {
        let folder = FileManager.default.temporaryDirectory.path + "/rogatory-image-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(content).write(to: URL(fileURLWithPath: folder + "/raw"))
        let result = try ForeignTool.run([
            "sh", "-c",
            """
            cd \(folder) && ewfacquirestream -q -t disk -f \(format) -c \(compression) -S 1MiB \
            \(sha1 ? "-d sha1" : "") -C 1 -D d -e E -E 1 -N n < raw
            """,
        ])
        guard result.status == 0 else { throw Refused(output: result.output) }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("disk.") }
        return try names.sorted().map { ($0, try SmallFile.read(folder + "/" + $0, limit: 1 << 24)) }
    }

    struct Refused: Error { let output: String }

    struct Bytes: ByteSource {
        let bytes: [UInt8]
        var size: Int64 { Int64(bytes.count) }

        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
            guard offset >= 0, offset <= size - Int64(buffer.count) else {
                throw ExchangeError(.fileTooShort, "too short")
            }
            buffer.copyBytes(from: bytes[Int(offset)..<Int(offset) + buffer.count])
        }
    }

    static func files(_ segments: [(name: String, bytes: [UInt8])]) -> [ForensicImages.File] {
        segments.map { segment in ForensicImages.File(name: segment.name) { Bytes(bytes: segment.bytes) } }
    }

    static func adler(_ bytes: some Collection<UInt8>) -> UInt32 {
        Array(bytes).withUnsafeBytes { libdeflate_adler32(1, $0.baseAddress, $0.count) }
    }

    static func zlib(_ bytes: [UInt8]) -> [UInt8] {
        let compressor = libdeflate_alloc_compressor(6)
        defer { libdeflate_free_compressor(compressor) }
        var output = [UInt8](repeating: 0, count: bytes.count + 1_024)
        let count = libdeflate_zlib_compress(compressor, bytes, bytes.count, &output, output.count)
        return Array(output[..<count])
    }
}

/// One segment, to be damaged at a place found by the names of its sections; checksums are mended afterwards unless the
/// damage is to be seen by them.
struct ImageForgery {
    var bytes: [UInt8]

    /// Where the descriptor of the first section of a type begins.
    func section(_ type: String, _ place: SourceLocation = #_sourceLocation) -> Int {
        var offset = 13
        while offset + 76 <= bytes.count {
            if bytes[offset..<offset + 16].prefix(while: { $0 != 0 }).elementsEqual(type.utf8) { return offset }
            let next = Int(number(offset + 16, 8))
            guard next > offset else { break }
            offset = next
        }
        Issue.record("no section \(type)", sourceLocation: place)
        return 13
    }

    func data(_ type: String) -> Int { section(type) + 76 }

    func number(_ offset: Int, _ length: Int) -> UInt64 {
        bytes[offset..<offset + length].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func set(_ offset: Int, _ length: Int, _ value: UInt64) {
        for index in 0..<length { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
    }

    mutating func mend(_ start: Int, _ length: Int) {
        set(start + length, 4, UInt64(ImageSamples.adler(bytes[start..<start + length])))
    }

    /// Changes a descriptor: 16 next, 24 size.
    mutating func descriptor(_ type: String, _ field: Int, _ value: UInt64) {
        let start = section(type)
        set(start + field, 8, value)
        mend(start, 72)
    }

    mutating func rename(_ type: String, _ name: String) {
        let start = section(type)
        bytes.replaceSubrange(
            start..<start + 16,
            with: Array(name.utf8) + [UInt8](repeating: 0, count: 16 - name.utf8.count)
        )
        mend(start, 72)
    }

    mutating func volume(_ field: Int, _ length: Int, _ value: UInt64) {
        set(data("volume") + field, length, value)
        mend(data("volume"), 1_048)
    }

    /// Changes a field of the tables' headers.
    mutating func tables(_ field: Int, _ length: Int, _ value: UInt64) {
        for type in ["table", "table2"] {
            set(data(type) + field, length, value)
            mend(data(type), 20)
        }
    }

    /// Changes an entry of both tables.
    mutating func entry(_ index: Int, _ change: (UInt64) -> UInt64) {
        for type in ["table", "table2"] {
            let start = data(type) + 24
            set(start + 4 * index, 4, change(number(start + 4 * index, 4)))
            mend(start, 4 * Int(number(data(type), 4)))
        }
    }

    /// Where a chunk begins.
    func chunk(_ index: Int) -> Int {
        Int(number(data("table") + 8, 8)) + Int(number(data("table") + 24 + 4 * index, 4) & 0x7fff_ffff)
    }
}
