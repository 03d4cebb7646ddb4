import ExchangeModel
import Synchronization

/// Lets one refusal of each kind into the log per minute, and counts those it keeps out.
///
/// Whoever knocks without being known must not be able to fill the log.
final class RefusalLimiter: Sendable {
    /// How long one entry stands for all refusals of its kind, in seconds.
    static let interval: Int64 = 60
    /// How many entries all kinds together may make in one interval.
    static let mostPerInterval = 60
    private static let mostKinds = 1_024

    private struct Kind {
        var entered: ExchangeTime
        var heldBack: Int
    }

    private struct State {
        var kinds: [String: Kind] = [:]
        var intervalBegan: ExchangeTime?
        var enteredInInterval = 0
        var heldBackOverall = 0
    }

    private let state = Mutex(State())

    /// How many refusals were kept out since the last entry, if this one is to be entered; otherwise `nil`.
    func admit(_ kind: String, at now: ExchangeTime) -> Int? {
        state.withLock { state in
            if var known = state.kinds[kind], isWithin(known.entered, now) {
                known.heldBack += 1
                state.kinds[kind] = known
                return nil
            }
            if let began = state.intervalBegan, isWithin(began, now) {
                guard state.enteredInInterval < Self.mostPerInterval else {
                    state.heldBackOverall += 1
                    return nil
                }
            } else {
                state.intervalBegan = now
                state.enteredInInterval = 0
            }
            state.enteredInInterval += 1
            let heldBack = (state.kinds[kind]?.heldBack ?? 0) + state.heldBackOverall
            state.heldBackOverall = 0
            if state.kinds.count >= Self.mostKinds {
                state.heldBackOverall = state.kinds.values.reduce(0) { $0 + $1.heldBack }
                state.kinds.removeAll()
            }
            state.kinds[kind] = Kind(entered: now, heldBack: 0)
            return heldBack
        }
    }

    // A clock set back begins a new interval.
    private func isWithin(_ start: ExchangeTime, _ now: ExchangeTime) -> Bool {
        now >= start && now < start.adding(seconds: Self.interval)
    }
}
