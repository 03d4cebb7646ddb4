import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Persistence
import TrustCrypto

/// Receipts of agencies. An agency keeps no log, so its receipt carries no proof of one: the gateway that takes it from the
/// agency holds it against its register, adds a timestamp, enters it in its own log and hands it on.
extension ReceiptDesk {
    /// Takes a receipt from the agency itself.
    ///
    /// - Throws: `receipt.*`, `signature.*`, `certificate.*`, `revocation.*`, `timestamp.*`, and what keeps the timestamp
    ///   authority from being asked.
    func take(_ bytes: [UInt8], fromAgency agency: String, about bundle: PullableBundle) async throws {
        let trust = try await peers.trust()
        let read = try Receipt.read(bytes, trust: trust, now: core.now())
        let receipt = read.receipt
        try receipt.requireAgreement(with: bundle.header, sealedDigest: bundle.sealedDigest)
        guard receipt.agency == agency else {
            throw ExchangeError(.receiptMismatch, "The receipt does not name the agency that hands it in")
        }
        guard let entry = peers.hub.board.view.agencies[agency],
            entry.isRegistered(read.signature.certificate, for: .receipt)
        else {
            throw ExchangeError(
                .receiptNotRegistered,
                "The receipt is signed with a certificate that is not registered for receipts of \(agency)",
                details: [read.signature.certificate.displayName]
            )
        }
        try Self.requireAgencyKind(receipt, bundle.header)
        if try await isKnown(read, of: bundle.key) { return }
        let (core, now) = (core, core.now())
        let proven = try await OwnThread.run {
            let stamped = try AttachedSignature(der: read.der).addingTimestamp { try core.timestamp($0.signatureValue) }
            // What is handed on must hold for its reader.
            return try Receipt.read(stamped.der, trust: trust, now: now)
        }
        try await keep(proven, about: bundle.key, bundle.direction, isFromAgency: true)
    }

    /// Takes an agency's receipt that the gateway of its party, or a courier, handed on.
    ///
    /// - Throws: `receipt.mismatch`, `receipt.not_registered`, `timestamp.missing`, `receipt.conflict`.
    func takeRelayed(_ proven: Receipt.Proven, agency: String, record: BundleRecord) async throws {
        guard proven.signature.isTimestamped else {
            throw ExchangeError(
                .timestampMissing,
                "The receipt of an agency carries no timestamp of the gateway that took it"
            )
        }
        try Self.requireAgencyKind(proven.receipt, record.header)
        let view = peers.hub.board.view
        let certificate = proven.signature.certificate
        // The party's anchors vouch for an agency that is not known here; what is known must not contradict.
        let isGateways = view.peers[record.peer]?.isRegistered(certificate, for: .receipt) ?? false
        let holder = view.agencies.values.first { $0.certificates.contains { $0.certificate == certificate } }
        let withdrawn = holder?.certificates.first { $0.certificate == certificate }?.withdrawn
        guard !isGateways, holder == nil || holder?.id == agency,
            withdrawn.map({ proven.signature.provenTime <= $0 }) ?? true
        else {
            throw ExchangeError(
                .receiptNotRegistered,
                "The receipt is signed with a certificate that is not one for receipts of \(agency)",
                details: [certificate.displayName]
            )
        }
        try await keep(proven, about: record.key, .outgoing, isFromAgency: false)
    }

    private static func requireAgencyKind(_ receipt: Receipt, _ header: ExchangeHeader) throws {
        guard receipt.kind != .received else {
            throw ExchangeError(.receiptMismatch, "An agency does not receive a bundle; it retrieves it")
        }
        guard receipt.time >= header.created.adding(seconds: -PathValidator.clockSkew) else {
            throw ExchangeError(.statementTime, "The time stated, \(receipt.time), lies before the bundle was made")
        }
    }

    private func isKnown(_ read: Receipt.Proven, of key: BundleKey) async throws -> Bool {
        try await core.store.read { try Self.isKnown(read, of: key, in: $0) }
    }

    /// Whether this very receipt is here; timestamps aside, which may have been added twice.
    ///
    /// - Throws: `receipt.conflict` when the agency gave another receipt of the kind, or said the opposite before.
    private static func isKnown(_ read: Receipt.Proven, of key: BundleKey, in store: any StoreReading) throws -> Bool {
        let receipt = read.receipt
        let agency = receipt.agency ?? ""
        if let known = try stored(receipt.kind, of: key, issuer: receipt.issuer, agency: agency, in: store) {
            let (old, new) = try (AttachedSignature(der: known), AttachedSignature(der: read.der))
            guard old.content == new.content, old.signer.signatureValue == new.signer.signatureValue else {
                throw ExchangeError(
                    .receiptConflict,
                    "Another receipt of this kind was taken for the bundle before"
                )
            }
            return true
        }
        let opposite: Receipt.Kind? =
            switch receipt.kind {
            case .opened: .rejected
            case .rejected: .opened
            case .received, .retrieved: nil
            }
        guard let opposite,
            try stored(opposite, of: key, issuer: receipt.issuer, agency: agency, in: store) != nil
        else { return false }
        throw ExchangeError(.receiptConflict, "The agency said before that the bundle was \(opposite.rawValue)")
    }

    private func keep(
        _ proven: Receipt.Proven,
        about key: BundleKey,
        _ direction: BundleRecord.Direction,
        isFromAgency: Bool
    ) async throws {
        let receipt = proven.receipt
        let now = core.now()
        let digest = try SHA256Digest(of: proven.der)
        let entry = try core.entry(
            // What goes on to the sender is issued here, for its log to be held against ours.
            isFromAgency ? (direction == .incoming ? .receiptIssued : .receiptTaken) : .receiptStored
        )
        let send = try OutboxEntry(
            .sendReceipt,
            due: now,
            peer: key.sender,
            bundle: key,
            receipt: receipt.kind,
            agency: receipt.agency
        )
        try await core.store.write { store in
            guard let record = try BundleRecord.find(key, direction, in: store),
                try !Self.isKnown(proven, of: key, in: store)
            else { return }
            try Self.insert(proven.der, digest, receipt, of: key, stored: now, in: store)
            var entry = entry
            entry.identify(record)
            entry.digest = digest
            entry.subject = receipt.kind.rawValue
            entry.authority = receipt.agency
            try store.append(entry, to: .exchange)
            switch direction {
            case .incoming: try send.insert(core.limits, in: store)
            case .outgoing: try move(record, by: receipt, at: now, in: store)
            }
        }
    }

    /// Where only the agency can open a bundle, its word is the recipient's.
    private func move(_ record: BundleRecord, by receipt: Receipt, at now: ExchangeTime, in store: any StoreWriting)
        throws
    {
        let event: DeliveryMachine.Event = receipt.kind == .rejected ? .rejected : .opened
        // Of several agencies the first one that opens it has the last word.
        guard record.header.mode == .agency, (try? DeliveryMachine.next(record.state, event, .outgoing)) != nil else {
            return
        }
        switch receipt.kind {
        case .opened: try record.move(.opened, because: record.reason, at: now, in: store)
        case .rejected:
            try record.move(.rejected, because: receipt.reason ?? receipt.code?.rawValue, at: now, in: store)
            // The content of one that was sealed again is judged by the later bundle's receipts.
            if record.state != .superseded { try core.messages?.wasNotDelivered(record, in: store) }
        case .received, .retrieved: break
        }
    }
}
