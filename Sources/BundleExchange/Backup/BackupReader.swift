public import EvidencePackaging
import ExchangeModel
import Foundation
import Glibc
public import TrustCrypto

/// Opens a backup into a new directory and checks every file of it.
public struct BackupReader {
    /// What was restored.
    public struct Restored: Hashable, Sendable {
        /// Whose gateway it is.
        public let party: String
        /// When the backup was made.
        public let made: String
        /// How many files there are.
        public let files: Int
    }

    private let file: RandomAccessFile
    private var position: Int64 = 0
    private let key: SecretBytes
    private let identifier: [UInt8]

    /// Reads the key object with the administrator's key.
    ///
    /// - Throws: `file.*`, `backup.malformed`, `envelope.*`.
    public init(reading path: String, certificate: PartyCertificate, key: PrivateKey) throws {
        file = try RandomAccessFile(openingForReading: path)
        var at: Int64 = 0
        guard let record = try Self.record(in: file, at: &at), record.name == BackupWriter.keyName,
            record.size <= BackupWriter.largestKey
        else { throw ExchangeError(.backupMalformed, "The file is no backup: it does not begin with its key") }
        let envelope = try Self.bytes(of: file, at: at, count: record.size)
        self.key = try KeyEnvelope(der: envelope).open(certificate: certificate, key: key)
        identifier = Array(try SHA256Digest(of: envelope).bytes.prefix(16))
        position = at + record.paddedSize
    }

    /// Writes the gateway's files below a directory that exists and is empty.
    ///
    /// - Parameters:
    ///   - directory: Where they go.
    ///   - progress: Told bytes read and in all.
    /// - Returns: What was restored.
    /// - Throws: `backup.*`, `envelope.*`, `file.*`, `output.failed`.
    public mutating func restore(into directory: String, progress: ProgressHandler? = nil) throws -> Restored {
        var target = RestoredFiles(directory)
        var number = 0
        while let record = try Self.record(in: file, at: &position) {
            guard record.name == BackupWriter.name(at: number) else {
                throw ExchangeError(.backupMalformed, "Part \(number + 1) of the backup is missing or out of order")
            }
            try open(record, into: &target)
            position += record.paddedSize
            number += 1
            progress?(position, file.size)
        }
        return try target.finish()
    }

    private func open(_ record: TarRecord, into target: inout RestoredFiles) throws {
        let malformed = ExchangeError(.backupMalformed, "A part of the backup has a length that no part has")
        guard record.size > 0, record.size <= PartEnvelope.size(ofContent: BackupWriter.partSize) else {
            throw malformed
        }
        // The length of a part follows from that of its content, which is at most some hundred bytes less.
        var content = max(1, record.size - 400)
        while content < record.size, PartEnvelope.size(ofContent: content) != record.size { content += 1 }
        guard PartEnvelope.size(ofContent: content) == record.size else { throw malformed }
        let prefixSize = Int64(PartEnvelope.prefixSize(ofContent: content))
        var opener = try PartOpener(
            bundleKey: key,
            keyIdentifier: identifier,
            prefix: Self.bytes(of: file, at: position, count: prefixSize),
            contentSize: content
        )
        var plain = try Self.bytes(of: file, at: position + prefixSize, count: content)
        try plain.withUnsafeMutableBytes { try opener.open(UnsafeRawBufferPointer($0), into: $0) }
        let trailer = try Self.bytes(
            of: file,
            at: position + prefixSize + content,
            count: Int64(PartEnvelope.trailerSize)
        )
        try opener.finish(trailer: trailer)
        // Only now is it what was sealed.
        try target.take(plain)
    }

    private static func record(in file: RandomAccessFile, at position: inout Int64) throws -> TarRecord? {
        let block = try bytes(of: file, at: position, count: Int64(TarRecord.blockSize))
        position += Int64(TarRecord.blockSize)
        return try TarRecord(header: block)
    }

    private static func bytes(of file: RandomAccessFile, at offset: Int64, count: Int64) throws -> [UInt8] {
        guard offset >= 0, count >= 0, count <= file.size - offset else {
            throw ExchangeError(.backupMalformed, "The backup ends too early")
        }
        var bytes = [UInt8](repeating: 0, count: Int(count))
        try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: offset) }
        return bytes
    }
}

/// The files of a backup as they come out of its parts.
private struct RestoredFiles: ~Copyable {
    private let directory: String
    private var pending: [UInt8] = []
    private var record: TarRecord?
    private var left: Int64 = 0
    private var padding = 0
    private var handle: FileHandle?
    private var hasher: SHA256Hasher?
    private var seen: [BackupList.Entry] = []
    private var list: [UInt8] = []
    private var isEnded = false

    init(_ directory: String) { self.directory = directory }

    mutating func take(_ bytes: [UInt8]) throws {
        pending += bytes
        var used = 0
        while used < pending.count {
            guard !isEnded else {
                used = pending.count
                break
            }
            if record == nil {
                guard pending.count - used >= TarRecord.blockSize else { break }
                let block = Array(pending[used..<used + TarRecord.blockSize])
                used += TarRecord.blockSize
                guard let next = try TarRecord(header: block) else {
                    isEnded = true
                    continue
                }
                try begin(next)
            } else if left > 0 {
                let count = Int(min(left, Int64(pending.count - used)))
                try write(pending[used..<used + count])
                used += count
                left -= Int64(count)
            } else {
                let count = min(padding, pending.count - used)
                used += count
                padding -= count
            }
            if record != nil, left == 0, padding == 0 { try end() }
        }
        pending.removeFirst(used)
    }

    private mutating func begin(_ next: TarRecord) throws {
        guard Self.isName(next.name), !seen.contains(where: { $0.name == next.name }) else {
            throw ExchangeError(.backupMalformed, "The backup holds a file that does not belong into one")
        }
        record = next
        left = next.size
        padding = next.padding
        hasher = try SHA256Hasher()
        guard next.name != BackupList.name else { return }
        let path = directory + "/" + next.name
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw ExchangeError(.outputFailed, "\(path) cannot be written", details: [String(cString: strerror(errno))])
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    private mutating func write(_ bytes: ArraySlice<UInt8>) throws {
        try bytes.withUnsafeBytes { try hasher?.update($0) }
        if let handle {
            do {
                try handle.write(contentsOf: bytes)
            } catch {
                throw ExchangeError(.outputFailed, "The restored files cannot be written", details: ["\(error)"])
            }
        } else {
            list += bytes
        }
    }

    private mutating func end() throws {
        guard let record else { return }
        if let handle {
            try handle.synchronize()
            seen.append(.init(name: record.name, size: record.size, sha256: try hasher?.finish().hex ?? ""))
        }
        handle = nil
        self.record = nil
    }

    /// Names that a backup can hold.
    private static func isName(_ name: String) -> Bool {
        if name == "gateway.db" || name == BackupList.name { return true }
        let pieces = name.split(separator: "/", omittingEmptySubsequences: false)
        guard pieces.count == 2, pieces[0] == "blobs" || pieces[0] == "sealed", let first = pieces[1].first,
            first != "."
        else { return false }
        return pieces[1].utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || [0x2d, 0x2e, 0x5f].contains(byte)
        }
    }

    func finish() throws -> BackupReader.Restored {
        guard isEnded, let list = try? JSONDecoder().decode(BackupList.self, from: Data(list)), list.format == 1 else {
            throw ExchangeError(.backupMalformed, "The backup is incomplete: its list of files is missing")
        }
        guard Set(list.files) == Set(seen), list.files.count == seen.count else {
            throw ExchangeError(.backupMalformed, "The files of the backup are not those of its list")
        }
        return BackupReader.Restored(party: list.party, made: list.made, files: seen.count)
    }
}
