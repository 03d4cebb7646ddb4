public import ExchangeModel

/// One act, as it stands in the log: ids, digests, kind, time and outcome, never names or facts of a case.
///
/// Persons appear as salted digests whose salt lies outside the log, so that a record of a person can be erased.
public struct LogEntry: Hashable, Sendable {
    /// How the act ended.
    public enum Outcome: String, CaseIterable, Sendable {
        /// It was done.
        case done
        /// It was not allowed, and nothing was changed.
        case refused
        /// It was tried and did not succeed.
        case failed
    }

    /// What was done.
    public var kind: Kind
    /// When, by the gateway's clock.
    public var time: ExchangeTime
    /// How it ended.
    public var outcome: Outcome
    /// Why, where the outcome or the act has a reason with a code.
    public var code: ErrorCode?
    /// Id of the authority for which it was done.
    public var authority: String?
    /// Who did it: SHA-256 over the person's salt and id.
    public var person: SHA256Digest?
    /// For whom that person stood in, in the same form.
    public var standsInFor: SHA256Digest?
    /// The other party, where the act concerns one.
    public var peer: PartyID?
    /// The thread.
    public var thread: ThreadID?
    /// The message.
    public var message: MessageID?
    /// The bundle, which only its sender and id together name.
    public var bundle: BundleID?
    /// The bundle's sender.
    public var bundleSender: PartyID?
    /// The bundle's sealed digest.
    public var sealedDigest: SHA256Digest?
    /// The bundle's content digest.
    public var contentDigest: SHA256Digest?
    /// The item of evidence, as a plain UUID.
    public var item: String?
    /// SHA-256 of what the act is about: an item, a receipt, a card, a checkpoint.
    public var digest: SHA256Digest?
    /// Id of what an act of the house is about, such as a change, a key or a role; never a person's name.
    public var subject: String?
    /// The program that did it.
    public var tool: String
    /// The program's version.
    public var toolVersion: String
    /// 32 random bytes, so that nobody can guess an entry from its hash.
    public var random: [UInt8]

    /// Takes what every entry has; the rest is assigned.
    public init(
        kind: Kind,
        time: ExchangeTime,
        outcome: Outcome,
        tool: String,
        toolVersion: String,
        random: [UInt8]
    ) {
        self.kind = kind
        self.time = time
        self.outcome = outcome
        self.tool = tool
        self.toolVersion = toolVersion
        self.random = random
    }
}
