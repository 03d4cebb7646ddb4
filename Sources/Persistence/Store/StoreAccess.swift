public import ExchangeLog

/// Reads the database within one transaction: every query sees the same state.
///
/// Statements are the plain SQL that SQLite and PostgreSQL have in common, with `?` for the arguments.
public protocol StoreReading {
    /// All rows that a query gives.
    ///
    /// - Throws: `store.statement`, `store.busy`, `store.damaged`, `store.failed`.
    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [StoredRow]
}

extension StoreReading {
    /// All rows of a query without arguments.
    public func rows(_ sql: String) throws -> [StoredRow] { try rows(sql, []) }

    /// The first row that a query gives, if any.
    public func row(_ sql: String, _ arguments: [SQLValue] = []) throws -> StoredRow? {
        try rows(sql, arguments).first
    }
}

/// Writes the database within one transaction: everything becomes durable together, or nothing does.
public protocol StoreWriting: StoreReading {
    /// Carries out one statement and gives the number of rows it changed.
    ///
    /// - Throws: `store.conflict` if a row with the same key exists, `store.constraint`, `store.statement`,
    ///   `store.full`, `store.busy`, `store.damaged`, `store.durability`, `store.failed`.
    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int

    /// Appends an entry to a log and gives its index, which holds only once the transaction is durable.
    ///
    /// - Throws: `log.inconsistent` if the stored log was found damaged, and what `execute` throws.
    @discardableResult
    func append(_ entry: LogEntry, to tree: LogTree) throws -> Int64
}

extension StoreWriting {
    /// Carries out one statement without arguments.
    @discardableResult
    public func execute(_ sql: String) throws -> Int { try execute(sql, []) }
}

/// A database that the store stands on: transactions and SQL, no knowledge of logs.
protocol SQLEngine: Sendable {
    /// Runs a body against one unchanging state.
    func read<T: Sendable>(_ body: @escaping @Sendable (any StoreReading) throws -> T) async throws -> T

    /// Runs a body in a transaction that is durable when this returns; several may become durable together.
    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> WriteOutcome<T>) async throws -> T

    /// Runs a body against one unchanging state and waits for it; for the start, before anybody else is there.
    func readAtStart<T>(_ body: (any StoreReading) throws -> T) throws -> T

    /// Checks everything that the database can check about itself.
    func checkIntegrity() async throws

    /// Writes a consistent copy to a new file.
    func backup(to path: String) async throws

    /// Ends all work; later calls throw.
    func close() throws
}

/// A connection inside a transaction that writes.
protocol SQLSession: StoreReading {
    /// Carries out one statement and gives the number of rows it changed.
    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int
}
