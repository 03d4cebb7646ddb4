import ExchangeModel
import Synchronization

/// Lets so many parts travel at one time, whatever bundles they are of; those of emergencies go first.
final class PartGate: Sendable {
    private struct Waiting {
        let id: UInt64
        let isUrgent: Bool
        let go: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var free: Int
        var next: UInt64 = 0
        var waiting: [Waiting] = []
        /// Those that were cancelled before they waited.
        var cancelled: Set<UInt64> = []
    }

    private let state: Mutex<State>

    init(_ most: Int) { state = Mutex(State(free: max(1, most))) }

    /// How many more may pass at once, and how many wait.
    var standing: (free: Int, waiting: Int) { state.withLock { ($0.free, $0.waiting.count) } }

    /// Does the work when it is its turn.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while it waits, and what the work throws.
    func pass<T: Sendable>(urgent: Bool, _ work: () async throws -> T) async throws -> T {
        try await enter(urgent)
        defer { leave() }
        return try await work()
    }

    private func enter(_ urgent: Bool) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (go: CheckedContinuation<Void, any Error>) in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    guard state.free == 0 else {
                        state.free -= 1
                        return .success(())
                    }
                    let place = urgent ? state.waiting.firstIndex { !$0.isUrgent } : nil
                    state.waiting.insert(
                        Waiting(id: id, isUrgent: urgent, go: go),
                        at: place ?? state.waiting.endIndex
                    )
                    return nil
                }
                if let outcome { go.resume(with: outcome) }
            }
        } onCancel: {
            let found: Waiting? = state.withLock { state in
                guard let place = state.waiting.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.waiting.remove(at: place)
            }
            found?.go.resume(throwing: CancellationError())
        }
        state.withLock { _ = $0.cancelled.remove(id) }
    }

    private func leave() {
        let next = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return Waiting?.none
            }
            return state.waiting.removeFirst()
        }
        next?.go.resume()
    }
}
