import ExchangeModel

/// The entries of an archive that another tool made: compressed or not, with data descriptors, extra fields and
/// directories as they are common, but still so that no two programs can see different content in it.
///
/// As in ``ZipDirectory``, every byte belongs to exactly one record, local and central headers agree, names are harmless
/// and distinct. What programs are known to read differently is refused.
struct ForeignArchive: Sendable {
    /// One file; sizes and offsets in bytes, offsets from the start of the archive.
    struct Entry: Sendable, Equatable {
        let name: String
        let size: Int64
        let storedSize: Int64
        let isDeflated: Bool
        let crc: UInt32
        let headerOffset: Int64
        let dataOffset: Int64
    }

    let file: RandomAccessFile
    let limits: ForeignLimits
    /// The files in the order of the archive; directories are left out.
    let entries: [Entry]
    /// The comment of the archive, which some makers use for the media type.
    let comment: String

    /// Reads end records, central directory, local headers and data descriptors, and holds all against each other.
    ///
    /// Throws one of the `zip.…` codes; the content of the entries is not read.
    init(of file: RandomAccessFile, limits: ForeignLimits) throws {
        let end = try ZipEnd(of: file, limits: limits.zip, allowsComment: true)
        comment = end.comment
        let headers = try Self.centralHeaders(in: file, end: end, limits: limits)
        let entries = try Self.tile(file, with: headers, upTo: end.directoryOffset)
        try Self.requireSane(entries, limits: limits)
        self.entries = entries.filter { !$0.name.hasSuffix("/") }
        self.file = file
        self.limits = limits
    }

    /// The entry of this exact name.
    func entry(named name: String) -> Entry? {
        entries.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    /// The names in the central directory as far as they can be made out, without any check; to tell whose rules an
    /// archive is to be read by.
    static func names(in file: RandomAccessFile) -> [String] {
        guard let end = try? ZipEnd(of: file, limits: ZipLimits(), allowsComment: true),
            let bytes = try? file.bytes(at: end.directoryOffset, count: Int(clamping: end.directorySize))
        else { return [] }
        var cursor = ZipCursor(bytes[...], code: .zipBadDirectory)
        var names: [String] = []
        while let header = try? ForeignHeader(&cursor) {
            names.append(String(decoding: header.rawName, as: UTF8.self))
        }
        return names
    }

    // MARK: Content

    /// Hands the content of an entry to `body`, piece by piece, and checks its size and CRC-32.
    ///
    /// The pieces are unchecked until this returns; it throws `zip.crc_mismatch` after the last one.
    func forEachChunk(of entry: Entry, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var crc = CRC32()
        var done: Int64 = 0
        func read(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
            let count = Int(clamping: min(Int64(buffer.count), entry.storedSize - done))
            guard count > 0 else { return 0 }
            try file.read(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(count)),
                at: entry.dataOffset + done
            )
            done += Int64(count)
            return count
        }
        func take(_ bytes: UnsafeRawBufferPointer) throws {
            crc.update(bytes)
            try body(bytes)
        }
        if entry.isDeflated {
            try Inflation.run(size: entry.size, source: read, sink: take)
        } else {
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
            defer { buffer.deallocate() }
            while case let count = try read(buffer), count > 0 {
                try take(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer).prefix(count)))
            }
        }
        guard crc.value == entry.crc else {
            throw ExchangeError(
                .zipCRCMismatch,
                "The content of \(ZipName.shown(entry.name)) does not match its CRC-32"
            )
        }
    }

    /// The content of a small entry.
    ///
    /// Throws `zip.entry_too_large`, and as `forEachChunk` does.
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

    // MARK: Records

    private static func centralHeaders(
        in file: RandomAccessFile,
        end: ZipEnd,
        limits: ForeignLimits
    ) throws -> [ForeignHeader] {
        let bytes = try file.bytes(at: end.directoryOffset, count: Int(clamping: end.directorySize))
        var cursor = ZipCursor(bytes[...], code: .zipBadDirectory)
        var names = ForeignNameSet()
        var headers: [ForeignHeader] = []
        while cursor.remaining > 0 {
            guard headers.count < end.entryCount else {
                throw ExchangeError(.zipBadCount, "The central directory has more entries than are declared")
            }
            var header = try ForeignHeader(&cursor)
            try header.check(limits: limits.zip)
            try names.insert(header.name)
            headers.append(header)
        }
        guard headers.count == end.entryCount else {
            throw ExchangeError(.zipBadCount, "The central directory has fewer entries than are declared")
        }
        guard !headers.isEmpty else { throw ExchangeError(.zipNoEntries, "The archive has no entries") }
        return headers
    }

    // Lays the entries end to end from the first byte to the central directory.
    private static func tile(
        _ file: RandomAccessFile,
        with headers: [ForeignHeader],
        upTo directoryOffset: Int64
    ) throws -> [Entry] {
        let headers = headers.sorted { $0.headerOffset < $1.headerOffset }
        guard headers.first?.headerOffset == 0 else {
            throw ExchangeError(.zipPrefixBytes, "Bytes stand before the first entry")
        }
        let starts = headers.dropFirst().map(\.headerOffset) + [directoryOffset]
        return try zip(headers, starts).map { header, next in
            guard header.headerOffset < next else {
                throw ExchangeError(.zipOverlap, "The entry \(ZipName.shown(header.name)) overlaps another")
            }
            return try ForeignLocalHeader(of: header, in: file, before: next).entry
        }
    }

    private static func requireSane(_ entries: [Entry], limits: ForeignLimits) throws {
        var total: Int64 = 0
        for entry in entries {
            guard !entry.name.hasSuffix("/") || entry.size == 0 else {
                throw ExchangeError(.zipDirectoryEntry, "The directory \(ZipName.shown(entry.name)) has content")
            }
            let (allowed, overflow) = entry.storedSize.multipliedReportingOverflow(by: limits.ratio)
            guard entry.size <= limits.freeBytes || overflow || entry.size <= allowed else {
                throw ExchangeError(
                    .zipRatio,
                    "The entry \(ZipName.shown(entry.name)) would become more than \(limits.ratio) times as large"
                )
            }
            let sum = total.addingReportingOverflow(entry.size)
            guard !sum.overflow, sum.partialValue <= limits.contentBytes else {
                throw ExchangeError(
                    .zipContentTooLarge,
                    "The entries have more than \(limits.contentBytes) bytes together"
                )
            }
            total = sum.partialValue
        }
    }
}

/// The names of a foreign archive so far: none twice, and no file where another name has a directory.
private struct ForeignNameSet {
    private var names = ZipNameSet()
    private var directories: Set<String> = []
    private var fileKeys: Set<String> = []

    mutating func insert(_ name: String) throws {
        let isDirectory = name.hasSuffix("/")
        try names.insert(isDirectory ? String(name.dropLast()) : name)
        var parts = Self.key(name).split(separator: "/").map(String.init)
        if !isDirectory {
            let key = parts.joined(separator: "/")
            guard !directories.contains(key) else { throw Self.clash(name) }
            fileKeys.insert(key)
            parts.removeLast()
        }
        var path = ""
        for part in parts {
            path += path.isEmpty ? part : "/" + part
            guard !fileKeys.contains(path) else { throw Self.clash(name) }
            directories.insert(path)
        }
    }

    private static func key(_ name: String) -> String { name.uppercased().lowercased() }

    private static func clash(_ name: String) -> ExchangeError {
        ExchangeError(.zipDuplicateName, "\(ZipName.shown(name)) is both a file and a directory")
    }
}
