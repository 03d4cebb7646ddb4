import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Persistence
import TrustCrypto

/// Makes the receipts that are owed and keeps those that come.
///
/// A receipt is made in a fixed order: the act's entry is in the log, a checkpoint covers it, the receipt with the
/// proof is stored, and only then is it given out.
struct ReceiptDesk: Sendable {
    let core: GatewayCore
    let keys: KeyRing
    let peers: PeerRegister

    // MARK: - Given

    /// Does outbox work.
    func issue(_ work: OutboxEntry) async throws {
        guard let key = work.bundle, let kind = work.receipt else {
            return try await core.store.write { try work.remove(in: $0) }
        }
        _ = try await issued(kind, of: key)
    }

    /// The receipt for an act that stands in the log; made now if it was not made yet.
    ///
    /// - Returns: The signed receipt (DER); the same bytes every time.
    /// - Throws: `key.*` when there is no receipt key, `log.*`, `store.*`.
    func issued(_ kind: Receipt.Kind, of key: BundleKey) async throws -> [UInt8] {
        if let known = try await stored(kind, of: key) { return known }
        let (record, act) = try await core.store.read { store in
            (
                try BundleRecord.find(key, .incoming, in: store),
                try store.row(
                    """
                    SELECT entry_index, entry FROM log_entry
                    WHERE tree = 'exchange' AND bundle = ? AND peer = ? AND kind = ? ORDER BY entry_index
                    """,
                    [.text(key.id.urn), .text(key.sender.text), .text(Self.act(of: kind).rawValue)]
                )
            )
        }
        guard let record, let act else {
            throw ExchangeError(.wrongState, "No act stands in the log for which this receipt could be given")
        }
        let index = try act.integer("entry_index")
        let bytes = try act.bytes("entry")
        let entry = try LogEntry(decoding: bytes)
        let note = try await core.store.checkpoint(of: .exchange, signedBy: try await keys.logKey(.exchange))
        let size = try Checkpoint(note: note, verifiedBy: try await keys.logKey(.exchange).verifier).size
        let proof = try await core.store.inclusionProof(index: index, size: size, in: .exchange)
        var receipt = Receipt(kind, for: record.header, sealedDigest: record.sealedDigest, time: entry.time)
        receipt.code = entry.code
        receipt.reason = receipt.code == nil ? nil : record.reason
        receipt.log = Receipt.LogRecord(entry: bytes, proof: TlogProof(proof, note: note).text)
        let signing = try await keys.current(.receipt)
        let der = try receipt.sign(certificate: signing.certificate, key: signing.key, chain: signing.chain)
        let kept = try await keep(der, receipt, record: record)
        if kind == .received { peers.witnessBoard.exchanged(with: record.peer) }
        return kept
    }

    /// Stores a receipt that was made, enters it in the log, and has it sent where it is not answered at once.
    private func keep(_ der: [UInt8], _ receipt: Receipt, record: BundleRecord) async throws -> [UInt8] {
        let now = core.now()
        let digest = try SHA256Digest(of: der)
        var made = try core.entry(
            .receiptIssued,
            of: record
        )
        made.digest = digest
        made.subject = receipt.kind.rawValue
        let logged = made
        let send = try OutboxEntry(
            .sendReceipt,
            due: now,
            peer: record.peer,
            bundle: record.key,
            receipt: receipt.kind
        )
        return try await core.store.write { store in
            // Somebody else may have made it meanwhile; the first one stands.
            if let known = try Self.stored(receipt.kind, of: record.key, issuer: core.party, in: store) { return known }
            try Self.insert(der, digest, receipt, of: record.key, stored: now, in: store)
            try store.append(logged, to: .exchange)
            try store.execute(
                "DELETE FROM outbox WHERE kind = 'issue_receipt' AND sender = ? AND bundle = ? AND detail = ?",
                record.key.arguments + [.text(receipt.kind.rawValue)]
            )
            // The sender gets `received` as the answer to its completion, and by disk when the bundle came so.
            if receipt.kind != .received { try send.insert(core.limits, in: store) }
            return der
        }
    }

    private static func act(of kind: Receipt.Kind) -> LogEntry.Kind {
        switch kind {
        case .received, .retrieved: .bundleReceived
        case .opened: .bundleOpened
        case .rejected: .bundleRejected
        }
    }

    // MARK: - Taken

    /// Verifies and keeps a receipt for a bundle that we sent, and moves the bundle's state.
    ///
    /// - Parameters:
    ///   - der: The receipt.
    ///   - peer: Who handed it over; `nil` when it came by disk.
    ///   - expected: The bundle it was handed over for.
    /// - Returns: The bundle it is for.
    /// - Throws: `receipt.*`, `signature.*`, `certificate.*`, `revocation.*`, `request.not_found`.
    func take(_ der: [UInt8], from peer: PartyID? = nil, of expected: BundleKey? = nil) async throws -> BundleKey {
        let missing = ExchangeError(.notFound, "No such bundle was sent to you")
        if let expected {
            let record = try await core.store.read { try BundleRecord.find(expected, .outgoing, in: $0) }
            guard let record, record.peer == peer else { throw missing }
        }
        let proven = try Receipt.read(der, trust: try await peers.trust(), now: core.now())
        let receipt = proven.receipt
        let key = BundleKey(sender: receipt.sender, id: receipt.bundle)
        guard let record = try await core.store.read({ try BundleRecord.find(key, .outgoing, in: $0) }),
            peer == nil || record.peer == peer
        else { throw missing }
        try receipt.requireAgreement(with: record.header, sealedDigest: record.sealedDigest)
        if let agency = receipt.agency {
            try await takeRelayed(proven, agency: agency, record: record)
            return key
        }
        let logKey = try await peers.exchangeLogKey(of: record.peer)
        let logged = try receipt.verifyLogProof(key: logKey)
        try await store(proven.der, receipt, record: record)
        if let log = receipt.log {
            try await ReceiptWitness(core: core, board: peers.witnessBoard)
                .hold(logged, TlogProof(text: log.proof), of: record.peer, key: logKey)
        }
        if receipt.kind == .received { peers.witnessBoard.exchanged(with: record.peer) }
        return key
    }

    private func store(_ der: [UInt8], _ receipt: Receipt, record: BundleRecord) async throws {
        let now = core.now()
        let digest = try SHA256Digest(of: der)
        var taken = try core.entry(
            .receiptStored,
            of: record
        )
        taken.digest = digest
        taken.subject = receipt.kind.rawValue
        let stored = taken
        let sent = try core.entry(
            .bundleSent,
            of: record
        )
        try await core.store.write { store in
            if let known = try Self.stored(receipt.kind, of: record.key, issuer: record.peer, in: store) {
                guard known == der else {
                    throw ExchangeError(
                        .receiptConflict,
                        "Another receipt of this kind was taken for the bundle before"
                    )
                }
                return
            }
            guard let present = try BundleRecord.find(record.key, .outgoing, in: store) else { return }
            try Self.insert(der, digest, receipt, of: record.key, stored: now, in: store)
            if receipt.kind == .received { try store.append(sent, to: .exchange) }
            try store.append(stored, to: .exchange)
            // Receipts may overtake each other; the one that says most counts.
            let told = try [Receipt.Kind.opened, .rejected, .received].first {
                try Self.stored($0, of: record.key, issuer: record.peer, in: store) != nil
            }
            let because = receipt.code.map { receipt.reason ?? $0.rawValue } ?? present.reason
            switch told {
            case .opened: try present.move(.opened, because: because, at: now, in: store)
            case .rejected: try present.move(.rejected, because: because, at: now, in: store)
            case .received, .retrieved, nil: try present.move(.acknowledged, because: because, at: now, in: store)
            }
            switch receipt.kind {
            case .received:
                try core.messages?.wasReceived(
                    present.contentDigest,
                    of: present.header.thread,
                    at: receipt.time,
                    in: store
                )
            case .rejected:
                // The content of one that was sealed again is judged by the later bundle's receipts.
                if present.state != .superseded { try core.messages?.wasNotDelivered(present, in: store) }
            case .opened, .retrieved: break
            }
            // Any receipt of the recipient's gateway proves that nothing is left to deliver, but `received` is wanted too.
            if receipt.kind == .received { try present.stopDelivery(in: store) }
        }
    }

    // MARK: - Rows

    private func stored(_ kind: Receipt.Kind, of key: BundleKey) async throws -> [UInt8]? {
        try await core.store.read { try Self.stored(kind, of: key, issuer: core.party, in: $0) }
    }

    /// A stored receipt of a gateway, or of one of its party's agencies.
    static func stored(
        _ kind: Receipt.Kind,
        of key: BundleKey,
        issuer: PartyID,
        agency: String = "",
        in store: any StoreReading
    ) throws -> [UInt8]? {
        try store.row(
            "SELECT der FROM receipt WHERE sender = ? AND bundle = ? AND kind = ? AND issuer = ? AND agency = ?",
            key.arguments + [.text(kind.rawValue), .text(issuer.text), .text(agency)]
        )?.bytes("der")
    }

    static func insert(
        _ der: [UInt8],
        _ digest: SHA256Digest,
        _ receipt: Receipt,
        of key: BundleKey,
        stored: ExchangeTime,
        in store: any StoreWriting
    ) throws {
        try store.execute(
            """
            INSERT INTO receipt (sender, bundle, kind, issuer, agency, der, sha256, time, stored)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            key.arguments + [
                .text(receipt.kind.rawValue), .text(receipt.issuer.text), .text(receipt.agency ?? ""), .bytes(der),
                .text(digest.hex), .integer(receipt.time.secondsSince1970), .integer(stored.secondsSince1970),
            ]
        )
    }
}
