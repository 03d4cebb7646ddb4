import BundleExchange
import ExchangeModel
public import LegalAssistance
import Persistence

/// Everything that is known of one request: what both sides did, where it stands because of that, and what is due.
public struct CaseFile: Sendable {
    /// The request.
    public internal(set) var record: RequestRecord
    /// What follows from the acts of both sides.
    public let state: RequestState
    /// What is due by when, from whom, under which article.
    public let deadlines: [Deadline]
    /// The treaty it rests on, with what was confirmed here.
    public let profile: TreatyProfile?
    let acts: [StoredAct]
    let pauses: [StoredPause]
}

extension CaseBook {
    /// Reads a request and works out where it stands now.
    func caseFile(of record: RequestRecord, in store: any StoreReading) throws -> CaseFile {
        let acts = try StoredAct.all(of: record.id, in: store)
        let state = RequestHistory.replay(
            messages: acts.compactMap(\.requestMessage),
            stated: try acts.compactMap { try $0.statedStep() }
        )
        let treaties = try treaties(in: store)
        let pauses = try DeadlineRows.pauses(of: record.id, in: store)
        let deadlines = try deadlines(of: record, state, treaties, pauses, in: store)
        return CaseFile(
            record: record,
            state: state,
            deadlines: deadlines,
            profile: record.instrument.flatMap { treaties[$0] },
            acts: acts,
            pauses: pauses
        )
    }

    private func deadlines(
        of record: RequestRecord,
        _ state: RequestState,
        _ treaties: TreatyBook,
        _ pauses: [StoredPause],
        in store: any StoreReading
    ) throws -> [Deadline] {
        let requesting = record.side == .requesting ? self.state : record.partnerState
        let requested = record.side == .requesting ? record.partnerState : self.state
        let limits: [(TimeLimit, DeadlineStanding)]
        if let instrument = record.instrument, treaties[instrument] != nil {
            limits = try treaties.limits(under: instrument, requesting: requesting, requested: requested)
        } else {
            limits = []
        }
        let engine = DeadlineEngine(
            limits: limits.map { (limit: $0.0, standing: $0.1) },
            parties: DeadlineParties(
                requesting: requesting,
                requested: requested,
                requestingZone: zone(of: requesting),
                requestedZone: zone(of: requested)
            )
        )
        let stated = state.extensions.map { DeadlineExtension($0) }
        let entered = try DeadlineRows.extensions(of: record.id, in: store)
        return engine.deadlines(
            for: state.timeline,
            facts: DeadlineFacts(record, state),
            calendars: try calendars(in: store),
            pauses: pauses.map(\.pause),
            extensions: stated + entered,
            now: now()
        )
    }

    /// Works a request's standing out anew, keeps it with the request and makes the notifications that are due; within one
    /// transaction, so that no reminder is lost between what was due and what comes next.
    ///
    /// - Parameters:
    ///   - id: The request's name.
    ///   - isChange: Whether somebody changed something, and not only the clock moved on.
    ///   - store: The transaction.
    /// - Returns: The request as it stands now.
    /// - Throws: `request.not_found`.
    @discardableResult
    func refreshed(
        _ id: ThreadID,
        isChange: Bool = true,
        in store: any StoreWriting
    ) throws -> RequestRecord {
        guard let record = try RequestRows.find(id, in: store) else { throw ExchangeError.notFound("request", id.uuid) }
        var file = try caseFile(of: record, in: store)
        let now = now()
        file.adopt(at: now)
        if !isChange { file.record.changed = record.changed }
        try RequestRows.update(file.record, in: store)
        try RequestRows.update(times: file.times(at: now), of: id, in: store)
        try remind(of: file, at: now, in: store)
        if file.record.channel.isProven {
            try store.execute(
                "UPDATE thread SET closed = ? WHERE id = ?",
                [SQLValue(file.record.ended), SQLValue(id)]
            )
        }
        return file.record
    }

    /// Works all open requests out anew, a few at a time, after something changed that many depend on.
    func refreshOpen(in store: GatewayStore) async throws {
        var last = ""
        while true {
            let after = last
            let ids = try await store.read { store in
                try store.rows(
                    "SELECT id FROM assistance_request WHERE ended IS NULL AND id > ? ORDER BY id LIMIT 200",
                    [.text(after)]
                ).compactMap { ThreadID(urn: try $0.text("id")) }
            }
            guard let end = ids.last else { return }
            try await store.write { store in
                for id in ids { try self.refreshed(id, in: store) }
            }
            last = end.urn
        }
    }
}

extension CaseFile {
    /// When things happened, for statistics and reminders.
    struct Times: Sendable {
        var dispatched: ExchangeTime?
        var received: ExchangeTime?
        var acknowledged: ExchangeTime?
        var decided: ExchangeTime?
        var executed: ExchangeTime?
        var ground: String?
        var remind: ExchangeTime?
        var workedOut: ExchangeTime
    }

    func times(at now: ExchangeTime) -> Times {
        func first(_ kinds: TimelineEvent.Kind...) -> ExchangeTime? {
            state.timeline.filter { kinds.contains($0.kind) }.map(\.time).min()
        }
        return Times(
            dispatched: first(.dispatched, .oralRequestMade),
            received: first(.received),
            acknowledged: first(.acknowledged),
            decided: first(.decisionTaken, .refused),
            executed: first(.executed),
            ground: state.refusals.first?.ground,
            remind: record.ended == nil ? nextChange(after: now) : nil,
            workedOut: now
        )
    }

    /// When something is to be said or changes by itself: a reminder, or the end of a deadline.
    private func nextChange(after now: ExchangeTime) -> ExchangeTime? {
        let reminders = deadlines.flatMap { $0.reminders().map(\.time) }
        let ends = deadlines.filter { $0.status == .running }.compactMap { $0.end?.adding(seconds: 1) }
        return (reminders + ends).filter { $0 > now }.min()
    }

    /// Takes what follows from the acts into the record.
    mutating func adopt(at now: ExchangeTime) {
        record.changed = now
        record.phase = state.phase == .notBegun ? RequestRecord.draftPhase : state.phase.rawValue
        record.flags = state.flags.map(\.rawValue).sorted()
        record.owes = state.phase == .notBegun ? .own : state.owes.map { record.party($0) }
        record.isOverdue = deadlines.contains { $0.status == .overdue && $0.isDuty }
        let open = deadlines.first { [.running, .overdue, .paused].contains($0.status) && $0.end != nil }
        record.next = open.flatMap { deadline in
            deadline.end.map { end in
                RequestRecord.NextDeadline(
                    deadline: deadline.id,
                    due: end,
                    kind: deadline.kind.rawValue,
                    confidence: deadline.limit?.confidence ?? .verified,
                    owed: record.party(deadline.owingSide ?? record.side)
                )
            }
        }
        if let reference = state.receipts.last?.acknowledgement.reference, record.partnerReference == nil,
            record.side == .requesting
        {
            record.partnerReference = reference
        }
        let closing = state.timeline.last { $0.kind == .closed }
        record.ended = state.phase == .closed ? closing?.time ?? now : nil
    }
}

extension RequestRecord {
    /// Whose side it is.
    public func party(_ side: Side) -> Party { side == self.side ? .own : .partner }
}

extension DeadlineFacts {
    init(_ record: RequestRecord, _ state: RequestState) {
        self.init(
            requestTypes: Set(record.requestTypes),
            isEmergency: record.facts.isEmergency || state.flags.contains(.emergency),
            hearing: record.facts.hearing
        )
        if let asked = state.requestedDeadline {
            let day: CivilDate
            switch asked.by {
            case .day(let date): day = date
            case .instant(let instant): day = ZoneName.utc.date(of: instant)
            }
            requestedBy = RequestedDate(date: day, reasons: asked.reasons)
        } else if let date = record.facts.requestedBy, state.phase == .notBegun || !record.channel.isProven {
            requestedBy = RequestedDate(date: date, reasons: record.facts.requestedReasons)
        }
    }
}

extension DeadlineExtension {
    init(_ stated: RequestState.Extension) {
        let length: Length
        if let days = stated.terms.days {
            length = .days(days)
        } else {
            switch stated.terms.until {
            case .day(let day): length = .until(day)
            case .instant(let instant): length = .until(ZoneName.utc.date(of: instant))
            case nil: length = .days(0)
            }
        }
        self.init(
            limit: stated.terms.limit,
            announced: stated.time,
            length: length,
            reason: stated.terms.reasons,
            proof: .stated(reference: "message")
        )
    }
}
