import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Glibc
import Logging
import Persistence
import TrustCrypto

/// Turns approved drafts into sealed bundles that wait for their delivery.
struct SealingDesk: Sendable {
    let core: GatewayCore
    let keys: KeyRing
    let peers: PeerRegister
    let drafts: DraftDesk

    /// Seals a draft: signatures checked and timestamped, recipients' certificates checked, the file published, and
    /// then, in one transaction, the bundle, the thread's next state, the log entry and the delivery.
    func seal(_ work: OutboxEntry) async throws {
        guard let id = work.draft else { return try await core.store.write { try work.remove(in: $0) } }
        do {
            guard let released = try await drafts.released(id) else {
                return try await core.store.write { try work.remove(in: $0) }
            }
            let (sealed, signature) = try await seal(released, instead: nil)
            try await published(sealed) { try await enter(sealed, released, signature, work) }
        } catch let error as ExchangeError where Self.isFinal(error) {
            try await giveBack(id, work, because: error)
        }
    }

    /// Publishes the file of a draft under a new name.
    func seal(_ released: ReleasedDraft, instead old: BundleID?) async throws -> (BundleSealer.Sealed, CAdESSignature) {
        let manifest = released.draft.manifest
        let now = core.now()
        let sealing = try await keys.current(.gatewaySeal)
        let recipients = try await peers.recipients(
            of: manifest.recipient,
            mode: released.order.mode,
            agency: manifest.recipientAgency
        )
        var order = BundleSealer.Order(
            sealCertificate: sealing.certificate,
            sealKey: sealing.key,
            recipients: recipients,
            created: now,
            expires: now.adding(seconds: Int64(released.order.days) * 86_400)
        )
        order.sealChain = sealing.chain
        order.bundleClass = released.order.bundleClass
        order.mode = released.order.mode
        order.priority = released.order.priority
        let agreement = try peers.agreement(with: manifest.recipient)
        order.largestBundle = agreement.largestBundle
        if let largest = agreement.largestPart { order.partSize = min(order.partSize, largest) }
        let bundle = BundleID(at: now, random: try randomBytes(10))
        order.bundle = bundle
        order.supersedes = old
        let trust = try await peers.trust()
        let path = core.sealedPath(BundleKey(sender: core.party, id: bundle))
        let timestamp: GatewayCore.Timestamper = { [core] in try core.timestamp($0) }
        let ready = order
        let longTerm = core.longTerm(trust)
        let made = await OwnThread.result {
            let sealer = try BundleSealer(draft: released.draft, order: ready)
            // Signatures with a timestamp are judged as of that time, whatever became of the certificates since.
            try sealer.checkPaths(
                trust: trust,
                signatures: released.released == nil ? released.signatures : [],
                now: now
            )
            let signature =
                try released.released
                ?? BundleSealer.release(
                    released.draft,
                    signatures: released.signatures,
                    timestamper: timestamp,
                    longTerm: longTerm
                )
            return (
                try sealer.seal(signature: signature, to: path, timestamper: timestamp, longTerm: longTerm), signature
            )
        }
        // How the timestamp authorities stand is kept whether they served or not.
        do { try await core.services.save() } catch {
            core.logger.warning("The state of trust services could not be kept", metadata: ["error": "\(error)"])
        }
        return try made.get()
    }

    /// Enters what was sealed; without its row the file is nothing, and the next attempt makes another.
    func published(_ sealed: BundleSealer.Sealed, enter: () async throws -> Void) async throws {
        do {
            try await enter()
        } catch {
            // After a failing disk nobody knows whether the row is there: the next start looks, and removes what has none.
            let isUnknown = [.storeDurability, .storeDamaged, .storeFailed].contains((error as? ExchangeError)?.code)
            if !isUnknown {
                unlink(core.sealedPath(BundleKey(sender: sealed.header.sender, id: sealed.header.bundle)))
            }
            throw error
        }
    }

    private func enter(
        _ sealed: BundleSealer.Sealed,
        _ released: ReleasedDraft,
        _ signature: CAdESSignature,
        _ work: OutboxEntry
    ) async throws {
        let first = try FirstSignature(signature)
        let now = core.now()
        let record = try await SealedRecord(sealed, of: released, by: work.person, at: now, core: core)
        let header = record.header
        try await core.store.write { store in
            try released.markSealed(signature, at: now, in: store)
            try record.insert(at: now, in: store)
            try store.execute(
                "UPDATE thread SET own_sequence = ?, own_last_digest = ? WHERE id = ?",
                [.integer(header.sequence), .text(header.contentDigest.hex), .text(header.thread.urn)]
            )
            if let reason = released.draft.manifest.soleReleaseReason {
                try SoleReleaseRow.insert(
                    record.key,
                    released.draft.manifest,
                    reason: reason,
                    content: (header.contentDigest, released.draft.signedObject),
                    first: (first.certificate, first.time),
                    draft: released.id,
                    in: store
                )
            }
            try core.messages?.didSeal(released.message(header, in: store), in: store)
            try record.dispatch(core.limits, in: store)
            try work.remove(in: store)
        }
    }

    /// What no later attempt can mend: the draft goes back to its people.
    static func isFinal(_ error: ExchangeError) -> Bool {
        if error.isNotChecked { return false }
        let area = error.code.rawValue.prefix { $0 != "." }
        return finalAreas.contains(String(area))
    }

    private static let finalAreas: Set<String> = [
        "draft", "evidence", "signature", "sealing", "manifest", "header", "certificate", "revocation", "blob",
    ]

    /// The draft stays approved, with the reason beside it, and the alarm stands in the log.
    private func giveBack(_ draft: String, _ work: OutboxEntry, because error: ExchangeError) async throws {
        var alarm = try core.entry(.alarmRaised, outcome: .failed, code: error.code)
        alarm.subject = draft
        let entry = alarm
        core.logger.error("A draft could not be sealed", metadata: ["draft": "\(draft)", "code": "\(error.code)"])
        let now = core.now()
        try await core.store.write { store in
            try store.execute(
                "UPDATE draft SET reason = ?, changed = ? WHERE id = ?",
                [.text(String(error.description.prefix(1_000))), .integer(now.secondsSince1970), .text(draft)]
            )
            try store.append(entry, to: .house)
            try work.remove(in: store)
        }
    }
}

/// Who signed first, and by when.
private struct FirstSignature: Sendable {
    let certificate: PartyCertificate
    let time: ExchangeTime

    init(_ signature: CAdESSignature) throws {
        guard let signer = signature.signers.first, let token = signer.timestampToken else {
            throw ExchangeError(.timestampMissing, "The signature carries no timestamp")
        }
        certificate = signer.certificate
        time = try TimestampToken(der: token).genTime
    }
}
