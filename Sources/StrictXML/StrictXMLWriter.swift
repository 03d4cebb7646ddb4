public import ExchangeModel

/// Writes one document as UTF-8 with a fixed layout, so that the same calls always give the same bytes.
///
/// The layout: the declaration `<?xml version="1.0" encoding="UTF-8"?>`, two spaces of indentation for each level, LF
/// after each line, elements that hold only text on one line without added white space, `<name/>` for empty ones.
/// Whatever a reader must not lose to normalisation (XML 1.0 §2.11, §3.3.3) is written as a character reference.
public struct StrictXMLWriter {
    private var bytes = Array(#"<?xml version="1.0" encoding="UTF-8"?>"#.utf8) + [0x0a]
    private var depth = 0
    private var hasRoot = false

    /// An empty document.
    public init() {}

    /// Writes an element that holds text or nothing.
    ///
    /// - Parameters:
    ///   - name: The name, with a prefix where one was declared.
    ///   - attributes: Attributes and namespace declarations, in this order.
    ///   - text: What stands in it.
    /// - Throws: `xml.bad_character` when XML has no way to write a character; `xml.misuse` for a bad name, a second
    ///   root or a doubled attribute.
    public mutating func element(
        _ name: String,
        _ attributes: KeyValuePairs<String, String> = [:],
        text: String = ""
    ) throws(ExchangeError) {
        try startTag(name, attributes)
        if text.isEmpty {
            bytes += "/>".utf8
        } else {
            bytes.append(UInt8(ascii: ">"))
            try append(text, inAttribute: false)
            bytes += "</\(name)>".utf8
        }
        bytes.append(0x0a)
    }

    /// Writes an element that holds other elements.
    ///
    /// - Parameters:
    ///   - name: The name, with a prefix where one was declared.
    ///   - attributes: Attributes and namespace declarations, in this order.
    ///   - content: Writes the elements in it.
    /// - Throws: As for an element with text, and whatever `content` throws.
    public mutating func element(
        _ name: String,
        _ attributes: KeyValuePairs<String, String> = [:],
        content: (inout StrictXMLWriter) throws(ExchangeError) -> Void
    ) throws(ExchangeError) {
        try startTag(name, attributes)
        let tagEnd = bytes.count
        bytes += ">\n".utf8
        let contentStart = bytes.count
        depth += 1
        try content(&self)
        depth -= 1
        if bytes.count == contentStart {
            bytes.removeSubrange(tagEnd...)
            bytes += "/>\n".utf8
        } else {
            indent()
            bytes += "</\(name)>\n".utf8
        }
    }

    /// The finished document.
    ///
    /// - Throws: `xml.misuse` when no element was written.
    public func document() throws(ExchangeError) -> [UInt8] {
        guard hasRoot, depth == 0 else {
            throw ExchangeError(.xmlMisuse, "An XML document has exactly one outermost element")
        }
        return bytes
    }

    // MARK: Parts

    private mutating func startTag(
        _ name: String,
        _ attributes: KeyValuePairs<String, String>
    ) throws(ExchangeError) {
        guard depth > 0 || !hasRoot else {
            throw ExchangeError(.xmlMisuse, "An XML document has exactly one outermost element")
        }
        hasRoot = true
        try Self.check(name: name)
        indent()
        bytes += "<\(name)".utf8
        var seen: Set<String> = []
        for (key, value) in attributes {
            try Self.check(name: key)
            guard seen.insert(key).inserted else {
                throw ExchangeError(.xmlMisuse, "An XML element has one attribute twice")
            }
            bytes += " \(key)=\"".utf8
            try append(value, inAttribute: true)
            bytes.append(UInt8(ascii: "\""))
        }
    }

    private mutating func indent() {
        bytes += [UInt8](repeating: 0x20, count: 2 * depth)
    }

    private mutating func append(_ text: String, inAttribute: Bool) throws(ExchangeError) {
        // The three bytes up to the current one.
        var recent: UInt32 = 0
        for byte in text.utf8 {
            recent = (recent << 8 | UInt32(byte)) & 0xff_ffff
            switch byte {
            case UInt8(ascii: "&"): bytes += "&amp;".utf8
            case UInt8(ascii: "<"): bytes += "&lt;".utf8
            case UInt8(ascii: ">"): bytes += "&gt;".utf8
            case UInt8(ascii: "\"") where inAttribute: bytes += "&quot;".utf8
            case 0x09 where inAttribute: bytes += "&#9;".utf8
            case 0x0a where inAttribute: bytes += "&#10;".utf8
            case 0x0d: bytes += "&#13;".utf8
            case 0x09, 0x0a: bytes.append(byte)
            case 0..<0x20: throw Self.unwritable(UInt32(byte))
            case 0xbe where recent == 0xef_bfbe: throw Self.unwritable(0xfffe)
            case 0xbf where recent == 0xef_bfbf: throw Self.unwritable(0xffff)
            default: bytes.append(byte)
            }
        }
    }

    private static func unwritable(_ character: UInt32) -> ExchangeError {
        ExchangeError(
            .xmlBadCharacter,
            "A text holds a character that XML cannot write",
            details: ["U+" + String(character, radix: 16, uppercase: true)]
        )
    }

    /// Accepts ASCII letters, digits, `-`, `_`, `.` and one colon, beginning with a letter: all that our formats use.
    private static func check(name: String) throws(ExchangeError) {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        let isGood =
            parts.count <= 2
            && parts.allSatisfy { part in
                guard let first = part.unicodeScalars.first, first.isASCII, first.properties.isAlphabetic else {
                    return false
                }
                return part.unicodeScalars.allSatisfy {
                    $0.isASCII
                        && ($0.properties.isAlphabetic || (0x30...0x39).contains($0.value)
                            || "-_.".unicodeScalars.contains($0))
                }
            }
        guard isGood else { throw ExchangeError(.xmlMisuse, "An XML name has a character that no format uses") }
    }
}
