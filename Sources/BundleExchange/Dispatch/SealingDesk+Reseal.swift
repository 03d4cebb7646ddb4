import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Logging
import Persistence
import TrustCrypto

extension SealingDesk {
    /// Seals the content of a bundle again, for the keys that its recipient has now: the same signed container under
    /// another name, which takes the place of the earlier bundle in one transaction.
    func reseal(_ work: OutboxEntry) async throws {
        guard let key = work.bundle,
            let record = try await core.store.read({ try BundleRecord.find(key, .outgoing, in: $0) }),
            let draft = record.draft, (try? DeliveryMachine.next(record.state, .superseded, .outgoing)) != nil
        else { return try await core.store.write { try work.remove(in: $0) } }
        let released: ReleasedDraft
        do {
            guard let found = try await drafts.sealedBefore(draft) else {
                throw ExchangeError(.deliveryReseal, "The draft that the bundle was made of is not here")
            }
            released = found
            // A recipient without a valid key may get one.
            let manifest = released.draft.manifest
            _ = try await peers.recipients(
                of: manifest.recipient,
                mode: released.order.mode,
                agency: manifest.recipientAgency
            )
        } catch let error as ExchangeError where Self.isLost(error) {
            return try await giveUp(record, work, because: error)
        }
        do {
            let (sealed, _) = try await seal(released, instead: key.id)
            try await published(sealed) { try await replace(record, by: sealed, released, work) }
        } catch let error as ExchangeError where Self.isFinal(error) {
            try await giveUp(record, work, because: error)
        }
    }

    private static func isLost(_ error: ExchangeError) -> Bool {
        ["draft", "evidence", "delivery", "blob"].contains(String(error.code.rawValue.prefix { $0 != "." }))
    }

    private func replace(
        _ old: BundleRecord,
        by sealed: BundleSealer.Sealed,
        _ released: ReleasedDraft,
        _ work: OutboxEntry
    ) async throws {
        let now = core.now()
        let record = try await SealedRecord(sealed, of: released, by: work.person, at: now, core: core)
        let header = record.header
        let person = try await core.store.read { try LoggedPerson(work.person, in: $0) }
        var replaced = try core.entry(
            .bundleSuperseded,
            of: old,
            by: person
        )
        replaced.subject = header.bundle.uuid
        let noted = replaced
        try await core.store.write { [core] store in
            guard let present = try BundleRecord.find(old.key, .outgoing, in: store),
                try store.row("SELECT id FROM outbox WHERE id = ?", [.text(work.id)]) != nil
            else {
                throw ExchangeError(.deliveryEnded, "The delivery was called off while the bundle was sealed again")
            }
            try present.move(.superseded, because: "Sealed again as \(header.bundle.uuid)", at: now, in: store)
            try present.stopDelivery(in: store)
            try record.insert(at: now, in: store)
            try store.execute(
                "UPDATE exchange_bundle SET superseded_by = ?, paused = NULL WHERE sender = ? AND id = ?",
                [.text(header.bundle.urn)] + old.key.arguments
            )
            // What is awaited for the content is awaited for the later bundle.
            try store.execute(
                "UPDATE sole_release SET bundle = ? WHERE sender = ? AND bundle = ?",
                [.text(header.bundle.urn)] + old.key.arguments
            )
            try core.messages?.didReseal(header.contentDigest, of: header.thread, as: record.key, in: store)
            try store.append(noted, to: .exchange)
            try record.dispatch(core.limits, in: store)
        }
    }

    /// It cannot be sealed again: what was under way has failed, and what had ended stays as it is, with an alarm.
    private func giveUp(_ record: BundleRecord, _ work: OutboxEntry, because error: ExchangeError) async throws {
        var alarm = try core.entry(.alarmRaised, outcome: .failed, code: error.code)
        alarm.bundle = record.key.id
        alarm.bundleSender = record.key.sender
        let entry = alarm
        core.logger.error(
            "A bundle could not be sealed again",
            metadata: ["bundle": "\(record.key.id.uuid)", "code": "\(error.code)"]
        )
        let now = core.now()
        try await core.store.write { [core] store in
            try work.remove(in: store)
            guard let present = try BundleRecord.find(record.key, .outgoing, in: store) else { return }
            if DeliveryMachine.underWay.contains(present.state) {
                try present.move(.refused, because: error.description, at: now, in: store)
                try core.messages?.wasNotDelivered(present, in: store)
            }
            try store.append(entry, to: .house)
        }
    }
}
