public import ExchangeModel

/// Holds the exchange logs of two parties against each other: every bundle between them and every receipt.
///
/// It is fed the entries of both exports, which must have been proven, and keeps what concerns bundles between the two.
public struct LogReconciliation: Sendable {
    /// How far the clocks of two gateways may be apart before their times contradict each other, in seconds.
    public static let usualAllowance: Int64 = 300

    let parties: [PartyID]
    let selections: [LogExport.Selection]
    let allowance: Int64
    private(set) var latest: [ExchangeTime?] = [nil, nil]
    private(set) var deliveries: [DeliveryKey: Delivery] = [:]
    /// The deliveries in the order in which they were met.
    private(set) var order: [DeliveryKey] = []
    private(set) var receipts: [SHA256Digest: ReceiptTrace] = [:]
    private(set) var receiptOrder: [SHA256Digest] = []

    /// Takes the heads of both exports.
    ///
    /// - Parameters:
    ///   - first: The head of one export.
    ///   - second: The head of the other.
    ///   - allowance: How far the clocks may be apart, in seconds.
    /// - Throws: `log.export_pair` unless they are the `exchange` trees of two parties.
    public init(
        _ first: LogExport.Head,
        _ second: LogExport.Head,
        allowance: Int64 = LogReconciliation.usualAllowance
    ) throws {
        guard first.tree == .exchange, second.tree == .exchange, first.party != second.party,
            first.key.origin != second.key.origin
        else {
            throw ExchangeError(
                .logExportPair,
                "Only the exchange logs of two parties can be reconciled",
                hint: "one export must be of this party's tree “exchange”, the other of the peer's"
            )
        }
        parties = [first.party, second.party]
        selections = [first.selection, second.selection]
        self.allowance = max(0, allowance)
    }

    /// Takes an entry.
    ///
    /// - Parameters:
    ///   - entry: The entry.
    ///   - index: Its index.
    ///   - party: The party whose log it stands in; another than the two is ignored.
    public mutating func add(_ entry: LogEntry, at index: Int64, from party: PartyID) {
        guard let side = parties.firstIndex(of: party) else { return }
        latest[side] = max(latest[side] ?? entry.time, entry.time)
        guard Self.kinds.contains(entry.kind), let bundle = entry.bundle, let sender = entry.bundleSender,
            parties.contains(sender)
        else { return }
        let key = DeliveryKey(sender: sender, bundle: bundle)
        let step = LogStep(side: side, index: index, kind: entry.kind, time: entry.time, outcome: entry.outcome)
        if entry.kind == .receiptIssued || entry.kind == .receiptStored, entry.outcome == .done,
            let digest = entry.digest
        {
            if receipts[digest] == nil { receiptOrder.append(digest) }
            receipts[digest, default: ReceiptTrace()].steps.append((key, step))
        }
        if deliveries[key] == nil { order.append(key) }
        deliveries[key, default: Delivery()].add(entry, step)
    }

    private static let kinds: Set<LogEntry.Kind> = [
        .bundleSealed, .bundleAnnounced, .bundleSent, .bundleReceived, .bundleRefused, .bundleOpened, .bundleRejected,
        .bundleExported, .bundleImported, .bundleExpired, .bundleCancelled, .bundleAbandoned, .receiptIssued,
        .receiptStored,
    ]
}

/// What names a bundle: its sender and its id.
struct DeliveryKey: Hashable, Sendable {
    let sender: PartyID
    let bundle: BundleID
}

/// One entry, as far as its place among the others matters.
struct LogStep: Hashable, Sendable {
    let side: Int
    let index: Int64
    let kind: LogEntry.Kind
    let time: ExchangeTime
    let outcome: LogEntry.Outcome
}

/// What both logs say of one receipt.
struct ReceiptTrace: Sendable {
    var steps: [(key: DeliveryKey, step: LogStep)] = []

    func first(_ kind: LogEntry.Kind) -> (key: DeliveryKey, step: LogStep)? { steps.first { $0.step.kind == kind } }
}

/// What both logs say of one bundle.
struct Delivery: Sendable {
    /// Something that all entries of a bundle must state alike.
    enum Fact: String, CaseIterable, Sendable {
        case sealedDigest = "sealed digest"
        case contentDigest = "content digest"
        case thread
        case message
    }

    private(set) var steps: [LogStep] = []
    /// Whom the log of each side names as the other party.
    private(set) var peers: [Set<PartyID>] = [[], []]
    private var facts: [Fact: (text: String, step: LogStep)] = [:]
    /// Where two entries state a fact differently.
    private(set) var conflicts: [(fact: Fact, first: LogStep, second: LogStep)] = []

    mutating func add(_ entry: LogEntry, _ step: LogStep) {
        steps.append(step)
        if let peer = entry.peer { peers[step.side].insert(peer) }
        for fact in Fact.allCases {
            let text =
                switch fact {
                case .sealedDigest: entry.sealedDigest?.hex
                case .contentDigest: entry.contentDigest?.hex
                case .thread: entry.thread?.urn
                case .message: entry.message?.urn
                }
            guard let text else { continue }
            if let known = facts[fact] {
                if known.text != text { conflicts.append((fact, known.step, step)) }
            } else {
                facts[fact] = (text, step)
            }
        }
    }

    /// The thread, as the entries state it.
    var thread: String? { facts[.thread]?.text }

    /// The first entry of that kind on that side that tells of success, or of any outcome for acts that end something.
    func first(_ kinds: LogEntry.Kind..., on side: Int) -> LogStep? {
        steps.first { step in
            step.side == side && kinds.contains(step.kind)
                && (step.outcome == .done || Self.endings.contains(step.kind))
        }
    }

    func count(_ kind: LogEntry.Kind, on side: Int) -> Int {
        steps.count { $0.side == side && $0.kind == kind && $0.outcome == .done }
    }

    private static let endings: Set<LogEntry.Kind> = [
        .bundleRefused, .bundleRejected, .bundleExpired, .bundleCancelled, .bundleAbandoned,
    ]
}
