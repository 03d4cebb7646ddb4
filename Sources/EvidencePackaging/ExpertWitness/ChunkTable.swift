import CDeflate
import ExchangeModel

/// Where the chunks of one sectors section lie, entry by entry.
struct ChunkTable {
    struct Chunk {
        let place: Range<Int64>
        let isCompressed: Bool
    }

    private static let headerLength = 24
    private static let entriesAtOnce = 4_096

    private let window: SourceWindow
    private let sectors: Range<Int64>
    private let firstEntry: Int64
    private let count: Int64
    private let base: Int64
    private var taken: Int64 = 0
    private var entries: [UInt32] = []
    private var position = 0

    /// Reads the table's header and checks the checksums over it and over the entries.
    ///
    /// - Throws: `ewf.table`, `file.*`.
    init(_ data: Range<Int64>, of sectors: Range<Int64>, in shared: SourceWindow) throws {
        guard data.count >= Self.headerLength else { throw Self.fault("has no header") }
        let header = try shared.bytes(at: data.lowerBound, count: Self.headerLength)
        guard Adler32.matches(header, through: 20) else { throw Self.fault("does not have its checksum") }
        let count = Int64(header.littleEndian(UInt32.self, at: 0))
        guard let base = Int64(exactly: header.littleEndian(UInt64.self, at: 8)), base <= sectors.upperBound,
            count > 0, Int64(data.count) >= Int64(Self.headerLength) + count * 4 + 4
        else { throw Self.fault("has no possible size") }
        self.count = count
        self.base = base
        self.sectors = sectors
        firstEntry = data.lowerBound + Int64(Self.headerLength)
        // Entries and chunks are read in turns; each has a window of its own.
        window = SourceWindow(shared.source, bytes: Self.entriesAtOnce * 4 + 4)
        try requireChecksum()
        try fill()
    }

    /// The next chunk: it begins where its entry says and ends where the next one begins.
    mutating func next() throws -> Chunk? {
        guard position < entries.count else { return nil }
        let entry = entries[position]
        let start = base + Int64(entry & 0x7fff_ffff)
        position += 1
        taken += 1
        if position == entries.count { try fill() }
        let end = position < entries.count ? base + Int64(entries[position] & 0x7fff_ffff) : sectors.upperBound
        guard start >= sectors.lowerBound, start < end, end <= sectors.upperBound else {
            throw Self.fault("names a chunk outside of its sectors section, or one that overlaps the next")
        }
        return Chunk(place: start..<end, isCompressed: entry & 0x8000_0000 != 0)
    }

    private mutating func fill() throws {
        let some = Int(min(Int64(Self.entriesAtOnce), count - taken))
        let bytes = try window.bytes(at: firstEntry + taken * 4, count: some * 4)
        entries = (0..<some).map { bytes.littleEndian(UInt32.self, at: $0 * 4) }
        position = 0
    }

    private func requireChecksum() throws {
        var adler: UInt32 = 1
        var done: Int64 = 0
        while done < count * 4 {
            let some = Int(min(Int64(Self.entriesAtOnce * 4), count * 4 - done))
            let bytes = try window.bytes(at: firstEntry + done, count: some)
            adler = libdeflate_adler32(adler, bytes.baseAddress, bytes.count)
            done += Int64(some)
        }
        guard try window.bytes(at: firstEntry + done, count: 4).littleEndian(UInt32.self, at: 0) == adler else {
            throw Self.fault("does not have its checksum")
        }
    }

    private static func fault(_ what: String) -> ExchangeError {
        ExchangeError(.ewfTable, "A table of the forensic image \(what)")
    }
}

/// Reads chunks into one buffer: inflated, or as they are with their checksum checked.
struct ChunkReader: ~Copyable {
    private let decompressor = libdeflate_alloc_decompressor()
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32_768, alignment: 16)

    deinit {
        libdeflate_free_decompressor(decompressor)
        buffer.deallocate()
    }

    /// The content of a chunk, `length` bytes, valid until the next call.
    ///
    /// - Throws: `ewf.chunk`, `file.*`.
    mutating func read(_ chunk: ChunkTable.Chunk, number: Int64, length: Int, in window: SourceWindow) throws
        -> UnsafeRawBufferPointer
    {
        let fault = ExchangeError(.ewfChunk, "The chunk \(number) of the forensic image is damaged")
        // The last chunk of a section may be followed by padding.
        guard chunk.isCompressed || chunk.place.count >= length + 4 else { throw fault }
        let most = Int64(length) + Int64(length) / 8 + 4_096
        let stored = try window.bytes(at: chunk.place.lowerBound, count: Int(min(Int64(chunk.place.count), most)))
        guard chunk.isCompressed else {
            guard Adler32.matches(stored, through: length) else { throw fault }
            return UnsafeRawBufferPointer(rebasing: stored[..<length])
        }
        if buffer.count < length {
            buffer.deallocate()
            buffer = .allocate(byteCount: length, alignment: 16)
        }
        guard let decompressor,
            libdeflate_zlib_decompress(
                decompressor,
                stored.baseAddress,
                stored.count,
                buffer.baseAddress,
                length,
                nil
            ) == LIBDEFLATE_SUCCESS
        else { throw fault }
        return UnsafeRawBufferPointer(rebasing: buffer[..<length])
    }
}
