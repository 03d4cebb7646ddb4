public import ExchangeModel

/// A random UUID (RFC 9562 §5.4) as lower-case text, the name of a record of this gateway.
public protocol RecordName: Hashable, Sendable, CustomStringConvertible {
    /// The name as it stands in the database and the interface.
    var text: String { get }

    /// Takes text that the type has checked.
    init(checkedText: String)
}

extension RecordName {
    /// Takes 8-4-4-4-12 lower-case hexadecimal digits.
    public init?(_ text: some StringProtocol) {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12], Hexadecimal.bytes(of: groups.joined()) != nil else {
            return nil
        }
        self.init(checkedText: String(text))
    }

    /// The name.
    public var description: String { text }

    /// A new name.
    public static func random() throws -> Self { Self(checkedText: try RandomName.uuid()) }
}

/// Names an item of evidence.
public struct EvidenceID: RecordName {
    /// The name as it stands in the database and the interface.
    public let text: String

    /// Takes text that was checked.
    public init(checkedText: String) { text = checkedText }
}

/// Names bytes that lie encrypted in the gateway.
public struct StoredFileID: RecordName {
    /// The name as it stands in the database and the interface.
    public let text: String

    /// Takes text that was checked.
    public init(checkedText: String) { text = checkedText }
}

/// Names a draft.
public struct DraftID: RecordName {
    /// The name as it stands in the database and the interface.
    public let text: String

    /// Takes text that was checked.
    public init(checkedText: String) { text = checkedText }
}

extension ExchangeError {
    /// What is not there, and what belongs to another authority, answers alike.
    public static func notFound(_ what: String, _ name: String) -> ExchangeError {
        ExchangeError(.notFound, "There is no \(what) \(name)")
    }
}
