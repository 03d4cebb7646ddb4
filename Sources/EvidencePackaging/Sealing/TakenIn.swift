public import ExchangeModel

/// Evidence as the intake saw it: where its bytes are, how many, and their digests.
public struct TakenIn: Sendable {
    /// Opens the bytes when they are needed; called once for each sealing.
    public typealias Opening = @Sendable () throws -> any ByteSource

    /// Where the file lies; `nil` when the bytes come from elsewhere.
    public let path: String?
    /// Length in bytes.
    public let size: Int64
    /// SHA-256 of the bytes.
    public let sha256: SHA256Digest
    /// CRC-32 of the bytes, as ZIP wants it.
    public let crc32: UInt32
    let open: Opening

    /// Takes all fields of a file, from a draft written earlier.
    public init(path: String, size: Int64, sha256: SHA256Digest, crc32: UInt32) {
        self.path = path
        self.size = size
        self.sha256 = sha256
        self.crc32 = crc32
        open = { try RandomAccessFile(openingForReading: path) }
    }

    /// Takes what an earlier intake saw, and how to get at the bytes.
    public init(size: Int64, sha256: SHA256Digest, crc32: UInt32, open: @escaping Opening) {
        path = nil
        self.size = size
        self.sha256 = sha256
        self.crc32 = crc32
        self.open = open
    }

    /// Takes what the intake saw, and how to get at the bytes.
    public init(_ seen: IntakeDigest.Seen, open: @escaping Opening) {
        self.init(size: seen.size, sha256: seen.sha256, crc32: seen.crc32, open: open)
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
        var digest = try IntakeDigest()
        var position: Int64 = 0
        while position < file.size {
            try Interruption.check()
            let count = Int(min(Int64(buffer.count), file.size - position))
            let slice = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
            try file.read(into: slice, at: position)
            try digest.update(UnsafeRawBufferPointer(slice))
            position += Int64(count)
            progress(count)
        }
        let seen = try digest.finish()
        self.init(path: path, size: seen.size, sha256: seen.sha256, crc32: seen.crc32)
    }
}
