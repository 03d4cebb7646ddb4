public import BundleExchange
public import ExchangeModel
public import LegalAssistance
import Persistence

/// How long things take and how they end, counted over requests.
public struct StatisticsDesk: Sendable {
    let core: GatewayCore

    /// By what requests are put together.
    public enum Grouping: String, CaseIterable, Hashable, Sendable {
        /// All in one.
        case none
        /// By the partner's state.
        case partner
        /// By the treaty.
        case instrument
        /// By the type of assistance; a request of several types counts in each.
        case type
        /// By the channel.
        case channel
        /// By the calendar month in which it was opened.
        case month
    }

    /// What is counted.
    public struct Question: Hashable, Sendable {
        /// By what requests are put together.
        public var grouping = Grouping.none
        /// Only those on which we stand on this side.
        public var side: Side?
        /// Only those opened from this time on.
        public var from: ExchangeTime?
        /// Only those opened before this time.
        public var to: ExchangeTime?

        /// Everything.
        public init() {}
    }

    /// A number of seconds in the middle and near the end of many.
    public struct Spread: Hashable, Sendable {
        /// How many were measured.
        public let count: Int
        /// Half took no longer, in seconds.
        public let median: Int64
        /// Nine of ten took no longer, in seconds.
        public let ninetieth: Int64

        init?(_ seconds: [Int64]) {
            guard !seconds.isEmpty else { return nil }
            let sorted = seconds.sorted()
            count = sorted.count
            median = Self.quantile(sorted, 0.5)
            ninetieth = Self.quantile(sorted, 0.9)
        }

        // The smallest value that so large a share does not exceed.
        private static func quantile(_ sorted: [Int64], _ share: Double) -> Int64 {
            let place = Int((Double(sorted.count) * share).rounded(.up)) - 1
            return sorted[min(max(place, 0), sorted.count - 1)]
        }
    }

    /// What was counted of the requests of one group.
    public struct Line: Hashable, Sendable {
        /// What they have in common.
        public let group: String
        /// How many; `nil` when they are so few that single cases could be recognised.
        public let count: Int?
        /// How many of them are open.
        public let open: Int?
        /// The share of those with an unmet deadline that has passed, from 0 to 1.
        public let overdueShare: Double?
        /// From the partner's receipt to its acknowledgement.
        public let acknowledgement: Spread?
        /// From receipt to decision.
        public let decision: Spread?
        /// From receipt to execution.
        public let execution: Spread?
        /// How often each ground of refusal was given; rare ones are put together as `other`.
        public let refusals: [String: Int]
    }

    /// Groups smaller than this are not told apart.
    public static let smallest = 5

    /// Counts over the requests of the person's authority, or over all for an auditor.
    ///
    /// - Throws: `access.denied`.
    public func count(_ question: Question, by person: ActingPerson) async throws -> [Line] {
        try await core.authorise(person, to: .seeStatistics)
        var terms = ["1 = 1"]
        var arguments: [SQLValue] = []
        if !person.roles.contains(.auditor) {
            terms.append("authority = ?")
            arguments.append(.text(person.authority))
        }
        if let side = question.side {
            terms.append("side = ?")
            arguments.append(.text(side.rawValue))
        }
        if let from = question.from {
            terms.append("opened >= ?")
            arguments.append(SQLValue(from))
        }
        if let to = question.to {
            terms.append("opened < ?")
            arguments.append(SQLValue(to))
        }
        let (sql, values) = (terms.joined(separator: " AND "), arguments)
        let groups = try await core.store.read { store in
            var groups: [String: Tally] = [:]
            let rows = try store.rows(
                """
                SELECT partner_state, instrument, request_types, channel, opened, received, acknowledged, decided, \
                executed, refusal_ground, is_overdue, ended FROM assistance_request WHERE \(sql)
                """,
                values
            )
            for row in rows {
                for name in try Self.groups(of: row, question.grouping) { try groups[name, default: Tally()].add(row) }
            }
            return groups
        }
        return Self.lines(of: groups)
    }

    private static func groups(of row: StoredRow, _ grouping: Grouping) throws -> [String] {
        switch grouping {
        case .none: return ["all"]
        case .partner: return [try row.text("partner_state")]
        case .instrument: return [try row.optionalText("instrument") ?? "none"]
        case .channel: return [try row.text("channel")]
        case .month: return [String(try row.time("opened").description.prefix(7))]
        case .type:
            let types = try row.text("request_types").split(separator: " ").map(String.init)
            return types.isEmpty ? ["none"] : types
        }
    }

    /// Groups that are too small are put together, and so is the smallest one beside them, from which their number
    /// could otherwise be found by subtraction.
    private static func lines(of groups: [String: Tally]) -> [Line] {
        let sorted = groups.sorted { $0.key < $1.key }
        var small = sorted.filter { $0.value.count < smallest }
        var large = sorted.filter { $0.value.count >= smallest }
        if !small.isEmpty, small.reduce(0, { $0 + $1.value.count }) < smallest,
            let least = large.indices.min(by: { large[$0].value.count < large[$1].value.count })
        {
            small.append(large.remove(at: least))
        }
        var lines = large.map { $0.value.line(named: $0.key) }
        if !small.isEmpty {
            let all = small.reduce(into: Tally()) { $0.add($1.value) }
            lines.append(all.line(named: "other"))
        }
        return lines
    }
}

/// Requests of one group while they are counted.
private struct Tally: Sendable {
    var count = 0
    private var open = 0
    private var overdue = 0
    private var acknowledgement: [Int64] = []
    private var decision: [Int64] = []
    private var execution: [Int64] = []
    private var refusals: [String: Int] = [:]

    mutating func add(_ row: StoredRow) throws {
        count += 1
        if try row.optionalInteger("ended") == nil { open += 1 }
        if try row.integer("is_overdue") != 0 { overdue += 1 }
        if let ground = try row.optionalText("refusal_ground") { refusals[ground, default: 0] += 1 }
        guard let received = try row.optionalInteger("received") else { return }
        func note(_ column: String, _ list: inout [Int64]) throws {
            if let time = try row.optionalInteger(column), time >= received { list.append(time - received) }
        }
        try note("acknowledged", &acknowledgement)
        try note("decided", &decision)
        try note("executed", &execution)
    }

    mutating func add(_ other: Tally) {
        count += other.count
        open += other.open
        overdue += other.overdue
        acknowledgement += other.acknowledgement
        decision += other.decision
        execution += other.execution
        refusals.merge(other.refusals, uniquingKeysWith: +)
    }

    func line(named name: String) -> StatisticsDesk.Line {
        guard count >= StatisticsDesk.smallest else {
            return StatisticsDesk.Line(
                group: name,
                count: nil,
                open: nil,
                overdueShare: nil,
                acknowledgement: nil,
                decision: nil,
                execution: nil,
                refusals: [:]
            )
        }
        func spread(_ list: [Int64]) -> StatisticsDesk.Spread? {
            list.count < StatisticsDesk.smallest ? nil : StatisticsDesk.Spread(list)
        }
        var told = refusals.filter { $0.value >= StatisticsDesk.smallest }
        let rest = refusals.reduce(0) { $0 + $1.value } - told.reduce(0) { $0 + $1.value }
        if rest > 0 { told["other"] = rest >= StatisticsDesk.smallest ? rest : nil }
        return StatisticsDesk.Line(
            group: name,
            count: count,
            open: open,
            overdueShare: Double(overdue) / Double(count),
            acknowledgement: spread(acknowledgement),
            decision: spread(decision),
            execution: spread(execution),
            refusals: told
        )
    }
}
