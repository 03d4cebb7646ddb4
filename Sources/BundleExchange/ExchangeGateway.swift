import ExchangeModel
import Glibc
import Logging
import Persistence
import Synchronization

/// The gateway as its interfaces see it: one desk for each thing that people and partners do.
public final class ExchangeGateway: Sendable {
    /// What everything works with.
    public let core: GatewayCore
    /// Persons, authorities and who somebody is.
    public let people: PeopleRegister
    /// Changes that need two administrators.
    public let changes: ChangeRegister
    /// This gateway's keys.
    public let keys: KeyRing
    /// Partners and agencies.
    public let peers: PeerRegister
    /// Threads.
    public let threads: ThreadRegister
    /// Evidence and documents.
    public let evidence: EvidenceRoom
    /// Drafts and their signatures.
    public let drafts: DraftDesk
    /// Sending.
    public let dispatch: DispatchDesk
    /// Bundles, sent and received.
    public let bundles: BundleRegister
    /// Bundles that one person released alone, and their second signatures.
    public let releases: ReleaseRegister
    /// Opening and rejecting.
    public let opening: OpeningDesk
    /// What partners send.
    public let reception: ReceptionDesk
    /// What agencies and partners' gateways fetch.
    public let pulling: PullDesk
    /// Bundles and receipts by disk.
    public let courier: CourierDesk
    /// The log, for auditors.
    public let log: LogDesk
    /// Witnessing of partners' logs, and of ours by partners.
    public let witnessing: Witnessing
    /// Backups.
    public let backup: BackupDesk
    /// What expires.
    public let expiry: ExpiryDesk
    /// What waits, and for what.
    public let outbox: OutboxDesk
    /// The outbox at work.
    public let scheduler: OutboxScheduler

    /// Puts the desks together.
    ///
    /// - Parameters:
    ///   - core: What they work with.
    ///   - transport: The way to partners, made from the registers it needs.
    /// - Throws: `store.*`, `peer.*`, and what the transport throws.
    public init(
        core: GatewayCore,
        transport: (_ keys: KeyRing, _ peers: PeerRegister) throws -> any PeerTransport
    ) async throws {
        self.core = core
        keys = KeyRing(core: core)
        peers = try await PeerRegister(core: core, keys: keys)
        people = PeopleRegister(core: core, peers: peers)
        changes = ChangeRegister(core: core, people: people, peers: peers)
        threads = ThreadRegister(core: core)
        evidence = EvidenceRoom(core: core)
        log = LogDesk(core: core, keys: keys)
        bundles = BundleRegister(core: core)
        releases = ReleaseRegister(core: core)
        backup = BackupDesk(core: core)
        expiry = ExpiryDesk(core: core, peers: peers)
        let transport = try transport(keys, peers)
        witnessing = Witnessing(core: core, keys: keys, peers: peers, transport: transport)
        let scheduler = OutboxScheduler(
            core: core,
            keys: keys,
            peers: peers,
            drafts: DraftDesk(core: core, people: people, peers: peers),
            transport: transport
        )
        self.scheduler = scheduler
        outbox = OutboxDesk(core: core, scheduler: scheduler)
        let wake: @Sendable () -> Void = { scheduler.wake() }
        drafts = DraftDesk(core: core, people: people, peers: peers, wake: wake)
        dispatch = DispatchDesk(core: core, drafts: drafts, scheduler: scheduler)
        opening = OpeningDesk(core: core, wake: wake)
        reception = ReceptionDesk(core: core, keys: keys, peers: peers, wake: wake)
        pulling = PullDesk(core: core, keys: keys, peers: peers, wake: wake)
        courier = CourierDesk(core: core, keys: keys, peers: peers, reception: reception, wake: wake)
    }

    /// Clears away what a killed run left: files that no row refers to.
    ///
    /// - Returns: How many files were removed.
    @discardableResult
    public func clearLeftovers() async throws -> Int {
        let (sealed, incoming, blobs) = try await core.store.read { store in
            let keys = try store.rows("SELECT sender, id, state FROM exchange_bundle", []).map {
                (try BundleKey($0), try $0.text("state"))
            }
            // A bundle still in state announced may lie whole in its place: published, and killed before the database.
            return (
                Set(keys.map(\.0.fileName)), Set(keys.filter { $0.1 == "announced" }.map(\.0.fileName)),
                try StoredFiles.blobNames(in: store)
            )
        }
        let removed =
            Self.remove(from: core.directory.sealed, except: sealed)
            + Self.remove(from: core.directory.incoming, except: incoming)
        return removed + (try core.blobs.sweep(keeping: blobs))
    }

    private static func remove(from directory: String, except kept: Set<String>) -> Int {
        guard let stream = opendir(directory) else { return 0 }
        defer { closedir(stream) }
        var removed = 0
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != "..", !kept.contains(name) else { continue }
            if unlink(directory + "/" + name) == 0 { removed += 1 }
        }
        return removed
    }
}
