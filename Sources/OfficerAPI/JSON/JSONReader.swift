public import ExchangeModel

extension JSONValue {
    /// Reads one JSON text (RFC 8259) strictly: valid UTF-8, no member twice, whole numbers that fit 64 bits, at most 32
    /// levels, nothing after the value.
    ///
    /// - Throws: `api.json`.
    public init(reading bytes: [UInt8]) throws(ExchangeError) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw ExchangeError(.apiJSON, "The JSON is not valid UTF-8")
        }
        var reader = JSONReader(bytes)
        self = try reader.document()
    }
}

private struct JSONReader {
    private let bytes: [UInt8]
    private var place = 0
    private static let deepest = 32

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(ExchangeError) -> JSONValue {
        skipSpace()
        let value = try value(depth: 0)
        skipSpace()
        guard place == bytes.count else { throw fault("something follows the value") }
        return value
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private func fault(_ what: String) -> ExchangeError {
        ExchangeError(.apiJSON, "The JSON cannot be read: \(what) at byte \(place)")
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { place += 1 }
    }

    private mutating func value(depth: Int) throws(ExchangeError) -> JSONValue {
        guard depth < Self.deepest else { throw fault("more than \(Self.deepest) levels") }
        switch next {
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return .integer(try number())
        case nil: throw fault("it ends")
        default: throw fault("no value begins")
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(ExchangeError) -> JSONValue {
        guard bytes[place...].starts(with: word.utf8) else { throw fault("no value begins") }
        place += word.utf8.count
        return value
    }

    private mutating func number() throws(ExchangeError) -> Int64 {
        let start = place
        if next == UInt8(ascii: "-") { place += 1 }
        let first = place
        while let byte = next, (0x30...0x39).contains(byte) { place += 1 }
        let isPadded = place - first > 1 && bytes[first] == 0x30
        let isMinusZero = first > start && place - first == 1 && bytes[first] == 0x30
        if let byte = next, byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e") {
            throw fault("only whole numbers are taken")
        }
        guard !isPadded, !isMinusZero, let value = Int64(String(decoding: bytes[start..<place], as: UTF8.self)) else {
            throw fault("no number that fits 64 bits ends")
        }
        return value
    }

    private mutating func array(depth: Int) throws(ExchangeError) -> [JSONValue] {
        place += 1
        var elements: [JSONValue] = []
        skipSpace()
        if next == UInt8(ascii: "]") {
            place += 1
            return elements
        }
        while true {
            skipSpace()
            elements.append(try value(depth: depth + 1))
            if try isEnd(UInt8(ascii: "]")) { return elements }
        }
    }

    private mutating func object(depth: Int) throws(ExchangeError) -> JSONObject {
        place += 1
        var object = JSONObject()
        skipSpace()
        if next == UInt8(ascii: "}") {
            place += 1
            return object
        }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw fault("a member's name is missing") }
            let name = try text()
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw fault("a colon is missing") }
            place += 1
            skipSpace()
            let value = try value(depth: depth + 1)
            guard object.add(name, value) else { throw fault("a member stands twice") }
            if try isEnd(UInt8(ascii: "}")) { return object }
        }
    }

    private mutating func isEnd(_ closing: UInt8) throws(ExchangeError) -> Bool {
        skipSpace()
        switch next {
        case closing:
            place += 1
            return true
        case UInt8(ascii: ","):
            place += 1
            return false
        default: throw fault("a comma or the end is missing")
        }
    }

    private mutating func text() throws(ExchangeError) -> String {
        place += 1
        var result: [UInt8] = []
        while let byte = next {
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
            case UInt8(ascii: "\\"): result.append(contentsOf: try escaped())
            case 0..<0x20: throw fault("a control character stands in a string")
            default: result.append(byte)
            }
        }
        throw fault("a string does not end")
    }

    private mutating func escaped() throws(ExchangeError) -> [UInt8] {
        guard let byte = next else { throw fault("a string does not end") }
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            var code = try unit()
            if (0xd800...0xdbff).contains(code) {
                guard next == UInt8(ascii: "\\") else { throw fault("half a surrogate pair") }
                place += 1
                guard next == UInt8(ascii: "u") else { throw fault("half a surrogate pair") }
                place += 1
                let low = try unit()
                guard (0xdc00...0xdfff).contains(low) else { throw fault("half a surrogate pair") }
                code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw fault("half a surrogate pair") }
            return Array(String(Character(scalar)).utf8)
        default: throw fault("an unknown escape")
        }
    }

    private mutating func unit() throws(ExchangeError) -> UInt32 {
        guard bytes.count - place >= 4 else { throw fault("a string does not end") }
        var value: UInt32 = 0
        for byte in bytes[place..<place + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw fault("an escape is not hexadecimal")
            }
            value = value << 4 | UInt32(digit)
        }
        place += 4
        return value
    }
}
