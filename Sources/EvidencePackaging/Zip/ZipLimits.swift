/// What a reader or writer of ZIP archives takes at most.
struct ZipLimits: Sendable, Equatable {
    /// Entries in one archive.
    var maximumEntries = 20_000
    /// Bytes of the central directory.
    var maximumDirectoryBytes: Int64 = 16 << 20
    /// Bytes of one entry name.
    var maximumNameBytes = 255
    /// Bytes of the whole archive.
    var maximumTotalBytes: Int64 = 8 << 40
}
