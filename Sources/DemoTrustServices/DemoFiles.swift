import ExchangeModel
import Glibc
import TrustCrypto

/// Reads and writes the files below one directory: nothing is overwritten unless it is replaced whole, and nothing
/// is readable by others.
struct DemoFiles: Sendable {
    /// The directory, without a final slash.
    let root: String

    private func full(_ path: String) -> String { path.isEmpty ? root : root + "/" + path }

    private static func failure(_ what: String) -> ExchangeError {
        let number = errno
        return ExchangeError(.demoFile, what, details: [String(cString: strerror(number))])
    }

    /// Makes the directory and those above it inside the root, all with mode 0700.
    func makeDirectory(_ path: String) throws(ExchangeError) {
        var made = ""
        for name in [Substring("")] + path.split(separator: "/") {
            made += made.isEmpty ? String(name) : "/" + name
            guard mkdir(full(made), 0o700) == 0 || errno == EEXIST else {
                throw Self.failure("The directory \(full(made)) cannot be made")
            }
        }
    }

    /// Writes a new file; an existing one is an error.
    func create(_ path: String, _ bytes: some Sequence<UInt8>, mode: mode_t = 0o644) throws(ExchangeError) {
        try write(path, mode: mode) { body in Array(bytes).withUnsafeBytes(body) }
    }

    /// Writes a private key's file with mode 0600; an existing one is an error.
    func create(_ path: String, _ secret: SecretBytes) throws(ExchangeError) {
        try write(path, mode: 0o600) { body in secret.withUnsafeBytes(body) }
    }

    /// Puts a new file in the place of an old one, so that a reader sees either.
    func replace(_ path: String, _ bytes: [UInt8], mode: mode_t = 0o644) throws(ExchangeError) {
        let draft = path + ".new"
        unlink(full(draft))
        try create(draft, bytes, mode: mode)
        guard rename(full(draft), full(path)) == 0 else {
            throw Self.failure("The file \(full(path)) cannot be replaced")
        }
    }

    private func write(
        _ path: String,
        mode: mode_t,
        _ lend: ((UnsafeRawBufferPointer) -> Bool) -> Bool
    ) throws(ExchangeError) {
        if let slash = path.lastIndex(of: "/") { try makeDirectory(String(path[..<slash])) }
        let descriptor = open(full(path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw Self.failure("The file \(full(path)) cannot be made") }
        let written = lend { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
        let kept = errno
        guard close(descriptor) == 0, written else {
            errno = kept
            throw Self.failure("The file \(full(path)) cannot be written")
        }
    }

    /// The bytes of a file of at most 16 MiB.
    func read(_ path: String) throws(ExchangeError) -> [UInt8] {
        let descriptor = open(full(path), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("The file \(full(path)) cannot be opened") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0, bytes.count <= 16 << 20 else {
                throw Self.failure("The file \(full(path)) cannot be read")
            }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    /// A private key's file.
    func secret(_ path: String) throws -> SecretBytes {
        let descriptor = open(full(path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw Self.failure("The file \(full(path)) cannot be opened") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, let size = Int(exactly: status.st_size), (1...65_536).contains(size)
        else { throw Self.failure("The file \(full(path)) holds no key") }
        return try SecretBytes(count: size) { memory in
            guard Glibc.read(descriptor, memory.baseAddress, memory.count) == size else {
                throw Self.failure("The file \(full(path)) cannot be read")
            }
        }
    }

    /// Whether something is there, whatever it is.
    func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(full(path), &status) == 0
    }

    /// The names in a directory in order; `nil` when there is no such directory.
    func names(in path: String = "") -> [String]? {
        guard let directory = opendir(full(path)) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes the directory and all it holds, as far as that can be done.
    func removeAll(_ path: String = "") {
        for name in names(in: path) ?? [] {
            let inner = path.isEmpty ? name : path + "/" + name
            if unlink(full(inner)) != 0 { removeAll(inner) }
        }
        rmdir(full(path))
    }

    /// Moves the whole directory; the target must not exist or be an empty directory.
    func move(to target: String) throws(ExchangeError) {
        guard rename(root, target) == 0 else { throw Self.failure("The directory \(target) cannot be put in place") }
    }
}
