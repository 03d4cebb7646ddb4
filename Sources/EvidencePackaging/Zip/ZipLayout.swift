import ExchangeModel

/// Where everything stands in an archive of our profile: a pure function of the names, sizes and CRCs.
///
/// The writer puts the bytes where the layout says, in any order; the reader computes the same bytes and compares.
struct ZipLayout: Sendable, Equatable {
    /// One entry and its place; offsets count from the start of the archive, in bytes.
    struct Entry: Sendable, Equatable {
        let name: String
        let size: Int64
        let headerOffset: Int64
        let dataOffset: Int64
        let dataEnd: Int64
    }

    /// The entries in their order.
    let entries: [Entry]
    /// Where the central directory begins, which is where the last entry ends.
    let directoryOffset: Int64
    /// Bytes of the central directory, without the end records.
    let directorySize: Int64
    /// Bytes of the whole archive.
    let totalSize: Int64

    /// Lays out entries in the given order; sizes are in bytes.
    ///
    /// Throws a `zip.name_…` code, `zip.duplicate_name`, `zip.mimetype_not_first`, `zip.bad_size`, or the code of the
    /// limit that is exceeded.
    init(_ contents: [(name: String, size: Int64)], limits: ZipLimits = ZipLimits()) throws {
        guard !contents.isEmpty else { throw ExchangeError(.zipNoEntries, "An archive needs at least one entry") }
        guard contents.count <= limits.maximumEntries else {
            throw ExchangeError(.zipTooManyEntries, "The archive has more than \(limits.maximumEntries) entries")
        }
        var names = ZipNameSet()
        var placed: [Entry] = []
        placed.reserveCapacity(contents.count)
        var position: Int64 = 0
        var directory: Int64 = 0
        for (index, content) in contents.enumerated() {
            try Self.check(name: content.name, size: content.size, isFirst: index == 0, limits: limits)
            try names.insert(content.name)
            let dataOffset = try Self.sum(position, Int64(ZipProfile.localHeaderSize(content.name)))
            let dataEnd = try Self.sum(dataOffset, content.size)
            placed.append(
                Entry(
                    name: content.name,
                    size: content.size,
                    headerOffset: position,
                    dataOffset: dataOffset,
                    dataEnd: dataEnd
                )
            )
            position = dataEnd
            directory = try Self.sum(directory, Int64(ZipProfile.centralHeaderSize(content.name)))
        }
        guard directory <= limits.maximumDirectoryBytes else {
            throw ExchangeError(.zipDirectoryTooLarge, "The central directory has \(directory) bytes")
        }
        let ends = ZipRecord.zip64EndSize + ZipRecord.zip64LocatorSize + ZipRecord.endSize
        entries = placed
        directoryOffset = position
        directorySize = directory
        totalSize = try Self.sum(try Self.sum(position, directory), Int64(ends))
        guard totalSize <= limits.maximumTotalBytes else {
            throw ExchangeError(.zipTooLarge, "The archive has \(totalSize) bytes")
        }
    }

    /// The local header of the entry at `index`, which is one of `entries.indices`.
    func localHeader(at index: Int, crc: UInt32) -> [UInt8] {
        ZipProfile.localHeader(name: entries[index].name, size: entries[index].size, crc: crc)
    }

    /// Everything behind the last entry: central directory, ZIP64 end record and locator, end record.
    ///
    /// `crcs` has the CRC-32 of each entry in order; throws `zip.bad_count` otherwise.
    func ending(crcs: [UInt32]) throws -> [UInt8] {
        guard crcs.count == entries.count else {
            throw ExchangeError(.zipBadCount, "There are \(crcs.count) checksums for \(entries.count) entries")
        }
        var bytes = ZipBytes(capacity: Int(clamping: totalSize - directoryOffset))
        for (entry, crc) in zip(entries, crcs) {
            ZipProfile.appendCentralHeader(
                name: entry.name,
                size: entry.size,
                crc: crc,
                offset: entry.headerOffset,
                to: &bytes
            )
        }
        ZipProfile.appendEnd(
            count: entries.count,
            directoryOffset: directoryOffset,
            directorySize: directorySize,
            to: &bytes
        )
        return bytes.bytes
    }

    /// Checks what one entry of the profile must fulfil by itself.
    static func check(name: String, size: Int64, isFirst: Bool, limits: ZipLimits) throws {
        try ZipName.requireProfile(name, limits: limits)
        guard size >= 0 else { throw ExchangeError(.zipBadSize, "The size of \(ZipName.shown(name)) is negative") }
        guard !ZipProfile.isZip64(name) else { return }
        guard isFirst else { throw ExchangeError(.zipMimetypeNotFirst, "The entry 'mimetype' is not the first one") }
        guard size < Int64(UInt32.max) else {
            throw ExchangeError(.zipBadSize, "The entry 'mimetype' does not fit 32-bit sizes")
        }
    }

    private static func sum(_ left: Int64, _ right: Int64) throws -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        guard !overflow else { throw ExchangeError(.zipBadSize, "The sizes of the entries add up to too much") }
        return sum
    }
}
