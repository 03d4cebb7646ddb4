public import ExchangeModel

extension ErrorCode {
    // MARK: Files

    /// The file could not be opened.
    public static let fileOpenFailed = ErrorCode("file.open_failed")
    /// The path names a directory, device, socket or pipe where a regular file is needed.
    public static let fileNotRegular = ErrorCode("file.not_regular")
    /// The operating system reported an error while the file was read.
    public static let fileReadFailed = ErrorCode("file.read_failed")
    /// The read reaches beyond the end of the file, or the file became shorter while it was read.
    public static let fileTooShort = ErrorCode("file.too_short")

    // MARK: Whole archive

    /// The bytes are not a ZIP archive.
    public static let zipNotZip = ErrorCode("zip.not_zip")
    /// The archive ends too early.
    public static let zipTruncated = ErrorCode("zip.truncated")
    /// Bytes stand before the first entry.
    public static let zipPrefixBytes = ErrorCode("zip.prefix_bytes")
    /// Bytes stand after the end of the archive.
    public static let zipTrailingBytes = ErrorCode("zip.trailing_bytes")
    /// The archive or one of its entries has a comment.
    public static let zipComment = ErrorCode("zip.comment")
    /// More than one end of central directory record could be taken for the end of the archive.
    public static let zipSeveralEnds = ErrorCode("zip.several_ends")
    /// The counts of entries disagree with each other or with the central directory.
    public static let zipBadCount = ErrorCode("zip.bad_count")
    /// An offset does not lead to the record it should lead to.
    public static let zipBadOffset = ErrorCode("zip.bad_offset")
    /// A size is out of range, or the stored and the original size of an entry differ.
    public static let zipBadSize = ErrorCode("zip.bad_size")
    /// A record of the central directory is malformed.
    public static let zipBadDirectory = ErrorCode("zip.bad_directory")
    /// The ZIP64 records are missing, malformed or contradict the 32-bit records.
    public static let zip64Mismatch = ErrorCode("zip.zip64_mismatch")
    /// The archive is split over several disks.
    public static let zipMultiDisk = ErrorCode("zip.multi_disk")
    /// The archive has more entries than allowed.
    public static let zipTooManyEntries = ErrorCode("zip.too_many_entries")
    /// The central directory is larger than allowed.
    public static let zipDirectoryTooLarge = ErrorCode("zip.directory_too_large")
    /// The archive is larger than allowed.
    public static let zipTooLarge = ErrorCode("zip.too_large")
    /// The archive has no entries.
    public static let zipNoEntries = ErrorCode("zip.no_entries")
    /// Two entries overlap, or an entry reaches into the central directory.
    public static let zipOverlap = ErrorCode("zip.overlap")
    /// Bytes between the entries belong to no entry of the central directory.
    public static let zipGap = ErrorCode("zip.gap")
    /// The archive is sound, but not byte for byte the one that the profile prescribes.
    public static let zipNotCanonical = ErrorCode("zip.not_canonical")
    /// The entry `mimetype` is not the first one.
    public static let zipMimetypeNotFirst = ErrorCode("zip.mimetype_not_first")

    // MARK: Names

    /// Two entries have the same name, or names equal after Unicode normalisation or case folding.
    public static let zipDuplicateName = ErrorCode("zip.duplicate_name")
    /// An entry name has a `.` or `..` segment.
    public static let zipNameDotSegment = ErrorCode("zip.name_dot_segment")
    /// An entry name is an absolute path.
    public static let zipNameAbsolute = ErrorCode("zip.name_absolute")
    /// An entry name begins with a drive letter.
    public static let zipNameDrive = ErrorCode("zip.name_drive")
    /// An entry name has a backslash.
    public static let zipNameBackslash = ErrorCode("zip.name_backslash")
    /// An entry name has a NUL, a control character or a character that turns the direction of writing.
    public static let zipNameControl = ErrorCode("zip.name_control")
    /// An entry name is empty or has an empty segment.
    public static let zipNameEmptySegment = ErrorCode("zip.name_empty_segment")
    /// A segment of an entry name ends with a dot or a space.
    public static let zipNameTrailingDot = ErrorCode("zip.name_trailing_dot")
    /// An entry name is longer than allowed.
    public static let zipNameTooLong = ErrorCode("zip.name_too_long")
    /// An entry name beyond ASCII is not declared as UTF-8, or is not valid UTF-8.
    public static let zipNameEncoding = ErrorCode("zip.name_encoding")
    /// An entry name has a character that the profile does not allow.
    public static let zipNameNotInProfile = ErrorCode("zip.name_not_in_profile")

    // MARK: Entries

    /// An entry is a symbolic link.
    public static let zipSymlink = ErrorCode("zip.symlink")
    /// An entry is a directory.
    public static let zipDirectoryEntry = ErrorCode("zip.directory_entry")
    /// An entry is neither a regular file nor a symbolic link nor a directory.
    public static let zipSpecialFile = ErrorCode("zip.special_file")
    /// The local header of an entry contradicts the central directory.
    public static let zipLocalMismatch = ErrorCode("zip.local_mismatch")
    /// An entry is compressed; only stored entries are read.
    public static let zipMethod = ErrorCode("zip.method")
    /// An entry is encrypted by means of ZIP.
    public static let zipEncrypted = ErrorCode("zip.encrypted")
    /// An entry has a data descriptor behind its content.
    public static let zipDataDescriptor = ErrorCode("zip.data_descriptor")
    /// An entry has a general purpose flag that is not allowed.
    public static let zipFlags = ErrorCode("zip.flags")
    /// An entry has an extra field other than ZIP64, or a malformed one.
    public static let zipExtraField = ErrorCode("zip.extra_field")
    /// The content of an entry does not have the CRC-32 that its header declares.
    public static let zipCRCMismatch = ErrorCode("zip.crc_mismatch")
    /// The content of an entry is larger than the caller takes.
    public static let zipEntryTooLarge = ErrorCode("zip.entry_too_large")
}
