import ExchangeModel
import Synchronization

/// Remembers that bytes of a data directory could not be made durable: nothing may be written there any more.
///
/// The kernel reports such a failure once and then forgets which bytes it lost, so trying again proves nothing.
final class DurabilityFuse: Sendable {
    private let failure = Mutex<ExchangeError?>(nil)

    /// What was remembered.
    var remembered: ExchangeError? { failure.withLock { $0 } }

    /// Throws what was remembered, if anything.
    func check() throws {
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// Remembers the first failure.
    func blow(_ error: ExchangeError) {
        failure.withLock { $0 = $0 ?? error }
    }

    /// Remembers an error if it says that bytes were lost or damaged.
    func blow(on error: any Error) {
        guard let error = error as? ExchangeError, [.storeDurability, .storeDamaged].contains(error.code) else {
            return
        }
        blow(error)
    }

    /// Runs work that makes bytes durable, and remembers if it could not.
    func guarding<T>(_ work: () throws -> T) throws -> T {
        try check()
        do {
            return try work()
        } catch let error as ExchangeError where error.code == .storeDurability {
            blow(error)
            throw error
        }
    }
}
