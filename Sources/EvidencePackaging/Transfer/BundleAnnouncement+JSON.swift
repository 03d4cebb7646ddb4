import ExchangeModel

extension BundleAnnouncement {
    /// The largest announcement as JSON, in bytes.
    public static let largestJSON = 16_777_216

    private static let members = ["exchange.xml", "key.p7m", "ASiCManifest.xml", "signature.p7s"]

    /// The announcement as it travels: an object of four members, each an object of the bundle in base64.
    public var json: [UInt8] {
        var bytes: [UInt8] = []
        for (name, object) in zip(Self.members, [headerXML, keyObject, manifestXML, seal]) {
            bytes += (bytes.isEmpty ? "{\"" : ",\"").utf8
            bytes += "\(name)\":\"".utf8
            bytes += StrictBase64.encoded(object)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// Reads JSON of exactly the four members, each once, in any order.
    ///
    /// - Throws: `announcement.malformed`, `announcement.too_large`, and what the objects themselves throw.
    public init(json bytes: [UInt8]) throws {
        guard bytes.count <= Self.largestJSON else {
            throw ExchangeError(.announcementTooLarge, "The announcement is larger than 16 MiB")
        }
        let limits = [
            BundleLimits.headerBytes, BundleLimits.keyBytes, ASiCManifest.largestXML, BundleLimits.signatureBytes,
        ]
        var found: [String: [UInt8]] = [:]
        var reader = FlatObjectReader(bytes)
        while let member = try reader.next() {
            guard let index = Self.members.firstIndex(of: member.name), found[member.name] == nil else {
                throw FlatObjectReader.malformed("has a member twice or one that no announcement has")
            }
            guard let object = StrictBase64.decoded(member.value) else {
                throw FlatObjectReader.malformed("has a member that is not base64")
            }
            guard object.count <= limits[index] else {
                throw ExchangeError(.bundleObjectTooLarge, "\(member.name) has more than \(limits[index]) bytes")
            }
            found[member.name] = object
        }
        let objects = Self.members.compactMap { found[$0] }
        guard objects.count == Self.members.count else { throw FlatObjectReader.malformed("lacks a member") }
        try self.init(headerXML: objects[0], keyObject: objects[1], manifestXML: objects[2], seal: objects[3])
    }
}

/// Reads one JSON object (RFC 8259) whose members are plain strings: ASCII without escapes but that of the slash.
///
/// Base64 needs nothing else, and what this does not know cannot be misunderstood.
private struct FlatObjectReader {
    private let bytes: [UInt8]
    private var position = 0
    private var isFirst = true

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func malformed(_ what: String) -> ExchangeError {
        ExchangeError(.announcementMalformed, "The announcement \(what)")
    }

    /// The next member, or `nil` after the last, behind which nothing may follow.
    mutating func next() throws -> (name: String, value: [UInt8])? {
        if isFirst { try take("{") }
        skipSpace()
        if position < bytes.count, bytes[position] == UInt8(ascii: "}") {
            position += 1
            skipSpace()
            guard position == bytes.count else { throw Self.malformed("has bytes behind its end") }
            return nil
        }
        if !isFirst { try take(",") }
        isFirst = false
        let name = String(decoding: try string(), as: UTF8.self)
        try take(":")
        return (name, try string())
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ character: Character) throws {
        skipSpace()
        guard position < bytes.count, bytes[position] == character.asciiValue else {
            throw Self.malformed("is not an object of strings")
        }
        position += 1
    }

    private mutating func string() throws -> [UInt8] {
        try take("\"")
        var characters: [UInt8] = []
        var start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                characters += bytes[start..<position]
                position += 1
                return characters
            case UInt8(ascii: "\\"):
                guard position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "/") else {
                    throw Self.malformed("has an escape in a string")
                }
                characters += bytes[start..<position]
                start = position + 1
                position += 2
            case 0x20..<0x7f:
                position += 1
            default:
                throw Self.malformed("has a character that is not plain")
            }
        }
        throw Self.malformed("ends early")
    }
}
