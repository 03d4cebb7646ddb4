import ExchangeModel

/// Reads one object from left to right; every branch that is not the canonical form ends in a fault.
struct CanonicalJSONReader {
    typealias Fault = CanonicalJSON.Fault

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func object() throws(Fault) -> [CanonicalJSON.Member] {
        try take("{")
        var members: [CanonicalJSON.Member] = []
        while next != UInt8(ascii: "}") {
            if !members.isEmpty { try take(",") }
            let name = try text()
            // Ascending names are also names that stand once.
            if let last = members.last, !last.name.utf8.lexicographicallyPrecedes(name.utf8) {
                throw .notCanonical
            }
            try take(":")
            members.append(CanonicalJSON.Member(name: name, value: try value()))
        }
        try take("}")
        guard position == bytes.count else { throw isWhiteSpace ? .notCanonical : .malformed }
        return members
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private var isWhiteSpace: Bool { next.map { [0x20, 0x09, 0x0a, 0x0d].contains($0) } ?? false }

    private mutating func take(_ character: Unicode.Scalar) throws(Fault) {
        guard next == UInt8(ascii: character) else { throw isWhiteSpace ? .notCanonical : .malformed }
        position += 1
    }

    private mutating func value() throws(Fault) -> CanonicalJSON.Value {
        switch next {
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "["): return .texts(try texts())
        default: return .number(try number())
        }
    }

    private mutating func texts() throws(Fault) -> [String] {
        try take("[")
        var texts: [String] = []
        while next != UInt8(ascii: "]") {
            if !texts.isEmpty { try take(",") }
            texts.append(try text())
        }
        try take("]")
        return texts
    }

    private mutating func number() throws(Fault) -> Int64 {
        let start = position
        while let byte = next, byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) { position += 1 }
        guard position > start, position - start <= 17 else { throw isWhiteSpace ? .notCanonical : .malformed }
        let digits = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let number = Int64(digits), number.magnitude <= CanonicalJSON.largestNumber else { throw .malformed }
        guard String(number) == digits else { throw .notCanonical }
        return number
    }

    private mutating func text() throws(Fault) -> String {
        try take("\"")
        let start = position
        // Most texts have nothing escaped and are copied as they stand.
        while let byte = next, byte >= 0x20, byte != 0x22, byte != 0x5c { position += 1 }
        guard next == UInt8(ascii: "\\") else {
            try take("\"")
            return try checked(bytes[start..<position - 1])
        }
        var unescaped = Array(bytes[start..<position])
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw .malformed }
            position += 1
            unescaped.append(byte == UInt8(ascii: "\\") ? try escaped() : byte)
        }
        try take("\"")
        return try checked(unescaped[...])
    }

    /// The byte that stands behind a backslash in the one form that RFC 8785 allows.
    private mutating func escaped() throws(Fault) -> UInt8 {
        guard let letter = next else { throw .malformed }
        position += 1
        if letter == 0x22 || letter == 0x5c { return letter }
        if let short = CanonicalJSON.shortEscapes.first(where: { $0.letter == letter }) { return short.control }
        guard letter == UInt8(ascii: "u") else { throw letter == UInt8(ascii: "/") ? .notCanonical : .malformed }
        guard position + 4 <= bytes.count else { throw .malformed }
        let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
        guard digits.hasPrefix("00"), let value = Hexadecimal.bytes(of: digits.dropFirst(2))?.first, value < 0x20,
            !CanonicalJSON.shortEscapes.contains(where: { $0.control == value })
        else { throw .notCanonical }
        position += 4
        return value
    }

    private func checked(_ bytes: ArraySlice<UInt8>) throws(Fault) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed }
        return text
    }
}
