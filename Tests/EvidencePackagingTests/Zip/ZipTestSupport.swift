import ExchangeModel
import Foundation
import Glibc
import Testing

@testable import EvidencePackaging

/// Files and foreign programs for the ZIP tests.
enum ZipTest {
    /// A file with these bytes that vanishes when it is closed.
    static func file(_ bytes: [UInt8]) throws -> RandomAccessFile {
        var path = Array("/tmp/zip-test-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        try #require(descriptor >= 0)
        unlink(path)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done) }
            try #require(count > 0)
            done += count
        }
        return try RandomAccessFile(descriptor: descriptor, closing: true)
    }

    /// Runs `body` with the path of a folder that is removed afterwards.
    static func withFolder(_ body: (String) throws -> Void) throws {
        var path = Array("/tmp/zip-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&path) != nil)
        let folder = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    /// Exit status and output, both streams, of a program.
    static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    /// The code of the `ExchangeError` that `body` throws; "accepted" if it throws none.
    static func code(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "accepted"
        } catch let error as ExchangeError {
            return error.code.rawValue
        } catch {
            return "\(type(of: error))"
        }
    }

    /// Everything the random-access reader can check: structure, profile, content.
    static func readDirectory(_ bytes: [UInt8]) throws {
        let directory = try ZipDirectory(of: try file(bytes))
        try directory.requireProfile()
        for entry in directory.entries { try directory.forEachChunk(of: entry) { _ in } }
    }

    /// Everything the stream reader can check.
    static func readStream(_ bytes: [UInt8], chunk: Int = .max) throws -> ZipTestSink {
        var sink = ZipTestSink()
        var reader = ZipStreamReader()
        try bytes.withUnsafeBytes { buffer in
            var rest = buffer
            while !rest.isEmpty {
                let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(chunk))
                try reader.consume(piece, to: &sink)
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
            }
        }
        try reader.finish()
        return sink
    }

    /// A small bundle-like archive of the profile.
    static let contents: [(name: String, bytes: [UInt8])] = [
        ("mimetype", Array("application/vnd.etsi.asic-e+zip".utf8)),
        ("manifest.xml", Array("<a/>".utf8)),
        ("evidence/0001", Array("evidence \u{1F4C0} 0123456789".utf8)),
        ("evidence/0002", []),
        ("META-INF/signature.p7s", [0x30, 0x00, 0xFF]),
    ]
}

/// Keeps what a stream reader delivers.
struct ZipTestSink: ZipStreamSink, Equatable {
    struct Entry: Equatable {
        var name: String
        var size: Int64
        var bytes: [UInt8] = []
        var crc: UInt32?
    }

    var entries: [Entry] = []

    mutating func beginEntry(name: String, size: Int64) throws { entries.append(Entry(name: name, size: size)) }
    mutating func entryData(_ bytes: UnsafeRawBufferPointer) throws { entries[entries.count - 1].bytes += bytes }
    mutating func endEntry(crc: UInt32) throws { entries[entries.count - 1].crc = crc }
}
