import ExchangeLog
import ExchangeModel
import Persistence

/// Where officers send what was approved, and stop what waits.
public struct DispatchDesk: Sendable {
    private let core: GatewayCore
    private let drafts: DraftDesk
    private let wake: @Sendable () -> Void

    /// - Parameters:
    ///   - core: The gateway.
    ///   - drafts: Its drafts.
    ///   - wake: Called when work was entered into the outbox.
    public init(core: GatewayCore, drafts: DraftDesk, wake: @escaping @Sendable () -> Void) {
        self.core = core
        self.drafts = drafts
        self.wake = wake
    }

    /// Has an approved draft sealed and sent; asking again changes nothing.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state` when somebody must still sign.
    public func send(draft id: String, by person: ActingPerson) async throws {
        try await core.authorise(person, to: .sendBundle)
        try await drafts.requireApproved(id, for: person)
        let work = try OutboxEntry(.seal, due: core.now(), draft: id, person: person.person)
        try await core.store.write { store in
            guard try store.row("SELECT id FROM outbox WHERE kind = 'seal' AND draft = ?", [.text(id)]) == nil else {
                return
            }
            try work.insert(in: store)
        }
        wake()
    }

    /// Stops a bundle that was not delivered yet.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state` once it was delivered.
    public func cancel(_ key: BundleKey, reason: String, by person: ActingPerson) async throws {
        try await core.authorise(person, to: .sendBundle)
        guard (1...500).contains(reason.count) else {
            throw ExchangeError(.requestValue, "Say in at most 500 characters why the bundle is cancelled")
        }
        let now = core.now()
        try await core.store.write { [core] store in
            guard let record = try BundleRecord.visible(key, .outgoing, to: person, in: store) else {
                throw ExchangeError(.notFound, "No such bundle was sent from here")
            }
            guard record.state == .queued || record.state == .announced else {
                throw ExchangeError(.wrongState, "The bundle is \(record.state.rawValue) and cannot be cancelled")
            }
            let entry = try core.entry(
                .bundleCancelled,
                of: record.header,
                sealedDigest: record.sealedDigest,
                peer: record.peer,
                by: LoggedPerson(person)
            )
            try record.move(to: .cancelled, because: reason, at: now, in: store)
            try core.messages?.wasNotDelivered(record.contentDigest, of: record.header.thread, in: store)
            try store.append(entry, to: .exchange)
            try store.execute(
                "DELETE FROM outbox WHERE kind = 'deliver' AND sender = ? AND bundle = ?",
                record.key.arguments
            )
        }
    }
}
