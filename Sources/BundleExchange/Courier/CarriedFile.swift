import EvidencePackaging
import ExchangeModel
import Glibc
import Persistence
import Synchronization
import TrustCrypto

/// A bundle that is being copied from a carrier's disk; it vanishes with this object unless it was moved away.
final class CarriedFile: Sendable {
    private let path: String
    private let descriptor: Int32
    private let largest: Int64
    private let size = Mutex<Int64>(0)

    /// - Throws: `output.failed`.
    init(in directory: String, largest: Int64) throws {
        self.largest = largest
        path = directory + "/carried-" + Hexadecimal.text(of: try randomBytes(8))
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure("The carried bundle cannot be copied") }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// - Throws: `announcement.too_large`, `store.full`, `output.failed`.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        let (total, overflow) = size.withLock { size -> (Int64, Bool) in
            let sum = size.addingReportingOverflow(Int64(bytes.count))
            size = sum.partialValue
            return (sum.partialValue, sum.overflow)
        }
        guard !overflow, total <= largest else {
            throw ExchangeError(.announcementTooLarge, "At most \(largest) bytes are taken")
        }
        var rest = bytes
        while !rest.isEmpty {
            let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
            guard written > 0 else {
                if errno == EINTR { continue }
                throw Self.failure("The carried bundle cannot be copied")
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// Makes the copy durable.
    ///
    /// - Returns: Where it lies until it is moved.
    func finish() throws -> String {
        guard fsync(descriptor) == 0 else { throw Self.failure("The carried bundle cannot be made durable") }
        return path
    }

    /// Gives a durable copy its final name, which must not exist, durably.
    static func move(_ path: String, to final: String) throws {
        // A hard link refuses an existing name where renaming would replace it.
        guard link(path, final) == 0 else { throw failure("The carried bundle cannot be put in its place") }
        unlink(path)
        guard let slash = final.lastIndex(of: "/") else { return }
        let directory = open(String(final[..<slash]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if directory >= 0 { close(directory) } }
        guard directory >= 0, fsync(directory) == 0 else { throw failure("The carried bundle cannot be made durable") }
    }

    private static func failure(_ reason: String) -> ExchangeError {
        let code = errno
        return ExchangeError(
            code == ENOSPC || code == EDQUOT ? .storeFull : .outputFailed,
            reason,
            details: [String(cString: strerror(code))]
        )
    }
}
