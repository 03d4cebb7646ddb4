public import ExchangeModel

/// What the manifest's schema lets a text be, checked when the text is given and not only when a draft is written.
public enum StatementText {
    /// Characters in a line at most (`line` in evidence-manifest.xsd).
    public static let longestLine = 1_024
    /// Characters in a text at most (`text` in evidence-manifest.xsd).
    public static let longestText = 65_536

    /// Checks one line: not empty, no control character.
    ///
    /// - Throws: `request.value`.
    public static func requireLine(_ value: String, _ name: String, most: Int = longestLine) throws {
        guard !value.unicodeScalars.isEmpty, value.unicodeScalars.contains(where: { !isBlank($0) }) else {
            throw ExchangeError(.requestValue, "The \(name) is empty")
        }
        try requireLength(value, name, most: most)
        guard value.unicodeScalars.allSatisfy({ isWritable($0) && $0.value >= 0x20 }) else {
            throw ExchangeError(.requestValue, "The \(name) holds a control character")
        }
    }

    /// Checks a text of several lines.
    ///
    /// - Throws: `request.value`.
    public static func requireText(_ value: String, _ name: String, most: Int = longestText) throws {
        try requireLength(value, name, most: most)
        guard value.unicodeScalars.allSatisfy(isWritable) else {
            throw ExchangeError(.requestValue, "The \(name) holds a control character")
        }
    }

    /// Checks the original name of a file; it is shown, never used as a path.
    ///
    /// - Throws: `request.value`.
    public static func requireFileName(_ value: String) throws {
        guard !value.unicodeScalars.isEmpty else { throw ExchangeError(.requestValue, "The name is empty") }
        try requireText(value, "name", most: longestLine)
    }

    /// Checks named values.
    ///
    /// - Throws: `request.value`.
    public static func requireFields(_ fields: [EvidenceManifest.Field], _ name: String, most: Int) throws {
        guard fields.count <= most else {
            throw ExchangeError(.requestValue, "The \(name) are more than \(most)")
        }
        for field in fields {
            try requireLine(field.name, "name of one of the \(name)")
            try requireText(field.value, "value of one of the \(name)")
        }
    }

    /// Checks a media type (RFC 6838 §4.2).
    ///
    /// - Throws: `request.value`.
    public static func requireMediaType(_ value: String) throws {
        func isName(_ part: Substring) -> Bool {
            let bytes = Array(part.utf8)
            guard let first = bytes.first, isAlphanumeric(first), bytes.count <= 127 else { return false }
            return bytes.allSatisfy { isAlphanumeric($0) || "!#$&^_.+-".utf8.contains($0) }
        }
        let parts = value.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy(isName) else {
            throw ExchangeError(.requestValue, "The media type is not of the form type/subtype")
        }
    }

    /// Checks a language tag (BCP 47).
    ///
    /// - Throws: `request.value`.
    public static func requireLanguage(_ value: String) throws {
        let parts = value.split(separator: "-", omittingEmptySubsequences: false)
        let fits = parts.enumerated().allSatisfy { index, part in
            (index == 0 ? 2...8 : 1...8).contains(part.utf8.count)
                && part.utf8.allSatisfy { isAlphanumeric($0) && (index > 0 || !(0x30...0x39).contains($0)) }
        }
        guard fits, parts.count <= 9 else {
            throw ExchangeError(.requestValue, "The language is not a tag like ru or kk-Cyrl")
        }
    }

    /// Checks the id of a treaty's profile.
    ///
    /// - Throws: `request.value`.
    public static func requireTreaty(_ value: String) throws {
        let bytes = Array(value.utf8)
        func isPlain(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte) }
        guard let first = bytes.first, isPlain(first), bytes.count <= 64,
            bytes.allSatisfy({ isPlain($0) || $0 == 0x2d || $0 == 0x2e })
        else { throw ExchangeError(.requestValue, "The treaty is not the id of a profile, such as eu-mla-2000") }
    }

    private static func requireLength(_ value: String, _ name: String, most: Int) throws {
        guard value.unicodeScalars.count <= most else {
            throw ExchangeError(.requestValue, "The \(name) has more than \(most) characters")
        }
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

    // XML 1.0 §2.2, without the C1 controls that the schema leaves out too.
    private static func isWritable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0a, 0x0d: true
        case 0x00..<0x20, 0x7f...0x9f, 0xfffe, 0xffff: false
        default: true
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
}
