import ExchangeModel
import Glibc

/// The directory in which a gateway keeps everything, locked for one process as long as a copy of this value lives.
///
/// It belongs to the gateway's user and nobody else may enter (mode 0700).
public struct DataDirectory: Sendable {
    /// Where it is.
    public let path: String
    private let lock: DirectoryLock
    let fuse = DurabilityFuse()

    /// Makes the directory, or takes an empty one, and locks it.
    ///
    /// - Throws: `data.exists`, `data.permissions`, `data.in_use`, `data.failed`.
    public init(creating path: String) throws {
        try SystemFile.makeDirectory(path)
        guard try SystemFile.names(in: path).isEmpty else {
            throw ExchangeError(.dataExists, "The directory \(path) is not empty")
        }
        try self.init(locking: path)
        try SystemFile.syncDirectory(path)
        // The directory's own name lies in its parent.
        try SystemFile.syncDirectory(path + "/..")
    }

    /// Locks a directory that exists.
    ///
    /// - Throws: `data.missing`, `data.permissions`, `data.in_use`, `data.failed`.
    public init(locking path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 || errno != ENOENT else {
            throw ExchangeError(.dataMissing, "The data directory \(path) does not exist")
        }
        try SystemFile.requirePrivate(path, kind: S_IFDIR)
        self.path = path
        lock = try DirectoryLock(path + "/lock")
        for directory in [blobs, sealed, incoming, revocationLists] { try SystemFile.makeDirectory(directory) }
    }

    /// The database file; SQLite keeps its write-ahead log beside it.
    public var database: String { path + "/gateway.db" }
    /// Encrypted evidence, documents and opened objects; `BlobStore` alone reads and writes here.
    public var blobs: String { path + "/blobs" }
    /// Sealed bundles, ours and received ones, complete and durable.
    public var sealed: String { path + "/sealed" }
    /// Sealed bundles of which parts are still missing, and work in progress.
    public var incoming: String { path + "/incoming" }
    /// Revocation lists as they were fetched.
    public var revocationLists: String { path + "/crls" }
    /// The socket on which the gateway answers its administrator on the same machine.
    public var socket: String { path + "/gateway.sock" }
    /// The store key, where no systemd credential carries it.
    public var storeKey: String { path + "/store.key" }

    /// The bytes that are free on its disk.
    ///
    /// - Throws: `data.failed`.
    public func freeBytes() throws -> Int64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw SystemFile.failure("The disk of \(path) could not be examined") }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? .max : Int64(clamping: bytes)
    }

    /// The files that a backup holds beside the copy of the database, by their paths inside the directory: encrypted
    /// blobs and complete sealed bundles.
    ///
    /// Called after the database was copied, it names every file that the copy speaks of and that was not destroyed
    /// since. The store key is not among them: it is kept apart from what it protects.
    ///
    /// - Throws: `data.failed`.
    public func backupFiles() throws -> [String] {
        let blobs = try SystemFile.names(in: blobs).filter(BlobRecord.isName).map { "blobs/" + $0 }
        return try blobs + SystemFile.names(in: sealed).map { "sealed/" + $0 }
    }
}

/// An exclusive `flock` on a file; the kernel lets go of it when the process ends, however it ends.
private final class DirectoryLock: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SystemFile.failure("The lock \(path) could not be opened") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            // Closed by deinit, once: a second close would take a descriptor that another thread was given meanwhile.
            let code = errno
            guard code == EWOULDBLOCK else { throw SystemFile.failure("The lock \(path) could not be taken", code) }
            throw ExchangeError(
                .dataInUse,
                "Another process uses the data directory",
                hint: "Stop the gateway that runs there, or talk to it through its socket"
            )
        }
    }

    deinit { close(descriptor) }
}
