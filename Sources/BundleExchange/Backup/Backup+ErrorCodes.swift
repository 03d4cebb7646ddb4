public import ExchangeModel

extension ErrorCode {
    /// The file is no backup, or a damaged one.
    public static let backupMalformed = ErrorCode("backup.malformed")
    /// A file changed or went while the backup was made.
    public static let backupChanged = ErrorCode("backup.changed")
}
