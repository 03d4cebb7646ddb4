public import BundleExchange
public import ExchangeModel
import Persistence

/// An official text that was attached to a statement of a treaty's profile, so that a deadline may rest on it here.
public struct ConfirmationRecord: Hashable, Sendable {
    /// Where it stands.
    public enum State: String, CaseIterable, Hashable, Sendable {
        /// One person attached the text.
        case proposed
        /// A second person has read it and agrees.
        case confirmed
        /// A second person does not agree.
        case declined
    }

    /// Its id.
    public let id: String
    /// What it is about, as `treaty show` names it.
    public let subject: String
    /// What the profile stated of it when the text was attached.
    public let statement: String
    /// The official text.
    public let document: StoredFileID
    /// The text's digest.
    public let digest: SHA256Digest
    /// Where the words stand: edition, article, page.
    public let citation: String
    /// Where it stands.
    public let state: State
    /// When it was proposed.
    public let proposed: ExchangeTime
    /// By whom.
    public let proposedBy: PersonID
    /// When it was decided.
    public let decided: ExchangeTime?
    /// By whom.
    public let decidedBy: PersonID?
}

extension ConfirmationRecord {
    static let columns = """
        id, subject, statement, document, document_sha256, citation, state, proposed, proposed_by, decided, decided_by
        """

    init(_ row: StoredRow) throws {
        guard let document = StoredFileID(try row.text("document")), let state = State(rawValue: try row.text("state")),
            let proposer = PersonID(try row.text("proposed_by"))
        else { throw ExchangeError(.storeUnexpectedValue, "The database holds a confirmation with an unknown value") }
        id = try row.text("id")
        subject = try row.text("subject")
        statement = try row.text("statement")
        self.document = document
        digest = try row.digest("document_sha256")
        citation = try row.text("citation")
        self.state = state
        proposed = try row.time("proposed")
        proposedBy = proposer
        decided = try row.optionalTime("decided")
        decidedBy = try row.optionalText("decided_by").flatMap { PersonID($0) }
    }

    static func find(_ id: String, in store: any StoreReading) throws -> ConfirmationRecord? {
        try store.row("SELECT \(columns) FROM treaty_confirmation WHERE id = ?", [.text(id)])
            .map { try ConfirmationRecord($0) }
    }
}
