import ExchangeModel
import GRDB
import Synchronization

/// Transactions that arrived while the one before was being made durable: they become durable together.
///
/// Each keeps its own promise: it is carried out in a savepoint of its own, and one that fails takes back only what it
/// did itself. None is told to have succeeded before all of them are durable.
struct WriteGroup {
    private let jobs: [any WriteWork]

    init(_ jobs: [any WriteWork]) { self.jobs = jobs }

    /// Runs on the connection that writes, where nothing else runs at the same time.
    func run(on database: Database, fuse: DurabilityFuse) {
        do {
            try fuse.check()
            try database.inTransaction(.immediate) {
                for job in jobs { try carryOut(job, on: database) }
                return .commit
            }
            for job in jobs { job.settle(nil) }
        } catch {
            // Nothing of the group is in the database; those that had failed for themselves keep their own reason.
            let error = SQLiteFailure.error(error, during: "a transaction")
            fuse.blow(on: error)
            for job in jobs { job.settle(error) }
        }
    }

    private func carryOut(_ job: any WriteWork, on database: Database) throws {
        do {
            try database.inSavepoint {
                try job.carryOut(SQLiteSession(database))
                return .commit
            }
            job.stage()
        } catch {
            // A full disk or a failing one makes SQLite give up the whole transaction.
            guard database.isInsideTransaction else { throw error }
            job.fail(SQLiteFailure.error(error, during: "a transaction"))
        }
    }
}

/// What a transaction gives, and what is to be done in memory when it was carried out and when it is settled.
struct WriteOutcome<Value: Sendable>: Sendable {
    let value: Value
    /// Called once the transaction is carried out and the next one of the group may build on it.
    let stage: @Sendable () -> Void
    /// Called once it is durable, or when it was taken back after all.
    let settle: @Sendable (_ isDurable: Bool) -> Void
}

/// One transaction that waits for its turn.
protocol WriteWork: Sendable {
    func carryOut(_ session: SQLiteSession) throws
    func stage()
    func fail(_ error: any Error)
    func settle(_ error: (any Error)?)
}

/// A transaction with the caller who waits for it.
final class WriteJob<Value: Sendable>: WriteWork {
    private enum State: Sendable {
        case waiting
        case carriedOut(WriteOutcome<Value>)
        case failed(any Error)
        case settled
    }

    private let body: @Sendable (any SQLSession) throws -> WriteOutcome<Value>
    private let continuation: CheckedContinuation<Value, any Error>
    private let state = Mutex(State.waiting)

    init(
        _ body: @escaping @Sendable (any SQLSession) throws -> WriteOutcome<Value>,
        _ continuation: CheckedContinuation<Value, any Error>
    ) {
        self.body = body
        self.continuation = continuation
    }

    func carryOut(_ session: SQLiteSession) throws {
        let outcome = try body(session)
        state.withLock { $0 = .carriedOut(outcome) }
    }

    func stage() {
        if case .carriedOut(let outcome) = state.withLock({ $0 }) { outcome.stage() }
    }

    func fail(_ error: any Error) { state.withLock { $0 = .failed(error) } }

    func settle(_ error: (any Error)?) {
        let state = state.withLock { state in
            defer { state = .settled }
            return state
        }
        switch state {
        case .carriedOut(let outcome):
            outcome.settle(error == nil)
            if let error { continuation.resume(throwing: error) } else { continuation.resume(returning: outcome.value) }
        case .failed(let own): continuation.resume(throwing: own)
        case .waiting:
            continuation.resume(throwing: error ?? ExchangeError(.storeFailed, "A transaction was not carried out"))
        case .settled: break
        }
    }
}

/// Transactions in the order in which they were asked for.
final class WriteQueue: Sendable {
    private static let most = 64
    private let jobs = Mutex<[any WriteWork]>([])

    func add(_ job: any WriteWork) { jobs.withLock { $0.append(job) } }

    /// The next ones, not so many that the first waits long for the last.
    func take() -> [any WriteWork] {
        jobs.withLock { jobs in
            let taken = Array(jobs.prefix(Self.most))
            jobs.removeFirst(taken.count)
            return taken
        }
    }
}
