public import ExchangeModel

/// Where a bundle can come to from where it stands: the one table that every change of a bundle's state goes through.
public enum DeliveryMachine {
    /// What can happen to a bundle.
    public enum Event: String, CaseIterable, Sendable {
        /// Outgoing: the recipient's gateway knows of it. Incoming: it was announced here.
        case announced
        /// Outgoing: parts are on their way.
        case transferring
        /// Outgoing: the recipient's gateway has every part.
        case completed
        /// Outgoing: the recipient's signed receipt is here.
        case acknowledged
        /// Outgoing: the recipient's gateway refused it for good, without a receipt.
        case refused
        /// Outgoing: no receipt came in time.
        case expired
        /// Outgoing: a person called it off.
        case cancelled
        /// Incoming: whole, durable and logged.
        case received
        /// Incoming: a person has it opened.
        case openingBegan = "opening_began"
        /// Incoming: it could not be examined now.
        case openingPutBack = "opening_put_back"
        /// Incoming: given up after long silence.
        case abandoned
        /// Opened: proven here, or the recipient's receipt says so.
        case opened
        /// Rejected here, or the recipient's receipt says so.
        case rejected
        /// A bundle with the same content took its place.
        case superseded
    }

    /// What a state becomes.
    ///
    /// - Returns: The next state; the same one where the event changes nothing.
    /// - Throws: `delivery.complete`, `delivery.ended`, `delivery.order`.
    public static func next(
        _ state: BundleRecord.State,
        _ event: Event,
        _ direction: BundleRecord.Direction
    ) throws(ExchangeError) -> BundleRecord.State {
        if let next = table(direction)[state]?[event] { return next }
        let name = state.rawValue
        guard direction == .outgoing, table(direction)[state] != nil, outgoingEvents.contains(event) else {
            if direction == .incoming, ended.contains(state), incomingEvents.contains(event) {
                throw ExchangeError(.deliveryEnded, "The bundle is \(name), and that is final")
            }
            throw ExchangeError(.deliveryOrder, "“\(event.rawValue)” cannot happen to a bundle that is \(name)")
        }
        if present.contains(state), event == .cancelled || event == .superseded {
            throw ExchangeError(
                .deliveryComplete,
                "The bundle is \(name): the partner has all of it, and it can no longer be called back",
                hint: "a message of its own can withdraw or correct what it says"
            )
        }
        throw ExchangeError(.deliveryEnded, "The bundle is \(name), and its delivery has ended")
    }

    /// Outgoing states in which the recipient's gateway has all of the bundle.
    static let present: Set<BundleRecord.State> = [.completed, .acknowledged, .opened]

    /// Outgoing states in which delivery is still being tried.
    static let underWay: Set<BundleRecord.State> = [.queued, .announced, .transferring, .completed]

    private static let ended: Set<BundleRecord.State> = [.opened, .rejected, .superseded]

    private static func table(_ direction: BundleRecord.Direction) -> [BundleRecord.State: [Event: BundleRecord.State]]
    {
        direction == .outgoing ? outgoing : incoming
    }

    private static let outgoingEvents: Set<Event> = [
        .announced, .transferring, .completed, .acknowledged, .refused, .expired, .cancelled, .opened, .rejected,
        .superseded,
    ]

    private static let incomingEvents: Set<Event> = [
        .announced, .received, .openingBegan, .openingPutBack, .abandoned, .opened, .rejected, .superseded,
    ]

    // A receipt is believed in every state: it says what has happened at the recipient.
    private static let outgoing: [BundleRecord.State: [Event: BundleRecord.State]] = [
        .queued: [
            .announced: .announced, .transferring: .transferring, .completed: .completed,
            .acknowledged: .acknowledged, .opened: .opened, .rejected: .rejected, .refused: .rejected,
            .expired: .expired, .cancelled: .cancelled, .superseded: .superseded,
        ],
        .announced: [
            .announced: .announced, .transferring: .transferring, .completed: .completed,
            .acknowledged: .acknowledged, .opened: .opened, .rejected: .rejected, .refused: .rejected,
            .expired: .expired, .cancelled: .cancelled, .superseded: .superseded,
        ],
        .transferring: [
            .announced: .transferring, .transferring: .transferring, .completed: .completed,
            .acknowledged: .acknowledged, .opened: .opened, .rejected: .rejected, .refused: .rejected,
            .expired: .expired, .cancelled: .cancelled, .superseded: .superseded,
        ],
        // A partner that was set back to an older backup asks for parts again.
        .completed: [
            .announced: .completed, .transferring: .transferring, .completed: .completed,
            .acknowledged: .acknowledged, .opened: .opened, .rejected: .rejected, .refused: .rejected,
            .expired: .expired,
        ],
        .acknowledged: [
            .announced: .acknowledged, .transferring: .acknowledged, .completed: .acknowledged,
            .acknowledged: .acknowledged, .opened: .opened, .rejected: .rejected,
        ],
        // The receipt `received` is still asked for when `opened` or `rejected` overtook it.
        .opened: [
            .announced: .opened, .transferring: .opened, .completed: .opened, .acknowledged: .opened, .opened: .opened,
        ],
        .rejected: [
            .announced: .rejected, .transferring: .rejected, .completed: .rejected, .acknowledged: .acknowledged,
            .opened: .opened, .rejected: .rejected, .refused: .rejected, .superseded: .superseded,
        ],
        .expired: [
            .acknowledged: .acknowledged, .opened: .opened, .rejected: .rejected, .superseded: .superseded,
        ],
        .cancelled: [
            .acknowledged: .acknowledged, .opened: .opened, .rejected: .rejected, .superseded: .superseded,
        ],
        .superseded: [.acknowledged: .superseded, .opened: .superseded, .rejected: .superseded],
    ]

    private static let incoming: [BundleRecord.State: [Event: BundleRecord.State]] = [
        .announced: [
            .announced: .announced, .received: .received, .abandoned: .abandoned, .superseded: .superseded,
        ],
        .received: [.openingBegan: .opening, .rejected: .rejected, .superseded: .superseded],
        .opening: [.opened: .opened, .rejected: .rejected, .openingPutBack: .received],
        .opened: [:],
        .rejected: [:],
        .abandoned: [.announced: .announced, .superseded: .superseded],
        .superseded: [:],
    ]
}
