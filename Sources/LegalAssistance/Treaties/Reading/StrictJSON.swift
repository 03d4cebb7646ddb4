import ExchangeModel

/// A JSON value (RFC 8259), with members in order. Only whole numbers occur in treaty profiles.
enum StrictJSON {
    case object([(name: String, value: StrictJSON)])
    case array([StrictJSON])
    case string(String)
    case number(Int)
    case bool(Bool)
    case null

    /// What to call it in a message.
    var kindName: String {
        switch self {
        case .object: "an object"
        case .array: "a list"
        case .string: "a text"
        case .number: "a number"
        case .bool: "true or false"
        case .null: "null"
        }
    }

    /// Reads a whole document: UTF-8 without a byte-order mark, no member twice, no fractions, nothing after it.
    ///
    /// - Throws: `treaty.profile_malformed` with line and column, and the place in the document.
    static func parse(_ bytes: [UInt8]) throws -> StrictJSON {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ExchangeError(.treatyProfileMalformed, "A file of treaty profiles is not UTF-8")
        }
        var parser = Parser(bytes: Array(text.utf8))
        return try parser.document()
    }

    private struct Parser {
        // Deep enough for profiles (8 levels), shallow enough for any stack.
        static let deepest = 16

        let bytes: [UInt8]
        var position = 0
        var path: [String] = []

        private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

        mutating func document() throws -> StrictJSON {
            let value = try value()
            skipBlank()
            guard next == nil else { throw fault("there is something after the end") }
            return value
        }

        private func fault(_ what: String) -> ExchangeError {
            let read = bytes.prefix(position)
            let line = read.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
            let column = position - (read.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0) + 1
            return ExchangeError(
                .treatyProfileMalformed,
                "A file of treaty profiles is not well-formed JSON: line \(line), column \(column): \(what)",
                details: ["at $" + path.joined()]
            )
        }

        private mutating func skipBlank() {
            while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { position += 1 }
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            guard next == byte else { return false }
            position += 1
            return true
        }

        private mutating func takeWord(_ word: StaticString) throws {
            for byte in "\(word)".utf8 {
                guard take(byte) else { throw fault("a value was expected") }
            }
        }

        private mutating func value() throws -> StrictJSON {
            skipBlank()
            guard path.count <= Self.deepest else { throw fault("it is nested more than \(Self.deepest) deep") }
            switch next {
            case UInt8(ascii: "{"): return try object()
            case UInt8(ascii: "["): return try array()
            case UInt8(ascii: "\""): return .string(try string())
            case UInt8(ascii: "t"):
                try takeWord("true")
                return .bool(true)
            case UInt8(ascii: "f"):
                try takeWord("false")
                return .bool(false)
            case UInt8(ascii: "n"):
                try takeWord("null")
                return .null
            case nil: throw fault("it ends too early")
            case let byte? where byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte): return .number(try number())
            default: throw fault("a value was expected")
            }
        }

        private mutating func object() throws -> StrictJSON {
            position += 1
            var members: [(name: String, value: StrictJSON)] = []
            var names: Set<String> = []
            skipBlank()
            if take(UInt8(ascii: "}")) { return .object([]) }
            while true {
                skipBlank()
                guard next == UInt8(ascii: "\"") else { throw fault("the name of a member was expected") }
                let name = try string()
                guard names.insert(name).inserted else { throw fault("the member \"\(name.prefix(64))\" stands twice") }
                skipBlank()
                guard take(UInt8(ascii: ":")) else { throw fault("a colon was expected") }
                path.append(".\(name.prefix(64))")
                members.append((name, try value()))
                path.removeLast()
                skipBlank()
                if take(UInt8(ascii: "}")) { return .object(members) }
                guard take(UInt8(ascii: ",")) else { throw fault("a comma or the end of the object was expected") }
            }
        }

        private mutating func array() throws -> StrictJSON {
            position += 1
            var elements: [StrictJSON] = []
            skipBlank()
            if take(UInt8(ascii: "]")) { return .array([]) }
            while true {
                path.append("[\(elements.count)]")
                elements.append(try value())
                path.removeLast()
                skipBlank()
                if take(UInt8(ascii: "]")) { return .array(elements) }
                guard take(UInt8(ascii: ",")) else { throw fault("a comma or the end of the list was expected") }
            }
        }

        private mutating func number() throws -> Int {
            let negative = take(UInt8(ascii: "-"))
            let start = position
            var value = 0
            while let byte = next, (0x30...0x39).contains(byte) {
                let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
                let (sum, overflow) = product.addingReportingOverflow(Int(byte - 0x30))
                guard !tooLarge, !overflow else { throw fault("the number is too large") }
                value = sum
                position += 1
            }
            guard position > start, position == start + 1 || bytes[start] != 0x30 else {
                throw fault("the number is not well-formed")
            }
            if let byte = next, byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e") {
                throw fault("only whole numbers occur in treaty profiles")
            }
            return negative ? -value : value
        }

        private mutating func string() throws -> String {
            position += 1
            var text: [UInt8] = []
            while let byte = next {
                position += 1
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
                case UInt8(ascii: "\\"): text += Array(String(try escape()).utf8)
                case 0..<0x20: throw fault("a control character stands in a text")
                default: text.append(byte)
                }
            }
            throw fault("a text has no end")
        }

        private mutating func escape() throws -> Unicode.Scalar {
            guard let byte = next else { throw fault("a text has no end") }
            position += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
            case UInt8(ascii: "b"): return "\u{8}"
            case UInt8(ascii: "f"): return "\u{c}"
            case UInt8(ascii: "n"): return "\n"
            case UInt8(ascii: "r"): return "\r"
            case UInt8(ascii: "t"): return "\t"
            case UInt8(ascii: "u"):
                let first = try codeUnit()
                if let scalar = Unicode.Scalar(first) { return scalar }
                guard UTF16.isLeadSurrogate(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
                    throw fault("half a character stands in a text")
                }
                let second = try codeUnit()
                guard UTF16.isTrailSurrogate(second) else { throw fault("half a character stands in a text") }
                return UTF16.decode(UTF16.EncodedScalar([first, second]))
            default: throw fault("an unknown escape stands in a text")
            }
        }

        private mutating func codeUnit() throws -> UInt16 {
            var unit: UInt16 = 0
            for _ in 0..<4 {
                guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                    throw fault("an escape needs four hexadecimal digits")
                }
                unit = unit << 4 | UInt16(digit)
                position += 1
            }
            return unit
        }
    }
}
