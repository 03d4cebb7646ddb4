import ExchangeModel
import GRDB

/// One table, index, view or trigger as SQLite's own catalogue describes it.
struct SchemaObject: Hashable, Sendable {
    let kind: String
    let name: String
    let table: String
    let sql: String?

    /// Everything in a database, without the statistics that `ANALYZE` keeps.
    static func all(in database: Database) throws -> Set<SchemaObject> {
        let rows = try Row.fetchAll(database, sql: "SELECT type, name, tbl_name, sql FROM sqlite_master")
        let objects = try rows.map { row in
            let values = row.map { (_, value) -> String? in
                if case .string(let text) = value.storage { text } else { nil }
            }
            guard values.count == 4, let kind = values[0], let name = values[1], let table = values[2] else {
                throw ExchangeError(.storeDamaged, "The database's catalogue is damaged")
            }
            return SchemaObject(kind: kind, name: name, table: table, sql: values[3])
        }
        return Set(objects.filter { !($0.kind == "table" && statistics.contains($0.name)) })
    }

    private static let statistics: Set<String> = ["sqlite_stat1", "sqlite_stat4"]
}
