import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Persistence

/// What a newly sealed bundle is entered with: its row, the log entry of its sealing and the work of its delivery.
struct SealedRecord: Sendable {
    let header: ExchangeHeader
    let key: BundleKey
    private let sealed: BundleSealer.Sealed
    private let released: ReleasedDraft
    private let headerXML: [UInt8]
    private let entry: LogEntry
    private let deliver: OutboxEntry

    /// Gathers what must be known before the transaction.
    init(
        _ sealed: BundleSealer.Sealed,
        of released: ReleasedDraft,
        by person: PersonID?,
        at now: ExchangeTime,
        core: GatewayCore
    ) async throws {
        header = sealed.header
        key = BundleKey(sender: header.sender, id: header.bundle)
        self.sealed = sealed
        self.released = released
        headerXML = try header.xml()
        deliver = try OutboxEntry(.deliver, due: now, peer: header.recipient, bundle: key)
        entry = try core.entry(
            .bundleSealed,
            of: header,
            sealedDigest: sealed.sealedDigest,
            peer: header.recipient,
            by: try await core.store.read { try LoggedPerson(person, in: $0) }
        )
    }

    /// The row of the bundle.
    func insert(at now: ExchangeTime, in store: any StoreWriting) throws {
        let manifest = released.draft.manifest
        try BundleRecord.insert(
            header,
            headerXML: headerXML,
            direction: .outgoing,
            peer: header.recipient,
            sealedDigest: sealed.sealedDigest,
            size: sealed.size,
            draft: (released.id, manifest.messageType.rawValue, manifest.subject),
            state: .queued,
            at: now,
            in: store
        )
    }

    /// The log entry, and the delivery unless a courier carries it.
    func dispatch(_ limits: ExchangeLimits, in store: any StoreWriting) throws {
        try SoleReleaseRow.sealed(key, draft: released.id, in: store)
        try store.append(entry, to: .exchange)
        if !released.order.byCourier { try deliver.insert(limits, in: store) }
    }
}
