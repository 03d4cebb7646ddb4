import EvidencePackaging
import ExchangeModel
import Foundation
import Synchronization
import Testing
import TrustCrypto

@testable import BundleExchange

@Suite("Evidence is read in place from the named directories only")
struct ImportTests {
    private func write(_ path: String, _ bytes: [UInt8]) throws {
        let url = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    private func register(_ desk: DeskWorkshop) async throws -> EvidenceID {
        try await desk.evidence.register(EvidenceRegistration(originalName: "disk.img"), by: desk.officer).id
    }

    @Test("A file is read into its item, and the progress ends at its size")
    func file() async throws {
        try await withDesk { desk in
            let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let path = desk.folder + "/import/a/disk.img"
            try write(path, bytes)
            let told = Mutex<[Int64]>([])
            let taken = try await desk.evidence.importFile(path, as: register(desk), by: desk.officer) { done, total in
                #expect(total == 3_000_000)
                told.withLock { $0.append(done) }
            }
            #expect(try taken.record.content?.sha256 == SHA256Digest(of: bytes))
            #expect(told.withLock { $0 } == [1 << 20, 2 << 20, 3_000_000])
            #expect(taken.custody.map(\.action) == ["taken in"])
        }
    }

    @Test("A directory gives an item for each file, in order, under the last part of its path")
    func directory() async throws {
        try await withDesk { desk in
            for (name, text) in [("b/2.txt", "two"), ("a.jpg", "one"), ("b/c/3.pdf", "three"), (".hidden", "four")] {
                try write(desk.folder + "/import/case/" + name, Array(text.utf8))
            }
            let common = EvidenceRegistration(originalName: "unused", description: "from the seized phone")
            let taken = try await desk.evidence.importDirectory(
                desk.folder + "/import/case",
                as: common,
                by: desk.officer
            )
            #expect(taken.map(\.record.originalName) == [".hidden", "a.jpg", "2.txt", "3.pdf"])
            #expect(taken.map(\.record.mediaType)[1...] == ["image/jpeg", "text/plain", "application/pdf"])
            #expect(taken.allSatisfy { $0.record.description == "from the seized phone" })
            #expect(try taken[3].record.content?.sha256 == SHA256Digest(of: Array("three".utf8)))
        }
    }

    @Test("Paths outside, with .. or ., relative, or through a link are refused alike, whether or not they exist")
    func outside() async throws {
        try await withDesk { desk in
            let inside = desk.folder + "/import"
            try write(desk.folder + "/secret", [1])
            try write(desk.folder + "/importX/secret", [1])
            try write(inside + "/real/file", [1])
            let id = try await register(desk)
            for path in [
                desk.folder + "/secret", desk.folder + "/missing", inside + "/../secret", inside + "/./real/file",
                inside + "/real/../real/file", desk.folder + "/importX/secret", "import/real/file", "real/file", "",
                "/", "/etc/passwd", inside + "/real/file\u{0}x", "//" + inside + "/../secret",
            ] {
                await #expect(throws: fault(.importNotAllowed), "\(path)") {
                    try await desk.evidence.importFile(path, as: id, by: desk.officer)
                }
                await #expect(throws: fault(.importNotAllowed), "\(path)") {
                    let registration = EvidenceRegistration(originalName: "x")
                    _ = try await desk.evidence.importDirectory(path, as: registration, by: desk.officer)
                }
            }
            #expect(try desk.blobs().isEmpty)
        }
    }

    @Test("Links are never followed, at the end or on the way; pipes and directories are no files")
    func links() async throws {
        try await withDesk { desk in
            let inside = desk.folder + "/import"
            let manager = FileManager.default
            try write(inside + "/real/file", [1])
            try write(desk.folder + "/secret/file", [1])
            try manager.createSymbolicLink(atPath: inside + "/out", withDestinationPath: desk.folder + "/secret/file")
            try manager.createSymbolicLink(atPath: inside + "/way", withDestinationPath: desk.folder + "/secret")
            try manager.createSymbolicLink(atPath: inside + "/in", withDestinationPath: inside + "/real/file")
            #expect(mkfifo(inside + "/pipe", 0o600) == 0)
            let id = try await register(desk)
            for name in ["out", "way/file", "in", "pipe", "real", "missing", "real/file/x"] {
                await #expect(throws: fault(.importUnusable), "\(name)") {
                    try await desk.evidence.importFile(inside + "/" + name, as: id, by: desk.officer)
                }
            }
            try manager.createSymbolicLink(atPath: inside + "/real/link", withDestinationPath: "file")
            try manager.createDirectory(atPath: inside + "/empty", withIntermediateDirectories: true)
            for name in ["real", "way", "empty", "real/file/x", "missing"] {
                await #expect(throws: fault(.importUnusable), "\(name)") {
                    let registration = EvidenceRegistration(originalName: "x")
                    _ = try await desk.evidence.importDirectory(inside + "/" + name, as: registration, by: desk.officer)
                }
            }
            #expect(try desk.blobs().isEmpty)
            #expect(try await desk.count("SELECT id FROM evidence") == 1)
        }
    }

    @Test("A file that is written to while it is read is refused")
    func changing() async throws {
        try await withDesk { desk in
            let path = desk.folder + "/import/disk.img"
            try write(path, [UInt8](repeating: 7, count: 2 << 20))
            let id = try await register(desk)
            await #expect(throws: fault(.importUnusable)) {
                try await desk.evidence.importFile(path, as: id, by: desk.officer) { _, _ in
                    guard let handle = FileHandle(forWritingAtPath: path) else { return }
                    handle.seekToEndOfFile()
                    handle.write(Data([8]))
                    try? handle.close()
                }
            }
            #expect(try desk.blobs().isEmpty)
            #expect(try await desk.evidence.show(id, by: desk.officer).record.content == nil)
        }
    }

    @Test("An import whose task is cancelled leaves nothing")
    func cancelled() async throws {
        try await withDesk { desk in
            let path = desk.folder + "/import/disk.img"
            try write(path, [UInt8](repeating: 7, count: 4 << 20))
            let id = try await register(desk)
            let running = Mutex<Task<EvidenceFile, any Error>?>(nil)
            let (started, begin) = AsyncStream<Void>.makeStream()
            let task = Task {
                for await _ in started { break }
                return try await desk.evidence.importFile(path, as: id, by: desk.officer) { _, _ in
                    running.withLock { $0?.cancel() }
                }
            }
            running.withLock { $0 = task }
            begin.finish()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try desk.blobs().isEmpty)
        }
    }

    @Test("Only officers import")
    func roles() async throws {
        try await withDesk { desk in
            let path = desk.folder + "/import/disk.img"
            try write(path, [1])
            let id = try await register(desk)
            for person in [desk.approver, desk.auditor, desk.administrator] {
                await #expect(throws: fault(.accessDenied)) {
                    try await desk.evidence.importFile(path, as: id, by: person)
                }
            }
            await #expect(throws: fault(.notFound)) {
                try await desk.evidence.importFile(path, as: id, by: desk.stranger)
            }
        }
    }
}
