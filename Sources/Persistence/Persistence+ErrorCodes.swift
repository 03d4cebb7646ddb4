public import ExchangeModel

extension ErrorCode {
    /// The database file is damaged or is no database.
    public static let storeDamaged = ErrorCode("store.damaged")
    /// The database's tables, indexes, views or triggers are not those that its migrations make.
    public static let storeForeignSchema = ErrorCode("store.foreign_schema")
    /// There is no database yet, or it was made by an older version and has to be migrated first.
    public static let storeNeedsMigration = ErrorCode("store.needs_migration")
    /// The database was made by a newer version of the program.
    public static let storeNewer = ErrorCode("store.newer")
    /// A migration that the database has had is not the one that this program knows by the same number.
    public static let storeMigrationChanged = ErrorCode("store.migration_changed")
    /// Another program holds the database locked.
    public static let storeBusy = ErrorCode("store.busy")
    /// There is no room left on the disk.
    public static let storeFull = ErrorCode("store.full")
    /// The database or its file system does not let itself be written.
    public static let storeReadOnly = ErrorCode("store.read_only")
    /// The system failed to make bytes durable; the process has to end and start again, and never tries again itself.
    public static let storeDurability = ErrorCode("store.durability")
    /// A backup could not be made durable.
    public static let storeBackupFailed = ErrorCode("store.backup_failed")
    /// A row with the same key exists.
    public static let storeConflict = ErrorCode("store.conflict")
    /// A row breaks a rule of its table, such as a reference to a row that does not exist.
    public static let storeConstraint = ErrorCode("store.constraint")
    /// A statement or its arguments cannot be carried out.
    public static let storeStatement = ErrorCode("store.statement")
    /// A row does not hold a value of the expected kind.
    public static let storeUnexpectedValue = ErrorCode("store.unexpected_value")
    /// The database failed in another way.
    public static let storeFailed = ErrorCode("store.failed")
    /// A store key cannot be read, or others could read it.
    public static let storeKeyUnusable = ErrorCode("store.key_unusable")
    /// The store key is not the one that this data directory was made with.
    public static let storeWrongKey = ErrorCode("store.wrong_key")
    /// A secret in the database, such as a private key, cannot be opened with the store key.
    public static let storeSecretDamaged = ErrorCode("store.secret_damaged")
    /// Another process uses the data directory.
    public static let dataInUse = ErrorCode("data.in_use")
    /// The data directory does not exist.
    public static let dataMissing = ErrorCode("data.missing")
    /// The data directory exists and is not empty.
    public static let dataExists = ErrorCode("data.exists")
    /// The data directory belongs to somebody else, or others may enter it.
    public static let dataPermissions = ErrorCode("data.permissions")
    /// The system refused work in the data directory.
    public static let dataFailed = ErrorCode("data.failed")
    /// A stored blob is not what was written, or its key is another.
    public static let blobDamaged = ErrorCode("blob.damaged")
    /// A stored blob is not there.
    public static let blobMissing = ErrorCode("blob.missing")
}
