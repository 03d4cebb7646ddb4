internal import ExchangeModel

/// Reads a document's bytes once, before any parser, and refuses everything outside our subset of XML.
///
/// In a well-formed document without comments, CDATA sections, processing instructions and document type declaration
/// every `<` begins a tag, so counting is exact. It only ever refuses; libxml2 decides what is well-formed.
struct MarkupScanner {
    private let bytes: [UInt8]
    private let limits: StrictXMLDocument.Limits
    private var position = 0
    private var depth = 0
    private var elements = 0

    /// Refuses bytes that are over the limits, are not UTF-8 or use markup outside the subset.
    static func check(_ bytes: [UInt8], limits: StrictXMLDocument.Limits) throws(ExchangeError) {
        guard bytes.count <= limits.bytes else {
            throw ExchangeError(.xmlTooLarge, "The XML document has more than \(limits.bytes) bytes")
        }
        var scanner = MarkupScanner(bytes: bytes, limits: limits)
        try scanner.checkEncoding()
        try scanner.checkCharacters()
        try scanner.readDeclaration()
        try scanner.readMarkup()
    }

    private init(bytes: [UInt8], limits: StrictXMLDocument.Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    // MARK: Encoding and characters

    private func checkEncoding() throws(ExchangeError) {
        let marks: [[UInt8]] = [[0xef, 0xbb, 0xbf], [0xfe, 0xff], [0xff, 0xfe], [0x00], [0x3c, 0x00]]
        for mark in marks where bytes.starts(with: mark) {
            throw ExchangeError(.xmlEncoding, "The XML document is not UTF-8 without byte order mark")
        }
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw ExchangeError(.xmlEncoding, "The XML document is not valid UTF-8")
        }
    }

    private func checkCharacters() throws(ExchangeError) {
        for (offset, byte) in bytes.enumerated() {
            if byte >= 0x20, byte != 0xef { continue }
            let isForbidden =
                switch byte {
                case 0x09, 0x0a, 0x0d: false
                // U+FFFE and U+FFFF.
                case 0xef: offset + 2 < bytes.count && bytes[offset + 1] == 0xbf && bytes[offset + 2] >= 0xbe
                default: true
                }
            guard !isForbidden else {
                throw error(.xmlBadCharacter, "The XML document holds a character that XML does not allow", at: offset)
            }
        }
    }

    // MARK: Declaration

    private mutating func readDeclaration() throws(ExchangeError) {
        guard bytes.starts(with: "<?xml".utf8), let next = byte(5), Self.isSpace(next) else { return }
        let malformed = ExchangeError(.xmlNotWellFormed, "The XML declaration is malformed")
        position = 5
        var seen: [String] = []
        while true {
            let spaces = skipSpaces()
            if byte(position) == UInt8(ascii: "?") {
                guard byte(position + 1) == UInt8(ascii: ">"), seen.first == "version" else { throw malformed }
                position += 2
                return
            }
            guard spaces, let (name, value) = readPseudoAttribute() else { throw malformed }
            let order = ["version", "encoding", "standalone"]
            guard let rank = order.firstIndex(of: name), seen.allSatisfy({ order.firstIndex(of: $0) ?? rank < rank })
            else { throw malformed }
            seen.append(name)
            switch name {
            case "version":
                guard value == "1.0" else { throw malformed }
            case "encoding":
                guard value.lowercased() == "utf-8" else {
                    throw ExchangeError(.xmlEncoding, "The XML document says that its encoding is not UTF-8")
                }
            default:
                guard value == "yes" || value == "no" else { throw malformed }
            }
        }
    }

    private mutating func readPseudoAttribute() -> (name: String, value: String)? {
        let start = position
        while let letter = byte(position), (0x61...0x7a).contains(letter) { position += 1 }
        let name = String(decoding: bytes[start..<position], as: UTF8.self)
        _ = skipSpaces()
        guard byte(position) == UInt8(ascii: "=") else { return nil }
        position += 1
        _ = skipSpaces()
        guard let quote = byte(position), quote == 0x22 || quote == 0x27 else { return nil }
        position += 1
        let first = position
        while let inner = byte(position), inner != quote {
            // No value that is accepted is longer than this.
            guard position - first < 16 else { return nil }
            position += 1
        }
        guard byte(position) == quote else { return nil }
        position += 1
        return (name, String(decoding: bytes[first..<(position - 1)], as: UTF8.self))
    }

    // MARK: Markup

    private mutating func readMarkup() throws(ExchangeError) {
        var textStart = position
        while let current = byte(position) {
            switch current {
            case UInt8(ascii: "<"):
                try readTag()
                textStart = position
            case UInt8(ascii: "&"):
                try readReference()
            default:
                position += 1
            }
            try checkRun(from: textStart)
        }
    }

    private mutating func readTag() throws(ExchangeError) {
        switch byte(position + 1) {
        case UInt8(ascii: "!"): throw refusedDeclaration()
        case UInt8(ascii: "?"):
            throw error(.xmlProcessingInstruction, "The XML document holds a processing instruction", at: position)
        case UInt8(ascii: "/"):
            depth -= 1
            try skipTag()
        default:
            elements += 1
            guard elements <= limits.elements else {
                throw error(.xmlTooLarge, "The XML document has more than \(limits.elements) elements", at: position)
            }
            guard depth < limits.depth else {
                throw error(.xmlTooDeep, "The XML elements are nested more than \(limits.depth) deep", at: position)
            }
            depth += 1
            try skipTag()
            // The byte before the closing angle bracket; one exists, as the tag began with another.
            if byte(position - 2) == UInt8(ascii: "/") { depth -= 1 }
        }
    }

    /// Goes behind the `>` that ends the tag at the position, minding quotes.
    private mutating func skipTag() throws(ExchangeError) {
        let start = position
        var quote: UInt8?
        var attributes = 0
        position += 1
        while let current = byte(position) {
            if current == UInt8(ascii: "&") {
                try readReference()
                continue
            }
            position += 1
            if let open = quote {
                if current == open { quote = nil }
            } else if current == UInt8(ascii: ">") {
                return
            } else if current == 0x22 || current == 0x27 {
                quote = current
                attributes += 1
                guard attributes <= limits.attributes else {
                    throw error(.xmlTooLarge, "An XML element has more than \(limits.attributes) attributes", at: start)
                }
            }
            try checkRun(from: start)
        }
        throw error(.xmlNotWellFormed, "An XML tag does not end", at: start)
    }

    private mutating func readReference() throws(ExchangeError) {
        let start = position
        position += 1
        // No reference that is accepted is longer than ten bytes, `&#x10FFFF;`, leading zeros aside.
        while let current = byte(position), current != UInt8(ascii: ";"), position - start < 16 { position += 1 }
        guard byte(position) == UInt8(ascii: ";") else {
            throw error(.xmlNotWellFormed, "An ampersand begins no reference", at: start)
        }
        let name = bytes[(start + 1)..<position]
        position += 1
        if name.first == UInt8(ascii: "#") { return }
        guard ["amp", "lt", "gt", "quot", "apos"].contains(String(decoding: name, as: UTF8.self)) else {
            throw error(.xmlEntity, "The XML document refers to an entity that XML does not define", at: start)
        }
    }

    private func refusedDeclaration() -> ExchangeError {
        let rest = bytes[position...]
        if rest.starts(with: "<!DOCTYPE".utf8) {
            return error(.xmlDoctype, "The XML document holds a document type declaration", at: position)
        }
        if rest.starts(with: "<!--".utf8) {
            return error(.xmlComment, "The XML document holds a comment", at: position)
        }
        if rest.starts(with: "<![CDATA[".utf8) {
            return error(.xmlCDATASection, "The XML document holds a CDATA section", at: position)
        }
        return error(.xmlNotWellFormed, "The XML document holds a declaration where none can be", at: position)
    }

    // MARK: Steps

    private func byte(_ index: Int) -> UInt8? { bytes.indices.contains(index) ? bytes[index] : nil }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }

    /// Goes behind white space; says whether there was any.
    private mutating func skipSpaces() -> Bool {
        let start = position
        while let current = byte(position), Self.isSpace(current) { position += 1 }
        return position > start
    }

    private func checkRun(from start: Int) throws(ExchangeError) {
        guard position - start <= limits.run else {
            throw error(.xmlTooLarge, "An XML text or tag has more than \(limits.run) bytes", at: start)
        }
    }

    private func error(_ code: ErrorCode, _ reason: String, at offset: Int) -> ExchangeError {
        let line = bytes[..<offset].reduce(1) { $1 == 0x0a ? $0 + 1 : $0 }
        return ExchangeError(code, reason, details: ["line \(line)"])
    }
}
