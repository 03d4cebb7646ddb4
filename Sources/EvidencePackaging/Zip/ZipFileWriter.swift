/// Makes small archives of our profile in memory.
enum ZipFileWriter {
    /// The archive with these entries in this order.
    ///
    /// Throws as `ZipLayout` does.
    static func archive(_ contents: [(name: String, bytes: [UInt8])]) throws -> [UInt8] {
        let layout = try ZipLayout(contents.map { ($0.name, Int64($0.bytes.count)) })
        var archive = ZipBytes(capacity: Int(clamping: layout.totalSize))
        var crcs: [UInt32] = []
        for (index, content) in contents.enumerated() {
            let crc = CRC32.checksum(of: content.bytes)
            archive.append(contentsOf: layout.localHeader(at: index, crc: crc))
            archive.append(contentsOf: content.bytes)
            crcs.append(crc)
        }
        archive.append(contentsOf: try layout.ending(crcs: crcs))
        return archive.bytes
    }
}
