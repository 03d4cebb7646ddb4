public import ExchangeModel

/// What the exchange with partners may use of this gateway, and how much of it happens at once.
public struct ExchangeLimits: Hashable, Sendable {
    /// The largest sealed bundle taken from partners, in bytes.
    public var largestBundle: Int64 = 1 << 40
    /// How many bytes of one partner's announced bundles may be unfinished here at one time.
    public var quotaBytes: Int64 = 2 << 40
    /// The same for single partners, where it is another.
    public var quotaBytesByPartner: [PartyID: Int64] = [:]
    /// How many announced bundles of one partner may be unfinished here at one time.
    public var unfinishedBundles = 256
    /// How many bytes must stay free on the disk of the data directory when everything announced has arrived.
    public var diskFloor: Int64 = 0
    /// How long a bundle may stay announced without progress, in seconds.
    public var longestSilence: Int64 = 72 * 3_600
    /// How many parts of one bundle are sent at once.
    public var partsAtOnce = 3
    /// How many parts of all bundles together are sent at once.
    public var allPartsAtOnce = 16
    /// How many bundles one agency or partner may fetch at once.
    public var fetchesAtOnce = 4
    /// How many requests of one partner are answered in a second; bursts of twice as many pass.
    public var requestsPerSecond = 2_000
    /// How many announcements of one partner are answered in a minute; bursts of as many pass.
    public var announcementsPerMinute = 30_000
    /// How many bundles are brought to one partner at once; one more when it is an emergency.
    public var deliveriesAtOnce = 4
    /// From how many bytes on a bundle is large: of large ones, one at a time is sealed, opened, and brought to a partner.
    public var largeBundle: Int64 = 64 << 20
    /// How many pieces of the gateway's own work of one kind (sealing, opening, receipts) are done at once.
    public var worksAtOnce = 4
    /// After how many failed connections in a row a partner is only probed.
    public var breakerFailures = 5
    /// How often work may end the gateway before it is set aside.
    public var crashesAllowed = 3
    /// How long after one checkpoint was submitted to a partner the next one is, at least, in seconds.
    public var witnessPause: Int64 = 5
    /// Whether nothing is exchanged with a partner whose log has been found to contradict itself.
    public var blocksContradicted = false

    /// The defaults.
    public init() {}

    /// How many bytes of a partner's announced bundles may be unfinished here at one time.
    public func quotaBytes(of partner: PartyID) -> Int64 { quotaBytesByPartner[partner] ?? quotaBytes }
}
