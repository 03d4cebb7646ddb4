public import ExchangeModel
public import TrustCrypto

/// One row that a query gave; columns go by their names.
///
/// Every accessor throws `store.unexpected_value` if there is no such column or its value is of another kind, so that a
/// database somebody tampered with is an error and never a crash.
public struct StoredRow: Sendable {
    private let columns: [String: Int]
    private let values: [SQLValue]

    /// Takes the values in the order of the columns.
    init(columns: [String: Int], values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// A value of any kind.
    public func value(_ column: String) throws -> SQLValue {
        guard let position = columns[column], values.indices.contains(position) else {
            throw ExchangeError(.storeUnexpectedValue, "A row has no column \(column)")
        }
        return values[position]
    }

    /// A whole number, or none.
    public func optionalInteger(_ column: String) throws -> Int64? {
        switch try value(column) {
        case .null: nil
        case .integer(let number): number
        default: throw Self.unexpected(column, "a whole number")
        }
    }

    /// A text, or none.
    public func optionalText(_ column: String) throws -> String? {
        switch try value(column) {
        case .null: nil
        case .text(let text): text
        default: throw Self.unexpected(column, "a text")
        }
    }

    /// Bytes, or none.
    public func optionalBytes(_ column: String) throws -> [UInt8]? {
        switch try value(column) {
        case .null: nil
        case .bytes(let bytes): bytes
        default: throw Self.unexpected(column, "bytes")
        }
    }

    /// An instant, or none.
    public func optionalTime(_ column: String) throws -> ExchangeTime? {
        try optionalInteger(column).map { seconds in
            let time = ExchangeTime(secondsSince1970: seconds)
            guard time.secondsSince1970 == seconds else { throw Self.unexpected(column, "an instant") }
            return time
        }
    }

    /// A digest, or none.
    public func optionalDigest(_ column: String) throws -> SHA256Digest? {
        try optionalText(column).map { try Self.present(SHA256Digest(hex: $0), column, "a digest") }
    }

    /// A party's name, or none.
    public func optionalParty(_ column: String) throws -> PartyID? {
        try optionalText(column).map { try Self.present(PartyID($0), column, "a party's name") }
    }

    /// The name of a bundle, message or thread, or none.
    public func optionalID<ID: TimeOrderedURN>(_ column: String, as kind: ID.Type = ID.self) throws -> ID? {
        try optionalText(column).map { try Self.present(ID(urn: $0), column, "a name of the form urn:uuid") }
    }

    /// A whole number.
    public func integer(_ column: String) throws -> Int64 {
        try Self.present(optionalInteger(column), column, "a whole number")
    }

    /// True for 1, false for 0.
    public func boolean(_ column: String) throws -> Bool {
        switch try integer(column) {
        case 0: false
        case 1: true
        default: throw Self.unexpected(column, "0 or 1")
        }
    }

    /// A text.
    public func text(_ column: String) throws -> String {
        try Self.present(optionalText(column), column, "a text")
    }

    /// Bytes.
    public func bytes(_ column: String) throws -> [UInt8] {
        try Self.present(optionalBytes(column), column, "bytes")
    }

    /// An instant.
    public func time(_ column: String) throws -> ExchangeTime {
        try Self.present(optionalTime(column), column, "an instant")
    }

    /// A digest.
    public func digest(_ column: String) throws -> SHA256Digest {
        try Self.present(optionalDigest(column), column, "a digest")
    }

    /// A party's name.
    public func party(_ column: String) throws -> PartyID {
        try Self.present(optionalParty(column), column, "a party's name")
    }

    /// The name of a bundle, message or thread.
    public func id<ID: TimeOrderedURN>(_ column: String, as kind: ID.Type = ID.self) throws -> ID {
        try Self.present(optionalID(column, as: kind), column, "a name of the form urn:uuid")
    }

    /// A certificate.
    public func certificate(_ column: String) throws -> PartyCertificate {
        try Self.present(try? PartyCertificate(der: bytes(column)), column, "a certificate")
    }

    private static func present<Value>(_ value: Value?, _ column: String, _ expected: String) throws -> Value {
        guard let value else { throw unexpected(column, expected) }
        return value
    }

    private static func unexpected(_ column: String, _ expected: String) -> ExchangeError {
        ExchangeError(.storeUnexpectedValue, "The column \(column) of a row does not hold \(expected)")
    }
}
