import ExchangeModel
import Synchronization

/// Lets a program stop long work in an orderly way, so that quarantine is cleared.
public enum Interruption {
    private static let requested = Atomic<Bool>(false)

    /// Asks all pipelines of the process to stop; safe to call from a signal handler.
    public static func request() { requested.store(true, ordering: .relaxed) }

    /// - Throws: `work.interrupted` once somebody asked.
    static func check() throws {
        if requested.load(ordering: .relaxed) {
            throw ExchangeError(.interrupted, "Interrupted; nothing was kept")
        }
    }
}
