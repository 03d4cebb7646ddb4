public import EvidencePackaging
import ExchangeModel
import Glibc
import Synchronization
import TrustCrypto

/// Reads a blob at any offset; no byte is given out before the tag of its segment held.
///
/// Several threads may read at the same time. One segment of plain text is kept in memory for reads that follow each
/// other, and wiped at the end.
public final class BlobReader: ByteSource, Sendable {
    /// How many bytes the blob has.
    public let size: Int64
    private let descriptor: Int32
    private let cipher: SegmentCipher
    private let kept: Mutex<KeptSegment>

    init(path: String, size: Int64, key: SecretBytes) throws {
        cipher = try SegmentCipher(key: key, header: BlobFormat.header)
        kept = Mutex(KeptSegment())
        self.size = size
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        self.descriptor = descriptor
        guard descriptor >= 0 else {
            throw errno == ENOENT
                ? ExchangeError(.blobMissing, "The file of a blob is not there")
                : SystemFile.failure("A blob could not be opened")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            let expected = BlobFormat.fileSize(of: size), Int64(status.st_size) == expected
        else { throw ExchangeError(.blobDamaged, "The file of a blob does not have the length of its record") }
        var header = BlobFormat.header
        try header.withUnsafeMutableBytes { try Self.fill($0, from: descriptor, at: 0) }
        guard header == BlobFormat.header else {
            throw ExchangeError(.blobDamaged, "The file of a blob has another beginning")
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Fills the whole buffer with the bytes from `offset` on.
    ///
    /// - Throws: `blob.damaged`, also for a range that reaches beyond the end; the buffer's content is then undefined
    ///   but holds nothing unproven.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
        let (end, overflow) = offset.addingReportingOverflow(Int64(buffer.count))
        guard offset >= 0, !overflow, end <= size else {
            throw ExchangeError(.blobDamaged, "A blob has fewer bytes than are asked for")
        }
        if size == 0 { try kept.withLock { _ = try segment(0, in: &$0) } }
        var rest = buffer
        var position = offset
        while !rest.isEmpty {
            let number = position / BlobFormat.segmentSize
            let start = Int(position % BlobFormat.segmentSize)
            let length = self.length(ofSegment: number)
            let count = min(rest.count, length - start)
            let target = UnsafeMutableRawBufferPointer(rebasing: rest.prefix(count))
            if count == length {
                try decrypt(number, into: target)
            } else {
                try kept.withLock { kept in
                    let source = try segment(number, in: &kept)
                    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<(start + count)]))
                }
            }
            rest = UnsafeMutableRawBufferPointer(rebasing: rest.dropFirst(count))
            position += Int64(count)
        }
    }

    /// Reads the whole blob once, so that damage anywhere shows.
    ///
    /// - Throws: `blob.damaged`.
    public func check() throws {
        for number in 0..<BlobFormat.segments(of: size) {
            try kept.withLock { kept in
                kept.number = nil
                _ = try segment(number, in: &kept)
            }
        }
    }

    private func length(ofSegment number: Int64) -> Int {
        Int(min(BlobFormat.segmentSize, size - number * BlobFormat.segmentSize))
    }

    private func segment(_ number: Int64, in kept: inout KeptSegment) throws -> UnsafeRawBufferPointer {
        let target = kept.room(length(ofSegment: number))
        if kept.number != number {
            kept.number = nil
            try decrypt(number, into: target)
            kept.number = number
        }
        return UnsafeRawBufferPointer(target)
    }

    private func decrypt(_ number: Int64, into target: UnsafeMutableRawBufferPointer) throws {
        let offset = BlobFormat.offset(ofSegment: number)
        try Self.fill(target, from: descriptor, at: offset)
        var tag = [UInt8](repeating: 0, count: SegmentCipher.tagSize)
        try tag.withUnsafeMutableBytes { try Self.fill($0, from: descriptor, at: offset + Int64(target.count)) }
        let isLast = number == BlobFormat.segments(of: size) - 1
        guard try cipher.open(target, tag: tag, number: UInt64(number), isLast: isLast) else {
            throw ExchangeError(.blobDamaged, "Segment \(number) of a blob is damaged")
        }
    }

    private static func fill(_ buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32, at offset: Int64) throws {
        var rest = buffer
        var position = offset
        while !rest.isEmpty {
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(position))
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                buffer.initializeMemory(as: UInt8.self, repeating: 0)
                throw SystemFile.failure("A blob could not be read", code)
            }
            guard count > 0 else {
                buffer.initializeMemory(as: UInt8.self, repeating: 0)
                throw ExchangeError(.blobDamaged, "The file of a blob was cut off")
            }
            rest = UnsafeMutableRawBufferPointer(rebasing: rest.dropFirst(count))
            position += Int64(count)
        }
    }
}

/// The plain text of the segment that was read last.
// The memory belongs to this value alone, which cannot be copied, and lies behind the reader's lock.
private struct KeptSegment: ~Copyable, @unchecked Sendable {
    var number: Int64?
    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    /// Room for a segment; memory is taken with the first use.
    mutating func room(_ length: Int) -> UnsafeMutableRawBufferPointer {
        if memory.count < length {
            release()
            memory = .allocate(byteCount: length, alignment: 64)
        }
        return UnsafeMutableRawBufferPointer(rebasing: memory.prefix(length))
    }

    private mutating func release() {
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        memory.deallocate()
        number = nil
    }

    deinit {
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        memory.deallocate()
    }
}
