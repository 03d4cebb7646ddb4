import ExchangeModel

/// Reads little-endian numbers from bytes of unknown origin, never beyond their end.
struct ZipCursor {
    private var rest: ArraySlice<UInt8>
    private let code: ErrorCode

    /// Reads from the start of `bytes`; a read beyond the end throws `code`.
    init(_ bytes: ArraySlice<UInt8>, code: ErrorCode) {
        rest = bytes
        self.code = code
    }

    var remaining: Int { rest.count }

    /// The number at the cursor.
    mutating func next<Number: FixedWidthInteger & UnsignedInteger>(_: Number.Type = Number.self) throws -> Number {
        var number: Number = 0
        for (index, byte) in try take(Number.bitWidth / 8).enumerated() {
            number |= Number(byte) << Number(8 * index)
        }
        return number
    }

    /// The next `count` bytes.
    mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count >= 0, count <= rest.count else {
            throw ExchangeError(code, "A record of the archive ends too early")
        }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}

/// The fields that local and central header have in common (APPNOTE 6.3, 4.3.7 and 4.3.12).
struct ZipCommonFields {
    let flags: UInt16
    let method: UInt16
    let crc: UInt32
    let narrowStoredSize: UInt32
    let narrowSize: UInt32
    let nameLength: Int
    let extraLength: Int

    /// Reads from "version needed" to "extra field length".
    init(_ cursor: inout ZipCursor) throws {
        _ = try cursor.next(UInt16.self)  // Version needed: the flags and methods taken here need none above 4.5.
        flags = try cursor.next()
        method = try cursor.next()
        _ = try cursor.next(UInt32.self)  // Time and date.
        crc = try cursor.next()
        narrowStoredSize = try cursor.next()
        narrowSize = try cursor.next()
        nameLength = Int(try cursor.next(UInt16.self))
        extraLength = Int(try cursor.next(UInt16.self))
    }

    var declaresUTF8: Bool { flags & 0x0800 != 0 }

    /// Refuses whatever needs more than copying bytes.
    ///
    /// Throws `zip.encrypted`, `zip.data_descriptor`, `zip.flags` or `zip.method`.
    func requirePlain() throws {
        guard flags & 0x2041 == 0 else { throw ExchangeError(.zipEncrypted, "An entry is encrypted") }
        guard flags & 0x0008 == 0 else { throw ExchangeError(.zipDataDescriptor, "An entry has a data descriptor") }
        guard flags & ~0x0800 == 0 else { throw ExchangeError(.zipFlags, "An entry has the flags \(flags)") }
        guard method == 0 else {
            throw ExchangeError(.zipMethod, "An entry has compression method \(method), not 0 (stored)")
        }
    }
}

/// The ZIP64 extra field, the only one that is taken (APPNOTE 6.3, 4.5.3).
struct Zip64Extra {
    private var values: ZipCursor?

    /// Reads an extra area; throws `zip.extra_field` for any other field, `zip.zip64_mismatch` for a second ZIP64 one.
    init(_ area: ArraySlice<UInt8>) throws {
        var cursor = ZipCursor(area, code: .zipExtraField)
        while cursor.remaining > 0 {
            let id: UInt16 = try cursor.next()
            let content = try cursor.take(Int(try cursor.next(UInt16.self)))
            guard id == ZipRecord.zip64ExtraID else {
                throw ExchangeError(.zipExtraField, "An entry has the extra field \(id)")
            }
            guard values == nil else { throw Self.mismatch() }
            values = ZipCursor(content, code: .zip64Mismatch)
        }
    }

    /// The 32-bit value, or the next 64-bit one where it says so.
    mutating func widen(_ narrow: UInt32) throws -> Int64 {
        guard narrow == .max else { return Int64(narrow) }
        guard var cursor = values, let wide = Int64(exactly: try cursor.next(UInt64.self)) else {
            throw Self.mismatch()
        }
        values = cursor
        return wide
    }

    /// Throws `zip.zip64_mismatch` if 64-bit values were left unread.
    func finish() throws {
        guard values?.remaining ?? 0 == 0 else { throw Self.mismatch() }
    }

    private static func mismatch() -> ExchangeError {
        ExchangeError(.zip64Mismatch, "The ZIP64 field of an entry does not fit its 32-bit fields")
    }
}

/// A central header, checked by itself.
struct ZipCentralHeader {
    let rawName: ArraySlice<UInt8>
    let name: String
    let fields: ZipCommonFields
    let size: Int64
    let headerOffset: Int64

    /// Reads the next central header.
    init(_ cursor: inout ZipCursor, limits: ZipLimits) throws {
        guard try cursor.next(UInt32.self) == ZipRecord.centralSignature else {
            throw ExchangeError(.zipBadDirectory, "The central directory has a record that is no file header")
        }
        _ = try cursor.next(UInt16.self)  // Version made by.
        fields = try ZipCommonFields(&cursor)
        let commentLength: UInt16 = try cursor.next()
        let disk: UInt16 = try cursor.next()
        _ = try cursor.next(UInt16.self)  // Internal attributes.
        let attributes: UInt32 = try cursor.next()
        let narrowOffset: UInt32 = try cursor.next()
        rawName = try cursor.take(fields.nameLength)
        let extraArea = try cursor.take(fields.extraLength)

        guard commentLength == 0 else { throw ExchangeError(.zipComment, "An entry has a comment") }
        guard disk == 0 else { throw ExchangeError(.zipMultiDisk, "An entry stands on another disk") }
        name = try ZipName.decode(rawName, declaredUTF8: fields.declaresUTF8, limits: limits)
        try fields.requirePlain()
        try Self.requireKind(attributes: attributes, name: name, isDirectory: false)

        var extra = try Zip64Extra(extraArea)
        size = try extra.widen(fields.narrowSize)
        let storedSize = try extra.widen(fields.narrowStoredSize)
        headerOffset = try extra.widen(narrowOffset)
        try extra.finish()
        guard storedSize == size else {
            throw ExchangeError(.zipBadSize, "The entry \(ZipName.shown(name)) is stored, but its two sizes differ")
        }
    }

    // The upper half is a Unix file mode for some makers of archives, the lower byte DOS attributes. Programs differ in
    // when they heed which, so both are checked always.
    static func requireKind(attributes: UInt32, name: String, isDirectory: Bool) throws {
        switch (attributes >> 16) & 0o170000 {
        case 0: break
        case 0o100000 where !isDirectory: break
        case 0o040000 where isDirectory: break
        case 0o120000: throw ExchangeError(.zipSymlink, "The entry \(ZipName.shown(name)) is a symbolic link")
        case 0o040000: throw ExchangeError(.zipDirectoryEntry, "The entry \(ZipName.shown(name)) is a directory")
        default: throw ExchangeError(.zipSpecialFile, "The entry \(ZipName.shown(name)) is no regular file")
        }
        guard isDirectory || attributes & 0x10 == 0 else {
            throw ExchangeError(.zipDirectoryEntry, "The entry \(ZipName.shown(name)) is a directory")
        }
        guard attributes & 0x08 == 0 else {
            throw ExchangeError(.zipSpecialFile, "The entry \(ZipName.shown(name)) is a volume label")
        }
    }
}
