import BundleExchange
import Synchronization

/// How often each partner or agency may ask: a bucket of requests and one of announcements, which fill steadily.
final class PeerRates: Sendable {
    /// What is counted.
    enum Kind: Hashable, Sendable {
        case request
        case announcement
    }

    private struct Key: Hashable {
        let caller: PullCaller
        let kind: Kind
    }

    private struct Bucket {
        var left: Double
        var filled: ContinuousClock.Instant
    }

    private let limits: ExchangeLimits
    private let now: @Sendable () -> ContinuousClock.Instant
    private let buckets = Mutex<[Key: Bucket]>([:])

    init(_ limits: ExchangeLimits, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.limits = limits
        self.now = now
    }

    /// Counts one; gives the seconds to wait where it is one too many, which is not counted.
    func admit(_ kind: Kind, of caller: PullCaller) -> Int? {
        let (perSecond, most) =
            switch kind {
            case .request: (Double(limits.requestsPerSecond), Double(limits.requestsPerSecond) * 2)
            case .announcement: (Double(limits.announcementsPerMinute) / 60, Double(limits.announcementsPerMinute))
            }
        let time = now()
        return buckets.withLock { buckets in
            // Only registered callers come here, so there are never many.
            var bucket = buckets[Key(caller: caller, kind: kind)] ?? Bucket(left: most, filled: time)
            bucket.left = min(most, bucket.left + (time - bucket.filled) / .seconds(1) * perSecond)
            bucket.filled = time
            defer { buckets[Key(caller: caller, kind: kind)] = bucket }
            guard bucket.left >= 1 else { return max(1, Int(((1 - bucket.left) / perSecond).rounded(.up))) }
            bucket.left -= 1
            return nil
        }
    }
}
