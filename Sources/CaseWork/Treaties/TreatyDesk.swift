public import BundleExchange
import ExchangeLog
public import ExchangeModel
public import LegalAssistance
import Persistence

/// Treaties in use: what they state, which of them a request can rest on, and what was confirmed here.
public struct TreatyDesk: Sendable {
    let core: GatewayCore
    let book: CaseBook

    /// All profiles, with what was confirmed here, in the order of their ids.
    ///
    /// - Throws: `access.denied`.
    public func list(by person: ActingPerson) async throws -> [TreatyProfile] {
        try await core.authorise(person, to: .seeTreaties)
        return try await core.store.read { try book.treaties(in: $0).profiles.sorted { $0.id < $1.id } }
    }

    /// One profile, with what was confirmed here.
    ///
    /// - Throws: `access.denied`, `treaty.unknown`.
    public func show(_ id: String, by person: ActingPerson) async throws -> TreatyProfile {
        try await core.authorise(person, to: .seeTreaties)
        return try await core.store.read { try book.treaties(in: $0).profile(id) }
    }

    /// On what a request between two states can rest, best first, and why the others cannot be chosen.
    ///
    /// - Throws: `access.denied`.
    public func candidates(
        between requesting: StateCode,
        and requested: StateCode,
        on date: CivilDate?,
        types: [RequestType],
        by person: ActingPerson
    ) async throws -> [Candidate] {
        try await core.authorise(person, to: .seeTreaties)
        let day = date ?? book.zone(of: book.state).date(of: core.now())
        return try await core.store.read { store in
            try book.treaties(in: store).candidates(between: requesting, and: requested, on: day, types: types)
        }
    }

    /// What was attached to statements, the newest first.
    ///
    /// - Throws: `access.denied`.
    public func confirmations(by person: ActingPerson) async throws -> [ConfirmationRecord] {
        try await core.authorise(person, to: .seeTreaties)
        return try await core.store.read { store in
            try store.rows(
                "SELECT \(ConfirmationRecord.columns) FROM treaty_confirmation ORDER BY proposed DESC, id LIMIT 500",
                []
            ).map { try ConfirmationRecord($0) }
        }
    }

    /// Attaches the official text, stored as a document, to a statement of a profile; another person has to confirm it.
    /// The citation says where the words stand: edition, article, page.
    ///
    /// - Throws: `access.denied`, `request.value`, `request.not_found`, `treaty.confirmation_subject`, `treaty.unknown`.
    public func propose(
        _ subject: TreatyConfirmation.Subject,
        document: StoredFileID,
        citation: String,
        by person: ActingPerson
    ) async throws -> ConfirmationRecord {
        try await core.authorise(person, to: .confirmTreaty)
        try StatementText.requireLine(citation, "citation", most: 512)
        let id = try StoredFileID.random().text
        let now = core.now()
        var entry = try core.entry(.treatyConfirmationProposed, by: person)
        entry.subject = subject.description
        return try await core.store.write { [entry] store in
            var entry = entry
            let statement = try book.treaties(in: store).statement(of: subject)
            let file = try store.row(
                "SELECT sha256 FROM stored_file WHERE id = ? AND authority = ? AND destroyed IS NULL",
                [.text(document.text), .text(person.authority)]
            )
            guard let file else { throw ExchangeError.notFound("document", document.text) }
            entry.digest = try file.digest("sha256")
            try store.execute(
                """
                INSERT INTO treaty_confirmation (id, subject, statement, document, document_sha256, citation, state, \
                proposed, proposed_by) VALUES (?, ?, ?, ?, ?, ?, 'proposed', ?, ?)
                """,
                [
                    .text(id), .text(subject.description), .text(statement), .text(document.text),
                    .text(try file.text("sha256")), .text(citation), SQLValue(now), .text(person.person.text),
                ]
            )
            try store.append(entry, to: .house)
            guard let made = try ConfirmationRecord.find(id, in: store) else {
                throw ExchangeError.notFound("confirmation", id)
            }
            return made
        }
    }

    /// Decides on what another person attached. From the confirmation on, deadlines may rest on the statement here.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state`, `treaty.confirmation_persons`.
    public func decide(
        _ id: String,
        confirm: Bool,
        by person: ActingPerson
    ) async throws -> ConfirmationRecord {
        try await core.authorise(person, to: .confirmTreaty)
        let now = core.now()
        let kind: LogEntry.Kind = confirm ? .treatyConfirmed : .treatyConfirmationDeclined
        let blank = try core.entry(kind, by: person)
        let decided = try await core.store.write { store in
            guard let record = try ConfirmationRecord.find(id, in: store) else {
                throw ExchangeError.notFound("confirmation", id)
            }
            guard record.state == .proposed else {
                throw ExchangeError(.wrongState, "The confirmation is \(record.state.rawValue) already")
            }
            guard record.proposedBy != person.person else {
                throw ExchangeError(
                    .treatyConfirmationPersons,
                    "Who attached the text cannot decide on it",
                    hint: "another officer or approver has to read it"
                )
            }
            try store.execute(
                "UPDATE treaty_confirmation SET state = ?, decided = ?, decided_by = ? WHERE id = ?",
                [.text(confirm ? "confirmed" : "declined"), SQLValue(now), .text(person.person.text), .text(id)]
            )
            var entry = blank
            entry.subject = record.subject
            entry.digest = record.digest
            try store.append(entry, to: .house)
            guard let changed = try ConfirmationRecord.find(id, in: store) else {
                throw ExchangeError.notFound("confirmation", id)
            }
            return changed
        }
        if confirm { try await book.refreshOpen(in: core.store) }
        return decided
    }
}
