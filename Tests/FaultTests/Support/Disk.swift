import Foundation
import Glibc
import ProgramHarness

/// A small disk of its own: an image with ext4 that is mounted through a loop device.
final class Disk: Sendable {
    let image: String
    /// Where it is mounted.
    let place: String

    /// Makes it, empty, or takes an image that is there.
    init(image: String, at place: String? = nil) throws {
        self.image = image
        self.place = try place ?? Scratch.directory()
    }

    /// An empty one of so many MiB.
    static func make(megabytes: Int, options: [String] = []) async throws -> Disk {
        let image = try Scratch.directory() + "/image"
        try await Program.require(["truncate", "-s", "\(megabytes)M", image])
        try await Program.require(["mkfs.ext4", "-q", "-F"] + options + [image])
        return try Disk(image: image)
    }

    func mount(_ options: String = "loop") async throws {
        try await Program.require(["mount", "-t", "ext4", "-o", options, image, place])
    }

    func unmount() async throws { try await Program.require(["umount", place]) }

    /// Fills it with one file until nothing more goes in.
    func fill() throws -> String {
        let path = place + "/filler"
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        let zeros = [UInt8](repeating: 0, count: 1 << 16)
        for size in [zeros.count, 4_096, 1] { while write(file, zeros, size) > 0 {} }
        guard errno == ENOSPC else { throw HarnessError("\(path) could not be filled: \(errno)") }
        return path
    }

    /// Makes files until there is no inode left.
    func useInodes() throws -> String {
        let folder = place + "/many"
        guard mkdir(folder, 0o700) == 0 else { throw HarnessError("\(folder) cannot be made") }
        for number in 0..<1_000_000 {
            let file = open("\(folder)/\(number)", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            guard file >= 0 else { break }
            close(file)
        }
        guard errno == ENOSPC else { throw HarnessError("inodes did not run out: \(errno)") }
        return folder
    }
}

/// A disk that remembers what reached it and in which order, so that the power can be cut at any moment.
final class PowerDisk: Sendable {
    /// What reached the disk.
    struct Record: Sendable {
        /// Where the record begins in the log.
        let place: Int
        /// `nil` for a flush.
        let write: (offset: Int, bytes: Range<Int>)?
    }

    private static let program = Task { try await Tool.program("power_disk") }
    private let folder: String
    private let run: GatewayRun
    private let size: Int
    let disk: Disk

    /// Makes it with ext4 and mounts it.
    init(megabytes: Int) async throws {
        folder = try Scratch.directory()
        size = megabytes << 20
        try FileManager.default.createDirectory(atPath: folder + "/fuse", withIntermediateDirectories: true)
        try await Program.require(["truncate", "-s", "\(size)", folder + "/content"])
        run = try GatewayRun([try await Self.program.value, folder + "/fuse", folder + "/content", folder + "/log"])
        disk = try Disk(image: folder + "/fuse/disk")
        for _ in 0..<500 where !FileManager.default.fileExists(atPath: disk.image) {
            guard run.isRunning else { throw HarnessError("the disk was not made: \(run.messages)") }
            try await Task.sleep(for: .milliseconds(10))
        }
        try await Program.require(["mkfs.ext4", "-q", "-F", disk.image])
        try await disk.mount()
    }

    /// How far the log goes now.
    var position: Int {
        var status = stat()
        return stat(folder + "/log", &status) == 0 ? Int(status.st_size) : 0
    }

    /// Takes it away; its log stays.
    func remove() async throws {
        try await disk.unmount()
        try await Program.require(["umount", folder + "/fuse"])
        _ = try await run.end()
    }

    /// The log with its bytes.
    func records() throws -> (log: Data, records: [Record]) {
        let log = try Data(contentsOf: URL(fileURLWithPath: folder + "/log"), options: .alwaysMapped)
        var records: [Record] = []
        var place = 0
        func number(_ at: Int) -> Int {
            Int(truncatingIfNeeded: log.subdata(in: at..<at + 8).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
        }
        while place + 24 <= log.count {
            let length = number(place) == 1 ? number(place + 16) : 0
            guard place + 24 + length <= log.count else { break }
            let write = number(place) == 1 ? (number(place + 8), place + 24..<place + 24 + length) : nil
            records.append(Record(place: place, write: write))
            place += 24 + length
        }
        return (log, records)
    }

    /// What becomes of writes that were not flushed when the power went.
    enum Fate: String, CaseIterable, Sendable {
        case gone = "nothing unflushed lasts"
        case kept = "everything lasts"
        case some = "any part of the unflushed lasts"
    }

    /// Writes the disk as it was found after the power had gone before record `index`.
    func image(before index: Int, _ log: Data, _ records: [Record], _ fate: Fate, seed: UInt64) throws -> String {
        let path = try Scratch.directory() + "/image"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0, ftruncate(file, off_t(size)) == 0 else { throw HarnessError("\(path) cannot be made") }
        defer { close(file) }
        let lastFlush = records[..<index].lastIndex { $0.write == nil } ?? 0
        var random = seed
        for (number, record) in records[..<index].enumerated() {
            guard let write = record.write else { continue }
            var bytes = log.subdata(in: write.bytes)
            if number > lastFlush, fate != .kept {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                guard fate == .some, random >> 62 != 0 else { continue }
                // One in four is torn between two sectors.
                if random >> 60 & 3 == 0 { bytes = bytes.prefix(max(512, bytes.count / 1_024 * 512)) }
            }
            let written = bytes.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, off_t(write.offset)) }
            guard written == bytes.count else { throw HarnessError("\(path) cannot be written") }
        }
        return path
    }
}
