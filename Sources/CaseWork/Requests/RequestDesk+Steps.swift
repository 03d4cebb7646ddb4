public import BundleExchange
import ExchangeLog
public import ExchangeModel
public import LegalAssistance
import Persistence

/// A step that happened outside the gateways, as an officer records it.
public struct StepRecord: Sendable {
    /// Whose act it was.
    public var side: Side
    /// What was done.
    public var act: RequestAct
    /// When it was done.
    public var time: ExchangeTime
    /// When the other side received it, where that is known.
    public var received: ExchangeTime?
    /// The letter, call or entry that shows it.
    public var reference: String
    /// A scan of it, stored as a document.
    public var scan: StoredFileID?

    /// Takes what every step has; the rest is assigned.
    public init(side: Side, act: RequestAct, time: ExchangeTime, reference: String) {
        self.side = side
        self.act = act
        self.time = time
        self.reference = reference
    }
}

extension RequestDesk {
    /// Records a step of either side of a request that does not go through the gateways.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.value`, `case.wrong_channel` for a request between
    ///   gateways, `case.wrong_step` for a step that does not fit.
    public func record(_ step: StepRecord, of id: ThreadID, by person: ActingPerson) async throws -> CaseFile {
        try await core.authorise(person, to: .recordStep)
        return try await core.store.write { store in
            let record = try RequestRows.visible(id, to: person, in: store)
            guard !record.channel.isProven else {
                throw ExchangeError(
                    .caseWrongChannel,
                    "The request goes between gateways, where every step is a signed message"
                )
            }
            try enter(step, of: record, by: person, in: store)
            return try book.caseFile(of: book.refreshed(id, in: store), in: store)
        }
    }

    /// Enters one step within a transaction.
    func enter(_ step: StepRecord, of record: RequestRecord, by person: ActingPerson, in store: any StoreWriting) throws
    {
        try StatementText.requireLine(step.reference, "reference", most: 512)
        let now = core.now()
        guard step.time <= now, step.received ?? step.time <= now else {
            throw ExchangeError(.requestValue, "The step lies in the future; only what has happened is recorded")
        }
        guard step.received.map({ $0 >= step.time }) ?? true else {
            throw ExchangeError(.requestValue, "The step was received before it was done")
        }
        if let scan = step.scan {
            let known = try store.row(
                "SELECT id FROM stored_file WHERE id = ? AND authority = ? AND destroyed IS NULL",
                [.text(scan.text), .text(person.authority)]
            )
            guard known != nil else { throw ExchangeError.notFound("document", scan.text) }
        }
        let number = try StoredAct.nextNumber(of: record.id, in: store)
        let act = StoredAct(
            number: number,
            side: step.side,
            messageType: step.act.messageType,
            fields: step.act.fields,
            sent: step.time,
            received: step.received,
            message: nil,
            record: StoredAct.Record(
                reference: step.reference,
                scan: step.scan,
                recorded: now,
                person: person.person
            )
        )
        try act.insert(of: record.id, in: store)
        // A step that would be refused was entered wrongly: who is told so can mend it at once.
        let file = try book.caseFile(of: record, in: store)
        if let line = file.state.history.first(where: { $0.id == .stated(number) }),
            case .refused(_, let reason) = line.outcome
        {
            let allowed = file.state.allowedActs(for: step.side).map(\.rawValue).sorted().joined(separator: ", ")
            throw ExchangeError(
                .caseWrongStep,
                "The step does not fit: \(reason)",
                hint: allowed.isEmpty ? nil : "that side can now: " + allowed
            )
        }
        var entry = try core.entry(.requestStepRecorded, by: person)
        entry.thread = record.id
        entry.subject = String(number)
        try store.append(entry, to: .exchange)
    }

    /// Moves a request to another channel; what was recorded stays with it.
    ///
    /// From a channel by hand to the gateways it gets a thread with the partner's gateway; between gateway and courier
    /// only the way changes. A request between gateways stays there, for its steps are proven.
    /// - Throws: `access.denied`, `request.not_found`, `case.wrong_channel`, `thread.unknown_peer`.
    public func move(
        _ id: ThreadID,
        to channel: RequestRecord.Channel,
        peer: PartyID? = nil,
        by person: ActingPerson
    ) async throws -> RequestRecord {
        try await core.authorise(person, to: .recordStep)
        return try await core.store.write { store in
            var record = try RequestRows.visible(id, to: person, in: store)
            guard channel != record.channel else {
                throw ExchangeError(.caseWrongChannel, "The request takes this channel already")
            }
            guard channel.isProven || !record.channel.isProven else {
                throw ExchangeError(
                    .caseWrongChannel,
                    "A request between gateways stays there, for its steps are proven",
                    hint: "open another request for what goes another way"
                )
            }
            if channel.isProven, !record.channel.isProven {
                guard let peer = peer ?? record.peer else {
                    throw ExchangeError(.requestValue, "The partner's gateway is not named")
                }
                guard StateCode(peer.state) == record.partnerState else {
                    throw ExchangeError(.requestValue, "The gateway \(peer) is not one of \(record.partnerState)")
                }
                try gateway.threads.open(
                    id,
                    to: peer,
                    reference: record.reference,
                    subject: record.subject,
                    by: person,
                    in: store
                )
                record.peer = peer
            }
            record.channel = channel
            record.changed = core.now()
            try RequestRows.update(record, in: store)
            var entry = try core.entry(.requestMoved, by: person)
            entry.thread = id
            entry.peer = record.peer
            entry.subject = channel.rawValue
            try store.append(entry, to: .exchange)
            return try book.refreshed(id, in: store)
        }
    }
}
