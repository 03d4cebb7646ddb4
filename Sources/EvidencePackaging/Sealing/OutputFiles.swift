import CLinux
public import ExchangeModel
import Foundation
import Glibc
import TrustCrypto

/// Small files read whole.
public enum SmallFile {
    /// Reads a file of at most `limit` bytes.
    ///
    /// - Throws: `file.*`, `bundle.object_too_large`.
    public static func read(_ path: String, limit: Int = 1_048_576) throws -> [UInt8] {
        let file = try RandomAccessFile(openingForReading: path)
        guard file.size <= Int64(limit) else {
            throw ExchangeError(.bundleObjectTooLarge, "\(path) has more than \(limit) bytes")
        }
        return try file.bytes(at: 0, count: Int(file.size))
    }
}

/// Directories and files that are made new and never overwrite.
public enum OutputDirectory {
    /// Makes a directory that only its owner can enter.
    static func create(_ path: String, existing: ErrorCode) throws {
        guard mkdir(path, 0o700) == 0 else {
            let code = errno
            if code == EEXIST { throw ExchangeError(existing, "\(path) exists already", hint: "choose another name") }
            throw SystemFailure.error(.outputFailed, "The directory \(path) cannot be made", code)
        }
    }

    /// Makes a directory that only its owner can enter, unless it exists.
    ///
    /// - Throws: `output.failed`.
    public static func createIfMissing(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw SystemFailure.error(.outputFailed, "The directory \(path) cannot be made", errno)
        }
    }

    /// Makes sure before long work that its result can get its name: nothing has it, and the directory is there.
    ///
    /// - Throws: The code given, `output.failed`.
    public static func requirePlace(_ path: String, or code: ErrorCode = .outputExists) throws {
        guard !path.isEmpty else { throw ExchangeError(.outputFailed, "The result needs a name") }
        var status = stat()
        guard lstat(path, &status) != 0 else {
            throw ExchangeError(code, "\(path) exists already", hint: "choose another name")
        }
        var trimmed = path
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        let parent = UnnamedOutputFile.parent(of: trimmed)
        guard access(parent, W_OK | X_OK) == 0 else {
            throw SystemFailure.error(.outputFailed, "Nothing can be written in the directory \(parent)", errno)
        }
    }

    /// Writes a new file that only its owner can read.
    ///
    /// - Throws: `output.exists`, `output.failed`.
    public static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            let code = errno
            if code == EEXIST { throw ExchangeError(.outputExists, "\(path) exists already") }
            throw SystemFailure.error(.outputFailed, "\(path) cannot be written", code)
        }
        defer { close(descriptor) }
        do {
            try bytes.withUnsafeBytes { try PositionedWriter.write($0, to: descriptor, at: 0) }
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Removes a directory and everything in it, without following links.
    static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// What the system said, as an error.
enum SystemFailure {
    static func error(_ code: ErrorCode, _ reason: String, _ number: Int32, hint: String? = nil) -> ExchangeError {
        let text = strerror(number).map { String(cString: $0) } ?? "errno \(number)"
        let isFull = code == .outputFailed && (number == ENOSPC || number == EDQUOT)
        return ExchangeError(
            isFull ? .outputFull : code == .outputFailed && number == EROFS ? .outputReadOnly : code,
            reason,
            hint: hint ?? (isFull ? "make room on the disk" : nil),
            details: [text]
        )
    }
}

/// Writes at given places of a file.
enum PositionedWriter {
    /// Writes all bytes at the offset.
    ///
    /// - Throws: `output.failed`.
    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int64) throws {
        var rest = bytes
        var position = offset
        while !rest.isEmpty {
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(position))
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                throw SystemFailure.error(.outputFailed, "The output cannot be written", code)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            position += Int64(count)
        }
    }
}

/// A file that has no name until it is complete: a failure or a kill leaves nothing behind.
///
/// File systems that know no unnamed files, such as FAT on a courier's disk, get one with a provisional name.
final class UnnamedOutputFile: Sendable {
    let descriptor: Int32
    private let path: String
    private let provisional: String?

    /// Opens it in the directory where it will be published.
    ///
    /// - Throws: `output.exists` when the name is taken already, `output.failed`.
    init(publishingAs path: String) throws {
        try OutputDirectory.requirePlace(path)
        let parent = Self.parent(of: path)
        self.path = path
        // O_TMPFILE is a macro of two bits that Swift does not import.
        let unnamed: Int32 = 0o20_000_000 | O_DIRECTORY
        let opened = open(parent, unnamed | O_RDWR | O_CLOEXEC, 0o644)
        guard opened < 0, [EOPNOTSUPP, EISDIR, EINVAL].contains(errno) else {
            guard opened >= 0 else {
                throw SystemFailure.error(.outputFailed, "A file in \(parent) cannot be made", errno)
            }
            descriptor = opened
            provisional = nil
            return
        }
        let name = parent + "/.rogatory-partial-" + Hexadecimal.text(of: try randomBytes(8))
        let named = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard named >= 0 else {
            throw SystemFailure.error(.outputFailed, "A file in \(parent) cannot be made", errno)
        }
        descriptor = named
        provisional = name
    }

    deinit {
        close(descriptor)
        // After publication the provisional name no longer exists.
        if let provisional { unlink(provisional) }
    }

    /// Writes bytes at an offset.
    ///
    /// - Throws: `output.failed`.
    func write(_ bytes: [UInt8], at offset: Int64) throws {
        try bytes.withUnsafeBytes { try PositionedWriter.write($0, to: descriptor, at: offset) }
    }

    /// Gives the file its name, and makes bytes and name durable unless it need not be; an existing name is never
    /// replaced.
    ///
    /// - Throws: `output.exists`, `output.failed`.
    func publish(durably: Bool = true) throws {
        guard !durably || fsync(descriptor) == 0 else {
            throw SystemFailure.error(.outputFailed, "\(path) cannot be made durable", errno)
        }
        let named =
            if let provisional {
                renameat2(AT_FDCWD, provisional, AT_FDCWD, path, shim_RENAME_NOREPLACE)
            } else {
                linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, path, AT_SYMLINK_FOLLOW)
            }
        guard named == 0 else {
            let code = errno
            if code == EEXIST { throw ExchangeError(.outputExists, "\(path) exists already") }
            throw SystemFailure.error(.outputFailed, "\(path) cannot be published", code)
        }
        if durably { try Self.syncDirectory(Self.parent(of: path)) }
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func syncDirectory(_ path: String) throws {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw SystemFailure.error(.outputFailed, "\(path) cannot be opened", errno) }
        defer { close(directory) }
        guard fsync(directory) == 0 else {
            throw SystemFailure.error(.outputFailed, "\(path) cannot be made durable", errno)
        }
    }
}
