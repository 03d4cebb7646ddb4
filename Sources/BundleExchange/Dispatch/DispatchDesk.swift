import ExchangeLog
import ExchangeModel
import Persistence

/// Where officers send what was approved, stop what waits, and have sealed again what did not arrive.
public struct DispatchDesk: Sendable {
    private let core: GatewayCore
    private let drafts: DraftDesk
    private let scheduler: OutboxScheduler

    /// - Parameters:
    ///   - core: The gateway.
    ///   - drafts: Its drafts.
    ///   - scheduler: Does the work that is entered here.
    public init(core: GatewayCore, drafts: DraftDesk, scheduler: OutboxScheduler) {
        self.core = core
        self.drafts = drafts
        self.scheduler = scheduler
    }

    /// Has an approved draft sealed and sent; asking again changes nothing.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state` when somebody must still sign.
    public func send(draft id: String, by person: ActingPerson) async throws {
        try await core.authorise(person, to: .sendBundle)
        try await drafts.requireApproved(id, for: person)
        let work = try OutboxEntry(.seal, due: core.now(), draft: id, person: person.person)
        try await core.store.write { [core] store in
            guard try store.row("SELECT id FROM outbox WHERE kind = 'seal' AND draft = ?", [.text(id)]) == nil else {
                return
            }
            try work.insert(core.limits, in: store)
        }
        scheduler.wake()
    }

    /// Stops a bundle that its recipient does not have yet.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `delivery.complete` once the recipient has all of it,
    ///   `delivery.ended`.
    public func cancel(_ key: BundleKey, reason: String, by person: ActingPerson) async throws {
        try await core.authorise(person, to: .sendBundle)
        guard (1...500).contains(reason.count) else {
            throw ExchangeError(.requestValue, "Say in at most 500 characters why the bundle is cancelled")
        }
        let now = core.now()
        let stopped = try await core.store.write { [core] store in
            let record = try Self.sent(key, by: person, in: store)
            try record.move(.cancelled, because: reason, at: now, in: store)
            try core.messages?.wasNotDelivered(record, in: store)
            try store.append(
                core.entry(
                    .bundleCancelled,
                    of: record,
                    by: LoggedPerson(person)
                ),
                to: .exchange
            )
            let work = try store.rows(
                "SELECT id FROM outbox WHERE kind = 'deliver' AND sender = ? AND bundle = ?",
                key.arguments
            ).map { try $0.text("id") }
            try record.stopDelivery(in: store)
            return work
        }
        scheduler.callOff(stopped)
    }

    /// Has the content of a bundle sealed and sent again after it expired, was cancelled or was refused: the same signed
    /// content in a bundle of another name. Asking again changes nothing.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `delivery.*` when it is under way, arrived, or was rejected by its
    ///   recipient.
    public func reseal(_ key: BundleKey, by person: ActingPerson) async throws {
        try await core.authorise(person, to: .sendBundle)
        let work = try OutboxEntry(.reseal, due: core.now(), bundle: key, person: person.person)
        try await core.store.write { [core] store in
            let record = try Self.sent(key, by: person, in: store)
            guard record.draft != nil else {
                throw ExchangeError(.deliveryReseal, "What the bundle was made of is not here")
            }
            let known = try store.row(
                "SELECT id FROM outbox WHERE kind = 'reseal' AND sender = ? AND bundle = ?",
                key.arguments
            )
            guard known == nil else { return }
            try record.requireResealable(in: store)
            try work.insert(core.limits, in: store)
        }
        scheduler.wake()
    }

    private static func sent(_ key: BundleKey, by person: ActingPerson, in store: any StoreReading) throws
        -> BundleRecord
    {
        guard let record = try BundleRecord.visible(key, .outgoing, to: person, in: store) else {
            throw ExchangeError(.notFound, "No such bundle was sent from here")
        }
        return record
    }
}
