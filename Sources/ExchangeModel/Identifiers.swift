/// The SHA-256 digest (FIPS 180-4) of some bytes, written as 64 lower-case hexadecimal digits.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
    /// The 32 bytes.
    public let bytes: [UInt8]

    /// Takes exactly 32 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Reads exactly 64 lower-case hexadecimal digits.
    public init?(hex: some StringProtocol) {
        guard hex.utf8.count == 64, let bytes = Hexadecimal.bytes(of: hex) else { return nil }
        self.bytes = bytes
    }

    /// The hexadecimal form.
    public var hex: String { Hexadecimal.text(of: bytes) }

    /// The hexadecimal form.
    public var description: String { hex }
}

/// Lower-case hexadecimal text, the only form the formats use.
public enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Two digits for each byte.
    public static func text(of bytes: some Sequence<UInt8>) -> String {
        String(decoding: text(ofBytes: Array(bytes)), as: UTF8.self)
    }

    private static func text(ofBytes bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }

    /// The bytes of an even number of lower-case digits; anything else is `nil`.
    public static func bytes(of text: some StringProtocol) -> [UInt8]? { bytes(ofDigits: Array(text.utf8)[...]) }

    /// The bytes of an even number of lower-case digits, given as UTF-8; anything else is `nil`.
    static func bytes(ofDigits text: ArraySlice<UInt8>) -> [UInt8]? {
        func value(_ digit: UInt8) -> UInt8? {
            switch digit {
            case 0x30...0x39: digit - 0x30
            case 0x61...0x66: digit - 0x61 + 10
            default: nil
            }
        }
        guard text.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        var high: UInt8?
        for digit in text {
            guard let value = value(digit) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }

    /// The plain form of a UUID's 16 bytes, as UTF-8.
    static func uuid(of bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (place, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(place) { text.append(hyphen) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }

    fileprivate static let hyphen = UInt8(ascii: "-")
}

/// A UUID of version 7 (RFC 9562 §5.7) written as `urn:uuid:…`; the name of a bundle, a message or a thread.
public protocol TimeOrderedURN: Hashable, Sendable, CustomStringConvertible {
    /// The UUID's 16 bytes.
    var bytes: [UInt8] { get }

    /// Takes bytes that the type has checked.
    init(checkedBytes: [UInt8])
}

extension TimeOrderedURN {
    /// Takes exactly 16 bytes of a version 7 UUID.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 16, bytes[6] >> 4 == 7, bytes[8] >> 6 == 0b10 else { return nil }
        self.init(checkedBytes: bytes)
    }

    /// Reads `urn:uuid:` and a lower-case UUID of version 7.
    public init?(urn: some StringProtocol) {
        let text = Array(urn.utf8)
        guard text.count == 45, text.starts(with: "urn:uuid:".utf8) else { return nil }
        let uuid = text[9...]
        guard [17, 22, 27, 32].allSatisfy({ uuid[$0] == Hexadecimal.hyphen }) else { return nil }
        let digits = uuid[9..<17] + uuid[18..<22] + uuid[23..<27] + uuid[28..<32] + uuid[33...]
        guard let bytes = Hexadecimal.bytes(ofDigits: digits) else { return nil }
        self.init(bytes: bytes)
    }

    /// Makes a new name from the time and ten random bytes.
    public init(at time: ExchangeTime, milliseconds: UInt16 = 0, random: [UInt8]) {
        let stamp = UInt64(max(0, time.secondsSince1970)) &* 1_000 &+ UInt64(milliseconds % 1_000)
        var bytes = (0..<6).map { UInt8(truncatingIfNeeded: stamp >> (40 - 8 * UInt64($0))) }
        let padded = Array(random.prefix(10)) + [UInt8](repeating: 0, count: max(0, 10 - random.count))
        bytes += padded
        bytes[6] = 0x70 | bytes[6] & 0x0f
        bytes[8] = 0x80 | bytes[8] & 0x3f
        self.init(checkedBytes: bytes)
    }

    /// The plain UUID, as file names use it.
    public var uuid: String { String(decoding: Hexadecimal.uuid(of: bytes), as: UTF8.self) }

    /// The `urn:uuid:` form.
    public var urn: String { "urn:uuid:" + uuid }

    /// The `urn:uuid:` form.
    public var description: String { urn }
}

/// Names one sealed bundle; another sealing of the same content has another.
public struct BundleID: TimeOrderedURN {
    /// The UUID's 16 bytes.
    public let bytes: [UInt8]

    /// Takes bytes that were checked.
    public init(checkedBytes: [UInt8]) { bytes = checkedBytes }
}

/// Names one message, whatever bundle carries it.
public struct MessageID: TimeOrderedURN {
    /// The UUID's 16 bytes.
    public let bytes: [UInt8]

    /// Takes bytes that were checked.
    public init(checkedBytes: [UInt8]) { bytes = checkedBytes }
}

/// Names the thread of messages that belong to one legal request.
public struct ThreadID: TimeOrderedURN {
    /// The UUID's 16 bytes.
    public let bytes: [UInt8]

    /// Takes bytes that were checked.
    public init(checkedBytes: [UInt8]) { bytes = checkedBytes }
}

/// Names a party, the holder of a gateway: the ISO 3166-1 code of its state and a short name, such as `KZ-GPO`.
///
/// The party's certificates carry it as `organizationIdentifier` (X.520, 2.5.4.97).
public struct PartyID: Hashable, Sendable, CustomStringConvertible {
    /// The name as written.
    public let text: String

    /// Reads two capital letters, a hyphen, and 1 to 29 capital letters, digits or hyphens.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard (4...32).contains(bytes.count), bytes[2] == 0x2d else { return nil }
        let capital: ClosedRange<UInt8> = 0x41...0x5a
        guard capital.contains(bytes[0]), capital.contains(bytes[1]) else { return nil }
        for byte in bytes[3...] {
            guard capital.contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2d else { return nil }
        }
        self.text = String(text)
    }

    /// The ISO 3166-1 alpha-2 code of the party's state.
    public var state: String { String(text.prefix(2)) }

    /// The name as written.
    public var description: String { text }
}
