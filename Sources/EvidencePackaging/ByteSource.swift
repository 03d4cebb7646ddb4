import ExchangeModel

/// Bytes of a known number that are read at any offset, such as a file or an encrypted blob.
///
/// Reads from several threads do not disturb each other.
public protocol ByteSource: Sendable {
    /// The number of bytes.
    var size: Int64 { get }

    /// Fills the whole buffer with the bytes from `offset` on.
    ///
    /// - Throws: `file.too_short` when there are fewer; what else keeps the bytes from being read.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws
}

extension RandomAccessFile: ByteSource {}

/// A piece of a file.
struct FileSlice: ByteSource {
    let file: RandomAccessFile
    let start: Int64
    let size: Int64

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
        let (end, overflow) = offset.addingReportingOverflow(Int64(buffer.count))
        guard offset >= 0, !overflow, end <= size else {
            throw ExchangeError(.fileTooShort, "The entry has fewer bytes than expected")
        }
        try file.read(into: buffer, at: start + offset)
    }
}
