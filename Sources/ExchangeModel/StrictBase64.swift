/// Base64 (RFC 4648 §4) with padding, in the one canonical form: no line breaks, unused bits zero.
public enum StrictBase64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// What each character stands for; 255 for those outside the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// The text of the bytes, as UTF-8.
    public static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        let whole = bytes.count / 3 * 3
        for start in stride(from: 0, to: whole, by: 3) {
            let bits = UInt32(bytes[start]) << 16 | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2])
            text.append(alphabet[Int(bits >> 18)])
            text.append(alphabet[Int(bits >> 12 & 63)])
            text.append(alphabet[Int(bits >> 6 & 63)])
            text.append(alphabet[Int(bits & 63)])
        }
        if bytes.count - whole == 1 {
            let bits = UInt32(bytes[whole]) << 4
            text += [alphabet[Int(bits >> 6)], alphabet[Int(bits & 63)], UInt8(ascii: "="), UInt8(ascii: "=")]
        } else if bytes.count - whole == 2 {
            let bits = (UInt32(bytes[whole]) << 8 | UInt32(bytes[whole + 1])) << 2
            text += [alphabet[Int(bits >> 12)], alphabet[Int(bits >> 6 & 63)], alphabet[Int(bits & 63)]]
            text.append(UInt8(ascii: "="))
        }
        return text
    }

    /// The text of the bytes.
    public static func text(of bytes: [UInt8]) -> String { String(decoding: encoded(bytes), as: UTF8.self) }

    /// The bytes of a text that ``text(of:)`` can have made; anything else is `nil`.
    public static func bytes(of text: some StringProtocol) -> [UInt8]? { decoded(Array(text.utf8)) }

    /// The bytes of a text, given as UTF-8, that ``encoded(_:)`` can have made; anything else is `nil`.
    public static func decoded(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        guard !text.isEmpty else { return [] }
        let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        let characters = text.count - padding
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for index in 0..<characters {
            let value = values[Int(text[index])]
            guard value < 64 else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
                bits &= (1 << count) - 1
            }
        }
        // The bits that belong to no byte.
        return bits == 0 ? bytes : nil
    }
}
