public import ExchangeModel

/// How far the preservation of data has come (Budapest Convention art. 29, 30).
public struct PreservationState: Hashable, Sendable {
    /// The stages of a preservation.
    public enum Status: String, CaseIterable, Hashable, Sendable {
        /// Asked for.
        case requested
        /// Begun.
        case preserved
        /// Prolonged at least once.
        case extended
        /// The request for the data has come; the data is held until the decision on it, whatever the date.
        case mlaReceivedHold
        /// No longer needed.
        case released
        /// Its time has run out; only the clock brings it about, no act.
        case expired
        /// Refused, given back or taken back before it began.
        case notPreserved
    }

    /// The stage that the acts have brought about.
    public internal(set) var status: Status
    /// When it began, as stated, or when the message that says so was sent.
    public internal(set) var since: PointInTime?
    /// Until when; `nil` when nobody has said.
    public internal(set) var until: PointInTime?
    /// Until when it was asked for.
    public internal(set) var requestedUntil: PointInTime?
    /// What the requested side has warned of, in order.
    public internal(set) var warnings: [String]
    /// The thread of the request for the data, where the requested side has named it.
    public internal(set) var heldForThread: ThreadID?
    /// The reference of the request for the data, where the requested side has named it.
    public internal(set) var heldForReference: String?

    init(requestedUntil: PointInTime?) {
        status = .requested
        self.requestedUntil = requestedUntil
        warnings = []
    }

    /// Whether data is being preserved, apart from the clock.
    public var isActive: Bool { [.preserved, .extended, .mlaReceivedHold].contains(status) }

    /// The stage at a moment: preserved data is `expired` from the end of its last day, in UTC, unless it is held.
    public func status(at now: ExchangeTime) -> Status {
        guard status == .preserved || status == .extended, let until, until.end <= now else { return status }
        return .expired
    }
}
