public import ExchangeModel

/// That two persons of this gateway read an official text and found that a statement stands in it.
public struct TreatyConfirmation: Hashable, Sendable {
    /// What they confirm.
    ///
    /// Written `limit:<id>`, `party:<instrument>:<state>` or `contents:<instrument>:<item>`.
    public enum Subject: Hashable, Sendable, LosslessStringConvertible {
        /// A time limit, by its id.
        case limit(String)
        /// That a state is bound by an instrument.
        case party(instrument: String, state: StateCode)
        /// An item of an instrument's contents, by its id.
        case contents(instrument: String, item: String)

        /// Reads the written form; whether there is such a thing is not asked.
        public init?(_ text: String) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.allSatisfy({ !$0.isEmpty }) else { return nil }
            switch (parts.first, parts.count) {
            case ("limit", 2): self = .limit(parts[1])
            case ("contents", 3): self = .contents(instrument: parts[1], item: parts[2])
            case ("party", 3):
                guard let state = StateCode(parts[2]) else { return nil }
                self = .party(instrument: parts[1], state: state)
            default: return nil
            }
        }

        /// The written form.
        public var description: String {
            switch self {
            case .limit(let id): "limit:\(id)"
            case .party(let instrument, let state): "party:\(instrument):\(state)"
            case .contents(let instrument, let item): "contents:\(instrument):\(item)"
            }
        }
    }

    /// Names the confirmation.
    public let id: String
    /// What they confirm.
    public let subject: Subject
    /// The statement as it stood when they confirmed it, from ``TreatyBook/statement(of:)``: should the profile come to
    /// say something else, the confirmation no longer speaks for it.
    public let statement: String
    /// The digest of the official text that they attached.
    public let document: SHA256Digest
    /// The first person.
    public let first: String
    /// The second person.
    public let second: String
    /// When the second person confirmed.
    public let time: ExchangeTime

    /// Takes all fields.
    ///
    /// - Throws: `treaty.confirmation_persons` unless two different persons are named.
    public init(
        id: String,
        subject: Subject,
        statement: String,
        document: SHA256Digest,
        first: String,
        second: String,
        time: ExchangeTime
    ) throws {
        guard !first.isEmpty, !second.isEmpty, first != second else {
            throw ExchangeError(
                .treatyConfirmationPersons,
                "A statement of a treaty is confirmed by two different persons",
                hint: "Let another authorised person confirm it"
            )
        }
        self.id = id
        self.subject = subject
        self.statement = statement
        self.document = document
        self.first = first
        self.second = second
        self.time = time
    }
}
