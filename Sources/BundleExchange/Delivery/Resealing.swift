import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Persistence
import TrustCrypto

/// Decides when the content of a bundle must be sealed again, because nobody could open what was sealed.
struct Resealing: Sendable {
    let core: GatewayCore
    let peers: PeerRegister

    /// Whether the recipient still uses one of the keys that the bundle is encrypted to.
    func isOpenable(_ record: BundleRecord) throws -> Bool {
        // What the partner has whole is judged there.
        guard record.state != .completed, DeliveryMachine.underWay.contains(record.state) else { return true }
        return try peers.isUsed(record.header.recipientKeys, of: record.peer, mode: record.header.mode)
    }

    /// Whether the recipient has a key now that the bundle is not encrypted to.
    func hasOtherKey(_ record: BundleRecord) async -> Bool {
        guard let recipients = try? await recipients(of: record) else { return false }
        return !recipients.contains { record.header.recipientKeys.contains($0.sha256) }
    }

    private func recipients(of record: BundleRecord) async throws -> [PartyCertificate] {
        let agency = try await core.store.read { store in
            try record.draft.flatMap { try DraftID($0).flatMap { try DraftRows.find($0, in: store) } }
                .map { try DraftRows.manifest(of: $0, in: store).recipientAgency } ?? nil
        }
        return try await peers.recipients(of: record.peer, mode: record.header.mode, agency: agency)
    }

    /// Has it sealed again instead of delivered; a refusal of the partner is what made it necessary.
    func demand(_ record: BundleRecord, instead work: OutboxEntry, because refusal: ExchangeError? = nil) async throws {
        let refused = try refusal.map { error in
            try core.entry(
                .bundleRefused,
                of: record,
                outcome: .refused,
                code: error.code
            )
        }
        let next = try OutboxEntry(.reseal, due: core.now(), bundle: record.key, person: work.person)
        try await core.store.write { [core] store in
            guard let present = try BundleRecord.find(record.key, .outgoing, in: store) else { return }
            try present.stopDelivery(in: store)
            guard DeliveryMachine.underWay.contains(present.state) else { return }
            if let refused { try store.append(refused, to: .exchange) }
            try next.insert(core.limits, in: store)
            if present.paused != nil { try next.hold(.paused, in: store) }
        }
    }
}

extension BundleRecord {
    /// Whether its content may be sealed again on request.
    ///
    /// - Throws: `delivery.*`.
    func requireResealable(in store: any StoreReading) throws {
        _ = try DeliveryMachine.next(state, .superseded, direction)
        guard try ReceiptDesk.stored(.rejected, of: key, issuer: peer, in: store) == nil else {
            throw ExchangeError(
                .deliveryReseal,
                "The recipient rejected what the bundle says, and the same would be rejected again",
                hint: "make a new draft"
            )
        }
        if DeliveryMachine.underWay.contains(state) {
            throw ExchangeError(
                .deliveryReseal,
                "The bundle is \(state.rawValue): its delivery is still being tried",
                hint: "cancel it first if it is not to arrive as it is"
            )
        }
    }
}

extension PeerRegister {
    /// Whether one of these certificates is registered for a recipient and valid now, as far as that can be checked.
    func isUsed(_ keys: [SHA256Digest], of party: PartyID, mode: ExchangeHeader.Mode) throws -> Bool {
        let purpose: CertificatePurpose = mode == .gateway ? .gatewayEncryption : .agencyEncryption
        let offered: [PartyCertificate] =
            switch mode {
            case .gateway:
                try entry(party).certificates.filter { $0.purpose == purpose }.map(\.certificate)
            case .agency:
                hub.board.view.agencies.values.filter { $0.party == party && $0.suspended == nil }
                    .flatMap(\.certificates).filter { $0.purpose == purpose && $0.withdrawn == nil }.map(\.certificate)
            }
        return offered.contains { certificate in
            guard keys.contains(certificate.sha256) else { return false }
            do {
                try hub.judge.check([certificate], purpose: purpose, of: party)
                return true
            } catch let error as ExchangeError {
                return error.isNotChecked
            } catch {
                return true
            }
        }
    }
}
