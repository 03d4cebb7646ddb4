import Synchronization

/// One pending wake-up; a new one replaces it.
package final class OneTimer: Sendable {
    private let task = Mutex<Task<Void, Never>?>(nil)

    package init() {}

    /// Calls the action after so many seconds unless it is replaced or cancelled before.
    package func start(after seconds: Int64, _ action: @escaping @Sendable () -> Void) {
        let next = Task {
            do { try await Task.sleep(for: .seconds(seconds)) } catch { return }
            action()
        }
        task.withLock { task in
            task?.cancel()
            task = next
        }
    }

    /// Calls nothing any more.
    package func cancel() { task.withLock { $0?.cancel() } }
}
