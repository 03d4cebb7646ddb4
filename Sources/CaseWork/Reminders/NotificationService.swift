public import BundleExchange
public import ExchangeModel
import Logging
import Synchronization

/// Reminders and their sending at work: what makes notifications and each way that they go run side by side, so that a
/// slow one delays nobody else.
public final class NotificationService: Sendable {
    private let book: CaseBook
    private let core: GatewayCore
    private let work: ReminderWork
    private let sender: NotificationSender
    private let making: WorkLoop
    private let sending: [WorkLoop]

    /// Takes a gateway, the book that its messages are followed by, and the ways that notifications go.
    public init(gateway: ExchangeGateway, book: CaseBook, settings: NotificationSettings) {
        self.book = book
        core = gateway.core
        let (core, work) = (gateway.core, ReminderWork(gateway: gateway, book: book))
        let sender = NotificationSender(core: core, settings: settings)
        let sending = sender.ways.map { way in
            WorkLoop("Notifications by \(way.rawValue)", core) {
                try await sender.runDue(way)
                return try await sender.next(way)
            }
        }
        self.work = work
        self.sender = sender
        self.sending = sending
        making = WorkLoop("Reminders", core) {
            try await work.runDue()
            if try await sender.route() > 0 { for loop in sending { loop.wake() } }
            return try await work.next()
        }
    }

    /// Looks soon at what is due.
    public func wake() { making.wake() }

    /// Begins nothing more; ``run()`` returns then. What is on its way is broken off and goes again later.
    public func stop() { for loop in [making] + sending { loop.stop() } }

    /// Works until the task is cancelled or ``stop()`` is called.
    public func run() async {
        book.bell.answer { [making] in making.wakeSoon() }
        await withDiscardingTaskGroup { group in
            for loop in [making] + sending { group.addTask { await loop.run() } }
        }
        book.bell.answer(by: nil)
    }

    /// Does everything that is due now, one thing after the other.
    ///
    /// - Returns: How many notifications were tried to be sent.
    /// - Throws: `store.*`.
    @discardableResult
    public func runDue() async throws -> Int {
        try await work.runDue()
        try await sender.route()
        var tried = 0
        for way in sender.ways { tried += try await sender.runDue(way) }
        return tried
    }

    /// When something is due next; `nil` for never.
    ///
    /// - Throws: `store.*`.
    public func next() async throws -> ExchangeTime? {
        var times = [try await work.next()]
        for way in sender.ways { times.append(try await sender.next(way)) }
        return times.compactMap(\.self).min()
    }
}

/// Work done whenever it is due, and looked at once a minute at least, because a clock may be set.
final class WorkLoop: Sendable {
    private let name: String
    private let core: GatewayCore
    private let work: @Sendable () async throws -> ExchangeTime?
    private let timer = OneTimer()
    private let state = Mutex(State())
    private let signal: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    private struct State {
        var task: Task<Void, Never>?
        var isStopped = false
        var wakesSoon = false
    }

    /// - Parameters:
    ///   - name: What it is called in the log.
    ///   - core: Its clock and log.
    ///   - work: Does what is due and says when more will be.
    init(_ name: String, _ core: GatewayCore, _ work: @escaping @Sendable () async throws -> ExchangeTime?) {
        self.name = name
        self.core = core
        self.work = work
        (signal, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func wake() { continuation.yield() }

    /// Wakes it in a second, when a transaction that is under way will have ended.
    func wakeSoon() {
        let isFirst = state.withLock { state in
            defer { state.wakesSoon = true }
            return !state.wakesSoon
        }
        guard isFirst else { return }
        Task {
            try? await Task.sleep(for: .seconds(1))
            state.withLock { $0.wakesSoon = false }
            wake()
        }
    }

    func stop() {
        continuation.finish()
        state.withLock { state in
            state.isStopped = true
            state.task?.cancel()
        }
    }

    func run() async {
        let task = Task {
            wake()
            for await _ in signal {
                guard !Task.isCancelled else { break }
                do {
                    let next = try await work()
                    let wait = next.map { $0.secondsSince1970 - core.now().secondsSince1970 } ?? 60
                    timer.start(after: max(1, min(60, wait))) { self.wake() }
                } catch is CancellationError {
                    break
                } catch {
                    core.logger.error("\(name) could not be worked on", metadata: ["error": "\(error)"])
                    timer.start(after: 5) { self.wake() }
                }
            }
            timer.cancel()
        }
        state.withLock { state in
            state.task = task
            if state.isStopped { task.cancel() }
        }
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
            continuation.finish()
        }
    }
}
