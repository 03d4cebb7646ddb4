/// A stable name for one kind of fault, such as `zip.duplicate_name`.
///
/// Codes go to people, peers, logs and tests, so they never change once shipped. Each is declared once, beside the
/// code that raises it, and listed in `Docs/error-codes.md`; a test holds both against each other.
public struct ErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The code as it stands in reports and on the wire.
    public let rawValue: String

    /// Names a kind of fault.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Names a kind of fault.
    public init(_ rawValue: String) { self.rawValue = rawValue }

    /// The code itself.
    public var description: String { rawValue }
}

/// The one shape of every error in the gateway: a stable code, a sentence, and where it was raised.
///
/// Two errors are equal when their codes are. The reason never holds evidence content, key material or a passphrase.
public struct ExchangeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    public let code: ErrorCode
    /// What failed, as one plain sentence without the final stop.
    public let reason: String
    /// What the reader can do about it, if there is something.
    public let hint: String?
    /// What a library below said, outermost first.
    public let details: [String]
    /// File and line that raised it, for the developers.
    public let place: String

    /// Makes an error.
    public init(
        _ code: ErrorCode,
        _ reason: String,
        hint: String? = nil,
        details: [String] = [],
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        self.code = code
        self.reason = reason
        self.hint = hint
        self.details = details
        self.place = "\(file):\(line)"
    }

    /// Compares the codes only.
    public static func == (left: ExchangeError, right: ExchangeError) -> Bool { left.code == right.code }

    /// Reason, details and code on one line.
    public var description: String {
        let because = details.isEmpty ? "" : " (" + details.joined(separator: "; ") + ")"
        return "\(reason)\(because) [\(code)]"
    }
}
