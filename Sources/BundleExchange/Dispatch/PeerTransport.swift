public import EvidencePackaging
public import ExchangeLog
public import ExchangeModel

/// How this gateway reaches a partner's: one call for each message of the exchange protocol. Every call authenticates
/// both sides anew.
///
/// Every call throws `peer.refused` when the partner answered with a refusal that repeating cannot change, and
/// `peer.later` when it asks to come again; any other error means that it may be tried again later.
public protocol PeerTransport: Sendable {
    /// Announces a sealed bundle; the answer says what is still missing there.
    func announce(_ announcement: BundleAnnouncement, of bundle: BundleKey, to peer: PartyID) async throws
        -> DeliveryState
    /// Sends one part.
    ///
    /// - Parameters:
    ///   - number: The part, from 1.
    ///   - digest: SHA-256 of its bytes, sent as `Content-Digest` (RFC 9530).
    ///   - source: The sealed bundle's file.
    ///   - range: Where the part lies in it, in bytes.
    ///   - bundle: Which bundle.
    ///   - peer: To whom.
    /// - Throws: `peer.part_damaged` when it did not arrive as it was sent, `peer.part_busy` when somebody else is sending
    ///   it, `peer.refused`, or what may pass.
    func send(
        part number: Int,
        digest: SHA256Digest,
        from source: any ByteSource,
        range: Range<Int64>,
        of bundle: BundleKey,
        to peer: PartyID
    ) async throws
    /// Says that every part was sent; gives the signed receipt (DER).
    func complete(_ bundle: BundleKey, at peer: PartyID) async throws -> [UInt8]
    /// Hands over a signed receipt about a bundle that the partner had sent.
    func deliver(receipt: [UInt8], of bundle: BundleKey, to peer: PartyID) async throws
    /// Submits a checkpoint of our exchange log to the partner as a witness.
    ///
    /// - Parameters:
    ///   - submission: The checkpoint, and the proof that it continues what the partner cosigned.
    ///   - oldRoot: The root of our log at the old size.
    ///   - peer: The witness.
    /// - Returns: What the partner answered, a refusal because of what it cosigned before too.
    /// - Throws: `peer.refused`, or what may pass.
    func submit(_ submission: AddCheckpoint, oldRoot: SHA256Digest, to peer: PartyID) async throws -> WitnessAnswer
}

/// What a receiver says of a bundle that is being sent to it.
public struct DeliveryState: Hashable, Sendable {
    /// Where the bundle stands at the receiver.
    public enum Standing: String, CaseIterable, Sendable {
        /// Announced; parts are missing or completion was not said yet.
        case announced
        /// Received whole, durable and logged.
        case received
    }

    /// Where it stands.
    public var standing: Standing
    /// The numbers of the parts still missing, ascending, as closed ranges.
    public var missing: [ClosedRange<Int>]

    /// Takes both.
    public init(standing: Standing, missing: [ClosedRange<Int>]) {
        self.standing = standing
        self.missing = missing
    }

    /// Joins neighbouring numbers.
    public static func ranges(of numbers: some Sequence<Int>) -> [ClosedRange<Int>] {
        var ranges: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = ranges.last, number == last.upperBound + 1 {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges
    }
}

extension ExchangeError {
    private static let waitLabel = "wait of seconds: "

    /// The partner's gateway lives and asks to come again later, perhaps after so many seconds.
    public static func peerLater(
        _ reason: String,
        after seconds: Int64?,
        details: [String] = []
    ) -> ExchangeError {
        ExchangeError(.peerLater, reason, details: details + (seconds.map { [waitLabel + String($0)] } ?? []))
    }

    /// The seconds after which the partner asks to come again, at most a day.
    public var retryAfter: Int64? {
        guard code == .peerLater, let label = details.last, label.hasPrefix(Self.waitLabel) else { return nil }
        return Int64(label.dropFirst(Self.waitLabel.count)).map { min(max(0, $0), 86_400) }
    }
}
