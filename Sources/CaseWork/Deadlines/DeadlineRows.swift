import BundleExchange
import ExchangeModel
import LegalAssistance
import Persistence

/// Pauses and extensions that people of this gateway entered.
enum DeadlineRows {
    static func pauses(of request: ThreadID, in store: any StoreReading) throws -> [StoredPause] {
        try store.rows(
            "SELECT id, deadline, begins, until, reason, person FROM deadline_pause WHERE request = ? ORDER BY begins, id",
            [SQLValue(request)]
        ).map { row in
            StoredPause(
                id: try row.text("id"),
                deadline: try row.text("deadline"),
                pause: DeadlinePause(
                    from: try row.time("begins"),
                    until: try row.optionalTime("until"),
                    reason: try row.text("reason"),
                    person: try row.text("person")
                )
            )
        }
    }

    static func extensions(of request: ThreadID, in store: any StoreReading) throws -> [DeadlineExtension] {
        try store.rows(
            """
            SELECT id, deadline, until, reason, entered, person FROM deadline_extension WHERE request = ? \
            ORDER BY entered, id
            """,
            [SQLValue(request)]
        ).map { row in
            guard let until = CivilDate(iso: try row.text("until")) else {
                throw ExchangeError(.storeUnexpectedValue, "The database holds an extension without a date")
            }
            return DeadlineExtension(
                limit: try row.text("deadline"),
                announced: try row.time("entered"),
                length: .until(until),
                reason: try row.text("reason"),
                proof: .stated(reference: "entered here")
            )
        }
    }
}

/// A pause with the deadline that it rests.
struct StoredPause: Hashable, Sendable {
    let id: String
    /// A deadline's id, or `*` for all of the request.
    let deadline: String
    let pause: DeadlinePause
}
