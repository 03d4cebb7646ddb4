import ExchangeModel
import Glibc
import Synchronization
import TrustCrypto

/// The encrypted files of a gateway: each under a random name and a random key of its own, wrapped by the store key.
///
/// A blob is written once and never changed. It counts only once its record is in the database; files without a record
/// are swept away at the next start.
public struct BlobStore: Sendable {
    private let directory: String
    private let key: StoreKey
    private let fuse: DurabilityFuse
    private let written = WrittenNames()

    /// Stands on the directory `blobs` of a data directory.
    public init(in directory: DataDirectory, key: StoreKey) {
        self.directory = directory.blobs
        self.key = key
        fuse = directory.fuse
    }

    /// Starts a new blob.
    ///
    /// - Throws: `store.full`, `data.failed`, `store.durability` if bytes were lost before.
    public func writer() throws -> BlobWriter {
        let name = Hexadecimal.text(of: try randomBytes(16))
        written.insert(name)
        return try BlobWriter(directory: directory, name: name, key: key, fuse: fuse)
    }

    /// Opens a blob whose record the database kept.
    ///
    /// - Throws: `blob.missing`, or `blob.damaged` if the file has another length or the key does not fit.
    public func reader(_ record: BlobRecord) throws -> BlobReader {
        guard BlobRecord.isName(record.name) else {
            throw ExchangeError(.blobDamaged, "The record of a blob does not name a file")
        }
        guard let itemKey = try key.unwrap(record.wrappedKey) else {
            throw ExchangeError(.blobDamaged, "The key of a blob cannot be unwrapped")
        }
        return try BlobReader(path: directory + "/" + record.name, size: record.size, key: itemKey)
    }

    /// Removes a blob's file; one that is not there is no error.
    ///
    /// - Throws: `store.durability`, `data.failed`.
    public func remove(_ name: String) throws {
        guard BlobRecord.isName(name) else {
            throw ExchangeError(.blobDamaged, "The record of a blob does not name a file")
        }
        guard unlink(directory + "/" + name) == 0 || errno == ENOENT else {
            throw SystemFile.failure("A blob could not be removed")
        }
        try fuse.guarding { try SystemFile.syncDirectory(directory) }
        written.remove(name)
    }

    /// Removes every file that is not among the names, and what interrupted writers left, and gives their number; run
    /// once at the start. What this process has written itself stays.
    ///
    /// - Throws: `store.durability`, `data.failed`.
    public func sweep(keeping names: Set<String>) throws -> Int {
        let swept = try SystemFile.names(in: directory).filter { file in
            let name = file.hasSuffix(BlobWriter.suffix) ? String(file.dropLast(BlobWriter.suffix.count)) : file
            return !names.contains(file) && !written.contains(name)
        }
        for name in swept {
            guard unlink(directory + "/" + name) == 0 || errno == ENOENT else {
                throw SystemFile.failure("A left-over blob could not be removed")
            }
        }
        if !swept.isEmpty { try fuse.guarding { try SystemFile.syncDirectory(directory) } }
        return swept.count
    }
}

/// The names that this process has given out, which a sweep leaves alone.
private final class WrittenNames: Sendable {
    private let names = Mutex<Set<String>>([])

    func insert(_ name: String) { names.withLock { _ = $0.insert(name) } }

    func remove(_ name: String) { names.withLock { _ = $0.remove(name) } }

    func contains(_ name: String) -> Bool { names.withLock { $0.contains(name) } }
}
