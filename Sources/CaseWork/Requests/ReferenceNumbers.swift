import ExchangeModel
import Persistence

/// Reference numbers of an authority: year and a number that counts from 1 every year, such as `2026/0042`.
enum ReferenceNumbers {
    /// Takes the next number; within the transaction of the request that gets it, so none is left out or given twice.
    static func next(of authority: String, at time: ExchangeTime, in store: any StoreWriting) throws -> String {
        let year = Int64(time.description.prefix(4)) ?? 0
        let last = try store.row(
            "SELECT last FROM reference_number WHERE authority = ? AND year = ?",
            [.text(authority), .integer(year)]
        )?.integer("last")
        let number = (last ?? 0) + 1
        if last == nil {
            try store.execute(
                "INSERT INTO reference_number (authority, year, last) VALUES (?, ?, ?)",
                [.text(authority), .integer(year), .integer(number)]
            )
        } else {
            try store.execute(
                "UPDATE reference_number SET last = ? WHERE authority = ? AND year = ?",
                [.integer(number), .text(authority), .integer(year)]
            )
        }
        let digits = String(number)
        return "\(year)/" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
