import ExchangeModel

/// The end of an archive: where the central directory stands (APPNOTE 6.3, 4.3.14 to 4.3.16).
///
/// One end record, at the very end of the file and without comment, so that every program finds the same one. Foreign
/// archives may have a comment of printable ASCII, in which nothing can be taken for a record.
struct ZipEnd {
    let entryCount: Int
    let directoryOffset: Int64
    let directorySize: Int64
    let comment: String

    /// Finds and checks the end records.
    init(of file: RandomAccessFile, limits: ZipLimits, allowsComment: Bool = false) throws {
        guard file.size <= limits.maximumTotalBytes else {
            throw ExchangeError(.zipTooLarge, "The archive has \(file.size) bytes")
        }
        let candidates = try Self.endOffsets(in: file, allowsComment: allowsComment)
        let endOffset = candidates.last ?? file.size - Int64(ZipRecord.endSize)
        comment = try Self.comment(in: file, after: endOffset)
        let narrow = try NarrowEnd(file, at: endOffset)
        let locatorOffset = endOffset - Int64(ZipRecord.zip64LocatorSize)
        let wide: WideEnd?
        if try Self.signature(in: file, at: locatorOffset) == ZipRecord.zip64LocatorSignature {
            wide = try WideEnd(file, locatorOffset: locatorOffset)
        } else {
            wide = nil
        }
        try narrow.requireAgreement(with: wide)
        let count = wide?.count ?? UInt64(narrow.count)
        guard count <= UInt64(clamping: limits.maximumEntries) else {
            throw ExchangeError(.zipTooManyEntries, "The archive has \(count) entries")
        }
        let size = wide?.directorySize ?? Int64(narrow.directorySize)
        let offset = wide?.directoryOffset ?? Int64(narrow.directoryOffset)
        let (directoryEnd, overflow) = offset.addingReportingOverflow(size)
        guard !overflow else {
            throw ExchangeError(.zipBadSize, "The central directory lies outside the file")
        }
        let boundary = wide?.recordOffset ?? endOffset
        guard directoryEnd == boundary else {
            if candidates.contains(where: { $0 >= directoryEnd && $0 < boundary }) { throw Self.severalEnds() }
            throw try Self.misplaced(file, offset: offset, size: size, boundary: boundary)
        }
        guard size <= limits.maximumDirectoryBytes else {
            throw ExchangeError(.zipDirectoryTooLarge, "The central directory has \(size) bytes")
        }
        entryCount = Int(clamping: count)
        directoryOffset = offset
        directorySize = size
    }

    // Offsets in the last 64 KiB that hold the signature of an end record. Content may do so by chance; it matters only
    // where another program could take the record for the end of the archive.
    private static func endOffsets(in file: RandomAccessFile, allowsComment: Bool) throws -> [Int64] {
        let window = Int(clamping: min(file.size, Int64(ZipRecord.endSize) + 65_535))
        let start = file.size - Int64(window)
        let bytes = try file.bytes(at: start, count: window)
        let mark: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
        var offsets: [Int64] = []
        // How far the comment of each candidate would reach beyond the end of the file.
        var excess: [Int64] = []
        for index in bytes.indices where bytes[index] == mark[0] && bytes[index...].starts(with: mark) {
            var cursor = ZipCursor(bytes[index...], code: .zipTruncated)
            guard cursor.remaining >= ZipRecord.endSize else { continue }
            _ = try cursor.take(ZipRecord.endSize - 2)
            let comment: UInt16 = try cursor.next()
            offsets.append(start + Int64(index))
            excess.append(Int64(comment) - Int64(cursor.remaining))
        }
        guard let last = offsets.last, let lastExcess = excess.last else {
            let startsLikeZip = try signature(in: file, at: 0) == ZipRecord.localSignature
            throw startsLikeZip
                ? ExchangeError(.zipTruncated, "The archive has no end record")
                : ExchangeError(.zipNotZip, "The file is not a ZIP archive")
        }
        // A comment that reaches exactly to the end of the file makes a candidate as good as the last one.
        guard !excess.dropLast().contains(0) else { throw severalEnds() }
        guard lastExcess <= 0 else { throw ExchangeError(.zipTruncated, "The end record is cut off") }
        guard lastExcess == 0 else { throw ExchangeError(.zipTrailingBytes, "Bytes follow the end of the archive") }
        guard allowsComment || last == file.size - Int64(ZipRecord.endSize) else {
            throw ExchangeError(.zipComment, "The archive has a comment")
        }
        return offsets
    }

    private static func comment(in file: RandomAccessFile, after endOffset: Int64) throws -> String {
        let start = endOffset + Int64(ZipRecord.endSize)
        let bytes = try file.bytes(at: start, count: Int(clamping: file.size - start))
        guard bytes.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw ExchangeError(.zipComment, "The comment of the archive is not printable ASCII")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func severalEnds() -> ExchangeError {
        ExchangeError(.zipSeveralEnds, "The archive has more than one end record")
    }

    // Why the central directory does not end where the end records begin.
    private static func misplaced(
        _ file: RandomAccessFile,
        offset: Int64,
        size: Int64,
        boundary: Int64
    ) throws -> ExchangeError {
        if try isShifted(file, by: boundary - offset - size) {
            return ExchangeError(.zipPrefixBytes, "Bytes stand before the first entry")
        }
        return try signature(in: file, at: offset) == ZipRecord.centralSignature
            ? ExchangeError(.zipBadSize, "The central directory does not end where the end records begin")
            : ExchangeError(.zipBadOffset, "The end record does not point to the central directory")
    }

    // Whether all offsets seem to count from the `distance`-th byte of the file.
    fileprivate static func isShifted(_ file: RandomAccessFile, by distance: Int64) throws -> Bool {
        guard distance > 0 else { return false }
        return try signature(in: file, at: distance) == ZipRecord.localSignature
    }

    /// The signature at an offset; nil outside the file.
    static func signature(in file: RandomAccessFile, at offset: Int64) throws -> UInt32? {
        guard offset >= 0, offset < file.size, file.size - offset >= 4 else { return nil }
        var cursor = ZipCursor(try file.bytes(at: offset, count: 4)[...], code: .zipTruncated)
        return try cursor.next()
    }
}

/// The end of central directory record.
private struct NarrowEnd {
    let count: UInt16
    let directorySize: UInt32
    let directoryOffset: UInt32

    init(_ file: RandomAccessFile, at offset: Int64) throws {
        var cursor = ZipCursor(try file.bytes(at: offset, count: ZipRecord.endSize)[...], code: .zipTruncated)
        _ = try cursor.next(UInt32.self)  // Signature: the search has seen it.
        let disks = [try cursor.next(UInt16.self), try cursor.next(UInt16.self)]
        guard disks == [0, 0] else { throw ExchangeError(.zipMultiDisk, "The archive is split over several disks") }
        let countHere: UInt16 = try cursor.next()
        count = try cursor.next()
        directorySize = try cursor.next()
        directoryOffset = try cursor.next()
        guard countHere == count else {
            throw ExchangeError(.zipBadCount, "The end record has two different counts of entries")
        }
    }

    // A field is either the real value or all ones, and then the ZIP64 record has it.
    func requireAgreement(with wide: WideEnd?) throws {
        let agrees: Bool
        if let wide {
            agrees =
                (count == .max || UInt64(count) == wide.count)
                && (directorySize == .max || Int64(directorySize) == wide.directorySize)
                && (directoryOffset == .max || Int64(directoryOffset) == wide.directoryOffset)
        } else {
            agrees = count != .max && directorySize != .max && directoryOffset != .max
        }
        guard agrees else {
            throw ExchangeError(.zip64Mismatch, "The end record and the ZIP64 end record contradict each other")
        }
    }
}

/// The ZIP64 end of central directory record and its locator, which stand side by side.
private struct WideEnd {
    let count: UInt64
    let directorySize: Int64
    let directoryOffset: Int64
    let recordOffset: Int64

    init(_ file: RandomAccessFile, locatorOffset: Int64) throws {
        let recordOffset = locatorOffset - Int64(ZipRecord.zip64EndSize)
        guard recordOffset >= 0 else { throw Self.mismatch("The ZIP64 end record is missing") }
        let bytes = try file.bytes(at: recordOffset, count: ZipRecord.zip64EndSize + ZipRecord.zip64LocatorSize)
        var cursor = ZipCursor(bytes[...], code: .zip64Mismatch)
        guard try cursor.next(UInt32.self) == ZipRecord.zip64EndSignature,
            try cursor.next(UInt64.self) == UInt64(ZipRecord.zip64EndSize - 12)
        else { throw Self.mismatch("The ZIP64 end record does not stand before its locator") }
        _ = try cursor.next(UInt32.self)  // Versions.
        let disks = [try cursor.next(UInt32.self), try cursor.next(UInt32.self)]
        let countHere: UInt64 = try cursor.next()
        count = try cursor.next()
        let size = Int64(exactly: try cursor.next(UInt64.self))
        let offset = Int64(exactly: try cursor.next(UInt64.self))
        _ = try cursor.next(UInt32.self)  // Signature of the locator: the caller has seen it.
        let locatorDisk: UInt32 = try cursor.next()
        let declaredOffset: UInt64 = try cursor.next()
        let diskCount: UInt32 = try cursor.next()

        guard disks == [0, 0], locatorDisk == 0, diskCount == 1 else {
            throw ExchangeError(.zipMultiDisk, "The archive is split over several disks")
        }
        guard countHere == count else {
            throw ExchangeError(.zipBadCount, "The ZIP64 end record has two different counts of entries")
        }
        guard let size, let offset else { throw ExchangeError(.zipBadSize, "The central directory is too large") }
        guard let declared = Int64(exactly: declaredOffset), declared == recordOffset else {
            let distance = recordOffset - (Int64(exactly: declaredOffset) ?? recordOffset)
            throw try ZipEnd.isShifted(file, by: distance)
                ? ExchangeError(.zipPrefixBytes, "Bytes stand before the first entry")
                : Self.mismatch("The ZIP64 locator does not point to the ZIP64 end record")
        }
        directorySize = size
        directoryOffset = offset
        self.recordOffset = recordOffset
    }

    private static func mismatch(_ reason: String) -> ExchangeError { ExchangeError(.zip64Mismatch, reason) }
}
