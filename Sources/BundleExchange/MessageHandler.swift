public import ExchangeModel
public import Persistence

/// A message of a thread, sealed here or opened here.
public struct ThreadMessage: Sendable {
    /// The bundle that carries it.
    public let bundle: BundleKey
    /// What its signers stated.
    public let manifest: EvidenceManifest
    /// The identity of what they signed.
    public let contentDigest: SHA256Digest
    /// Which way it goes.
    public let direction: BundleRecord.Direction
    /// The authority here whose thread it is.
    public let authority: String
    /// When the recipient's gateway had it whole, as its receipt says; `nil` until that is known.
    public let received: ExchangeTime?
    /// Whether only an agency can open it.
    public let isClosed: Bool

    init(
        bundle: BundleKey,
        manifest: EvidenceManifest,
        contentDigest: SHA256Digest,
        direction: BundleRecord.Direction,
        authority: String,
        received: ExchangeTime?,
        isClosed: Bool = false
    ) {
        self.bundle = bundle
        self.manifest = manifest
        self.contentDigest = contentDigest
        self.direction = direction
        self.authority = authority
        self.received = received
        self.isClosed = isClosed
    }
}

/// What became of an opened message in its thread; the receipt tells the sender when it was not applied.
public struct MessageVerdict: Hashable, Sendable {
    /// Why it was not applied, or not yet; `nil` when it was.
    public let code: ErrorCode?
    /// The same in one sentence.
    public let reason: String?

    /// It was applied.
    public static let applied = MessageVerdict(code: nil, reason: nil)

    /// It was not applied, or not yet.
    public static func notApplied(_ code: ErrorCode, _ reason: String) -> MessageVerdict {
        MessageVerdict(code: code, reason: reason)
    }
}

/// Follows the messages of threads, within the transactions that they become part of.
public protocol MessageHandler: Sendable {
    /// A message is being drafted.
    ///
    /// - Throws: What keeps it from being drafted.
    func willDraft(_ manifest: EvidenceManifest, in store: any StoreReading) throws

    /// An own message was sealed; it is on its way from now on.
    func didSeal(_ message: ThreadMessage, in store: any StoreWriting) throws

    /// A message was opened, and everything in it is proven.
    ///
    /// - Returns: What became of it. A message that does not fit is no error.
    func didOpen(_ message: ThreadMessage, in store: any StoreWriting) throws -> MessageVerdict

    /// A bundle arrived whole that only an agency can open.
    func didReceiveClosed(_ header: ExchangeHeader, of peer: PartyID, at time: ExchangeTime, in store: any StoreWriting)
        throws

    /// The recipient's receipt for an own message was stored; the time is when the recipient's gateway had it whole.
    func wasReceived(
        _ contentDigest: SHA256Digest,
        of thread: ThreadID,
        at time: ExchangeTime,
        in store: any StoreWriting
    )
        throws

    /// A bundle of a partner was rejected here, for the reason that the code names.
    func didReject(_ bundle: BundleRecord, code: ErrorCode, in store: any StoreWriting) throws

    /// An own message will not reach its recipient in this bundle: expired, cancelled, refused or rejected.
    func wasNotDelivered(_ bundle: BundleRecord, in store: any StoreWriting) throws

    /// An own message expires soon, and no receipt has come.
    func willExpire(_ bundle: BundleRecord, in store: any StoreWriting) throws

    /// An own message was sealed again, in a bundle that takes the place of an earlier one; it is the same message.
    func didReseal(_ contentDigest: SHA256Digest, of thread: ThreadID, as bundle: BundleKey, in store: any StoreWriting)
        throws
}
