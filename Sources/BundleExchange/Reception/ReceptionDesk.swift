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
    /// How seldom progress of a bundle is noted in the database, in seconds; it only has to be seen within hours.
    private static let progressInterval: Int64 = 600

    let core: GatewayCore
    private let quota: IncomingQuota
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
        quota = IncomingQuota(core: core)
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
        guard announcement.totalSize <= core.limits.largestBundle else {
            throw ExchangeError(
                .announcementTooLarge,
                "The bundle has \(announcement.totalSize) bytes; at most \(core.limits.largestBundle) are taken"
            )
        }
        try await requireRecipientKey(header)
        try await core.store.read { store in
            try ReceivedThread.requirePeer(header.sender, of: header.thread, in: store)
            try Supersession.check(header, in: store)
        }
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
        try await core.store.read { try quota.reserve(announcement.totalSize, by: peer, in: $0) }
        assemblies.forget(key)
        let assembly = try await OwnThread.run {
            // Whatever an earlier run left under this name was never entered in the database.
            try BundleAssembly.discard(path)
            return try BundleAssembly(at: path, announcement: announcement)
        }
        let json = announcement.json
        let entry = try core.entry(
            .bundleAnnounced,
            of: header,
            sealedDigest: announcement.sealedDigest,
            peer: peer
        )
        let now = core.now()
        let dropped = try await core.store.write { [core] store in
            let known = try BundleRecord.find(key, .incoming, in: store)
            if let known, known.state != .abandoned || known.sealedDigest != announcement.sealedDigest {
                return [BundleKey]()
            }
            // What this one takes the place of needs no room any more.
            let dropped = try Supersession.apply(header, isWhole: false, core: core, at: now, in: store)
            if let known {
                try quota.reserve(announcement.totalSize, by: peer, in: store)
                try known.move(.announced, at: now, in: store)
            } else {
                try quota.reserve(announcement.totalSize, by: peer, in: store)
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
            return dropped
        }
        for older in dropped {
            assemblies.forget(older)
            unlink(core.incomingPath(older))
        }
        _ = try await assemblies.assembly(of: key) { assembly }
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
        case .superseded:
            throw ExchangeError(
                .announcementSuperseded,
                "A later bundle with the same content has taken the place of this one"
            )
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
    ///   - digest: What the sender says they are.
    ///   - body: Gives the bytes.
    /// - Throws: `request.not_found`, `request.wrong_state`, `assembly.*`, `envelope.*`, `exchange.digest_mismatch`,
    ///   `quota.disk`, `output.full`, `store.*`.
    public func part(
        _ number: Int,
        of id: BundleID,
        by peer: PartyID,
        length: Int64,
        digest: SHA256Digest,
        body: @escaping PartBody
    ) async throws {
        let record = try await record(id, by: peer)
        guard record.state == .announced else {
            throw ExchangeError(.wrongState, "The bundle takes no parts now; it is \(record.state.rawValue)")
        }
        guard (1...record.parts).contains(number) else {
            throw ExchangeError(.notFound, "The bundle has \(record.parts) parts")
        }
        let assembly = try await assemblies.assembly(of: record.key) { try await self.reopen(record) }
        let part = assembly.announcement.parts[number - 1]
        guard length == part.size else {
            throw ExchangeError(.assemblyPartSize, "Part \(number) has \(part.size) bytes")
        }
        // So the one digest that is taken while the bytes arrive is held against both, the sender's word and the seal.
        guard digest == part.sha256 else {
            throw ExchangeError(.assemblyPartDigest, "What is sent as part \(number) is not the part that was sealed")
        }
        do {
            try await take(assembly.part(number), body)
        } catch let error as ExchangeError where error.code == .assemblyPartPresent {
            // A part that is here is never written again: a repetition is compared and forgotten.
            return try await compare(part, body: body)
        } catch {
            // After a disk failed nothing in the file is believed; the next request begins it anew.
            if assembly.isClosed { assemblies.forget(record.key, assembly) }
            throw error
        }
        try await peers.requireActive(peer)
        let now = core.now()
        guard now.secondsSince1970 - record.changed.secondsSince1970 >= Self.progressInterval else { return }
        try await core.store.write { store in
            _ = try store.execute(
                "UPDATE exchange_bundle SET changed = ? WHERE sender = ? AND id = ? AND state = 'announced'",
                [.integer(now.secondsSince1970)] + record.key.arguments
            )
        }
    }

    private func take(_ writer: PartWriter, _ body: PartBody) async throws {
        do {
            try quota.requireRoom(for: writer.part.size)
            try await writer.take(body)
        } catch let error as ExchangeError where error.code == .assemblyPartDigest {
            throw ExchangeError(
                .exchangeDigestMismatch,
                "The bytes that arrived as part \(writer.part.number) are not those that were sent",
                hint: "send this part again; the others are not concerned"
            )
        }
    }

    private func compare(_ part: BundleAnnouncement.Part, body: PartBody) async throws {
        var sum = try SHA256Hasher()
        let block = PartBlock(size: PartBlock.usual)
        while case let count = try await body(block), count > 0 { try sum.update(block.bytes(count)) }
        guard try sum.finish() == part.sha256 else {
            throw ExchangeError(
                .exchangeDigestMismatch,
                "The bytes that arrived as part \(part.number) are not those that were sent"
            )
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
        let logger = core.logger
        return try await OwnThread.run {
            let announcement = try BundleAnnouncement(json: json)
            do {
                return try BundleAssembly(at: path, announcement: announcement)
            } catch let error as ExchangeError where error.code == .assemblyOtherBundle {
                // The power went before the file's beginning reached the disk. No part of it can have been acknowledged:
                // that takes the whole file. It is received anew.
                logger.warning(
                    "What had arrived of a bundle cannot be used and is received anew",
                    metadata: ["bundle": "\(record.key.id.urn)"]
                )
                try BundleAssembly.discard(path)
                return try BundleAssembly(at: path, announcement: announcement)
            }
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
            do {
                try await OwnThread.run { try assembly.complete(publishingAs: final) }
            } catch {
                if assembly.isClosed { assemblies.forget(record.key, assembly) }
                throw error
            }
        }
        // The parts are not digested again: each was held against the sealed manifest as it arrived, its bytes were made
        // durable before its ZIP header was written, and only whoever finds that header, in this process or after a
        // crash, counts the part as present. What the disk loses later the opening finds, which digests everything.
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
            of: record,
            by: person
        )
        if courier { entry.subject = "courier" }
        let logged = entry
        let now = core.now()
        // The answer to the completion makes the receipt at once; this is for an answer that was never made.
        let due = courier ? now : now.adding(seconds: 10)
        let owed = try OutboxEntry(.issueReceipt, due: due, bundle: record.key, receipt: .received)
        try await core.store.write { [core] store in
            guard let present = try BundleRecord.find(record.key, .incoming, in: store), present.state == .announced
            else { return }
            _ = try Supersession.apply(record.header, isWhole: true, core: core, at: now, in: store)
            try ReceivedThread.ensure(
                record.header.thread,
                peer: record.peer,
                reference: "",
                subject: "",
                at: now,
                in: store
            )
            try present.move(.received, at: now, in: store)
            try PullRight.arrived(record.header, at: now, in: store)
            if record.header.mode == .agency {
                try core.messages?.didReceiveClosed(record.header, of: record.peer, at: now, in: store)
            }
            try store.execute(
                "UPDATE exchange_bundle SET announcement = NULL WHERE sender = ? AND id = ?",
                record.key.arguments
            )
            try store.append(logged, to: .exchange)
            try owed.insert(core.limits, in: store)
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

    /// Gives up what was announced and made no progress for long: its bytes and its reservation go, its name stays taken.
    ///
    /// - Returns: How many were given up.
    @discardableResult
    public func abandonSilent() async throws -> Int {
        let limit = core.now().adding(seconds: -core.limits.longestSilence)
        let silent = try await core.store.read { store in
            try store.rows(
                """
                SELECT \(BundleRecord.columns) FROM exchange_bundle
                WHERE direction = 'incoming' AND state = 'announced' AND changed < ?
                """,
                [.integer(limit.secondsSince1970)]
            ).map(BundleRecord.init)
        }
        var given = 0
        for record in silent where try await abandon(record, silentSince: limit) { given += 1 }
        return given
    }

    private func abandon(_ record: BundleRecord, silentSince limit: ExchangeTime) async throws -> Bool {
        do { try assemblies.reserve(record.key) } catch { return false }
        defer { assemblies.release(record.key) }
        let entry = try core.entry(
            .bundleAbandoned,
            of: record,
            outcome: .failed
        )
        let now = core.now()
        let hours = core.limits.longestSilence / 3_600
        let isGiven = try await core.store.write { store in
            guard let present = try BundleRecord.find(record.key, .incoming, in: store), present.state == .announced,
                present.changed < limit
            else { return false }
            try present.move(.abandoned, because: "No progress for \(hours) hours", at: now, in: store)
            try store.append(entry, to: .exchange)
            return true
        }
        guard isGiven else { return false }
        assemblies.forget(record.key)
        unlink(core.incomingPath(record.key))
        core.logger.notice(
            "An announced bundle made no progress and was given up",
            metadata: ["peer": "\(record.peer)", "bundle": "\(record.key.id.uuid)", "bytes": "\(record.size)"]
        )
        return true
    }
}
