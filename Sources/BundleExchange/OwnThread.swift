import Dispatch
import ExchangeModel
import Glibc
import Synchronization

/// Runs blocking work away from the tasks that answer requests.
enum OwnThread {
    /// The same, giving a failure as a value.
    static func result<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async -> Result<T, any Error> {
        await withCheckedContinuation { continuation in
            BlockingThreads.shared.add { continuation.resume(returning: Result(catching: work)) }
        }
    }

    /// Runs the work on a thread that may block and gives its result.
    static func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            BlockingThreads.shared.add { continuation.resume(with: Result(catching: work)) }
        }
    }
}

/// Threads that wait for the disk: one more is started whenever all are busy, up to a limit, and then they stay.
///
/// A concurrent dispatch queue has as many as there are processors and looks only once a second whether they all wait.
private final class BlockingThreads: Sendable {
    typealias Job = @Sendable () -> Void

    private struct State {
        var jobs: [Job] = []
        /// Threads that wait and have not been woken.
        var idle = 0
        var all = 0
    }

    static let shared = BlockingThreads()
    private static let most = 64
    private let state = Mutex(State())
    private let signal = DispatchSemaphore(value: 0)

    func add(_ job: @escaping Job) {
        let (wakes, starts) = state.withLock { state in
            state.jobs.append(job)
            if state.idle > 0 {
                state.idle -= 1
                return (true, false)
            }
            guard state.all < Self.most else { return (false, false) }
            state.all += 1
            return (false, true)
        }
        if wakes { signal.signal() }
        if starts { start() }
    }

    private func start() {
        var thread = pthread_t()
        let status = pthread_create(
            &thread,
            nil,
            { context in
                if let context { Unmanaged<BlockingThreads>.fromOpaque(context).takeUnretainedValue().work() }
                return nil
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
        if status == 0 {
            pthread_detach(thread)
            return
        }
        // The machine has no thread left; those that are there come to it, or else this one does it now.
        let job: Job? = state.withLock { state in
            state.all -= 1
            return state.all == 0 && !state.jobs.isEmpty ? state.jobs.removeFirst() : nil
        }
        job?()
    }

    private func work() {
        while true {
            let job: Job? = state.withLock { state in
                if state.jobs.isEmpty {
                    state.idle += 1
                    return nil
                }
                return state.jobs.removeFirst()
            }
            if let job { job() } else { signal.wait() }
        }
    }
}
