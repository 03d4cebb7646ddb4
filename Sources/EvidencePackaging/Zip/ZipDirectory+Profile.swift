import ExchangeModel

extension ZipDirectory {
    /// Requires that the archive is, byte for byte, the one that our profile prescribes for its names, sizes and CRCs.
    ///
    /// Every header is computed anew and compared. Throws `zip.not_canonical`, or the code of the name rule that an entry
    /// breaks. That `mimetype` is there and right is for the caller to check, as is the content of the entries.
    func requireProfile() throws {
        let layout = try ZipLayout(entries.map { ($0.name, $0.size) }, limits: limits)
        guard layout.totalSize == file.size, layout.directoryOffset == directoryOffset else {
            throw ExchangeError(.zipNotCanonical, "The archive has not the size that the profile gives it")
        }
        for (index, entry) in entries.enumerated() {
            let expected = layout.localHeader(at: index, crc: entry.crc)
            guard layout.entries[index].headerOffset == entry.headerOffset,
                try file.bytes(at: entry.headerOffset, count: expected.count) == expected
            else {
                throw ExchangeError(
                    .zipNotCanonical,
                    "The local header of \(ZipName.shown(entry.name)) is not the one of the profile"
                )
            }
        }
        let expected = try layout.ending(crcs: entries.map(\.crc))
        guard try file.bytes(at: directoryOffset, count: expected.count) == expected else {
            throw ExchangeError(.zipNotCanonical, "The central directory is not the one of the profile")
        }
    }
}
