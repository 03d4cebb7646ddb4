public import ExchangeLog
public import ExchangeModel
import Persistence

/// Names a finding of a witness.
public struct WitnessFindingID: RecordName {
    /// The name as it stands in the database and the interface.
    public let text: String

    /// Takes text that was checked.
    public init(checkedText: String) { text = checkedText }
}

/// A log that contradicts what it signed before, or seems to.
public struct WitnessFinding: Hashable, Sendable {
    /// Whose log it is about.
    public enum Side: String, CaseIterable, Hashable, Sendable {
        /// The partner's, as we cosigned it.
        case partner
        /// Ours, as the partner cosigned it.
        case own
    }

    /// What was found.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// The log signed two roots of one size.
        case sameSize = "same_size"
        /// The log does not begin with what it signed before.
        case otherBeginning = "other_beginning"
        /// The log has fewer entries than were cosigned.
        case shorter
        /// The log did not prove that it continues what was cosigned.
        case notProven = "not_proven"

        /// Whether what the log signed proves it, so that nothing can take it back.
        public var isProven: Bool { self == .sameSize || self == .otherBeginning }

        /// The code of the alarm.
        public var code: ErrorCode {
            switch self {
            case .sameSize, .otherBeginning: .witnessForked
            case .shorter: .witnessShorter
            case .notProven: .witnessNotProven
            }
        }

        init(_ kind: ForkProof.Kind) {
            switch kind {
            case .sameSize: self = .sameSize
            case .otherBeginning: self = .otherBeginning
            case .shorter: self = .shorter
            }
        }
    }

    /// Its name.
    public let id: WitnessFindingID
    /// The partner.
    public let party: PartyID
    /// Whose log it is about.
    public let side: Side
    /// The log's key.
    public let log: LogVerifierKey
    /// What was found.
    public let kind: Kind
    /// The size that was cosigned.
    public let cosignedSize: Int64
    /// The size that the log showed later.
    public let shownSize: Int64
    /// The proof for others (`evidence-verify fork`), where there is one.
    public let proof: [UInt8]?
    /// When it was found.
    public let found: ExchangeTime
    /// When the log was shown to continue after all, or was replaced by one with another key.
    public let cleared: ExchangeTime?

    /// One sentence.
    public var sentence: String {
        let log = side == .own ? "The log here" : "The log of \(party)"
        let witness = side == .own ? "\(party) has" : "we have"
        return switch kind {
        case .sameSize: "\(log) has signed two different states of size \(shownSize)"
        case .otherBeginning:
            "\(log) of size \(shownSize) does not begin with the \(cosignedSize) entries that it signed before"
        case .shorter: "\(log) is shorter than what \(witness) cosigned: \(shownSize) entries, not \(cosignedSize)"
        case .notProven: "\(log) did not prove that it continues the \(cosignedSize) entries that \(witness) cosigned"
        }
    }

    init(
        party: PartyID,
        side: Side,
        log: LogVerifierKey,
        kind: Kind,
        sizes: (cosigned: Int64, shown: Int64),
        proof: [UInt8]?,
        found: ExchangeTime
    ) throws {
        id = try .random()
        self.party = party
        self.side = side
        self.log = log
        self.kind = kind
        cosignedSize = sizes.cosigned
        shownSize = sizes.shown
        self.proof = proof
        self.found = found
        cleared = nil
    }

    /// What a proof shows.
    init(_ proof: ForkProof, party: PartyID, side: Side, log: LogVerifierKey) throws {
        let sizes = try (
            cosigned: Checkpoint(note: proof.cosigned, verifiedBy: log).size,
            shown: Checkpoint(note: proof.shown, verifiedBy: log).size
        )
        try self.init(
            party: party,
            side: side,
            log: log,
            kind: Kind(proof.kind),
            sizes: sizes,
            proof: proof.bytes,
            found: proof.time
        )
    }

    static let columns = "id, party, side, log_key, kind, cosigned_size, shown_size, proof, found, cleared"

    init(_ row: StoredRow) throws {
        func known<Value>(_ value: Value?) throws -> Value {
            guard let value else {
                throw ExchangeError(
                    .storeUnexpectedValue,
                    "The database holds a witness's finding with an unknown value"
                )
            }
            return value
        }
        id = try known(WitnessFindingID(try row.text("id")))
        party = try row.party("party")
        side = try known(Side(rawValue: try row.text("side")))
        log = try LogVerifierKey(vkey: row.text("log_key"))
        kind = try known(Kind(rawValue: try row.text("kind")))
        cosignedSize = try row.integer("cosigned_size")
        shownSize = try row.integer("shown_size")
        proof = try row.optionalBytes("proof")
        found = try row.time("found")
        cleared = try row.optionalTime("cleared")
    }
}
