public import ExchangeModel

/// Whom a mail is from or to.
public struct MailAddress: Hashable, Sendable {
    /// The address, `name@host`, in ASCII.
    public let address: String
    /// The name shown beside it.
    public let name: String?

    /// Checks an address and a name.
    ///
    /// Only addresses that need no quoting are taken: a dot-atom (RFC 5322 §3.2.3) before the `@`, at most 64 bytes
    /// (RFC 5321 §4.5.3.1), and a host name or an address literal such as `[192.0.2.1]` behind it.
    /// - Throws: `mail.address`, `mail.header` for the name.
    public init(_ address: String, name: String? = nil) throws(ExchangeError) {
        let parts = address.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, address.utf8.count <= 254, (1...64).contains(parts[0].count),
            MailText.isDotAtom(parts[0]), MailText.isHost(parts[1])
        else {
            throw ExchangeError(.mailAddress, "A mail address is not of the form name@host in plain ASCII")
        }
        if let name { try MailText.requireLine(name, "name beside an address", most: 200) }
        self.address = address
        self.name = name
    }
}

/// A mail in plain text.
public struct MailMessage: Hashable, Sendable {
    /// The most recipients of one mail.
    public static let mostRecipients = 100
    /// The longest text, in bytes of UTF-8.
    public static let largestBody = 1 << 20

    /// Whom it is from.
    public let from: MailAddress
    /// Whom it is to, 1 to 100.
    public let to: [MailAddress]
    /// What it is about, in one line.
    public let subject: String
    /// The text; lines end with any line ending.
    public let body: String
    /// When it was written.
    public let date: ExchangeTime
    /// What names it all over the world, `something@host` without the angle brackets.
    public let messageID: String

    /// Checks all fields, so that no value can add a header field.
    ///
    /// - Throws: `mail.header` for a subject, Message-ID, number of recipients or text that a mail cannot have.
    public init(
        from: MailAddress,
        to: [MailAddress],
        subject: String,
        body: String,
        date: ExchangeTime,
        messageID: String
    ) throws(ExchangeError) {
        try MailText.requireLine(subject, "subject", most: 500)
        let parts = messageID.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, messageID.utf8.count <= 200, parts.allSatisfy(MailText.isDotAtom) else {
            throw ExchangeError(.mailHeader, "The Message-ID of a mail is not of the form something@host")
        }
        guard (1...Self.mostRecipients).contains(to.count) else {
            throw ExchangeError(.mailHeader, "A mail has 1 to \(Self.mostRecipients) recipients")
        }
        guard body.utf8.count <= Self.largestBody else {
            throw ExchangeError(.mailHeader, "The text of a mail is longer than \(Self.largestBody) bytes")
        }
        self.from = from
        self.to = to
        self.subject = subject
        self.body = body
        self.date = date
        self.messageID = messageID
    }
}

/// What values of a mail may hold.
enum MailText {
    /// RFC 5322 §3.2.3.
    static func isDotAtom(_ text: Substring.UTF8View) -> Bool {
        let atoms = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return atoms.allSatisfy { !$0.isEmpty && $0.allSatisfy(isAtom) }
    }

    /// A host name of letters, digits and hyphens, or an IPv4 or IPv6 address in brackets.
    static func isHost(_ text: Substring.UTF8View) -> Bool {
        guard (1...253).contains(text.count) else { return false }
        if text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]") {
            let inside = text.dropFirst().dropLast()
            return !inside.isEmpty
                && inside.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
        }
        let labels = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    /// One line that is not empty, without control characters, so that it cannot begin another header field.
    static func requireLine(_ text: String, _ name: String, most: Int) throws(ExchangeError) {
        let scalars = text.unicodeScalars
        guard !scalars.isEmpty, scalars.count <= most else {
            throw ExchangeError(.mailHeader, "The \(name) of a mail is empty or has more than \(most) characters")
        }
        let isPlain = scalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate: false
            default: true
            }
        }
        guard isPlain else {
            throw ExchangeError(.mailHeader, "The \(name) of a mail holds a line break or another control character")
        }
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }

    private static func isAtom(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }
}
