import ExchangeModel
import Foundation
import Glibc
import Testing

@testable import EvidencePackaging

@Suite struct RandomAccessFileTests {
    @Test func readsExactly() throws {
        let file = try ZipTest.file([1, 2, 3, 4, 5])
        #expect(file.size == 5)
        #expect(try file.bytes(at: 1, count: 3) == [2, 3, 4])
        #expect(try file.bytes(at: 5, count: 0) == [])
        for (offset, count) in [(3, 3), (6, 0), (-1, 1), (0, -1), (Int64.max, 1)] as [(Int64, Int)] {
            #expect(ZipTest.code { _ = try file.bytes(at: offset, count: count) } == "file.too_short")
        }
        var buffer: [UInt8] = [0, 0]
        for offset in [-1, 4, Int64.max] {
            let code = ZipTest.code { try buffer.withUnsafeMutableBytes { try file.read(into: $0, at: offset) } }
            #expect(code == "file.too_short")
        }
    }

    @Test func noticesAFileThatShrinks() throws {
        let file = try ZipTest.file([1, 2, 3, 4, 5])
        try #require(ftruncate(file.descriptor, 2) == 0)
        #expect(ZipTest.code { _ = try file.bytes(at: 0, count: 5) } == "file.too_short")
    }

    @Test func opensRegularFilesOnly() throws {
        try ZipTest.withFolder { folder in
            #expect(mkfifo(folder + "/pipe", 0o600) == 0)
            _ = FileManager.default.createFile(atPath: folder + "/file", contents: Data([7]))
            func code(_ path: String) -> String {
                ZipTest.code { _ = try RandomAccessFile(openingForReading: path) }
            }
            #expect(code(folder + "/file") == "accepted")
            #expect(code(folder + "/none") == "file.open_failed")
            #expect(code(folder + "/pipe") == "file.not_regular")
            #expect(code(folder) == "file.not_regular")
            #expect(code("/dev/zero") == "file.not_regular")
        }
        #expect(ZipTest.code { _ = try RandomAccessFile(descriptor: -1, closing: false) } == "file.open_failed")
    }

    @Test func reportsErrorsOfTheSystem() throws {
        try ZipTest.withFolder { folder in
            let descriptor = open(folder + "/file", O_WRONLY | O_CREAT, 0o600)
            defer { close(descriptor) }
            #expect(write(descriptor, "abc", 3) == 3)
            let file = try RandomAccessFile(descriptor: descriptor, closing: false)
            #expect(ZipTest.code { _ = try file.bytes(at: 0, count: 3) } == "file.read_failed")
        }
    }
}
