import CLinux
import ExchangeModel
import Glibc
import Synchronization
import TrustCrypto

/// A directory beside the place of publication that holds plaintext until it is proven.
///
/// It is locked while in use. It vanishes with this object unless it was published; one that a killed process left
/// behind is removed by the next opening in the same place.
final class Quarantine: Sendable {
    /// Where the files lie.
    let path: String
    private let descriptor: Int32
    private let target: String
    private static let marker = ".rogatory-quarantine-"

    /// Makes a quarantine from which files can be published as the directory `target`.
    ///
    /// - Throws: `output.exists` when the target exists, `output.failed`.
    init(publishingAs target: String) throws {
        var trimmed = target
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        try OutputDirectory.requirePlace(trimmed)
        let parent = UnnamedOutputFile.parent(of: trimmed)
        // Two openings beside each other must not take each other's new quarantine for an abandoned one.
        let gate = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard gate >= 0 else { throw SystemFailure.error(.outputFailed, "\(parent) cannot be opened", errno) }
        defer { close(gate) }
        while flock(gate, LOCK_EX) != 0 {
            guard errno == EINTR else {
                throw SystemFailure.error(.outputFailed, "\(parent) cannot be locked", errno)
            }
            try Interruption.check()
        }
        Self.removeAbandoned(in: parent)
        let made = parent + "/" + Self.marker + Hexadecimal.text(of: try randomBytes(8))
        try OutputDirectory.create(made, existing: .outputExists)
        let opened = open(made, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0, flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            if opened >= 0 { close(opened) }
            OutputDirectory.remove(made)
            throw SystemFailure.error(.outputFailed, "The quarantine in \(parent) cannot be used", code)
        }
        path = made
        descriptor = opened
        self.target = trimmed
        // From here on `deinit` clears up, also when one of these fails.
        Interruption.begin()
        for name in ["META-INF", "documents", "evidence"] {
            try OutputDirectory.create(made + "/" + name, existing: .outputFailed)
        }
    }

    deinit {
        // After publication the path no longer exists and nothing is removed.
        OutputDirectory.remove(path)
        close(descriptor)
        Interruption.end()
    }

    /// Makes everything durable and gives it its final name.
    ///
    /// - Throws: `output.exists`, `output.failed`.
    func publish() throws {
        rmdir(path + "/documents")
        rmdir(path + "/evidence")
        guard syncfs(descriptor) == 0 else {
            throw SystemFailure.error(.outputFailed, "The opened bundle cannot be made durable", errno)
        }
        guard renameat2(AT_FDCWD, path, AT_FDCWD, target, shim_RENAME_NOREPLACE) == 0 else {
            let code = errno
            if code == EEXIST { throw ExchangeError(.outputExists, "\(target) exists already") }
            throw SystemFailure.error(.outputFailed, "\(target) cannot be published", code)
        }
        try UnnamedOutputFile.syncDirectory(UnnamedOutputFile.parent(of: target))
    }

    private static func removeAbandoned(in parent: String) {
        guard let directory = opendir(parent) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix(marker) else { continue }
            let path = parent + "/" + name
            let opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            guard opened >= 0 else { continue }
            if flock(opened, LOCK_EX | LOCK_NB) == 0 { OutputDirectory.remove(path) }
            close(opened)
        }
    }
}

/// One file in quarantine; opened by the first write and closed when the last one is done, so that thousands of small
/// files never need as many descriptors.
final class QuarantinedFile: Sendable {
    private let path: String
    private let descriptor = Mutex<Int32>(-1)

    init(_ path: String) { self.path = path }

    deinit {
        let opened = descriptor.withLock { $0 }
        if opened >= 0 { close(opened) }
    }

    /// Writes bytes at an offset; no bytes make an empty file.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws {
        let opened = try descriptor.withLock { descriptor in
            if descriptor < 0 {
                descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            }
            guard descriptor >= 0 else {
                throw SystemFailure.error(.outputFailed, "\(path) cannot be written", errno)
            }
            return descriptor
        }
        try PositionedWriter.write(bytes, to: opened, at: offset)
    }
}
