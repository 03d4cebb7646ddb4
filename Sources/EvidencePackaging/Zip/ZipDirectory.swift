import ExchangeModel

/// The entries of an archive of unknown origin, read at random access and accepted only if nothing about it is doubtful.
///
/// Every byte of the file belongs to exactly one record, local and central headers agree, names are harmless and
/// distinct, entries are stored as they are. So no two programs can see different content in it. Whether it is our own
/// profile, byte for byte, is the separate question that `requireProfile()` answers.
struct ZipDirectory: Sendable {
    /// One entry; sizes and offsets in bytes, offsets from the start of the file.
    struct Entry: Sendable, Equatable {
        let name: String
        let size: Int64
        let crc: UInt32
        let headerOffset: Int64
        let dataOffset: Int64
    }

    /// The file that the entries stand in.
    let file: RandomAccessFile
    /// The limits that were applied.
    let limits: ZipLimits
    /// The entries in the order of the file.
    let entries: [Entry]
    /// Where the central directory begins.
    let directoryOffset: Int64

    /// Reads end records, central directory and local headers.
    ///
    /// Throws one of the `zip.…` codes; the content of the entries is not read.
    init(of file: RandomAccessFile, limits: ZipLimits = ZipLimits()) throws {
        let end = try ZipEnd(of: file, limits: limits)
        let headers = try Self.centralHeaders(in: file, end: end, limits: limits)
        self.entries = try Self.tile(file, with: headers, upTo: end.directoryOffset)
        self.directoryOffset = end.directoryOffset
        self.file = file
        self.limits = limits
    }

    /// The entry of this exact name.
    func entry(named name: String) -> Entry? {
        entries.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    /// Hands the content of an entry to `body`, piece by piece, and checks its CRC-32.
    ///
    /// The pieces are unchecked until this returns; it throws `zip.crc_mismatch` after the last one.
    func forEachChunk(
        of entry: Entry,
        chunkSize: Int = 1 << 20,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, chunkSize), alignment: 16)
        defer { buffer.deallocate() }
        var crc = CRC32()
        var done: Int64 = 0
        while done < entry.size {
            let count = Int(clamping: min(Int64(buffer.count), entry.size - done))
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(count))
            try file.read(into: piece, at: entry.dataOffset + done)
            crc.update(UnsafeRawBufferPointer(piece))
            try body(UnsafeRawBufferPointer(piece))
            done += Int64(count)
        }
        guard crc.value == entry.crc else {
            throw ExchangeError(
                .zipCRCMismatch,
                "The content of \(ZipName.shown(entry.name)) does not match its CRC-32"
            )
        }
    }

    /// The content of a small entry, its CRC-32 checked.
    ///
    /// Throws `zip.entry_too_large` if it has more than `limit` bytes, `zip.crc_mismatch` if it is damaged.
    func content(of entry: Entry, atMost limit: Int) throws -> [UInt8] {
        guard entry.size <= Int64(limit) else {
            throw ExchangeError(
                .zipEntryTooLarge,
                "The entry \(ZipName.shown(entry.name)) has \(entry.size) bytes, \(limit) are allowed"
            )
        }
        var content: [UInt8] = []
        content.reserveCapacity(Int(clamping: entry.size))
        try forEachChunk(of: entry) { content.append(contentsOf: $0) }
        return content
    }

    private static func centralHeaders(
        in file: RandomAccessFile,
        end: ZipEnd,
        limits: ZipLimits
    ) throws -> [ZipCentralHeader] {
        let bytes = try file.bytes(at: end.directoryOffset, count: Int(clamping: end.directorySize))
        var cursor = ZipCursor(bytes[...], code: .zipBadDirectory)
        var names = ZipNameSet()
        var headers: [ZipCentralHeader] = []
        while cursor.remaining > 0 {
            guard headers.count < end.entryCount else {
                throw ExchangeError(.zipBadCount, "The central directory has more entries than are declared")
            }
            let header = try ZipCentralHeader(&cursor, limits: limits)
            try names.insert(header.name)
            headers.append(header)
        }
        guard headers.count == end.entryCount else {
            throw ExchangeError(.zipBadCount, "The central directory has fewer entries than are declared")
        }
        return headers
    }

    // Lays the entries end to end from the first byte to the central directory.
    private static func tile(
        _ file: RandomAccessFile,
        with headers: [ZipCentralHeader],
        upTo directoryOffset: Int64
    ) throws -> [Entry] {
        var entries: [Entry] = []
        entries.reserveCapacity(headers.count)
        var position: Int64 = 0
        for header in headers.sorted(by: { $0.headerOffset < $1.headerOffset }) {
            let name = ZipName.shown(header.name)
            guard header.headerOffset >= position else {
                throw ExchangeError(.zipOverlap, "The entry \(name) overlaps another")
            }
            guard header.headerOffset == position else { throw gap(after: entries.last) }
            let dataOffset = try checkLocalHeader(of: header, in: file, before: directoryOffset)
            let (dataEnd, overflow) = dataOffset.addingReportingOverflow(header.size)
            guard !overflow, dataEnd <= directoryOffset else {
                throw ExchangeError(.zipOverlap, "The entry \(name) reaches into the central directory")
            }
            entries.append(
                Entry(
                    name: header.name,
                    size: header.size,
                    crc: header.fields.crc,
                    headerOffset: position,
                    dataOffset: dataOffset
                )
            )
            position = dataEnd
        }
        guard position == directoryOffset else { throw gap(after: entries.last) }
        return entries
    }

    private static func gap(after entry: Entry?) -> ExchangeError {
        guard let entry else {
            return ExchangeError(.zipPrefixBytes, "Bytes stand before the first entry")
        }
        return ExchangeError(.zipGap, "Bytes after the entry \(ZipName.shown(entry.name)) belong to no entry")
    }

    // Compares a local header with its central one and says where the content begins.
    private static func checkLocalHeader(
        of header: ZipCentralHeader,
        in file: RandomAccessFile,
        before limit: Int64
    ) throws -> Int64 {
        let name = ZipName.shown(header.name)
        let fixedEnd = header.headerOffset.addingReportingOverflow(Int64(ZipRecord.localSize))
        guard !fixedEnd.overflow, fixedEnd.partialValue <= limit,
            try ZipEnd.signature(in: file, at: header.headerOffset) == ZipRecord.localSignature
        else { throw ExchangeError(.zipBadOffset, "There is no local header of \(name) where there should be one") }
        var cursor = ZipCursor(
            try file.bytes(at: header.headerOffset, count: ZipRecord.localSize).dropFirst(4),
            code: .zipLocalMismatch
        )
        let local = try ZipCommonFields(&cursor)
        func require(_ agrees: Bool, _ what: String) throws {
            guard agrees else {
                throw ExchangeError(.zipLocalMismatch, "The local and the central header of \(name) differ in \(what)")
            }
        }
        try require(local.flags == header.fields.flags, "flags")
        try require(local.method == header.fields.method, "method")
        try require(local.crc == header.fields.crc, "CRC-32")
        let dataOffset = fixedEnd.partialValue + Int64(local.nameLength + local.extraLength)
        guard dataOffset <= limit else {
            throw ExchangeError(.zipOverlap, "The entry \(name) reaches into the central directory")
        }
        let variable = try file.bytes(at: fixedEnd.partialValue, count: local.nameLength + local.extraLength)
        try require(variable.prefix(local.nameLength) == header.rawName, "name")
        var extra = try Zip64Extra(variable.dropFirst(local.nameLength))
        try require(try extra.widen(local.narrowSize) == header.size, "size")
        try require(try extra.widen(local.narrowStoredSize) == header.size, "stored size")
        try extra.finish()
        return dataOffset
    }
}
