public import EvidencePackaging
public import ExchangeLog
public import ExchangeModel
public import Logging
public import Persistence
public import TrustCrypto

/// What every desk of a gateway works with: its store, its clock, its way to the trust services.
public struct GatewayCore: Sendable {
    /// Asks a timestamp authority for a token over a signature value (RFC 3161).
    public typealias Timestamper = @Sendable (_ signatureValue: [UInt8]) throws -> TimestampToken

    /// What the gateway is called in log entries and custody events.
    public static let tool = "rogatory"
    /// The program's version.
    public static let toolVersion = ProgramVersion.current

    /// The database and its log.
    public let store: GatewayStore
    /// Encrypted files.
    public let blobs: BlobStore
    /// Where everything lies.
    public let directory: DataDirectory
    /// What item keys and private keys are wrapped with.
    public let storeKey: StoreKey
    /// Whose gateway it is.
    public let party: PartyID
    /// The clock.
    public let now: @Sendable () -> ExchangeTime
    /// The timestamp authorities, the first one that answers counts.
    public let timestamps: [TimestampSource]
    /// How the services stand that signatures and certificates depend on.
    public let services: TrustServices
    /// How long after its end revocation information still counts when nothing newer can be had, in seconds.
    public let revocationGrace: Int64
    /// Which baseline level signatures made here are brought to.
    public let signatureLevel: LongTermGathering.Policy
    /// The operator's program that looks at what was opened, if there is one.
    public let scanner: ScannerSettings?
    /// Fetches revocation information; `nil` keeps the gateway offline.
    public let fetchRevocation: RevocationFetcher.Fetch?
    /// Own anchors and those of the timestamp authorities; partners' stand in the database.
    public let ownTrust: TrustDirectory
    /// What the exchange with partners may use.
    public let limits: ExchangeLimits
    /// Where parts on their way to partners wait for each other.
    let gate: PartGate
    /// Directories from which an officer may have evidence read in place.
    public let importDirectories: [String]
    /// Structured log for the operator: no case facts, no secrets.
    public let logger: Logger
    /// What follows the messages of threads.
    public let messages: (any MessageHandler)?

    /// Takes all fields.
    public init(
        store: GatewayStore,
        blobs: BlobStore,
        directory: DataDirectory,
        storeKey: StoreKey,
        party: PartyID,
        ownTrust: TrustDirectory,
        importDirectories: [String] = [],
        limits: ExchangeLimits = ExchangeLimits(),
        now: @escaping @Sendable () -> ExchangeTime,
        timestamps: [TimestampSource],
        revocationGrace: Int64 = 0,
        signatureLevel: LongTermGathering.Policy = .automatic,
        scanner: ScannerSettings? = nil,
        fetchRevocation: RevocationFetcher.Fetch? = nil,
        messages: (any MessageHandler)? = nil,
        logger: Logger
    ) {
        self.store = store
        self.blobs = blobs
        self.directory = directory
        self.storeKey = storeKey
        self.party = party
        self.ownTrust = ownTrust
        self.importDirectories = importDirectories
        self.limits = limits
        gate = PartGate(limits.allPartsAtOnce)
        self.now = now
        self.timestamps = timestamps
        self.revocationGrace = revocationGrace
        self.signatureLevel = signatureLevel
        self.scanner = scanner
        services = TrustServices(store: store, now: now, logger: logger)
        for source in timestamps { services.expect(.timestamping, source.address) }
        self.fetchRevocation = fetchRevocation
        self.messages = messages
        self.logger = logger
    }

    /// Whose gateway a database belongs to.
    ///
    /// - Throws: `gateway.not_initialised`.
    public static func party(in store: GatewayStore) async throws -> PartyID {
        let found = try await store.read { try $0.row("SELECT party FROM gateway")?.party("party") }
        guard let found else {
            throw ExchangeError(.gatewayNotInitialised, "The gateway has no party yet", hint: "run rogatory init")
        }
        return found
    }

    /// A log entry with time, tool, version and fresh random bytes filled in.
    public func entry(
        _ kind: LogEntry.Kind,
        by person: ActingPerson? = nil,
        outcome: LogEntry.Outcome = .done,
        code: ErrorCode? = nil
    ) throws -> LogEntry {
        var entry = LogEntry(
            kind: kind,
            time: now(),
            outcome: outcome,
            tool: Self.tool,
            toolVersion: Self.toolVersion,
            random: try randomBytes(32)
        )
        entry.code = code
        entry.authority = person?.authority
        entry.person = person?.digest
        return entry
    }

    /// An entry that changes nothing but must be kept, such as a refusal or a view.
    func note(_ entry: LogEntry, in tree: LogTree = .house) async throws {
        try await store.write { _ = try $0.append(entry, to: tree) }
    }
}
