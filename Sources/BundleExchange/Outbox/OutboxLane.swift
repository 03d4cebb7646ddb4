import ExchangeModel
import Persistence

/// Where work waits. Work of one lane is done in the order in which it falls due, and lanes do not wait for each other;
/// so neither a slow partner nor a large bundle delays anybody else.
struct OutboxLane: Hashable, Sendable {
    enum Group: String, CaseIterable, Sendable {
        case seal
        case sealLarge = "seal-large"
        case open
        case openLarge = "open-large"
        case issue
        /// A slow scanner keeps nothing else waiting.
        case scan
        case deliver
        case deliverLarge = "deliver-large"
        case hand
        /// What was being done when the gateway ended unexpectedly: one at a time, so that the piece at fault shows.
        case suspect

        /// Whether the partner must be reached.
        var isOutward: Bool { self == .deliver || self == .deliverLarge || self == .hand }
    }

    let group: Group
    /// The partner that it concerns.
    let party: String

    init(_ group: Group, _ party: String) {
        self.group = group
        self.party = party
    }

    init?(text: String) {
        let words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard let group = words.first.flatMap({ Group(rawValue: String($0)) }) else { return nil }
        self.init(group, words.count > 1 ? String(words[1]) : "")
    }

    /// As it stands in the database.
    var text: String { group.rawValue + " " + party }

    /// The lanes of the outbox, each found by one step in the index.
    static func all(in store: any StoreReading) throws -> [OutboxLane] {
        try store.rows(
            """
            WITH RECURSIVE lanes(lane) AS (
                SELECT MIN(lane) FROM outbox
                UNION ALL
                SELECT (SELECT MIN(lane) FROM outbox WHERE outbox.lane > lanes.lane) FROM lanes
                WHERE lanes.lane IS NOT NULL
            )
            SELECT lane FROM lanes WHERE lane IS NOT NULL
            """
        ).compactMap { OutboxLane(text: try $0.text("lane")) }
    }
}

/// What is being done in which lane, and how the ways to partners stand.
struct LaneBoard: Sendable {
    let limits: ExchangeLimits
    private var running: [OutboxLane: Int] = [:]
    private var served: [OutboxLane: Int] = [:]
    private var turn = 0
    private(set) var breakers: [String: PeerBreaker] = [:]

    init(_ limits: ExchangeLimits) { self.limits = limits }

    /// How many more pieces of a lane may begin.
    func room(in lane: OutboxLane, rank: Int64, at now: ExchangeTime) -> Int {
        let extra = rank == OutboxEntry.emergency ? 1 : 0
        func count(_ groups: OutboxLane.Group...) -> Int {
            groups.reduce(0) { $0 + (running[OutboxLane($1, lane.party)] ?? 0) }
        }
        let room =
            switch lane.group {
            case .seal, .open, .issue: max(1, limits.worksAtOnce) + extra - busy(lane.group)
            case .sealLarge, .openLarge: 1 + extra - busy(lane.group)
            case .suspect: 1 - busy(.suspect)
            case .scan: 1 + extra - busy(.scan)
            case .deliver: max(1, limits.deliveriesAtOnce) + extra - count(.deliver, .deliverLarge)
            case .deliverLarge:
                min(1 + extra - count(.deliverLarge), max(1, limits.deliveriesAtOnce) + extra - count(.deliver))
            case .hand: max(1, limits.deliveriesAtOnce) + extra - count(.hand)
            }
        let allowance = breakers[lane.party]?.allowance(at: now)
        return max(0, lane.group.isOutward ? min(room, allowance ?? room) : room)
    }

    private func busy(_ group: OutboxLane.Group) -> Int {
        running.reduce(0) { $1.key.group == group ? $0 + $1.value : $0 }
    }

    /// Those that were served longest ago first.
    func inTurn(_ lanes: [OutboxLane]) -> [OutboxLane] {
        lanes.sorted { (served[$0] ?? 0, $0.text) < (served[$1] ?? 0, $1.text) }
    }

    mutating func begin(_ lane: OutboxLane) {
        turn += 1
        served[lane] = turn
        running[lane, default: 0] += 1
        if lane.group.isOutward { breakers[lane.party]?.begin() }
    }

    mutating func end(_ lane: OutboxLane) {
        let left = (running[lane] ?? 0) - 1
        running[lane] = left > 0 ? left : nil
    }

    /// Forgets the turns of lanes that are gone.
    mutating func keep(_ lanes: Set<OutboxLane>) {
        guard served.count > lanes.count + 1_000 else { return }
        served = served.filter { lanes.contains($0.key) || running[$0.key] != nil }
    }

    /// - Returns: Whether the partner is only probed from now on and was not before.
    mutating func failed(_ party: String, _ error: ExchangeError, at now: ExchangeTime, jitter: UInt8) -> Bool {
        breakers[party, default: PeerBreaker()]
            .failed(error, at: now, limit: max(1, limits.breakerFailures), jitter: jitter)
    }

    /// - Returns: Whether the partner was only probed before.
    mutating func succeeded(_ party: String) -> Bool { breakers.removeValue(forKey: party)?.since != nil }

    mutating func learnedNothing(_ party: String, at now: ExchangeTime) {
        breakers[party]?.learnedNothing(at: now)
    }

    mutating func probeNow(_ party: String, at now: ExchangeTime) { breakers[party]?.probeNow(at: now) }

    /// When the next probe goes out.
    var nextProbe: ExchangeTime? {
        breakers.values.compactMap { breaker in
            if case .open(let until) = breaker.standing { until } else { nil }
        }.min { $0.secondsSince1970 < $1.secondsSince1970 }
    }
}
