import Persistence

/// A page of a list, perhaps only of what contains a text.
struct ListPage: Sendable {
    let text: String?
    let limit: Int
    let skip: Int

    /// The records of the page.
    ///
    /// Text is compared here and not by the databases, which fold the case of other alphabets than ours differently.
    func rows<Record>(
        _ sql: String,
        _ arguments: [SQLValue],
        in store: any StoreReading,
        read: (StoredRow) throws -> Record,
        texts: (Record) -> [String]
    ) throws -> [Record] {
        guard let text, !text.isEmpty else {
            let page: [SQLValue] = [.integer(Int64(limit)), .integer(Int64(skip))]
            return try store.rows(sql + " LIMIT ? OFFSET ?", arguments + page).map(read)
        }
        let wanted = text.lowercased()
        var skipped = 0
        var found: [Record] = []
        for row in try store.rows(sql, arguments) where found.count < limit {
            let record = try read(row)
            guard texts(record).contains(where: { $0.lowercased().contains(wanted) }) else { continue }
            if skipped < skip { skipped += 1 } else { found.append(record) }
        }
        return found
    }
}
