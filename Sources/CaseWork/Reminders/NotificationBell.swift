import Synchronization

/// Rung within transactions that make notifications; whoever sends them answers.
final class NotificationBell: Sendable {
    private let action = Mutex<(@Sendable () -> Void)?>(nil)

    /// Sets what is done when it rings; `nil` for nothing.
    func answer(by action: (@Sendable () -> Void)?) { self.action.withLock { $0 = action } }

    /// Rings it. The transaction around may not have ended yet.
    func ring() { action.withLock { $0 }?() }
}
