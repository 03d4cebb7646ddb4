import ExchangeModel
import Synchronization

/// Lets a program stop long work in an orderly way, so that quarantine is cleared.
public enum Interruption {
    private static let requested = Atomic<Bool>(false)
    private static let heeding = Atomic<Int>(0)

    /// Asks all long work of the process to stop; safe to call from a signal handler.
    public static func request() { requested.store(true, ordering: .relaxed) }

    /// Whether work is under way that looks for a request and leaves nothing behind when it stops.
    public static var isHeeded: Bool { heeding.load(ordering: .relaxed) > 0 }

    /// Does work that calls ``check()`` often.
    static func heeded<T>(_ body: () throws -> T) rethrows -> T {
        begin()
        defer { end() }
        return try body()
    }

    /// Begins such work where no closure fits; ``end()`` must follow.
    static func begin() { heeding.wrappingAdd(1, ordering: .relaxed) }

    /// Ends it.
    static func end() { heeding.wrappingSubtract(1, ordering: .relaxed) }

    /// - Throws: `work.interrupted` once somebody asked.
    package static func check() throws {
        if requested.load(ordering: .relaxed) {
            throw ExchangeError(.interrupted, "Interrupted; nothing was kept")
        }
    }
}
