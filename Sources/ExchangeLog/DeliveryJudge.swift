import ExchangeModel

/// Says of one bundle on what two logs do not agree.
struct DeliveryJudge {
    private let logs: LogReconciliation
    private let delivery: Delivery
    private let sender: Int
    private let recipient: Int
    private(set) var discrepancies: [LogReconciliation.Discrepancy] = []

    init(_ logs: LogReconciliation, _ key: DeliveryKey, _ delivery: Delivery) {
        self.logs = logs
        self.delivery = delivery
        sender = logs.parties[0] == key.sender ? 0 : 1
        recipient = 1 - sender
    }

    mutating func run() {
        judgeStatements()
        judgePresence()
        judgeOrder()
    }

    private mutating func add(_ status: LogReconciliation.Status, _ sentence: String) {
        discrepancies.append(LogReconciliation.Discrepancy(status: status, sentence: sentence))
    }

    // MARK: Altered

    private mutating func judgeStatements() {
        for conflict in delivery.conflicts {
            add(
                .altered,
                "\(logs.name(conflict.second)) states another \(conflict.fact.rawValue) than \(logs.name(conflict.first))"
            )
        }
        for step in delivery.steps {
            let belongs: Int? =
                switch step.kind {
                case .bundleSealed, .bundleSent: sender
                case .bundleReceived, .bundleOpened, .bundleRejected: recipient
                default: nil
                }
            if let belongs, belongs != step.side {
                add(.altered, "\(logs.name(step)) stands in the log of the wrong party")
            }
        }
        for side in [sender, recipient] {
            let other = logs.parties[1 - side]
            if let peer = delivery.peers[side].sorted(by: { $0.text < $1.text }).first(where: { $0 != other }) {
                add(.altered, "The log of \(logs.parties[side]) names \(peer) as the other party, not \(other)")
            }
        }
        let once: [(LogEntry.Kind, Int)] = [
            (.bundleSealed, sender), (.bundleSent, sender), (.bundleReceived, recipient), (.bundleOpened, recipient),
        ]
        for (kind, side) in once where delivery.count(kind, on: side) > 1 {
            add(.altered, "\(kind.rawValue) stands more than once in the log of \(logs.parties[side])")
        }
    }

    // MARK: One-sided

    private var arrived: LogStep? { delivery.first(.bundleReceived, .bundleImported, on: recipient) }
    private var handedOver: LogStep? { delivery.first(.bundleAnnounced, .bundleExported, on: sender) }
    /// The first that the recipient knew of the bundle.
    private var known: LogStep? {
        delivery.first(
            .bundleAnnounced,
            .bundleReceived,
            .bundleImported,
            .bundleOpened,
            .bundleRejected,
            .bundleRefused,
            .bundleAbandoned,
            on: recipient
        )
    }

    private mutating func judgePresence() {
        let sealed = delivery.first(.bundleSealed, on: sender)
        let sent = delivery.first(.bundleSent, on: sender)
        // What the recipient knows, the sender must have sealed before; and the sender itself cannot send otherwise.
        if sealed == nil, let proof = known ?? handedOver ?? sent {
            missing("bundle.sealed", on: sender, because: proof, seconds: -logs.allowance)
        }
        if handedOver == nil, let proof = arrived ?? sent {
            missing("bundle.announced or bundle.exported", on: sender, because: proof, seconds: -logs.allowance)
        }
        // The sender enters the announcement when the recipient has taken it.
        if let announced = delivery.first(.bundleAnnounced, on: sender), known == nil {
            missing("bundle.announced", on: recipient, because: announced, seconds: -logs.allowance)
        }
        if let sent, arrived == nil {
            missing("bundle.received", on: recipient, because: sent, seconds: -logs.allowance)
        }
        // A courier's disk brings no acknowledgement.
        if let arrived, sent == nil, delivery.first(.bundleExported, on: sender) == nil {
            missing("bundle.sent", on: sender, because: arrived, seconds: logs.allowance)
        }
    }

    private mutating func missing(_ kinds: String, on side: Int, because step: LogStep, seconds: Int64) {
        let due = step.time.adding(seconds: side == step.side ? 0 : seconds)
        add(
            logs.missing(on: side, due: due),
            "\(logs.name(step)) has no \(kinds) in the log of \(logs.parties[side])"
        )
    }

    // MARK: Out of order

    private mutating func judgeOrder() {
        let sealed = delivery.first(.bundleSealed, on: sender)
        let announced = delivery.first(.bundleAnnounced, on: sender)
        let exported = delivery.first(.bundleExported, on: sender)
        let sent = delivery.first(.bundleSent, on: sender)
        let opened = delivery.first(.bundleOpened, on: recipient)
        let taken = delivery.first(.bundleAnnounced, on: recipient)
        // Within one log the index decides.
        for (earlier, later) in [
            (sealed, announced), (sealed, exported), (announced, sent), (taken, arrived), (arrived, opened),
        ] {
            guard let earlier, let later, later.index < earlier.index else { continue }
            add(.outOfOrder, "\(logs.name(later)) stands before \(logs.name(earlier))")
        }
        if let opened, arrived == nil {
            add(.outOfOrder, "\(logs.name(opened)) has no bundle.received before it")
        }
        // Between two logs only the clocks can.
        let handedOver = [announced, exported].compactMap(\.self).min { $0.time < $1.time }
        for (earlier, later) in [
            (sealed, known), (sealed, arrived), (taken, announced), (handedOver, arrived), (arrived, sent),
        ] where earlier?.side != later?.side {
            guard let earlier, let later, later.time.adding(seconds: logs.allowance) < earlier.time else { continue }
            add(.outOfOrder, "\(logs.name(later)) is earlier than \(logs.name(earlier))")
        }
    }
}
