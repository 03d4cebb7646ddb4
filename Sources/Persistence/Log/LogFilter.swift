public import ExchangeLog
public import ExchangeModel

/// Which entries of a log are asked for; everything that is set must hold.
public struct LogFilter: Hashable, Sendable {
    /// What was done.
    public var kind: LogEntry.Kind?
    /// How it ended.
    public var outcome: LogEntry.Outcome?
    /// The thread.
    public var thread: ThreadID?
    /// The bundle.
    public var bundle: BundleID?
    /// The item of evidence.
    public var item: String?
    /// The other party.
    public var peer: PartyID?
    /// The person, as a salted digest.
    public var person: SHA256Digest?
    /// Not earlier than this.
    public var from: ExchangeTime?
    /// Earlier than this.
    public var to: ExchangeTime?
    /// Only entries after this index; with `newestFirst`, only entries before it.
    public var afterIndex: Int64?
    /// Whether the newest entries come first.
    public var newestFirst = false
    /// At most so many entries, from 1 to 10,000.
    public var limit = 100

    /// Asks for everything.
    public init() {}

    /// The condition and its arguments, to follow a condition on the tree.
    var condition: (sql: String, arguments: [SQLValue]) {
        let columns: [(String, SQLValue)] = [
            ("kind = ?", SQLValue(kind?.rawValue)), ("outcome = ?", SQLValue(outcome?.rawValue)),
            ("thread = ?", SQLValue(thread)), ("bundle = ?", SQLValue(bundle)), ("item = ?", SQLValue(item)),
            ("peer = ?", SQLValue(peer)), ("person = ?", SQLValue(person)), ("time >= ?", SQLValue(from)),
            ("time < ?", SQLValue(to)), (newestFirst ? "entry_index < ?" : "entry_index > ?", SQLValue(afterIndex)),
        ]
        let set = columns.filter { $0.1 != .null }
        return (set.map { " AND " + $0.0 }.joined(), set.map(\.1))
    }
}
