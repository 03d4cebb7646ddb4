public import ExchangeModel

/// Spares a partner that cannot be reached, and everybody else, the attempts: after several failed connections in a row
/// only one piece of work at a time goes out to see whether the partner is back, at growing intervals.
struct PeerBreaker: Sendable {
    enum Standing: Equatable, Sendable {
        /// Work goes out as it falls due.
        case closed
        /// Nothing goes out before that time.
        case open(until: ExchangeTime)
        /// One piece is out to see whether the partner is back.
        case probing
    }

    private(set) var standing = Standing.closed
    /// Failed connections since the last that came through.
    private(set) var failures = 0
    /// Since when only probes go out.
    private(set) var since: ExchangeTime?
    /// Why the last attempt failed.
    private(set) var lastError: ExchangeError?
    private var probes: Int64 = 0

    /// How much may go out now: `nil` for as much as there is room for.
    func allowance(at now: ExchangeTime) -> Int? {
        switch standing {
        case .closed: nil
        case .open(let until): now >= until ? 1 : 0
        case .probing: 0
        }
    }

    /// Something goes out.
    mutating func begin() {
        if case .open = standing { standing = .probing }
    }

    /// A connection failed.
    ///
    /// - Returns: Whether the partner is only probed from now on and was not before.
    @discardableResult
    mutating func failed(_ error: ExchangeError, at now: ExchangeTime, limit: Int, jitter: UInt8) -> Bool {
        failures += 1
        lastError = error
        guard since != nil || failures >= limit else { return false }
        let opens = since == nil
        if opens { since = now }
        // Failures of work that was out already when the first one was noticed count as one probe.
        if opens || standing == .probing {
            standing = .open(until: now.adding(seconds: Backoff.delay(after: min(probes + 2, 8), jitter: jitter)))
            probes += 1
        }
        return opens
    }

    /// The probe ended without telling anything; the next one may go out at once.
    mutating func learnedNothing(at now: ExchangeTime) {
        if standing == .probing { standing = .open(until: now) }
    }

    /// A person wants it tried now.
    mutating func probeNow(at now: ExchangeTime) {
        if case .open = standing { standing = .open(until: now) }
    }
}

/// How the way to a partner stands, for people.
public struct PeerWay: Hashable, Sendable {
    /// How it stands.
    public enum Standing: String, CaseIterable, Sendable {
        /// Work goes out as it falls due.
        case closed
        /// The partner could not be reached several times in a row, and is only probed.
        case open
        /// It is being probed now.
        case probing
    }

    /// How it stands, as a circuit breaker: closed is good.
    public let standing: Standing
    /// Failed connections in a row.
    public let failures: Int
    /// Since when the partner is only probed.
    public let since: ExchangeTime?
    /// When it is probed next.
    public let nextProbe: ExchangeTime?
    /// Why the last connection failed.
    public let lastError: String?

    init(_ breaker: PeerBreaker) {
        failures = breaker.failures
        since = breaker.since
        lastError = breaker.lastError.map { String($0.description.prefix(1_000)) }
        switch breaker.standing {
        case .closed: (standing, nextProbe) = (.closed, nil)
        case .open(let until): (standing, nextProbe) = (.open, until)
        case .probing: (standing, nextProbe) = (.probing, nil)
        }
    }
}

extension ExchangeError {
    /// Whether it says that the partner could not be reached, or not as a working gateway; not that it refused this.
    var isConnectionFailure: Bool {
        let code = code.rawValue
        if code == "transport.cancelled" || code == "transport.body" || code == "transport.identity" { return false }
        if code.hasPrefix("transport.") { return true }
        guard code == "peer.unavailable" else { return false }
        // What a gateway says about one bundle is no word about the gateway.
        return details.first.map { said in
            ["store.", "listener.", "transport.", "no code"].contains { said.hasPrefix($0) }
        } ?? true
    }

    /// Whether a gateway answered.
    var isAnswer: Bool {
        let answers = [
            "peer.refused", "peer.answer", "peer.not_admitted", "peer.unavailable", "peer.later", "peer.part_busy",
        ]
        return answers.contains(code.rawValue) && !isConnectionFailure
    }
}
