import ExchangeModel
import Glibc

/// Calls to the file system with the errors of this module.
enum SystemFile {
    static func text(of code: Int32) -> String {
        guard let text = strerror(code) else { return "errno \(code)" }
        return String(cString: text)
    }

    /// The error for a call that failed, by `errno`.
    static func failure(_ reason: String, _ code: Int32 = errno, _ kind: ErrorCode = .dataFailed) -> ExchangeError {
        let kinds: [Int32: ErrorCode] = [ENOSPC: .storeFull, EDQUOT: .storeFull, EROFS: .storeReadOnly]
        return ExchangeError(kinds[code] ?? kind, reason, details: [text(of: code)])
    }

    static func makeDirectory(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw failure("The directory \(path) could not be made")
        }
        try requirePrivate(path, kind: S_IFDIR)
    }

    /// Demands a directory or regular file of ours that nobody else may use.
    static func requirePrivate(_ path: String, kind: mode_t) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw failure("\(path) could not be examined") }
        guard status.st_mode & S_IFMT == kind, status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
            throw ExchangeError(
                .dataPermissions,
                "\(path) must belong to the user of the gateway and to nobody else",
                hint: "Look who put it there, then use chown and chmod go-rwx"
            )
        }
    }

    /// Makes a file durable; whoever catches the error ends the process.
    static func sync(_ descriptor: Int32) throws {
        while fsync(descriptor) != 0 {
            let code = errno
            if code == EINTR { continue }
            throw ExchangeError(
                .storeDurability,
                "The system could not make a file durable",
                hint: "Check the disk, then start the gateway again",
                details: [text(of: code)]
            )
        }
    }

    /// Makes names in a directory durable.
    static func syncDirectory(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("The directory \(path) could not be opened") }
        defer { close(descriptor) }
        try sync(descriptor)
    }

    /// The first bytes of a file, fewer if it has fewer.
    static func start(of path: String, count: Int) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure("\(path) could not be opened") }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        let got = pread(descriptor, &bytes, count, 0)
        guard got >= 0 else { throw failure("\(path) could not be read") }
        return Array(bytes.prefix(got))
    }

    /// The directory of a path.
    static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    /// Names in a directory, without `.` and `..`, sorted.
    static func names(in path: String) throws -> [String] {
        guard let directory = opendir(path) else { throw failure("The directory \(path) could not be read") }
        defer { closedir(directory) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw failure("The directory \(path) could not be read") }
        return names.sorted()
    }

    static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                throw failure("A file could not be written", code)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
    }
}
