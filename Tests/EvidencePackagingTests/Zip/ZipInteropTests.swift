import ExchangeModel
import Foundation
import Glibc
import Testing

@testable import EvidencePackaging

/// Programs that others wrote read our archives.
@Suite struct ZipInteropTests {
    private static let python = """
        import sys, zipfile
        z = zipfile.ZipFile(sys.argv[1])
        assert z.testzip() is None
        for i in z.infolist(): print(i.filename, i.file_size, '%08x' % i.CRC, i.header_offset)
        """

    @Test func othersAcceptOurArchive() throws {
        let archive = try ZipFileWriter.archive(ZipTest.contents)
        try ZipTest.withFolder { folder in
            let path = folder + "/a.zip"
            try Data(archive).write(to: URL(fileURLWithPath: path))
            try expectAccepted(path, listing: ZipTest.contents.map(\.name))

            let python = try ZipTest.run("python3", ["-c", Self.python, path])
            #expect(python.status == 0, "\(python.output)")
            let directory = try ZipDirectory(of: try RandomAccessFile(openingForReading: path))
            let expected = directory.entries.map {
                let crc = String($0.crc, radix: 16)
                return "\($0.name) \($0.size) \(String(repeating: "0", count: 8 - crc.count))\(crc) \($0.headerOffset)"
            }
            #expect(python.output.split(separator: "\n").map(String.init) == expected)

            let unzip = try ZipTest.run("unzip", ["-q", path, "-d", folder + "/out"])
            #expect(unzip.status == 0, "\(unzip.output)")
            for content in ZipTest.contents {
                #expect(FileManager.default.contents(atPath: "\(folder)/out/\(content.name)") == Data(content.bytes))
            }
        }
    }

    // The samples of the hostile tests differ from this archive in one thing each; here it is shown to be good.
    @Test func othersAcceptTheArchiveOfTheBuilder() throws {
        for isZip64 in [false, true] {
            var builder = ZipTestBuilder()
            builder.isZip64 = isZip64
            try ZipTest.withFolder { folder in
                let path = folder + "/a.zip"
                try Data(builder.bytes()).write(to: URL(fileURLWithPath: path))
                try expectAccepted(path, listing: ["mimetype", "a/one", "b"])
            }
        }
    }

    @Test func weAcceptStoredArchivesOfOthers() throws {
        let script = """
            import sys, zipfile
            with zipfile.ZipFile(sys.argv[1], 'w') as z:
                for n in ('mimetype', 'META-INF/x.xml', 'Дело.txt'): z.writestr(zipfile.ZipInfo(n), n * 3)
            """
        try ZipTest.withFolder { folder in
            let path = folder + "/python.zip"
            #expect(try ZipTest.run("python3", ["-c", script, path]).status == 0)
            let directory = try ZipDirectory(of: try RandomAccessFile(openingForReading: path))
            #expect(directory.entries.map(\.name) == ["mimetype", "META-INF/x.xml", "Дело.txt"])
            for entry in directory.entries {
                let content = try directory.content(of: entry, atMost: 1000)
                #expect(String(decoding: content, as: UTF8.self) == String(repeating: entry.name, count: 3))
            }
        }
    }

    // 5 GiB of zeros that take no space on the disk; the entry behind them begins beyond 4 GiB.
    @Test func othersReadOffsetsBeyondFourGiB() throws {
        let size: Int64 = 5 << 30
        let last = Array("the end".utf8)
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        var crc = CRC32()
        for _ in 0..<(size >> 20) { zeros.withUnsafeBytes { crc.update($0) } }
        let layout = try ZipLayout([("big", size), ("last", Int64(last.count))])
        let crcs = [crc.value, CRC32.checksum(of: last)]
        try ZipTest.withFolder { folder in
            let path = folder + "/sparse.zip"
            let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
            try #require(descriptor >= 0)
            defer { close(descriptor) }
            func put(_ bytes: [UInt8], at offset: Int64) {
                #expect(pwrite(descriptor, bytes, bytes.count, off_t(offset)) == bytes.count)
            }
            for (index, entry) in layout.entries.enumerated() {
                put(layout.localHeader(at: index, crc: crcs[index]), at: entry.headerOffset)
            }
            put(last, at: layout.entries[1].dataOffset)
            put(try layout.ending(crcs: crcs), at: layout.directoryOffset)

            let directory = try ZipDirectory(of: try RandomAccessFile(openingForReading: path))
            try directory.requireProfile()
            #expect(directory.file.size == layout.totalSize)
            #expect(try directory.content(of: directory.entries[1], atMost: 10) == last)

            let script = """
                import sys, zipfile
                z = zipfile.ZipFile(sys.argv[1])
                print([(i.filename, i.file_size, i.header_offset) for i in z.infolist()], z.read('last'))
                """
            let python = try ZipTest.run("python3", ["-c", script, path])
            let offset = layout.entries[1].headerOffset
            #expect(python.output == "[('big', \(size), 0), ('last', 7, \(offset))] b'the end'\n")
            let unzip = try ZipTest.run("unzip", ["-p", path, "last"])
            #expect(unzip.status == 0 && unzip.output == "the end", "\(unzip.output)")
            let tar = try ZipTest.run("bsdtar", ["-xOf", path, "last"])
            #expect(tar.status == 0 && tar.output == "the end", "\(tar.output)")
            for (program, arguments) in [("zipinfo", [path]), ("7z", ["l", path])] {
                let result = try ZipTest.run(program, arguments)
                #expect(result.status == 0 && result.output.contains("\(size)"), "\(program): \(result.output)")
            }
        }
    }

    private func expectAccepted(_ path: String, listing names: [String]) throws {
        let unzip = try ZipTest.run("unzip", ["-t", path])
        #expect(unzip.status == 0 && unzip.output.contains("No errors detected"), "unzip: \(unzip.output)")
        let python = try ZipTest.run("python3", ["-m", "zipfile", "-t", path])
        #expect(python.status == 0 && python.output == "Done testing\n", "python3: \(python.output)")
        let sevenZip = try ZipTest.run("7z", ["t", path])
        #expect(sevenZip.status == 0 && sevenZip.output.contains("Everything is Ok"), "7z: \(sevenZip.output)")
        #expect(!sevenZip.output.lowercased().contains("warning"), "7z: \(sevenZip.output)")
        let tar = try ZipTest.run("bsdtar", ["-tf", path])
        #expect(tar.status == 0 && tar.output.split(separator: "\n").map(String.init) == names, "bsdtar: \(tar.output)")
        // Java is not required; where it is installed, its reader must agree, and it checks ZIP64 fields strictly.
        guard try ZipTest.run("sh", ["-c", "command -v jar"]).status == 0 else { return }
        let jar = try ZipTest.run("jar", ["tf", path])
        #expect(jar.status == 0 && jar.output.split(separator: "\n").map(String.init) == names, "jar: \(jar.output)")
    }
}
