import ExchangeModel

/// Reads a source in pieces that mostly follow each other, through one buffer of a bounded size.
final class SourceWindow {
    let source: any ByteSource
    private var buffer: UnsafeMutableRawBufferPointer
    private var filled: Range<Int64> = 0..<0

    init(_ source: any ByteSource, bytes: Int = 1 << 18) {
        self.source = source
        buffer = .allocate(byteCount: bytes, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// The bytes from `offset` on, valid until the next call; the caller bounds `count`.
    ///
    /// - Throws: `file.too_short`; what else the source throws.
    func bytes(at offset: Int64, count: Int) throws -> UnsafeRawBufferPointer {
        let (end, overflow) = offset.addingReportingOverflow(Int64(count))
        guard offset >= 0, count >= 0, !overflow, end <= source.size else {
            throw ExchangeError(.fileTooShort, "The file has fewer bytes than expected")
        }
        if !(filled.lowerBound <= offset && end <= filled.upperBound) {
            if count > buffer.count {
                buffer.deallocate()
                buffer = .allocate(byteCount: count, alignment: 16)
            }
            filled = 0..<0
            let length = Int(min(Int64(buffer.count), source.size - offset))
            try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<length]), at: offset)
            filled = offset..<offset + Int64(length)
        }
        let start = Int(offset - filled.lowerBound)
        return UnsafeRawBufferPointer(rebasing: buffer[start..<start + count])
    }
}

extension UnsafeRawBufferPointer {
    /// A little-endian number; 0 when it does not lie inside.
    func littleEndian<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type, at offset: Int) -> T {
        guard offset >= 0, offset <= count - MemoryLayout<T>.size else { return 0 }
        return T(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
    }
}
