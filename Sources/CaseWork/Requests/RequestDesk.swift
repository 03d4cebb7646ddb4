public import BundleExchange
import ExchangeLog
public import ExchangeModel
public import LegalAssistance
import Persistence
import TrustCrypto

/// Where requests are opened, found, assigned and handed over.
public struct RequestDesk: Sendable {
    let gateway: ExchangeGateway
    let book: CaseBook

    var core: GatewayCore { gateway.core }

    /// Which requests to list.
    public struct Filter: Hashable, Sendable {
        /// Only open ones, or only ended ones.
        public var isOpen: Bool?
        /// Only those in this phase.
        public var phase: String?
        /// Only those on which we stand on this side.
        public var side: Side?
        /// Only those that take this channel.
        public var channel: RequestRecord.Channel?
        /// Only those with this state.
        public var partnerState: StateCode?
        /// Only those with this gateway.
        public var peer: PartyID?
        /// Only those that rest on this treaty.
        public var instrument: String?
        /// Only those this person works on, or stands in for.
        public var assigned: PersonID?
        /// Only those where it is this party's turn.
        public var owes: RequestRecord.Party?
        /// Only those with an unmet deadline that has passed.
        public var isOverdue: Bool?
        /// Only those where something falls due before this time.
        public var dueBefore: ExchangeTime?
        /// Only those whose references, subject or partner have words that begin with these, whatever the case.
        public var text: String?
        /// How many at most, 1 to 500.
        public var limit = 100
        /// How many to leave out at the beginning.
        public var skip = 0

        /// All requests.
        public init() {}
    }

    /// Opens a request.
    ///
    /// - Throws: `access.denied`, `request.value`, `treaty.unknown`, `thread.unknown_peer`, `thread.peer_suspended`.
    public func open(_ proposal: RequestProposal, by person: ActingPerson) async throws -> RequestRecord {
        try await core.authorise(person, to: .openThread)
        try proposal.check()
        try book.requireInstrument(proposal.instrument)
        let id = try ThreadID(at: core.now(), random: randomBytes(10))
        return try await core.store.write { store in
            let record = try enter(proposal, as: id, by: person, in: store)
            return try book.refreshed(record.id, in: store)
        }
    }

    /// Enters one request within a transaction.
    func enter(
        _ proposal: RequestProposal,
        as id: ThreadID,
        by person: ActingPerson,
        in store: any StoreWriting
    ) throws -> RequestRecord {
        let now = core.now()
        let reference = try proposal.reference ?? ReferenceNumbers.next(of: person.authority, at: now, in: store)
        var partner = (state: proposal.partnerState, name: proposal.partnerAuthority)
        if proposal.channel.isProven, let peer = proposal.peer {
            try gateway.threads.open(
                id,
                to: peer,
                reference: reference,
                subject: proposal.subject,
                by: person,
                in: store
            )
            partner.state = partner.state ?? StateCode(peer.state)
            partner.name = try partner.name ?? Self.name(of: peer, in: store)
        } else {
            var entry = try core.entry(.requestEntered, by: person)
            entry.thread = id
            entry.subject = proposal.channel.rawValue
            try store.append(entry, to: .exchange)
        }
        guard let state = partner.state, let name = partner.name else {
            throw ExchangeError(.requestValue, "The partner's state is not known")
        }
        let record = RequestRecord(
            id: id,
            side: proposal.side,
            channel: proposal.channel,
            partnerState: state,
            partnerAuthority: name,
            peer: proposal.peer,
            authority: person.authority,
            assigned: person.person,
            standIn: nil,
            reference: reference,
            partnerReference: proposal.partnerReference,
            subject: proposal.subject,
            instrument: proposal.instrument,
            requestTypes: proposal.requestTypes,
            facts: proposal.facts,
            form: proposal.form,
            opened: now,
            changed: now,
            phase: RequestRecord.draftPhase,
            flags: [],
            owes: .own,
            next: nil,
            isOverdue: false,
            ended: nil
        )
        try RequestRows.insert(record, in: store)
        return record
    }

    static func name(of peer: PartyID, in store: any StoreReading) throws -> String {
        try store.row("SELECT name FROM peer WHERE party = ?", [SQLValue(peer)])?.text("name") ?? peer.text
    }

    /// Requests of the person's authority, what falls due first first.
    ///
    /// - Throws: `access.denied`, `request.value`.
    public func list(_ filter: Filter = Filter(), by person: ActingPerson) async throws -> [RequestRecord] {
        try await core.authorise(person, to: .seeThreads)
        guard (1...500).contains(filter.limit), filter.skip >= 0 else {
            throw ExchangeError(.requestValue, "At most 500 requests are listed at once")
        }
        let page: [SQLValue] = [.integer(Int64(filter.limit)), .integer(Int64(filter.skip))]
        return try await core.store.read { store in
            let (condition, arguments) = try Self.condition(filter, person, in: store)
            return try store.rows(
                """
                SELECT \(RequestRows.columns) FROM assistance_request WHERE \(condition) \
                ORDER BY next_due, id LIMIT ? OFFSET ?
                """,
                arguments + page
            ).map { try RequestRecord($0) }
        }
    }

    /// How many requests a filter finds, whatever its page.
    ///
    /// - Throws: `access.denied`.
    public func count(_ filter: Filter, by person: ActingPerson) async throws -> Int64 {
        try await core.authorise(person, to: .seeThreads)
        return try await core.store.read { store in
            let (condition, arguments) = try Self.condition(filter, person, in: store)
            return try store.row("SELECT COUNT(*) AS found FROM assistance_request WHERE \(condition)", arguments)?
                .integer("found") ?? 0
        }
    }

    private static func condition(
        _ filter: Filter,
        _ person: ActingPerson,
        in store: any StoreReading
    ) throws -> (String, [SQLValue]) {
        var terms = ["authority = ?"]
        var arguments: [SQLValue] = [.text(person.authority)]
        func demand(_ term: String, _ values: SQLValue...) {
            terms.append(term)
            arguments += values
        }
        if let isOpen = filter.isOpen { terms.append(isOpen ? "ended IS NULL" : "ended IS NOT NULL") }
        if let phase = filter.phase { demand("phase = ?", .text(phase)) }
        if let side = filter.side { demand("side = ?", .text(side.rawValue)) }
        if let channel = filter.channel { demand("channel = ?", .text(channel.rawValue)) }
        if let state = filter.partnerState { demand("partner_state = ?", .text(state.text)) }
        if let peer = filter.peer { demand("peer = ?", .text(peer.text)) }
        if let instrument = filter.instrument { demand("instrument = ?", .text(instrument)) }
        if let assigned = filter.assigned {
            demand("(assigned = ? OR stand_in = ?)", .text(assigned.text), .text(assigned.text))
        }
        if let owes = filter.owes { demand("owes = ?", .text(owes.rawValue)) }
        if let isOverdue = filter.isOverdue { demand("is_overdue = ?", SQLValue(isOverdue)) }
        if let dueBefore = filter.dueBefore { demand("next_due < ?", SQLValue(dueBefore)) }
        for word in RequestWords.words(of: [filter.text ?? ""]).prefix(8) {
            let (term, values) = try RequestWords.condition(for: word, in: store)
            terms.append(term)
            arguments += values
        }
        return (terms.joined(separator: " AND "), arguments)
    }

    /// Gives a request to an officer of the authority, and names who stands in.
    ///
    /// - Throws: `access.denied`, `request.not_found`.
    public func assign(
        _ id: ThreadID,
        to assigned: PersonID?,
        standIn: PersonID? = nil,
        by person: ActingPerson
    ) async throws -> RequestRecord {
        try await core.authorise(person, to: .openThread)
        return try await core.store.write { store in
            var record = try RequestRows.visible(id, to: person, in: store)
            for one in [assigned, standIn].compactMap({ $0 }) {
                let found = try store.row(
                    """
                    SELECT person.id FROM person JOIN person_role ON person_role.person = person.id \
                    WHERE person.id = ? AND authority = ? AND suspended IS NULL AND role = 'officer'
                    """,
                    [.text(one.text), .text(person.authority)]
                )
                guard found != nil else { throw ExchangeError.notFound("officer", one.text) }
            }
            record.assigned = assigned
            record.standIn = standIn
            record.changed = core.now()
            try RequestRows.update(record, in: store)
            var entry = try core.entry(.requestAssigned, by: person)
            entry.thread = id
            entry.subject = assigned?.text ?? "nobody"
            try store.append(entry, to: .exchange)
            return record
        }
    }

    /// Hands a request with all that belongs to it over to another authority of this gateway.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state`.
    public func handOver(_ id: ThreadID, to authority: String, by person: ActingPerson) async throws -> RequestRecord {
        try await core.authorise(person, to: .openThread)
        return try await core.store.write { store in
            var record = try RequestRows.visible(id, to: person, in: store)
            if record.channel.isProven {
                try gateway.threads.assign(id, to: authority, by: person, in: store)
            } else {
                let known = try store.row(
                    "SELECT id FROM authority WHERE id = ? AND suspended IS NULL",
                    [.text(authority)]
                )
                guard known != nil else { throw ExchangeError.notFound("authority", authority) }
                var entry = try core.entry(.threadAssigned, by: person)
                entry.thread = id
                entry.subject = authority
                try store.append(entry, to: .exchange)
            }
            record.authority = authority
            record.assigned = nil
            record.standIn = nil
            record.changed = core.now()
            try RequestRows.update(record, in: store)
            return record
        }
    }

    /// Changes what is being drafted: form, facts, treaty, types of assistance.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.value`, `treaty.unknown`.
    public func edit(_ id: ThreadID, _ changes: RequestChanges, by person: ActingPerson) async throws -> RequestRecord {
        try await core.authorise(person, to: .makeDraft)
        try changes.check()
        if let instrument = changes.instrument { try book.requireInstrument(instrument) }
        return try await core.store.write { store in
            var record = try RequestRows.visible(id, to: person, in: store)
            guard record.ended == nil else { throw ExchangeError(.wrongState, "The request has ended") }
            changes.apply(to: &record)
            record.changed = core.now()
            try RequestRows.update(record, in: store)
            return try book.refreshed(id, in: store)
        }
    }
}

extension RequestRecord {
    /// The phase before anything was sent.
    public static let draftPhase = "draft"
}
