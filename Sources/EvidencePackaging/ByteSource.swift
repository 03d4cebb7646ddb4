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
