import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Logging
import Persistence

/// Brings sealed bundles and receipts to partners, as far as it comes each time; the rest waits in the outbox.
struct DeliveryDesk: Sendable {
    let core: GatewayCore
    let peers: PeerRegister
    let receipts: ReceiptDesk
    let transport: any PeerTransport

    /// Announces, sends what is missing, says completion, and keeps the receipt.
    ///
    /// - Returns: Whether the partner answered.
    func deliver(_ work: OutboxEntry) async throws -> Bool {
        guard let key = work.bundle,
            let record = try await core.store.read({ try BundleRecord.find(key, .outgoing, in: $0) }),
            try await isWanted(record)
        else {
            try await core.store.write { try work.remove(in: $0) }
            return false
        }
        try await peers.requireActive(record.peer)
        let resealing = Resealing(core: core, peers: peers)
        guard try resealing.isOpenable(record) else {
            try await resealing.demand(record, instead: work)
            return false
        }
        if record.state == .queued {
            // The partner's sheet may say less than when the bundle was sealed.
            do { try peers.requireFits(record.size, for: record.peer) } catch let error as ExchangeError
                where error.code == .sealingTooLargeForPartner
            {
                try await giveUp(record, work, because: error)
                return false
            }
        }
        let path = core.sealedPath(key)
        let announcement = try await OwnThread.run {
            var checks = CheckList()
            return try BundleAnnouncement(of: SealedBundle(reading: path, checks: &checks))
        }
        do {
            let carrier = PartCarrier(peers: peers, transport: transport)
            let receipt = try await carrier.carry(record, announcement, path: path) { try await came(record, $0) }
            _ = try await receipts.take(receipt, from: record.peer, of: record.key)
        } catch let error as ExchangeError where error.code == .peerRefused {
            let isForKey = error.details.first == ErrorCode.announcementRecipientKey.rawValue
            if isForKey, await resealing.hasOtherKey(record) {
                try await resealing.demand(record, instead: work, because: error)
            } else {
                try await giveUp(record, work, because: error)
            }
        } catch let error as ExchangeError where [.deliveryEnded, .deliveryComplete].contains(error.code) {
            // Somebody called it off meanwhile.
            try await core.store.write { try work.remove(in: $0) }
        }
        return true
    }

    /// Whether the bundle is still to be delivered; one that expired is marked so.
    private func isWanted(_ record: BundleRecord) async throws -> Bool {
        let isUnderWay = DeliveryMachine.underWay.contains(record.state)
        // A receipt that overtook `received` leaves that one to be fetched.
        guard isUnderWay || record.state == .opened || record.state == .rejected else { return false }
        guard ExpiryKeeper.isOver(record, at: core.now()) else { return true }
        if isUnderWay { try await ExpiryKeeper(core: core).expire(record) }
        return false
    }

    /// Notes how far it came: once for each stage, and for a bundle of one part not that the part is on its way.
    private func came(_ record: BundleRecord, _ stage: PartCarrier.Stage) async throws {
        let event: DeliveryMachine.Event
        switch stage {
        case .announced: event = .announced
        case .transferring where record.parts == 1: return
        case .transferring: event = .transferring
        case .completed: event = .completed
        }
        let entry = try core.entry(
            .bundleAnnounced,
            of: record
        )
        let now = core.now()
        try await core.store.write { store in
            guard let present = try BundleRecord.find(record.key, .outgoing, in: store) else { return }
            let next = try present.move(event, at: now, in: store)
            if present.state == .queued, next == .announced { try store.append(entry, to: .exchange) }
        }
    }

    /// The partner refused for good: the officer must see it.
    private func giveUp(_ record: BundleRecord, _ work: OutboxEntry, because error: ExchangeError) async throws {
        let entry = try core.entry(
            .bundleRefused,
            of: record,
            outcome: .refused,
            code: error.code
        )
        let now = core.now()
        try await core.store.write { [core] store in
            try work.remove(in: store)
            guard let present = try BundleRecord.find(record.key, .outgoing, in: store),
                DeliveryMachine.underWay.contains(present.state)
            else { return }
            try present.move(.refused, because: error.description, at: now, in: store)
            try core.messages?.wasNotDelivered(present, in: store)
            try store.append(entry, to: .exchange)
        }
    }

    /// Hands a receipt to the sender of the bundle.
    ///
    /// - Returns: Whether the partner answered.
    func deliverReceipt(_ work: OutboxEntry) async throws -> Bool {
        guard let key = work.bundle, let kind = work.receipt, let peer = work.peer,
            let der = try await core.store.read({
                try ReceiptDesk.stored(kind, of: key, issuer: core.party, agency: work.agency ?? "", in: $0)
            })
        else {
            try await core.store.write { try work.remove(in: $0) }
            return false
        }
        try await peers.requireActive(peer)
        do {
            try await transport.deliver(receipt: der, of: key, to: peer)
        } catch let error as ExchangeError where error.code == .peerRefused {
            core.logger.error(
                "The partner refused a receipt",
                metadata: ["peer": "\(peer)", "bundle": "\(key.id.uuid)", "error": "\(error)"]
            )
        }
        try await core.store.write { try work.remove(in: $0) }
        return true
    }
}
