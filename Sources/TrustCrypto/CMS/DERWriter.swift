/// Writes DER (X.690 §10) from parts that are DER already.
enum DERWriter {
    /// The length bytes for content of that size.
    private static func lengthBytes(_ length: Int64) -> [UInt8] {
        guard length > 0x7f else { return [UInt8(truncatingIfNeeded: max(0, length))] }
        var bytes: [UInt8] = []
        var rest = length
        while rest > 0 {
            bytes.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        }
        return [0x80 | UInt8(truncatingIfNeeded: bytes.count)] + bytes
    }

    /// A tag with the length of content that follows elsewhere.
    static func header(_ tag: UInt8, length: Int64) -> [UInt8] { [tag] + lengthBytes(length) }

    /// One element made of its parts.
    static func element(_ tag: UInt8, _ parts: [UInt8]...) -> [UInt8] { element(tag, joining: parts) }

    /// One element made of its parts.
    static func element(_ tag: UInt8, joining parts: [[UInt8]]) -> [UInt8] {
        let size = parts.reduce(0) { $0 + $1.count }
        var element = header(tag, length: Int64(size))
        element.reserveCapacity(element.count + size)
        for part in parts { element += part }
        return element
    }

    /// A SEQUENCE.
    static func sequence(_ parts: [UInt8]...) -> [UInt8] { element(DERTag.sequence, joining: parts) }

    /// A SET OF in DER order (X.690 §11.6), under its own or an implicit tag.
    static func setOf(_ members: [[UInt8]], tag: UInt8 = DERTag.set) -> [UInt8] {
        element(tag, joining: members.sorted { $0.lexicographicallyPrecedes($1) })
    }

    /// An OCTET STRING.
    static func octets(_ bytes: [UInt8]) -> [UInt8] { element(DERTag.octetString, bytes) }

    /// A small INTEGER.
    static func integer(_ value: UInt8) -> [UInt8] { unsigned([value]) }

    /// An INTEGER from the bytes of a number without sign.
    static func unsigned(_ bytes: [UInt8]) -> [UInt8] {
        var digits = Array(bytes.drop { $0 == 0 })
        if digits.first.map({ $0 & 0x80 != 0 }) ?? true { digits.insert(0, at: 0) }
        return element(DERTag.integer, digits)
    }

    /// An OBJECT IDENTIFIER.
    static func objectID(_ id: DERObjectID) -> [UInt8] { element(DERTag.objectIdentifier, id.content) }

    /// An AlgorithmIdentifier with or without parameters.
    static func algorithm(_ id: DERObjectID, parameters: [UInt8]? = nil) -> [UInt8] {
        sequence(objectID(id), parameters ?? [])
    }
}
