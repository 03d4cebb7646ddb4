import EvidencePackaging
import ExchangeModel
import Foundation
import TrustCrypto

/// What stands last in a backup: every file before it with its length and SHA-256.
struct BackupList: Codable, Sendable {
    struct Entry: Codable, Hashable, Sendable {
        var name: String
        var size: Int64
        var sha256: String
    }

    static let name = "backup.json"

    var format = 1
    var party: String
    var made: String
    var files: [Entry]

    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self)) + [0x0a]
    }
}

/// The plaintext of a backup, a tar archive, made while it is read: the copy of the database, blobs, sealed bundles, and
/// the list of them all.
final class BackupContent {
    private enum Piece {
        case bytes([UInt8])
        case file(path: String, size: Int64, entry: Int)
        case list
    }

    /// Its length in bytes, known before it is read.
    let size: Int64
    private let pieces: [Piece]
    private var list: BackupList
    private var current = 0
    private var position: Int64 = 0
    private var file: RandomAccessFile?
    private var hasher: SHA256Hasher
    private var listBytes: [UInt8]?

    /// - Parameters:
    ///   - files: Names in the archive with paths on disk and lengths.
    ///   - party: Whose gateway it is.
    ///   - time: When it is made.
    /// - Throws: `crypto.internal`.
    init(_ files: [(name: String, path: String, size: Int64)], party: PartyID, at time: ExchangeTime) throws {
        hasher = try SHA256Hasher()
        // The digests are as long before they are known as afterwards, and so is the list.
        list = BackupList(
            party: party.text,
            made: time.description,
            files: files.map { .init(name: $0.name, size: $0.size, sha256: String(repeating: "0", count: 64)) }
        )
        var total: Int64 = 0
        var all: [Piece] = []
        func add(_ piece: Piece, _ size: Int64) {
            all.append(piece)
            total += size
        }
        for (index, file) in files.enumerated() {
            let record = TarRecord(name: file.name, size: file.size)
            add(.bytes(record.header(at: time)), Int64(TarRecord.blockSize))
            add(.file(path: file.path, size: file.size, entry: index), file.size)
            add(.bytes([UInt8](repeating: 0, count: record.padding)), Int64(record.padding))
        }
        let record = TarRecord(name: BackupList.name, size: Int64(try list.json().count))
        add(.bytes(record.header(at: time)), Int64(TarRecord.blockSize))
        add(.list, record.size)
        add(.bytes([UInt8](repeating: 0, count: record.padding) + TarRecord.ending), Int64(record.padding + 1_024))
        pieces = all
        size = total
    }

    /// The next bytes, at most so many; empty at the end.
    ///
    /// - Throws: `backup.changed` when a file is not what it was, `file.*`.
    func read(_ most: Int) throws -> [UInt8] {
        while current < pieces.count {
            let bytes: [UInt8]
            switch pieces[current] {
            case .bytes(let all): bytes = rest(of: all, most)
            case .list:
                let all = try listBytes ?? list.json()
                listBytes = all
                bytes = rest(of: all, most)
            case .file(let path, let size, let entry): bytes = try rest(of: path, size, entry, most)
            }
            guard bytes.isEmpty else { return bytes }
            current += 1
            position = 0
        }
        return []
    }

    private func rest(of all: [UInt8], _ most: Int) -> [UInt8] {
        let bytes = Array(all.dropFirst(Int(position)).prefix(most))
        position += Int64(bytes.count)
        return bytes
    }

    private func rest(of path: String, _ size: Int64, _ entry: Int, _ most: Int) throws -> [UInt8] {
        guard position < size else { return [] }
        let changed = ExchangeError(
            .backupChanged,
            "A file changed or went while the backup was made",
            hint: "make the backup again"
        )
        let open: RandomAccessFile
        if let file {
            open = file
        } else {
            guard let opened = try? RandomAccessFile(openingForReading: path), opened.size == size else {
                throw changed
            }
            open = opened
            file = opened
        }
        var bytes = [UInt8](repeating: 0, count: Int(min(Int64(most), size - position)))
        try bytes.withUnsafeMutableBytes { try open.read(into: $0, at: position) }
        try bytes.withUnsafeBytes { try hasher.update($0) }
        position += Int64(bytes.count)
        if position == size {
            list.files[entry].sha256 = try hasher.finish().hex
            file = nil
        }
        return bytes
    }
}
