import ExchangeLog
import ExchangeModel
import Logging
import Persistence

extension OutboxScheduler {
    /// What was being done when the gateway ended without a word is suspected of it: from now on it is done one piece at a
    /// time, and what has ended the gateway too often is set aside, with an alarm in the log, until a person has it tried
    /// again. Called once, at the start, before anything is done.
    ///
    /// Work at partners may be cut short by many causes and is long; it is allowed more.
    func recover() async throws {
        let found = try await core.store.read { store in
            try store.rows("SELECT * FROM outbox WHERE begun IS NOT NULL").map(OutboxEntry.init)
        }
        for entry in found {
            let crashes = entry.crashes + 1
            let allowed = Int64(max(1, core.limits.crashesAllowed)) * (entry.kind.isOutward ? 4 : 1)
            let isTooMuch = crashes >= allowed
            var alarm = try core.entry(.alarmRaised, outcome: .failed, code: .workCrashed)
            alarm.bundle = entry.bundle?.id
            alarm.bundleSender = entry.bundle?.sender
            alarm.subject = "\(entry.kind.rawValue) \(entry.id)"
            let note = alarm
            let party = entry.lane?.party ?? entry.peer?.text ?? ""
            try await core.store.write { store in
                try store.execute(
                    "UPDATE outbox SET begun = NULL, crashes = ?, lane = ?, held = ?, last_error = ? WHERE id = ?",
                    [
                        .integer(crashes), .text(OutboxLane(.suspect, party).text),
                        isTooMuch ? .text(OutboxEntry.Hold.crashed.rawValue) : .null,
                        .text("The gateway ended while this was being done, \(crashes) times now [work.crashed]"),
                        .text(entry.id),
                    ]
                )
                if isTooMuch { try store.append(note, to: .house) }
            }
            guard isTooMuch else { continue }
            core.logger.critical(
                "Work that ended the gateway again and again was set aside",
                metadata: ["work": "\(entry.kind.rawValue)", "id": "\(entry.id)", "times": "\(crashes)"]
            )
        }
    }
}
