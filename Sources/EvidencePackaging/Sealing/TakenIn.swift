public import ExchangeModel
import TrustCrypto

/// A file as the intake saw it: where it lies, how long it is, and the digests of its bytes.
public struct TakenIn: Hashable, Sendable {
    /// Where the bytes lie.
    public let path: String
    /// Length in bytes.
    public let size: Int64
    /// SHA-256 of the bytes.
    public let sha256: SHA256Digest
    /// CRC-32 of the bytes, as ZIP wants it.
    public let crc32: UInt32

    /// Takes all fields, from a draft written earlier.
    public init(path: String, size: Int64, sha256: SHA256Digest, crc32: UInt32) {
        self.path = path
        self.size = size
        self.sha256 = sha256
        self.crc32 = crc32
    }

    /// Reads the whole file once and takes its digests.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - progress: Told the number of bytes read since the last call.
    /// - Throws: `file.*` when it cannot be read to its end.
    public init(reading path: String, progress: (Int) -> Void = { _ in }) throws {
        let file = try RandomAccessFile(openingForReading: path)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 262_144, alignment: 4_096)
        defer { buffer.deallocate() }
        var hasher = try SHA256Hasher()
        var crc = CRC32()
        var position: Int64 = 0
        while position < file.size {
            try Interruption.check()
            let count = Int(min(Int64(buffer.count), file.size - position))
            let slice = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
            try file.read(into: slice, at: position)
            try hasher.update(UnsafeRawBufferPointer(slice))
            crc.update(UnsafeRawBufferPointer(slice))
            position += Int64(count)
            progress(count)
        }
        self.init(path: path, size: file.size, sha256: try hasher.finish(), crc32: crc.value)
    }
}
