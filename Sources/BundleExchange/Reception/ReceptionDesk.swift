public import EvidencePackaging
import ExchangeLog
public import ExchangeModel
import Glibc
import Logging
import Persistence
import Synchronization
import TrustCrypto

/// Takes bundles in from partners: announcement, parts in any order, completion, receipt.
///
/// Each step can be repeated. Nothing is acknowledged before it is durable and logged, and a bundle's name is never taken
/// for other bytes, not even years later.
public struct ReceptionDesk: Sendable {
    /// Gives a part's bytes as they arrive.
    public typealias Body = ((UnsafeRawBufferPointer) throws -> Void) async throws -> Void

    /// How long a bundle may stay announced without progress, in seconds.
    public static let longestSilence: Int64 = 72 * 3_600

    let core: GatewayCore
    private let peers: PeerRegister
    private let keys: KeyRing
    private let receipts: ReceiptDesk
    private let assemblies = Assemblies()
    private let wake: @Sendable () -> Void

    /// - Parameters:
    ///   - core: The gateway.
    ///   - keys: Its keys.
    ///   - peers: Its partners.
    ///   - wake: Called when work was entered into the outbox.
    public init(core: GatewayCore, keys: KeyRing, peers: PeerRegister, wake: @escaping @Sendable () -> Void) {
        self.core = core
        self.keys = keys
        self.peers = peers
        self.wake = wake
        receipts = ReceiptDesk(core: core, keys: keys, peers: peers)
    }

    // MARK: - Announcement

    /// Takes an announcement: who sealed it, for whom, how large, is checked before any byte of content is taken.
    ///
    /// - Returns: What is missing; the same answer when the same announcement is repeated.
    /// - Throws: `announcement.*`, and what proves the seal wrong or could not be checked.
    public func announce(_ announcement: BundleAnnouncement, as id: BundleID, by peer: PartyID) async throws
        -> DeliveryState
    {
        let header = announcement.header
        let key = BundleKey(sender: header.sender, id: header.bundle)
        do {
            guard header.bundle == id else {
                throw ExchangeError(.announcementName, "The header names another bundle than the request")
            }
            guard header.sender == peer else {
                throw ExchangeError(
                    .announcementSender,
                    "The bundle says it is sent by \(header.sender), and you are \(peer)",
                    hint: "a gateway announces its own bundles only"
                )
            }
            if let known = try await core.store.read({ try BundleRecord.find(key, .incoming, in: $0) }) {
                guard known.sealedDigest == announcement.sealedDigest else {
                    throw ExchangeError(
                        .announcementConflict,
                        "A bundle of this name was announced before, with other bytes",
                        hint: "seal it again; a new bundle gets a new id"
                    )
                }
                // One that was given up may be announced again, with the same bytes.
                if known.state != .abandoned { return try await state(of: known) }
            }
            try await accept(announcement)
        } catch let error as ExchangeError {
            try await noteRefusal(of: announcement, by: peer, error)
            throw error
        }
        try await begin(announcement, key: key, peer: peer)
        return try await state(of: id, by: peer)
    }

    /// The checks that can be made before any part is here.
    private func accept(_ announcement: BundleAnnouncement) async throws {
        let header = announcement.header
        let now = core.now()
        guard header.recipient == core.party else {
            throw ExchangeError(
                .announcementRecipient,
                "The bundle is addressed to \(header.recipient), and this is the gateway of \(core.party)"
            )
        }
        guard now <= header.expires else {
            throw ExchangeError(
                .announcementExpired,
                "The bundle expired at \(header.expires)",
                hint: "seal it again with a later end"
            )
        }
        guard header.created <= now.adding(seconds: PathValidator.clockSkew) else {
            throw ExchangeError(
                .announcementTime,
                "The bundle says it was made at \(header.created), which is still to come here",
                hint: "compare the clocks of both gateways"
            )
        }
        guard announcement.totalSize <= core.largestBundle else {
            throw ExchangeError(
                .announcementTooLarge,
                "The bundle has \(announcement.totalSize) bytes; at most \(core.largestBundle) are taken"
            )
        }
        try await requireRecipientKey(header)
        try await core.store.read { try ReceivedThread.requirePeer(header.sender, of: header.thread, in: $0) }
        var checks = CheckList()
        let trust = try await peers.trust()
        _ = try announcement.proveSeal(trust: trust, now: now, fetcher: nil, checks: &checks)
        try checks.requireAllPassed()
    }

    private func requireRecipientKey(_ header: ExchangeHeader) async throws {
        let known: Set<SHA256Digest> = try await core.store.read { store in
            let sql =
                header.mode == .gateway
                ? "SELECT certificate_sha256 AS digest FROM gateway_key WHERE purpose = 'gatewayEncryption' AND certificate_sha256 IS NOT NULL"
                : """
                SELECT c.sha256 AS digest FROM agency_certificate c JOIN agency a ON a.id = c.agency
                WHERE c.purpose = 'agencyEncryption' AND c.withdrawn IS NULL AND a.suspended IS NULL
                """
            return Set(try store.rows(sql, []).map { try $0.digest("digest") })
        }
        guard header.recipientKeys.contains(where: known.contains) else {
            throw ExchangeError(
                .announcementRecipientKey,
                "None of the keys that the bundle is encrypted to is known here",
                hint: "take the encryption certificate from the partner's present card and seal again"
            )
        }
    }

    private func begin(_ announcement: BundleAnnouncement, key: BundleKey, peer: PartyID) async throws {
        let header = announcement.header
        let path = core.incomingPath(key)
        try assemblies.reserve(key)
        defer { assemblies.release(key) }
        guard
            try await core.store.read({ try BundleRecord.find(key, .incoming, in: $0)?.state ?? .abandoned })
                == .abandoned
        else { return }
        assemblies.forget(key)
        try await OwnThread.run {
            // Whatever an earlier run left under this name was never entered in the database.
            try BundleAssembly.discard(path)
            _ = try BundleAssembly(at: path, announcement: announcement)
        }
        let json = announcement.json
        let entry = try core.entry(
            .bundleAnnounced,
            of: header,
            sealedDigest: announcement.sealedDigest,
            peer: peer
        )
        let now = core.now()
        try await core.store.write { store in
            if let known = try BundleRecord.find(key, .incoming, in: store) {
                guard known.state == .abandoned, known.sealedDigest == announcement.sealedDigest else { return }
                try known.move(to: .announced, at: now, in: store)
            } else {
                try BundleRecord.insert(
                    header,
                    headerXML: announcement.headerXML,
                    direction: .incoming,
                    peer: peer,
                    sealedDigest: announcement.sealedDigest,
                    size: announcement.totalSize,
                    announcement: json,
                    state: .announced,
                    at: now,
                    in: store
                )
            }
            try store.append(entry, to: .exchange)
        }
    }

    private func noteRefusal(of announcement: BundleAnnouncement, by peer: PartyID, _ error: ExchangeError) async throws
    {
        // What could not be checked now is tried again and is no refusal.
        guard !error.isNotChecked else { return }
        let entry = try core.entry(
            .bundleRefused,
            of: announcement.header,
            sealedDigest: announcement.sealedDigest,
            peer: peer,
            outcome: .refused,
            code: error.code
        )
        try await core.note(entry, in: .exchange)
    }

    // MARK: - State and parts

    /// What is missing of a bundle that the partner is sending.
    ///
    /// - Throws: `request.not_found` when it never announced such a bundle.
    public func state(of id: BundleID, by peer: PartyID) async throws -> DeliveryState {
        try await state(of: record(id, by: peer))
    }

    private func record(_ id: BundleID, by peer: PartyID) async throws -> BundleRecord {
        let key = BundleKey(sender: peer, id: id)
        guard let record = try await core.store.read({ try BundleRecord.find(key, .incoming, in: $0) }) else {
            throw ExchangeError(.notFound, "No such bundle was announced")
        }
        return record
    }

    private func state(of record: BundleRecord) async throws -> DeliveryState {
        switch record.state {
        case .announced:
            let assembly = try await assemblies.assembly(of: record.key) { try await self.reopen(record) }
            return DeliveryState(standing: .announced, missing: DeliveryState.ranges(of: assembly.missingParts))
        case .abandoned:
            throw ExchangeError(.wrongState, "The bundle was given up after long silence", hint: "announce it again")
        default:
            return DeliveryState(standing: .received, missing: [])
        }
    }

    /// Takes one part; it counts only when it is the part that was sealed, and durable.
    ///
    /// - Parameters:
    ///   - number: The part, from 1.
    ///   - id: The bundle.
    ///   - peer: Who sends it.
    ///   - length: The bytes announced for it.
    ///   - body: Gives the bytes.
    /// - Throws: `request.not_found`, `request.wrong_state`, `assembly.*`, `envelope.*`, `store.*`.
    public func part(_ number: Int, of id: BundleID, by peer: PartyID, length: Int64, body: Body) async throws {
        let record = try await record(id, by: peer)
        guard record.state == .announced else {
            throw ExchangeError(.wrongState, "The bundle takes no parts now; it is \(record.state.rawValue)")
        }
        guard (1...record.parts).contains(number) else {
            throw ExchangeError(.notFound, "The bundle has \(record.parts) parts")
        }
        let assembly = try await assemblies.assembly(of: record.key) { try await self.reopen(record) }
        guard length == assembly.announcement.parts[number - 1].size else {
            throw ExchangeError(
                .assemblyPartSize,
                "Part \(number) has \(assembly.announcement.parts[number - 1].size) bytes"
            )
        }
        let writer: PartWriter
        do {
            writer = try assembly.part(number)
        } catch let error as ExchangeError where error.code == .assemblyPartPresent {
            // A part that is here is never written again: a repetition is compared and forgotten.
            return try await compare(number, of: assembly.announcement, body: body)
        }
        try await body { try writer.write($0) }
        try await OwnThread.run { try writer.finish() }
        try await peers.requireActive(peer)
        let now = core.now()
        try await core.store.write { store in
            _ = try store.execute(
                "UPDATE exchange_bundle SET changed = ? WHERE sender = ? AND id = ?",
                [.integer(now.secondsSince1970)] + record.key.arguments
            )
        }
    }

    private func compare(_ number: Int, of announcement: BundleAnnouncement, body: Body) async throws {
        let sum = Mutex(try SHA256Hasher())
        try await body { bytes in try sum.withLock { try $0.update(bytes) } }
        guard try sum.withLock({ try $0.finish() }) == announcement.parts[number - 1].sha256 else {
            throw ExchangeError(.assemblyPartDigest, "Part \(number) is not the part that was sealed")
        }
    }

    private func reopen(_ record: BundleRecord) async throws -> BundleAssembly {
        let json = try await core.store.read { store in
            try store.row(
                "SELECT announcement FROM exchange_bundle WHERE sender = ? AND id = ?",
                record.key.arguments
            )?.optionalBytes("announcement")
        }
        guard let json else { throw ExchangeError(.storeUnexpectedValue, "The announcement of \(record.key) is lost") }
        let path = core.incomingPath(record.key)
        return try await OwnThread.run {
            try BundleAssembly(at: path, announcement: BundleAnnouncement(json: json))
        }
    }

    // MARK: - Completion

    /// Makes a bundle whose parts are all here whole, enters it in the log, and gives the signed receipt.
    ///
    /// - Returns: The receipt (DER); the same bytes whenever it is asked for again.
    /// - Throws: `part.missing`, `request.not_found`, `request.wrong_state`, `store.*`.
    public func complete(_ id: BundleID, by peer: PartyID) async throws -> [UInt8] {
        let record = try await record(id, by: peer)
        try assemblies.reserve(record.key)
        defer { assemblies.release(record.key) }
        let standing = try await state(of: record)
        if standing.standing == .announced {
            guard standing.missing.isEmpty else {
                throw ExchangeError(
                    .partMissing,
                    "Parts are missing: "
                        + standing.missing.prefix(8).map { "\($0.lowerBound)–\($0.upperBound)" }.joined(separator: ", ")
                )
            }
            try await finish(record)
        }
        return try await receipts.issued(.received, of: record.key)
    }

    private func finish(_ record: BundleRecord) async throws {
        let final = core.sealedPath(record.key)
        // A run that was killed between publishing and the database left the whole file in its place.
        if access(final, F_OK) != 0 {
            let assembly = try await assemblies.assembly(of: record.key) { try await self.reopen(record) }
            try await OwnThread.run { try assembly.complete(publishingAs: final) }
        }
        let digest = try await OwnThread.run {
            var checks = CheckList()
            return try SealedBundle(reading: final, checks: &checks).sealedDigest
        }
        guard digest == record.sealedDigest else {
            throw ExchangeError(.storeUnexpectedValue, "The file of \(record.key) is not the bundle that was announced")
        }
        try await peers.requireActive(record.peer)
        try await accepted(record)
        assemblies.forget(record.key)
        wake()
    }

    /// Takes a whole file that was proven as the bundle that was announced.
    func adopt(_ path: String, key: BundleKey, by person: LoggedPerson) async throws {
        let record = try await record(key.id, by: key.sender)
        try assemblies.reserve(key)
        defer { assemblies.release(key) }
        guard record.state == .announced else { return }
        let final = core.sealedPath(key)
        try await OwnThread.run { try CarriedFile.move(path, to: final) }
        assemblies.forget(key)
        unlink(core.incomingPath(key))
        try await accepted(record, by: person, courier: true)
    }

    /// The transaction that makes a bundle received: state, thread, log entry and the receipt that is owed.
    func accepted(_ record: BundleRecord, by person: LoggedPerson? = nil, courier: Bool = false) async throws {
        var entry = try core.entry(
            .bundleReceived,
            of: record.header,
            sealedDigest: record.sealedDigest,
            peer: record.peer,
            by: person
        )
        if courier { entry.subject = "courier" }
        let logged = entry
        let now = core.now()
        let owed = try OutboxEntry(.issueReceipt, due: now, bundle: record.key, receipt: .received)
        try await core.store.write { store in
            guard let present = try BundleRecord.find(record.key, .incoming, in: store), present.state == .announced
            else { return }
            try ReceivedThread.ensure(
                record.header.thread,
                peer: record.peer,
                reference: "",
                subject: "",
                at: now,
                in: store
            )
            try present.move(to: .received, at: now, in: store)
            if record.header.mode == .agency {
                try core.messages?.didReceiveClosed(record.header, of: record.peer, at: now, in: store)
            }
            try store.execute(
                "UPDATE exchange_bundle SET announcement = NULL WHERE sender = ? AND id = ?",
                record.key.arguments
            )
            try store.append(logged, to: .exchange)
            try owed.insert(in: store)
        }
    }

    /// Takes a receipt from the recipient of a bundle that we sent.
    ///
    /// - Throws: `receipt.*`, `request.not_found`.
    public func take(receipt: [UInt8], of id: BundleID, by peer: PartyID) async throws {
        let key = BundleKey(sender: core.party, id: id)
        guard try await receipts.take(receipt, from: peer, of: key) == key else {
            throw ExchangeError(.receiptOtherBundle, "The receipt is for another bundle than the request names")
        }
    }

    // MARK: - Giving up

    /// Gives up what was announced and made no progress for long: its bytes go, its name stays taken.
    ///
    /// - Returns: How many were given up.
    @discardableResult
    public func abandonSilent() async throws -> Int {
        let limit = core.now().adding(seconds: -Self.longestSilence)
        let silent = try await core.store.read { store in
            try store.rows(
                """
                SELECT \(BundleRecord.columns) FROM exchange_bundle
                WHERE direction = 'incoming' AND state = 'announced' AND changed < ?
                """,
                [.integer(limit.secondsSince1970)]
            ).map(BundleRecord.init)
        }
        for record in silent {
            let entry = try core.entry(
                .bundleAbandoned,
                of: record.header,
                sealedDigest: record.sealedDigest,
                peer: record.peer,
                outcome: .failed
            )
            let now = core.now()
            try await core.store.write { store in
                try record.move(to: .abandoned, because: "No progress for 72 hours", at: now, in: store)
                try store.append(entry, to: .exchange)
            }
            assemblies.forget(record.key)
            unlink(core.incomingPath(record.key))
        }
        return silent.count
    }
}
