public import ExchangeModel

/// One signed message of a request's thread, as the replay needs it.
public struct RequestMessage: Hashable, Sendable {
    /// How it hangs on the sender's message before it.
    public enum Link: Hashable, Sendable {
        /// It is the sender's first.
        case first
        /// It follows the message with this content digest.
        case after(SHA256Digest)
        /// It is in a bundle that only an agency can open: its place is known from the header, not its manifest.
        case unopened
    }

    /// What it says.
    public enum Content: Hashable, Sendable {
        /// An act.
        case act(RequestAct)
        /// Nothing that can be understood; the code and the sentence say why.
        case unreadable(code: ErrorCode, reason: String)
    }

    /// Whose message it is.
    public var side: Side
    /// The sender's own count, from 1.
    public var sequence: Int64
    /// How it hangs on the sender's message before it.
    public var link: Link
    /// Its content digest, which names it.
    public var digest: SHA256Digest
    /// The highest sequence that the sender had seen from the other side, 0 for none.
    public var highestSeen: Int64
    /// What it says.
    public var content: Content
    /// When the sender released it, by the signature's timestamp.
    public var sent: ExchangeTime
    /// When the other side received it, by that side's receipt; `nil` while there is no receipt.
    public var received: ExchangeTime?
    /// Whether one person released it alone, so that a second signature has to follow.
    public var soleRelease: Bool

    /// A message whose manifest is known; `previous` is `nil` for the sender's first.
    public init(
        side: Side,
        sequence: Int64,
        previous: SHA256Digest?,
        digest: SHA256Digest,
        highestSeen: Int64,
        content: Content,
        sent: ExchangeTime,
        received: ExchangeTime?,
        soleRelease: Bool = false
    ) {
        self.side = side
        self.sequence = sequence
        self.link = previous.map(Link.after) ?? .first
        self.digest = digest
        self.highestSeen = highestSeen
        self.content = content
        self.sent = sent
        self.received = received
        self.soleRelease = soleRelease
    }

    /// A message whose act is known; `previous` is `nil` for the sender's first.
    public init(
        side: Side,
        sequence: Int64,
        previous: SHA256Digest?,
        digest: SHA256Digest,
        highestSeen: Int64,
        act: RequestAct,
        sent: ExchangeTime,
        received: ExchangeTime?,
        soleRelease: Bool = false
    ) {
        self.init(
            side: side,
            sequence: sequence,
            previous: previous,
            digest: digest,
            highestSeen: highestSeen,
            content: .act(act),
            sent: sent,
            received: received,
            soleRelease: soleRelease
        )
    }

    /// The message of a manifest with this content digest; an act that cannot be read makes it unreadable, it never fails.
    public init(
        manifest: EvidenceManifest,
        digest: SHA256Digest,
        side: Side,
        sent: ExchangeTime,
        received: ExchangeTime?
    ) {
        let content: Content
        do {
            content = .act(try RequestAct(messageType: manifest.messageType, fields: manifest.fields, from: side))
        } catch let error as ExchangeError {
            content = .unreadable(code: error.code, reason: error.reason)
        } catch {
            content = .unreadable(code: .actInvalid, reason: "the act cannot be read")
        }
        self.init(
            side: side,
            sequence: manifest.sequence,
            previous: manifest.previousContentDigest,
            digest: digest,
            highestSeen: manifest.highestSequenceSeen,
            content: content,
            sent: sent,
            received: received,
            soleRelease: manifest.soleReleaseReason != nil
        )
    }

    /// A bundle that only an agency can open. Both gateways, the sender's too, take it so, for the recipient's knows no more.
    public static func unopened(
        side: Side,
        sequence: Int64,
        digest: SHA256Digest,
        sent: ExchangeTime,
        received: ExchangeTime?
    ) -> RequestMessage {
        var message = RequestMessage(
            side: side,
            sequence: sequence,
            previous: nil,
            digest: digest,
            highestSeen: 0,
            act: .evidence,
            sent: sent,
            received: received
        )
        message.link = .unopened
        return message
    }
}

/// A step that a person recorded by hand, for channels that carry no signed messages.
public struct StatedStep: Hashable, Sendable {
    /// The record's own number, which names it.
    public var number: Int64
    /// Whose act it was.
    public var side: Side
    /// What was done.
    public var act: RequestAct
    /// When it was done.
    public var time: ExchangeTime
    /// When the other side received it, where that is known.
    public var received: ExchangeTime?
    /// The letter, scan or call that shows it.
    public var reference: String
    /// When it was recorded.
    public var recordedAt: ExchangeTime

    /// Takes all fields.
    public init(
        number: Int64,
        side: Side,
        act: RequestAct,
        time: ExchangeTime,
        received: ExchangeTime? = nil,
        reference: String,
        recordedAt: ExchangeTime
    ) {
        self.number = number
        self.side = side
        self.act = act
        self.time = time
        self.received = received
        self.reference = reference
        self.recordedAt = recordedAt
    }
}
