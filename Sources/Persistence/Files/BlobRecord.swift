/// What the database keeps of a blob: enough to read it with the store key, and to destroy it.
public struct BlobRecord: Hashable, Sendable {
    /// The random name of its file, 32 hexadecimal digits.
    public let name: String
    /// How many bytes were written into it.
    public let size: Int64
    /// Its key, wrapped under the store key; forgetting these bytes destroys the blob.
    public let wrappedKey: [UInt8]

    /// Puts together what the database kept.
    public init(name: String, size: Int64, wrappedKey: [UInt8]) {
        self.name = name
        self.size = size
        self.wrappedKey = wrappedKey
    }

    /// Whether a text can be the name of a blob's file.
    static func isName(_ text: String) -> Bool {
        text.utf8.count == 32 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

/// How a blob lies on disk: a header of 16 bytes, then segments of 1 MiB, each followed by its tag; the last segment is
/// shorter or full, and there is always one.
enum BlobFormat {
    static let header = Array("rogatory blob 1\n".utf8)
    static let segmentSize: Int64 = 1 << 20
    static let tagSize: Int64 = 16

    /// How many segments hold so many bytes.
    static func segments(of size: Int64) -> Int64 { size == 0 ? 1 : (size - 1) / segmentSize + 1 }

    /// How many bytes the file has, or `nil` for a size that cannot be.
    static func fileSize(of size: Int64) -> Int64? {
        guard (0...(Int64.max >> 1)).contains(size) else { return nil }
        return Int64(header.count) + size + segments(of: size) * tagSize
    }

    /// Where a segment begins in the file.
    static func offset(ofSegment number: Int64) -> Int64 {
        Int64(header.count) + number * (segmentSize + tagSize)
    }
}
