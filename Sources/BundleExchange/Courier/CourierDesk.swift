public import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Persistence
import TrustCrypto

/// Bundles and receipts by disk: the same checks, the same states and the same log as over the network.
public struct CourierDesk: Sendable {
    /// Gives a file's bytes as they arrive.
    public typealias Body = ((UnsafeRawBufferPointer) throws -> Void) async throws -> Void

    private let core: GatewayCore
    private let peers: PeerRegister
    private let receipts: ReceiptDesk
    private let reception: ReceptionDesk
    private let wake: @Sendable () -> Void

    /// - Parameters:
    ///   - core: The gateway.
    ///   - keys: Its keys.
    ///   - peers: Its partners.
    ///   - reception: Takes bundles in.
    ///   - wake: Called when work was entered into the outbox.
    public init(
        core: GatewayCore,
        keys: KeyRing,
        peers: PeerRegister,
        reception: ReceptionDesk,
        wake: @escaping @Sendable () -> Void
    ) {
        self.core = core
        self.peers = peers
        self.reception = reception
        self.wake = wake
        receipts = ReceiptDesk(core: core, keys: keys, peers: peers)
    }

    /// The sealed bundle's file, to be carried.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state`.
    public func export(_ key: BundleKey, by person: ActingPerson) async throws -> (source: any ByteSource, path: String)
    {
        try await core.authorise(person, to: .carryBundle)
        let record = try await core.store.read { try BundleRecord.visible(key, nil, to: person, in: $0) }
        guard let record else { throw ExchangeError(.notFound, "There is no such bundle") }
        guard record.direction == .outgoing || record.state != .announced, record.state != .abandoned else {
            throw ExchangeError(.wrongState, "The bundle has not arrived yet")
        }
        let path = core.sealedPath(key)
        let file = try RandomAccessFile(openingForReading: path)
        let entry = try core.entry(
            .bundleExported,
            of: record,
            by: LoggedPerson(person)
        )
        try await core.note(entry, in: .exchange)
        return (file, path)
    }

    /// Takes in a sealed bundle that came by disk.
    ///
    /// - Parameters:
    ///   - person: Who brings it.
    ///   - body: Gives the file's bytes.
    /// - Returns: The bundle's name; the same when it is imported again.
    /// - Throws: As ``ReceptionDesk/announce(_:as:by:)``, and what is wrong with the file.
    public func importBundle(by person: ActingPerson, body: Body) async throws -> BundleKey {
        try await core.authorise(person, to: .carryBundle)
        let carried = try CarriedFile(in: core.directory.incoming, largest: core.limits.largestBundle)
        try await body { try carried.write($0) }
        let path = try await OwnThread.run { try carried.finish() }
        let announcement = try await OwnThread.run {
            var checks = CheckList()
            return try BundleAnnouncement(of: SealedBundle(reading: path, checks: &checks))
        }
        let key = BundleKey(sender: announcement.header.sender, id: announcement.header.bundle)
        let state = try await reception.announce(announcement, as: key.id, by: key.sender)
        guard state.standing == .announced else { return key }
        let trust = try await peers.trust()
        let now = core.now()
        let digest = try await OwnThread.run {
            var checks = CheckList()
            let bundle = try SealedBundle(reading: path, checks: &checks)
            _ = try bundle.proveSeal(trust: trust, now: now, checks: &checks)
            try checks.requireAllPassed()
            return bundle.sealedDigest
        }
        guard digest == announcement.sealedDigest else {
            throw ExchangeError(.announcementConflict, "The file changed while it was being imported")
        }
        try await reception.adopt(path, key: key, by: LoggedPerson(person))
        wake()
        return key
    }

    /// The gateway's signed receipt for a received bundle, to be carried back.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state` when nothing happened yet that it could say.
    public func receipt(_ kind: Receipt.Kind, of key: BundleKey, by person: ActingPerson) async throws -> [UInt8] {
        try await core.authorise(person, to: .carryBundle)
        let record = try await core.store.read { try BundleRecord.visible(key, .incoming, to: person, in: $0) }
        guard record != nil else { throw ExchangeError(.notFound, "No such bundle was received") }
        return try await receipts.issued(kind, of: key)
    }

    /// Takes in a receipt that came by disk for a bundle that we sent.
    ///
    /// - Throws: `access.denied`, `receipt.*`, `request.not_found`.
    public func importReceipt(_ der: [UInt8], by person: ActingPerson) async throws -> BundleKey {
        try await core.authorise(person, to: .carryBundle)
        return try await receipts.take(der)
    }
}
