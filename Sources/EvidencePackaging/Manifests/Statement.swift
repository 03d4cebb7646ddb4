internal import ExchangeModel
internal import StrictXML

/// What a header or a manifest states, apart from how it is written: XML and JSON are both made from this one value.
indirect enum Statement {
    case text(String)
    case number(Int64)
    case record([(name: String, value: Statement)])
    /// A list and the name that XML gives to its items.
    case list(item: String, [Statement])
    /// A record whose elements are of another namespace in XML.
    case document(namespace: String, Statement)

    /// A record without the members that are absent.
    static func record(present members: [(name: String, value: Statement?)]) -> Statement {
        .record(members.compactMap { member in member.value.map { (member.name, $0) } })
    }

    /// The text that stands for the value, as its type writes it.
    static func text(of value: (some CustomStringConvertible)?) -> Statement? { value.map { .text($0.description) } }
}

// MARK: XML

extension Statement {
    /// The document with this statement as the outermost element.
    func xml(root: String, namespace: String) throws(ExchangeError) -> [UInt8] {
        var writer = StrictXMLWriter()
        try writer.element(root, ["xmlns": namespace]) { writer throws(ExchangeError) in
            try writeContent(to: &writer)
        }
        return try writer.document()
    }

    private func write(as name: String, to writer: inout StrictXMLWriter) throws(ExchangeError) {
        switch self {
        case .text(let text): try writer.element(name, text: text)
        case .number(let number): try writer.element(name, text: String(number))
        case .document(let namespace, let content):
            try writer.element(name, ["xmlns": namespace]) { writer throws(ExchangeError) in
                try content.writeContent(to: &writer)
            }
        case .record, .list:
            try writer.element(name) { writer throws(ExchangeError) in try writeContent(to: &writer) }
        }
    }

    private func writeContent(to writer: inout StrictXMLWriter) throws(ExchangeError) {
        switch self {
        case .text, .number: break
        case .record(let members):
            for member in members { try member.value.write(as: member.name, to: &writer) }
        case .list(let item, let values):
            for value in values { try value.write(as: item, to: &writer) }
        case .document(_, let content): try content.writeContent(to: &writer)
        }
    }
}

// MARK: JSON

extension Statement {
    /// The JSON Canonicalization Scheme's form (RFC 8785).
    func canonicalJSON() throws(ExchangeError) -> [UInt8] {
        var bytes: [UInt8] = []
        try appendJSON(to: &bytes)
        return bytes
    }

    private func appendJSON(to bytes: inout [UInt8]) throws(ExchangeError) {
        switch self {
        case .text(let text): Self.appendJSON(text, to: &bytes)
        case .number(let number):
            // The integers that an IEEE 754 double holds exactly, which is all that RFC 8785 can write alike.
            guard abs(Double(number)) <= 9_007_199_254_740_991, number != .min else {
                throw ExchangeError(.manifestValue, "A number in the manifest is too large for JSON")
            }
            bytes += String(number).utf8
        case .record(let members):
            bytes.append(UInt8(ascii: "{"))
            // RFC 8785 §3.2.3: by UTF-16 code units.
            let sorted = members.sorted { $0.name.utf16.lexicographicallyPrecedes($1.name.utf16) }
            for (index, member) in sorted.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.appendJSON(member.name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                try member.value.appendJSON(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        case .list(_, let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                try value.appendJSON(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .document(_, let content): try content.appendJSON(to: &bytes)
        }
    }

    /// JSON for people: the members in their order, two spaces a level, LF at the end.
    func readableJSON() throws(ExchangeError) -> [UInt8] {
        var bytes: [UInt8] = []
        try appendReadableJSON(to: &bytes, depth: 0)
        return bytes + [0x0a]
    }

    private func appendReadableJSON(to bytes: inout [UInt8], depth: Int) throws(ExchangeError) {
        func line(_ depth: Int) { bytes += [0x0a] + [UInt8](repeating: 0x20, count: 2 * depth) }
        switch self {
        case .text, .number: try appendJSON(to: &bytes)
        case .document(_, let content): try content.appendReadableJSON(to: &bytes, depth: depth)
        case .record(let members) where members.isEmpty: bytes += "{}".utf8
        case .record(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                line(depth + 1)
                Self.appendJSON(member.name, to: &bytes)
                bytes += ": ".utf8
                try member.value.appendReadableJSON(to: &bytes, depth: depth + 1)
            }
            line(depth)
            bytes.append(UInt8(ascii: "}"))
        case .list(_, let values) where values.isEmpty: bytes += "[]".utf8
        case .list(_, let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                line(depth + 1)
                try value.appendReadableJSON(to: &bytes, depth: depth + 1)
            }
            line(depth)
            bytes.append(UInt8(ascii: "]"))
        }
    }

    /// RFC 8785 §3.2.2.2: only what JSON demands is escaped.
    private static func appendJSON(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case 0x08: bytes += #"\b"#.utf8
            case 0x09: bytes += #"\t"#.utf8
            case 0x0a: bytes += #"\n"#.utf8
            case 0x0c: bytes += #"\f"#.utf8
            case 0x0d: bytes += #"\r"#.utf8
            case 0x22: bytes += #"\""#.utf8
            case 0x5c: bytes += #"\\"#.utf8
            case 0..<0x20: bytes += (#"\u00"# + Hexadecimal.text(of: [byte])).utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
