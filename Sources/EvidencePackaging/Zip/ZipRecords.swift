/// The signatures and sizes of the records of a ZIP archive (APPNOTE 6.3, 4.3).
enum ZipRecord {
    static let localSignature: UInt32 = 0x0403_4B50
    static let centralSignature: UInt32 = 0x0201_4B50
    static let zip64EndSignature: UInt32 = 0x0606_4B50
    static let zip64LocatorSignature: UInt32 = 0x0706_4B50
    static let endSignature: UInt32 = 0x0605_4B50

    static let localSize = 30
    static let centralSize = 46
    static let zip64EndSize = 56
    static let zip64LocatorSize = 20
    static let endSize = 22

    static let zip64ExtraID: UInt16 = 0x0001
    static let localExtraSize = 20
    static let centralExtraSize = 28
}

/// The records of our own profile: stored entries, ZIP64 throughout, one fixed date, no extra field on `mimetype`.
enum ZipProfile {
    private static let date: UInt16 = 0x0021  // 1980-01-01, the first day that DOS dates can express.
    private static let madeBy: UInt16 = 0x032D  // Unix, version 4.5.
    private static let regularFile: UInt32 = 0o100644 << 16

    /// Whether the entry's header has 64-bit sizes; all but `mimetype` have (EN 319 162-1, A.1: no extra field there).
    static func isZip64(_ name: String) -> Bool { name != ZipName.mimetype }

    /// Bytes of the local header of an entry.
    static func localHeaderSize(_ name: String) -> Int {
        ZipRecord.localSize + name.utf8.count + (isZip64(name) ? ZipRecord.localExtraSize : 0)
    }

    /// Bytes of the central header of an entry.
    static func centralHeaderSize(_ name: String) -> Int {
        ZipRecord.centralSize + name.utf8.count + (isZip64(name) ? ZipRecord.centralExtraSize : 0)
    }

    /// The local header of an entry; name and sizes are checked by the caller.
    static func localHeader(name: String, size: Int64, crc: UInt32) -> [UInt8] {
        let wide = isZip64(name)
        var header = ZipBytes(capacity: localHeaderSize(name))
        header.append(ZipRecord.localSignature)
        header.appendCommonFields(wide: wide, crc: crc, size: size)
        header.append(UInt16(truncatingIfNeeded: name.utf8.count))
        header.append(UInt16(truncatingIfNeeded: wide ? ZipRecord.localExtraSize : 0))
        header.append(contentsOf: name.utf8)
        if wide {
            header.append(ZipRecord.zip64ExtraID)
            header.append(UInt16(16))
            header.append(size)
            header.append(size)
        }
        return header.bytes
    }

    /// The CRC-32 that a local header holds; `nil` when there are too few bytes for one.
    static func crc(inLocalHeader header: [UInt8]) -> UInt32? {
        guard header.count >= ZipRecord.localSize else { return nil }
        return header[14..<18].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Appends the central header of an entry.
    static func appendCentralHeader(name: String, size: Int64, crc: UInt32, offset: Int64, to bytes: inout ZipBytes) {
        let wide = isZip64(name)
        bytes.append(ZipRecord.centralSignature)
        bytes.append(madeBy)
        bytes.appendCommonFields(wide: wide, crc: crc, size: size)
        bytes.append(UInt16(truncatingIfNeeded: name.utf8.count))
        bytes.append(UInt16(truncatingIfNeeded: wide ? ZipRecord.centralExtraSize : 0))
        bytes.append(UInt16(0))  // Comment length.
        bytes.append(UInt16(0))  // Disk.
        bytes.append(UInt16(0))  // Internal attributes.
        bytes.append(regularFile)
        bytes.append(wide ? UInt32.max : UInt32(truncatingIfNeeded: offset))
        bytes.append(contentsOf: name.utf8)
        if wide {
            bytes.append(ZipRecord.zip64ExtraID)
            bytes.append(UInt16(24))
            bytes.append(size)
            bytes.append(size)
            bytes.append(offset)
        }
    }

    /// Appends the ZIP64 end record, its locator and the end record.
    static func appendEnd(count: Int, directoryOffset: Int64, directorySize: Int64, to bytes: inout ZipBytes) {
        bytes.append(ZipRecord.zip64EndSignature)
        bytes.append(Int64(ZipRecord.zip64EndSize - 12))  // Without signature and this field.
        bytes.append(madeBy)
        bytes.append(UInt16(45))
        bytes.append(UInt32(0))  // This disk.
        bytes.append(UInt32(0))  // Disk of the directory.
        bytes.append(Int64(count))
        bytes.append(Int64(count))
        bytes.append(directorySize)
        bytes.append(directoryOffset)

        bytes.append(ZipRecord.zip64LocatorSignature)
        bytes.append(UInt32(0))
        bytes.append(directoryOffset + directorySize)
        bytes.append(UInt32(1))  // Disks.

        bytes.append(ZipRecord.endSignature)
        bytes.append(UInt16(0))
        bytes.append(UInt16(0))
        bytes.append(UInt16.max)
        bytes.append(UInt16.max)
        bytes.append(UInt32.max)
        bytes.append(UInt32.max)
        bytes.append(UInt16(0))  // Comment length.
    }

    fileprivate static func appendCommonFields(wide: Bool, crc: UInt32, size: Int64, to bytes: inout ZipBytes) {
        let narrowSize = wide ? UInt32.max : UInt32(truncatingIfNeeded: size)
        bytes.append(UInt16(wide ? 45 : 10))  // Version needed.
        bytes.append(UInt16(0))  // Flags.
        bytes.append(UInt16(0))  // Method: stored.
        bytes.append(UInt16(0))  // Time.
        bytes.append(date)
        bytes.append(crc)
        bytes.append(narrowSize)
        bytes.append(narrowSize)
    }
}

/// Bytes that grow by little-endian numbers.
struct ZipBytes: Sendable {
    private(set) var bytes: [UInt8] = []

    /// Starts empty, with room for `capacity` bytes.
    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// Appends a number, least significant byte first.
    mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends bytes as they are.
    mutating func append(contentsOf more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    fileprivate mutating func appendCommonFields(wide: Bool, crc: UInt32, size: Int64) {
        ZipProfile.appendCommonFields(wide: wide, crc: crc, size: size, to: &self)
    }
}
