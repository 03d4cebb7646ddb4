@testable import EvidencePackaging

/// Writes archives in which every field may lie; 32-bit records as other programs write them, unless told otherwise.
struct ZipTestBuilder {
    /// Local or central header of one entry.
    struct Header {
        var flags: UInt16 = 0
        var method: UInt16 = 0
        var crc: UInt32
        var storedSize: UInt32
        var size: UInt32
        var name: [UInt8]
        var extra: [UInt8] = []
        /// Declares another length of the extra field.
        var extraLength: UInt16?

        func append(to bytes: inout ZipBytes) {
            bytes.append(UInt16(20))
            bytes.append(flags)
            bytes.append(method)
            bytes.append(UInt16(0x6000))
            bytes.append(UInt16(0x5A21))
            bytes.append(crc)
            bytes.append(storedSize)
            bytes.append(size)
            bytes.append(UInt16(name.count))
            bytes.append(extraLength ?? UInt16(extra.count))
        }
    }

    struct Entry {
        var local: Header
        var central: Header
        var content: [UInt8]
        var before: [UInt8] = []
        var after: [UInt8] = []
        var attributes: UInt32 = 0o100644 << 16
        var disk: UInt16 = 0
        var comment: [UInt8] = []
        /// Moves the offset that the central header declares.
        var shift = 0
        /// Declares the offset of this other entry.
        var offsetOf: Int?
        var isInDirectory = true
        var isInFile = true
        var offset: UInt32?

        init(_ name: String, _ text: String) {
            content = Array(text.utf8)
            let crc = CRC32.checksum(of: content)
            let size = UInt32(content.count)
            local = Header(crc: crc, storedSize: size, size: size, name: Array(name.utf8))
            central = local
        }

        /// Sets the name in both headers, without any check.
        mutating func rename(_ bytes: [UInt8], flags: UInt16 = 0) {
            local.name = bytes
            central.name = bytes
            local.flags = flags
            central.flags = flags
        }

        /// Changes both headers alike.
        mutating func both(_ change: (inout Header) -> Void) {
            change(&local)
            change(&central)
        }
    }

    struct End {
        var disk: UInt16 = 0
        var directoryDisk: UInt16 = 0
        var countHere: UInt16
        var count: UInt16
        var size: UInt32
        var offset: UInt32
        var comment: [UInt8] = []
        /// Declares another length of the comment.
        var commentLength: UInt16?

        var bytes: [UInt8] {
            var end = ZipBytes(capacity: 22)
            end.append(ZipRecord.endSignature)
            end.append(disk)
            end.append(directoryDisk)
            end.append(countHere)
            end.append(count)
            end.append(size)
            end.append(offset)
            end.append(commentLength ?? UInt16(comment.count))
            end.append(contentsOf: comment)
            return end.bytes
        }
    }

    struct WideEnd {
        var recordSize: UInt64 = 44
        var disk: UInt32 = 0
        var countHere: UInt64
        var count: UInt64
        var size: UInt64
        var offset: UInt64
        var locatorDisk: UInt32 = 0
        var recordOffset: UInt64
        var disks: UInt32 = 1

        var bytes: [UInt8] {
            var end = ZipBytes(capacity: 76)
            end.append(ZipRecord.zip64EndSignature)
            end.append(recordSize)
            end.append(UInt16(45))
            end.append(UInt16(45))
            end.append(disk)
            end.append(UInt32(0))
            end.append(countHere)
            end.append(count)
            end.append(size)
            end.append(offset)
            end.append(ZipRecord.zip64LocatorSignature)
            end.append(locatorDisk)
            end.append(recordOffset)
            end.append(disks)
            return end.bytes
        }
    }

    var entries = [Entry("mimetype", "application/vnd.etsi.asic-e+zip"), Entry("a/one", "first"), Entry("b", "second")]
    var prefix: [UInt8] = []
    var beforeEnd: [UInt8] = []
    var suffix: [UInt8] = []
    var isZip64 = false
    var adjustEnd: (inout End) -> Void = { _ in }
    var adjustWideEnd: (inout WideEnd) -> Void = { _ in }

    /// The archive; offsets count from behind `prefix`, as a program has it that puts something before.
    func bytes() -> [UInt8] {
        var archive = ZipBytes(capacity: 1024)
        var offsets: [Int] = []
        for entry in entries {
            archive.append(contentsOf: entry.before)
            offsets.append(archive.bytes.count)
            guard entry.isInFile else { continue }
            archive.append(ZipRecord.localSignature)
            entry.local.append(to: &archive)
            archive.append(contentsOf: entry.local.name + entry.local.extra + entry.content + entry.after)
        }
        let start = archive.bytes.count
        var count = 0
        for (index, entry) in entries.enumerated() where entry.isInDirectory {
            count += 1
            archive.append(ZipRecord.centralSignature)
            archive.append(UInt16(0x0314))
            entry.central.append(to: &archive)
            archive.append(UInt16(entry.comment.count))
            archive.append(entry.disk)
            archive.append(UInt16(0))
            archive.append(entry.attributes)
            archive.append(entry.offset ?? UInt32(offsets[entry.offsetOf ?? index] + entry.shift))
            archive.append(contentsOf: entry.central.name + entry.central.extra + entry.comment)
        }
        let size = archive.bytes.count - start
        archive.append(contentsOf: beforeEnd)
        if isZip64 {
            var wide = WideEnd(
                countHere: UInt64(count),
                count: UInt64(count),
                size: UInt64(size),
                offset: UInt64(start),
                recordOffset: UInt64(archive.bytes.count)
            )
            adjustWideEnd(&wide)
            archive.append(contentsOf: wide.bytes)
        }
        var end = End(countHere: UInt16(count), count: UInt16(count), size: UInt32(size), offset: UInt32(start))
        adjustEnd(&end)
        archive.append(contentsOf: end.bytes)
        return prefix + archive.bytes + suffix
    }

    /// An extra field.
    static func extra(_ id: UInt16, _ content: [UInt8]) -> [UInt8] {
        var field = ZipBytes(capacity: 4 + content.count)
        field.append(id)
        field.append(UInt16(content.count))
        field.append(contentsOf: content)
        return field.bytes
    }

    /// The ZIP64 extra field with these values.
    static func zip64(_ values: UInt64...) -> [UInt8] {
        var content = ZipBytes(capacity: 8 * values.count)
        for value in values { content.append(value) }
        return extra(1, content.bytes)
    }
}
