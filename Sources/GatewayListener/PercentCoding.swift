/// Strict decoding of what stands in a request's address (RFC 3986 §2.1).
enum PercentCoding {
    /// The text, or `nil` where a `%` is not followed by two hexadecimal digits, the bytes are not UTF-8, or there is a
    /// control character.
    static func decoded(_ text: Substring, plusIsSpace: Bool = false) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var source = text.utf8.makeIterator()
        while let byte = source.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = source.next().flatMap(digit), let low = source.next().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self),
            !decoded.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { return nil }
        return decoded
    }

    /// One segment of a path: neither empty nor `.` nor `..`, and without any kind of slash, encoded or not.
    static func segment(_ text: Substring) -> String? {
        guard let value = decoded(text), !value.isEmpty, value != ".", value != "..",
            !value.contains(where: { $0 == "/" || $0 == "\\" })
        else { return nil }
        return value
    }

    /// The query's names and values; `nil` when one is doubled, without a name, undecodable, or there are too many.
    ///
    /// A `+` stands for a space, as HTML forms send it.
    static func query(_ text: Substring, most: Int = 32, longest: Int = 4_096) -> [String: String]? {
        if text.isEmpty { return [:] }
        guard text.utf8.count <= longest else { return nil }
        let pairs = text.split(separator: "&", maxSplits: most, omittingEmptySubsequences: false)
        guard pairs.count <= most else { return nil }
        var result: [String: String] = [:]
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.flatMap({ decoded($0, plusIsSpace: true) }), !name.isEmpty,
                let value = parts.count == 2 ? decoded(parts[1], plusIsSpace: true) : "",
                result.updateValue(value, forKey: name) == nil
            else { return nil }
        }
        return result
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
