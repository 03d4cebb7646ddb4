import EvidencePackaging
import ExchangeModel
import Glibc

/// A file that is read once from its beginning.
final class LogFile {
    let path: String
    let size: Int64
    private let descriptor: Int32

    /// - Throws: `file.open_failed`, `file.not_regular`.
    init(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw ExchangeError(
                .fileOpenFailed,
                "The file \(path) cannot be read",
                details: [String(cString: strerror(errno))]
            )
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw ExchangeError(.fileNotRegular, "\(path) is no regular file")
        }
        self.path = path
        self.descriptor = descriptor
        size = Int64(status.st_size)
    }

    deinit { close(descriptor) }

    /// Fills the buffer with the next bytes; 0 at the end.
    ///
    /// - Throws: `file.read_failed`.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else {
                throw ExchangeError(
                    .fileReadFailed,
                    "The file \(path) could not be read",
                    details: [String(cString: strerror(errno))]
                )
            }
        }
    }
}
