import ExchangeModel

/// A central header (APPNOTE 6.3, 4.3.12) of an archive that another tool made.
struct ForeignHeader {
    let fields: ZipCommonFields
    let rawName: ArraySlice<UInt8>
    private let extraArea: ArraySlice<UInt8>
    private let commentLength: Int
    private let disk: UInt16
    private let attributes: UInt32
    private let narrowOffset: UInt32

    // What `check` finds.
    private(set) var name = ""
    private(set) var size: Int64 = 0
    private(set) var storedSize: Int64 = 0
    private(set) var headerOffset: Int64 = 0

    /// Reads the next header, without judging it.
    init(_ cursor: inout ZipCursor) throws {
        guard try cursor.next(UInt32.self) == ZipRecord.centralSignature else {
            throw ExchangeError(.zipBadDirectory, "The central directory has a record that is no file header")
        }
        _ = try cursor.next(UInt16.self)  // Version made by.
        fields = try ZipCommonFields(&cursor)
        commentLength = Int(try cursor.next(UInt16.self))
        disk = try cursor.next()
        _ = try cursor.next(UInt16.self)  // Internal attributes.
        attributes = try cursor.next()
        narrowOffset = try cursor.next()
        rawName = try cursor.take(fields.nameLength)
        extraArea = try cursor.take(fields.extraLength)
        _ = try cursor.take(commentLength)
    }

    var isDirectory: Bool { rawName.last == UInt8(ascii: "/") }
    var hasDescriptor: Bool { fields.flags & 0x0008 != 0 }
    var isDeflated: Bool { fields.method == 8 }

    /// Refuses what programs read differently or what is no plain file or directory.
    mutating func check(limits: ZipLimits) throws {
        guard commentLength == 0 else { throw ExchangeError(.zipComment, "An entry has a comment") }
        guard disk == 0 else { throw ExchangeError(.zipMultiDisk, "An entry stands on another disk") }
        let plain = try ZipName.decode(
            isDirectory ? rawName.dropLast() : rawName,
            declaredUTF8: fields.declaresUTF8,
            limits: limits
        )
        name = isDirectory ? plain + "/" : plain
        guard fields.flags & 0x2041 == 0 else { throw ExchangeError(.zipEncrypted, "An entry is encrypted") }
        // UTF-8, data descriptor, and two bits that say how hard the compressor tried.
        guard fields.flags & ~0x080E == 0 else {
            throw ExchangeError(.zipFlags, "An entry has the flags \(fields.flags)")
        }
        guard fields.method == 0 || fields.method == 8 else {
            throw ExchangeError(.zipMethod, "An entry has compression method \(fields.method), not 0 or 8")
        }
        // Whoever reads from the front cannot tell where a stored entry with a descriptor ends.
        guard fields.method == 8 || !hasDescriptor else {
            throw ExchangeError(.zipDataDescriptor, "A stored entry has a data descriptor")
        }
        try ZipCentralHeader.requireKind(attributes: attributes, name: name, isDirectory: isDirectory)
        var extra = try ForeignExtra(extraArea, name: rawName).zip64
        size = try extra.widen(fields.narrowSize)
        storedSize = try extra.widen(fields.narrowStoredSize)
        headerOffset = try extra.widen(narrowOffset)
        try extra.finish()
        guard isDeflated || storedSize == size else {
            throw ExchangeError(.zipBadSize, "The entry \(ZipName.shown(name)) is stored, but its two sizes differ")
        }
    }
}

/// An extra area of which only the ZIP64 field means something here (APPNOTE 6.3, 4.5).
struct ForeignExtra {
    /// The ZIP64 field alone.
    let zip64: Zip64Extra
    let hasZip64: Bool

    private static let unicodePath: UInt16 = 0x7075
    /// Times, owners, paddings and marks of makers, which say nothing of name and content.
    private static let harmless: Set<UInt16> = [0x000A, 0x5455, 0x5855, 0x7855, 0x7875, 0xA220, 0xCAFE]

    /// Throws `zip.extra_field` for a field that may change what an entry is.
    init(_ area: ArraySlice<UInt8>, name: ArraySlice<UInt8>) throws {
        var cursor = ZipCursor(area, code: .zipExtraField)
        var kept = ZipBytes(capacity: area.count)
        while cursor.remaining > 0 {
            let id: UInt16 = try cursor.next()
            let content = try cursor.take(Int(try cursor.next(UInt16.self)))
            switch id {
            case ZipRecord.zip64ExtraID:
                kept.append(id)
                kept.append(UInt16(truncatingIfNeeded: content.count))
                kept.append(contentsOf: content)
            case Self.unicodePath:
                // Version, CRC-32 of the plain name, the name that counts: it must be the same name.
                guard content.first == 1, content.dropFirst(5).elementsEqual(name) else {
                    throw ExchangeError(.zipExtraField, "An entry has a second name in an extra field")
                }
            case let other where Self.harmless.contains(other): break
            default: throw ExchangeError(.zipExtraField, "An entry has the extra field \(id)")
            }
        }
        hasZip64 = !kept.bytes.isEmpty
        zip64 = try Zip64Extra(kept.bytes[...])
    }
}

/// A local header with what stands between it and the next, held against the central header.
struct ForeignLocalHeader {
    let entry: ForeignArchive.Entry

    init(of header: ForeignHeader, in file: RandomAccessFile, before next: Int64) throws {
        let name = ZipName.shown(header.name)
        let fixedEnd = header.headerOffset.addingReportingOverflow(Int64(ZipRecord.localSize))
        guard !fixedEnd.overflow, fixedEnd.partialValue <= next,
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
        let dataOffset = fixedEnd.partialValue + Int64(local.nameLength + local.extraLength)
        guard dataOffset <= next else { throw Self.overlap(name) }
        let variable = try file.bytes(at: fixedEnd.partialValue, count: local.nameLength + local.extraLength)
        try require(variable.prefix(local.nameLength) == header.rawName, "name")
        let extra = try ForeignExtra(variable.dropFirst(local.nameLength), name: header.rawName)
        var wide = extra.zip64
        let size = try wide.widen(local.narrowSize)
        let storedSize = try wide.widen(local.narrowStoredSize)
        try wide.finish()
        // With a descriptor the local header may leave them empty.
        let isOpen = header.hasDescriptor && local.crc == 0 && size == 0 && storedSize == 0
        try require(isOpen || local.crc == header.fields.crc, "CRC-32")
        try require(isOpen || size == header.size, "size")
        try require(isOpen || storedSize == header.storedSize, "stored size")
        let (dataEnd, overflow) = dataOffset.addingReportingOverflow(header.storedSize)
        guard !overflow, dataEnd <= next else { throw Self.overlap(name) }
        if header.hasDescriptor {
            let isWide = extra.hasZip64 || max(header.size, header.storedSize) >= 0xFFFF_FFFF
            try Self.checkDescriptor(of: header, isWide: isWide, in: file, from: dataEnd, to: next)
        } else if dataEnd != next {
            throw ExchangeError(.zipGap, "Bytes after the entry \(name) belong to no entry")
        }
        entry = ForeignArchive.Entry(
            name: header.name,
            size: header.size,
            storedSize: header.storedSize,
            isDeflated: header.isDeflated,
            crc: header.fields.crc,
            headerOffset: header.headerOffset,
            dataOffset: dataOffset
        )
    }

    private static func overlap(_ name: String) -> ExchangeError {
        ExchangeError(.zipOverlap, "The entry \(name) overlaps what follows it")
    }

    /// APPNOTE 6.3, 4.3.9: with or without its signature, sizes of 32 or 64 bits.
    private static func checkDescriptor(
        of header: ForeignHeader,
        isWide: Bool,
        in file: RandomAccessFile,
        from start: Int64,
        to end: Int64
    ) throws {
        let name = ZipName.shown(header.name)
        let plain: Int64 = isWide ? 20 : 12
        guard end - start == plain || end - start == plain + 4 else {
            throw ExchangeError(.zipDataDescriptor, "The data descriptor of \(name) has a wrong size")
        }
        var cursor = ZipCursor(
            try file.bytes(at: start, count: Int(clamping: end - start))[...],
            code: .zipDataDescriptor
        )
        if end - start > plain {
            guard try cursor.next(UInt32.self) == 0x0807_4B50 else {
                throw ExchangeError(.zipDataDescriptor, "The data descriptor of \(name) has a wrong signature")
            }
        }
        let crc: UInt32 = try cursor.next()
        let storedSize = isWide ? try cursor.next(UInt64.self) : UInt64(try cursor.next(UInt32.self))
        let size = isWide ? try cursor.next(UInt64.self) : UInt64(try cursor.next(UInt32.self))
        guard crc == header.fields.crc, storedSize == UInt64(clamping: header.storedSize),
            size == UInt64(clamping: header.size)
        else {
            throw ExchangeError(.zipLocalMismatch, "The data descriptor of \(name) contradicts the central header")
        }
    }
}
