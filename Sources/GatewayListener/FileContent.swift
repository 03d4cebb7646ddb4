import ExchangeModel
import Glibc
import NIOCore
import NIOPosix

/// A file open for reading, of which answers give the whole or parts.
public final class FileContent: Sendable {
    /// Its length in bytes, when it was opened.
    public let size: Int64
    private let descriptor: Int32

    /// Opens a file on a thread that may block.
    ///
    /// Throws `listener.internal` if it cannot be opened or is no file.
    public convenience init(opening path: String) async throws {
        let opened = try await NIOThreadPool.singleton.runIfActive { try Opened(path) }
        self.init(opened)
    }

    private init(_ opened: Opened) {
        size = opened.size
        descriptor = opened.descriptor
    }

    deinit { close(descriptor) }

    private struct Opened {
        let size: Int64
        let descriptor: Int32

        init(_ path: String) throws {
            descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
            guard descriptor >= 0 else { throw ExchangeError(.listenerInternal, "A file to be sent cannot be opened") }
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                close(descriptor)
                throw ExchangeError(.listenerInternal, "What is to be sent is not a file")
            }
            size = Int64(status.st_size)
        }
    }

    func read(at offset: Int64, count: Int) throws -> ByteBuffer {
        var buffer = ByteBuffer()
        let done = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            var done = 0
            while done < count {
                let step = pread(
                    descriptor,
                    space.baseAddress.map { $0 + done },
                    count - done,
                    off_t(offset) + off_t(done)
                )
                if step < 0 && errno == EINTR { continue }
                guard step > 0 else { break }
                done += step
            }
            return done
        }
        guard done == count else { throw ExchangeError(.listenerInternal, "A file to be sent cannot be read") }
        return buffer
    }
}

extension ResponseStream {
    // Larger blocks cost fewer changes of thread and more memory for each answer.
    private static var fileBlock: Int64 { 262_144 }

    /// Sends a part of a file, block by block.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - range: From the first byte up to, not including, the last.
    ///   - check: Called before each block with the place of its first byte; what it throws ends the answer there.
    /// - Throws: As ``write(_:)-([UInt8])`` does; `listener.internal` if the file has become shorter.
    public func write(
        _ file: FileContent,
        _ range: Range<Int64>,
        check: (_ position: Int64) async throws -> Void = { _ in }
    ) async throws {
        var position = range.lowerBound
        while position < range.upperBound {
            try await check(position)
            let (from, count) = (position, Int(min(Self.fileBlock, range.upperBound - position)))
            let block = try await NIOThreadPool.singleton.runIfActive { try file.read(at: from, count: count) }
            position += Int64(block.readableBytes)
            try await write(block)
        }
    }
}
