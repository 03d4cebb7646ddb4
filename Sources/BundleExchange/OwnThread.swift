import Dispatch

/// Runs blocking work away from the tasks that answer requests.
enum OwnThread {
    private static let queue = DispatchQueue(label: "gateway.blocking", attributes: .concurrent)

    /// Runs the work on a thread that may block and gives its result.
    static func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: work)) }
        }
    }
}
