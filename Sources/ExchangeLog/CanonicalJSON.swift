import ExchangeModel

/// JSON objects of one level in the form of RFC 8785, written and read strictly: what is read has exactly the bytes
/// that would be written.
enum CanonicalJSON {
    enum Value: Hashable, Sendable {
        case text(String)
        case number(Int64)
        case texts([String])
    }

    struct Member: Sendable {
        var name: String
        var value: Value
    }

    /// Why bytes were not accepted.
    enum Fault: Error {
        /// No object of one level with texts, whole numbers and lists of texts.
        case malformed
        /// Such an object, but in another form than RFC 8785 demands.
        case notCanonical
    }

    /// The largest whole number that an IEEE 754 double, and so RFC 8785, holds exactly.
    static let largestNumber: Int64 = 9_007_199_254_740_991

    /// The object's bytes. The names must be ASCII and come in ascending order.
    static func encoded(_ members: [Member]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1_024)
        bytes.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(member.name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            switch member.value {
            case .text(let text): append(text, to: &bytes)
            case .number(let number): bytes += String(number).utf8
            case .texts(let texts):
                bytes.append(UInt8(ascii: "["))
                for (index, text) in texts.enumerated() {
                    if index > 0 { bytes.append(UInt8(ascii: ",")) }
                    append(text, to: &bytes)
                }
                bytes.append(UInt8(ascii: "]"))
            }
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// RFC 8785 §3.2.2.2: only what JSON demands is escaped.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5c }) {
            for byte in text.utf8 {
                switch byte {
                case 0x22, 0x5c: bytes += [UInt8(ascii: "\\"), byte]
                case 0..<0x20: appendEscaped(byte, to: &bytes)
                default: bytes.append(byte)
                }
            }
        } else {
            bytes += text.utf8
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func appendEscaped(_ control: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        if let short = shortEscapes.first(where: { $0.control == control }) {
            bytes.append(short.letter)
        } else {
            bytes += ("u00" + Hexadecimal.text(of: [control])).utf8
        }
    }

    static let shortEscapes: [(control: UInt8, letter: UInt8)] = [
        (0x08, UInt8(ascii: "b")), (0x09, UInt8(ascii: "t")), (0x0a, UInt8(ascii: "n")), (0x0c, UInt8(ascii: "f")),
        (0x0d, UInt8(ascii: "r")),
    ]

    /// The object's members, in their order.
    static func decoded(_ bytes: some Collection<UInt8>) throws(Fault) -> [Member] {
        var reader = CanonicalJSONReader(Array(bytes))
        return try reader.object()
    }
}
