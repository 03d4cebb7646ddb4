import ExchangeModel
import Glibc

/// A regular file that is read at any offset; reads from several threads do not disturb each other.
public final class RandomAccessFile: Sendable {
    /// The open descriptor.
    let descriptor: Int32
    /// The size in bytes when the file was opened.
    public let size: Int64
    private let closesDescriptor: Bool

    /// Opens a file; a pipe or device is refused and never waited for.
    ///
    /// Throws `file.open_failed` or `file.not_regular`.
    public convenience init(openingForReading path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw ExchangeError(
                .fileOpenFailed,
                "The file \(path) could not be opened",
                details: [Self.text(of: errno)]
            )
        }
        do {
            try self.init(descriptor: descriptor, closing: true)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Reads through a descriptor; it is closed with this object only if `closing` is true, and not when this throws.
    ///
    /// Throws `file.open_failed` or `file.not_regular`.
    init(descriptor: Int32, closing: Bool) throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw ExchangeError(.fileOpenFailed, "The file could not be examined", details: [Self.text(of: errno)])
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ExchangeError(.fileNotRegular, "A regular file is needed here")
        }
        self.descriptor = descriptor
        self.size = Int64(status.st_size)
        self.closesDescriptor = closing
    }

    deinit {
        if closesDescriptor { close(descriptor) }
    }

    /// Fills the whole buffer with the bytes from `offset` on.
    ///
    /// Throws `file.too_short` if there are fewer bytes, `file.read_failed` if the system reports an error.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
        var rest = buffer
        var position = offset
        let (end, overflow) = offset.addingReportingOverflow(Int64(buffer.count))
        guard offset >= 0, !overflow, end <= size else { throw Self.tooShort() }
        while !rest.isEmpty {
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(position))
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                throw ExchangeError(.fileReadFailed, "The file could not be read", details: [Self.text(of: code)])
            }
            guard count > 0 else { throw Self.tooShort() }
            rest = UnsafeMutableRawBufferPointer(rebasing: rest.dropFirst(count))
            position += Int64(count)
        }
    }

    /// Exactly `count` bytes from `offset` on; the caller bounds `count`.
    ///
    /// Throws as `read(into:at:)` does.
    func bytes(at offset: Int64, count: Int) throws -> [UInt8] {
        let (end, overflow) = offset.addingReportingOverflow(Int64(count))
        guard offset >= 0, count >= 0, !overflow, end <= size else { throw Self.tooShort() }
        return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let target = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer).prefix(count))
            try read(into: target, at: offset)
            initialized = count
        }
    }

    private static func tooShort() -> ExchangeError {
        ExchangeError(.fileTooShort, "The file has fewer bytes than expected")
    }

    private static func text(of code: Int32) -> String {
        guard let text = strerror(code) else { return "errno \(code)" }
        return String(cString: text)
    }
}
