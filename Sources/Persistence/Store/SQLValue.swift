public import ExchangeModel

/// One value of a statement's arguments or of a row.
public enum SQLValue: Hashable, Sendable {
    /// No value.
    case null
    /// A whole number.
    case integer(Int64)
    /// A text; it holds no character U+0000, which databases disagree about.
    case text(String)
    /// Bytes.
    case bytes([UInt8])
}

extension SQLValue: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    /// No value.
    public init(nilLiteral: ()) { self = .null }

    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }

    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }
}

extension SQLValue {
    /// A whole number, or none.
    public init(_ value: Int64?) { self = value.map { .integer($0) } ?? .null }

    /// A whole number, or none.
    public init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }

    /// 1 for true, 0 for false, or none.
    public init(_ value: Bool?) { self = value.map { .integer($0 ? 1 : 0) } ?? .null }

    /// A text, or none.
    public init(_ value: String?) { self = value.map { .text($0) } ?? .null }

    /// Bytes, or none.
    public init(_ value: [UInt8]?) { self = value.map { .bytes($0) } ?? .null }

    /// An instant as seconds since 1970, or none.
    public init(_ value: ExchangeTime?) { self = value.map { .integer($0.secondsSince1970) } ?? .null }

    /// A digest as 64 hexadecimal digits, or none.
    public init(_ value: SHA256Digest?) { self = value.map { .text($0.hex) } ?? .null }

    /// A party's name, or none.
    public init(_ value: PartyID?) { self = value.map { .text($0.text) } ?? .null }

    /// A name in its `urn:uuid:` form, or none.
    public init(_ value: (some TimeOrderedURN)?) { self = value.map { .text($0.urn) } ?? .null }

    /// An error code as it is written, or none.
    public init(_ value: ErrorCode?) { self = value.map { .text($0.rawValue) } ?? .null }
}
