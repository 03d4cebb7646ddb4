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
    func deliver(_ work: OutboxEntry) async throws {
        guard let key = work.bundle,
            let record = try await core.store.read({ try BundleRecord.find(key, .outgoing, in: $0) }),
            try await isWanted(record, work)
        else { return try await core.store.write { try work.remove(in: $0) } }
        try await peers.requireActive(record.peer)
        let path = core.sealedPath(key)
        let announcement = try await OwnThread.run {
            var checks = CheckList()
            return try BundleAnnouncement(of: SealedBundle(reading: path, checks: &checks))
        }
        do {
            try await bring(record, announcement, path: path)
        } catch let error as ExchangeError where error.code == .peerRefused {
            try await giveUp(record, work, because: error)
        }
    }

    private func bring(_ record: BundleRecord, _ announcement: BundleAnnouncement, path: String) async throws {
        let file = try RandomAccessFile(openingForReading: path)
        // Twice: a part that was damaged on the way shows as missing when everything was sent.
        for _ in 1...2 {
            let answer = try await transport.announce(announcement, of: record.key, to: record.peer)
            try await announced(record)
            guard answer.standing == .announced, !answer.missing.isEmpty else { break }
            for number in answer.missing.joined() {
                guard announcement.parts.indices.contains(number - 1) else {
                    throw ExchangeError(.peerAnswer, "The partner asks for a part that the bundle does not have")
                }
                try await peers.requireActive(record.peer)
                let part = announcement.parts[number - 1]
                try await transport.send(
                    part: number,
                    digest: part.sha256,
                    from: file,
                    range: part.offset..<part.offset + part.size,
                    of: record.key,
                    to: record.peer
                )
            }
        }
        let receipt = try await transport.complete(record.key, at: record.peer)
        _ = try await receipts.take(receipt, from: record.peer, of: record.key)
    }

    /// Whether the bundle is still to be delivered; one that expired is marked so.
    private func isWanted(_ record: BundleRecord, _ work: OutboxEntry) async throws -> Bool {
        guard [.queued, .announced, .opened, .rejected].contains(record.state) else { return false }
        guard record.state == .queued || record.state == .announced, core.now() > record.header.expires else {
            return true
        }
        let entry = try core.entry(
            .bundleExpired,
            of: record.header,
            sealedDigest: record.sealedDigest,
            peer: record.peer,
            outcome: .failed
        )
        let now = core.now()
        try await core.store.write { store in
            try record.move(to: .expired, because: "Not delivered before it expired", at: now, in: store)
            try core.messages?.wasNotDelivered(record.contentDigest, of: record.header.thread, in: store)
            try store.append(entry, to: .exchange)
            try work.remove(in: store)
        }
        return false
    }

    private func announced(_ record: BundleRecord) async throws {
        guard record.state == .queued else { return }
        let entry = try core.entry(
            .bundleAnnounced,
            of: record.header,
            sealedDigest: record.sealedDigest,
            peer: record.peer
        )
        let now = core.now()
        try await core.store.write { store in
            guard let present = try BundleRecord.find(record.key, .outgoing, in: store), present.state == .queued else {
                return
            }
            try present.move(to: .announced, at: now, in: store)
            try store.append(entry, to: .exchange)
        }
    }

    /// The partner refused for good: the officer must see it.
    private func giveUp(_ record: BundleRecord, _ work: OutboxEntry, because error: ExchangeError) async throws {
        let entry = try core.entry(
            .bundleRefused,
            of: record.header,
            sealedDigest: record.sealedDigest,
            peer: record.peer,
            outcome: .refused,
            code: error.code
        )
        let now = core.now()
        try await core.store.write { store in
            try record.move(to: .rejected, because: error.description, at: now, in: store)
            try store.append(entry, to: .exchange)
            try work.remove(in: store)
        }
    }

    /// Hands a receipt to the sender of the bundle.
    func deliverReceipt(_ work: OutboxEntry) async throws {
        guard let key = work.bundle, let kind = work.receipt, let peer = work.peer,
            let der = try await core.store.read({
                try ReceiptDesk.stored(kind, of: key, issuer: core.party, in: $0)
            })
        else { return try await core.store.write { try work.remove(in: $0) } }
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
    }
}
