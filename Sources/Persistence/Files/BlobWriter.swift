import ExchangeModel
import Glibc
import TrustCrypto

/// Writes one blob from its first byte to its last; given up before `finish`, it leaves nothing.
///
/// One thread at a time.
public final class BlobWriter {
    static let suffix = ".part"

    private let directory: String
    private let name: String
    private let wrappedKey: [UInt8]
    private let cipher: SegmentCipher
    private let fuse: DurabilityFuse
    private let segment: UnsafeMutableRawBufferPointer
    private var filled = 0
    private var number: UInt64 = 0
    private var size: Int64 = 0
    private var descriptor: Int32

    init(directory: String, name: String, key: StoreKey, fuse: DurabilityFuse) throws {
        try fuse.check()
        let itemKey = try SecretBytes(randomCount: 32)
        self.directory = directory
        self.name = name
        self.fuse = fuse
        wrappedKey = try key.wrap(itemKey)
        cipher = try SegmentCipher(key: itemKey, header: BlobFormat.header)
        let path = directory + "/" + name + Self.suffix
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SystemFile.failure("A blob could not be made") }
        self.descriptor = descriptor
        // One segment and its tag, so that both are written with one call.
        segment = .allocate(byteCount: Int(BlobFormat.segmentSize + BlobFormat.tagSize), alignment: 64)
        try BlobFormat.header.withUnsafeBytes { try SystemFile.writeAll($0, to: descriptor) }
    }

    deinit {
        segment.initializeMemory(as: UInt8.self, repeating: 0)
        segment.deallocate()
        discard()
    }

    /// Adds bytes.
    ///
    /// - Throws: `store.full`, `data.failed`, `crypto.internal`; the writer is then of no more use.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard descriptor >= 0 else { throw ExchangeError(.dataFailed, "A blob was written after its end") }
        do {
            var rest = bytes
            while !rest.isEmpty {
                // A full segment waits for the next byte: only then it is known not to be the last.
                if filled == Int(BlobFormat.segmentSize) { try flush(isLast: false) }
                let count = min(rest.count, Int(BlobFormat.segmentSize) - filled)
                let target = UnsafeMutableRawBufferPointer(rebasing: segment[filled..<(filled + count)])
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
                filled += count
                size += Int64(count)
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
        } catch {
            discard()
            throw error
        }
    }

    /// Adds bytes.
    ///
    /// - Throws: as the other form.
    public func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

    /// Ends the blob; when this returns it is durable under its name, and its record can go into the database.
    ///
    /// - Throws: `store.durability`, `store.full`, `data.failed`, `crypto.internal`.
    public func finish() throws -> BlobRecord {
        guard descriptor >= 0 else { throw ExchangeError(.dataFailed, "A blob was ended twice") }
        do {
            try flush(isLast: true)
            try fuse.guarding { try SystemFile.sync(descriptor) }
            let path = directory + "/" + name
            guard rename(path + Self.suffix, path) == 0 else { throw SystemFile.failure("A blob could not be named") }
            close(descriptor)
            descriptor = -1
            try fuse.guarding { try SystemFile.syncDirectory(directory) }
        } catch {
            discard()
            throw error
        }
        return BlobRecord(name: name, size: size, wrappedKey: wrappedKey)
    }

    private func flush(isLast: Bool) throws {
        let text = UnsafeMutableRawBufferPointer(rebasing: segment.prefix(filled))
        let tag = try cipher.seal(text, number: number, isLast: isLast)
        let tagged = UnsafeMutableRawBufferPointer(rebasing: segment.prefix(filled + tag.count))
        UnsafeMutableRawBufferPointer(rebasing: tagged.suffix(tag.count)).copyBytes(from: tag)
        try SystemFile.writeAll(UnsafeRawBufferPointer(tagged), to: descriptor)
        filled = 0
        number += 1
    }

    private func discard() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
        unlink(directory + "/" + name + Self.suffix)
    }
}
