import ExchangeModel
import GRDB

/// Turns what SQLite reports into the errors of the store.
enum SQLiteFailure {
    /// The error to throw for one that arose below; only what SQLite reports is changed.
    static func error(_ error: any Error, during work: String) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        let (code, reason) = meaning(of: error)
        // The statement and its arguments stay out: they can hold names.
        let details = [error.message, "SQLite result \(error.extendedResultCode.rawValue)"].compactMap { $0 }
        return ExchangeError(code, "\(reason) (\(work))", hint: hint(for: code), details: details)
    }

    private static func meaning(of error: DatabaseError) -> (ErrorCode, String) {
        switch error.extendedResultCode {
        case .SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC, .SQLITE_IOERR_WRITE, .SQLITE_IOERR_TRUNCATE,
            .SQLITE_IOERR_CLOSE:
            return (.storeDurability, "The system could not make the database durable")
        case .SQLITE_IOERR_SHMSIZE, .SQLITE_IOERR_SHMMAP:
            return (.storeFull, "The database's shared index could not be made or enlarged")
        case .SQLITE_IOERR_CORRUPTFS:
            return (.storeDamaged, "The file system of the database is damaged")
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_ROWID:
            return (.storeConflict, "A row with the same key exists")
        default: break
        }
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT:
            return (.storeDamaged, "The database file is damaged")
        case .SQLITE_BUSY, .SQLITE_LOCKED: return (.storeBusy, "Another program holds the database locked")
        case .SQLITE_FULL: return (.storeFull, "There is no room left on the disk")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH, .SQLITE_CANTOPEN:
            return (.storeReadOnly, "The database does not let itself be written")
        case .SQLITE_CONSTRAINT: return (.storeConstraint, "A row breaks a rule of its table")
        case .SQLITE_ERROR, .SQLITE_MISUSE, .SQLITE_RANGE, .SQLITE_TOOBIG, .SQLITE_MISMATCH, .SQLITE_SCHEMA:
            return (.storeStatement, "A statement could not be carried out")
        default: return (.storeFailed, "The database failed")
        }
    }

    private static func hint(for code: ErrorCode) -> String? {
        switch code {
        case .storeDurability: "Check the disk, then start the gateway again"
        case .storeDamaged: "Restore the last backup into another data directory, and keep this one for examination"
        case .storeFull: "Make room on the disk"
        default: nil
        }
    }
}
