import ExchangeModel

/// Reads one PEM block (RFC 7468, strict in its characters, lax in its line lengths).
enum PEMText {
    /// The bytes of the block, or `nil` when the text does not start like one.
    static func der(in bytes: [UInt8], labels: [String], fault: ErrorCode) throws -> [UInt8]? {
        guard bytes.starts(with: Array("-----BEGIN ".utf8)), bytes.count <= 4 << 20 else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: { $0 == "\n" || $0 == "\r\n" })
        for label in labels where lines.first == "-----BEGIN \(label)-----" {
            guard lines.last == "-----END \(label)-----", let der = decode(lines.dropFirst().dropLast()) else { break }
            return der
        }
        throw ExchangeError(fault, "The PEM text cannot be read")
    }

    private static func decode(_ lines: some Sequence<Substring>) -> [UInt8]? {
        var output: [UInt8] = []
        var bits: UInt32 = 0
        var digits = 0
        var padding = 0
        for character in lines.joined().utf8 {
            let value: UInt32
            switch character {
            case 0x41...0x5a: value = UInt32(character - 0x41)
            case 0x61...0x7a: value = UInt32(character - 0x61 + 26)
            case 0x30...0x39: value = UInt32(character - 0x30 + 52)
            case 0x2b: value = 62
            case 0x2f: value = 63
            case 0x3d:
                padding += 1
                value = 0
            default: return nil
            }
            guard padding == 0 || character == 0x3d, padding <= 2 else { return nil }
            bits = bits << 6 | value
            digits += 1
            if digits == 4 {
                let group = [UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8)]
                output += (group + [UInt8(truncatingIfNeeded: bits)]).prefix(3 - padding)
                // What the padding cuts off must be nothing.
                guard padding == 0 || bits & ((1 << (8 * UInt32(padding))) - 1) == 0 else { return nil }
                bits = 0
                digits = 0
            }
        }
        return digits == 0 ? output : nil
    }
}
