import ExchangeModel
import Foundation
import GRDB

/// One SQLite connection inside a transaction.
final class SQLiteSession: SQLSession {
    private let database: Database

    init(_ database: Database) { self.database = database }

    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [StoredRow] {
        do {
            let statement = try prepare(sql, arguments)
            let names = statement.columnNames
            let columns = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
            var rows: [StoredRow] = []
            let cursor = try Row.fetchCursor(statement)
            while let row = try cursor.next() {
                var values: [SQLValue] = []
                values.reserveCapacity(names.count)
                for value in row.databaseValues { values.append(try Self.value(of: value)) }
                rows.append(StoredRow(columns: columns, values: values))
            }
            return rows
        } catch {
            throw SQLiteFailure.error(error, during: "a query")
        }
    }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        do {
            let statement = try prepare(sql, arguments)
            try statement.execute()
            return statement.isReadonly ? 0 : database.changesCount
        } catch {
            throw SQLiteFailure.error(error, during: "a change")
        }
    }

    private func prepare(_ sql: String, _ arguments: [SQLValue]) throws -> Statement {
        let statement = try database.cachedStatement(sql: sql)
        let values = try arguments.map(Self.databaseValue)
        try statement.setArguments(StatementArguments(values))
        return statement
    }

    private static func databaseValue(_ value: SQLValue) throws -> DatabaseValue {
        switch value {
        case .null: return .null
        case .integer(let number): return number.databaseValue
        case .text(let text):
            guard !text.utf8.contains(0) else {
                throw ExchangeError(.storeStatement, "A text with the character U+0000 cannot be stored")
            }
            return text.databaseValue
        case .bytes(let bytes): return Data(bytes).databaseValue
        }
    }

    private static func value(of value: DatabaseValue) throws -> SQLValue {
        switch value.storage {
        case .null: return .null
        case .int64(let number): return .integer(number)
        case .string(let text): return .text(text)
        case .blob(let data): return .bytes([UInt8](data))
        case .double:
            throw ExchangeError(.storeUnexpectedValue, "A row holds a fraction where there can be none")
        }
    }
}
