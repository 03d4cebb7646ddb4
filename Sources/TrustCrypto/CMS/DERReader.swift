import ExchangeModel

/// One element of DER (X.690 §10): its tag byte, its content, and the whole of it.
struct DERElement {
    let tag: UInt8
    let content: ArraySlice<UInt8>
    let whole: ArraySlice<UInt8>
}

/// Reads DER from bytes nobody has checked: definite minimal lengths and single-byte tags only.
///
/// Whatever does not fit is thrown with the code the reader was made with.
struct DERReader {
    private var rest: ArraySlice<UInt8>
    let fault: ErrorCode

    init(_ bytes: ArraySlice<UInt8>, fault: ErrorCode) {
        rest = bytes
        self.fault = fault
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// The bytes between this place and a later one of the same reader.
    func bytes(upTo later: DERReader) -> [UInt8] { Array(rest.prefix(max(0, rest.count - later.rest.count))) }

    /// The bytes from a later place of the same reader on.
    func bytes(from later: DERReader) -> [UInt8] { Array(later.rest) }

    /// How many bytes were not read yet.
    var remaining: Int { rest.count }

    /// The tag of the next element, or `nil` at the end.
    var nextTag: UInt8? { rest.first }

    func failure(_ reason: String) -> ExchangeError { ExchangeError(fault, reason) }

    /// Reads a tag and a length; the content need not be there.
    mutating func header() throws -> (tag: UInt8, length: Int64) {
        guard let tag = rest.popFirst(), let first = rest.popFirst() else {
            throw failure("The structure ends early")
        }
        guard tag & 0x1f != 0x1f else { throw failure("A tag has more than one byte") }
        guard first & 0x80 != 0 else { return (tag, Int64(first)) }
        let count = Int(first & 0x7f)
        guard count != 0 else { throw failure("A length is indefinite") }
        guard count <= 7 else { throw failure("A length is too large") }
        var length: Int64 = 0
        for index in 0..<count {
            guard let byte = rest.popFirst() else { throw failure("The structure ends early") }
            guard index > 0 || byte != 0 else { throw failure("A length is not minimal") }
            length = length << 8 | Int64(byte)
        }
        guard length > 0x7f else { throw failure("A length is not minimal") }
        return (tag, length)
    }

    /// Reads the next element.
    mutating func next() throws -> DERElement {
        let start = rest
        let (tag, length) = try header()
        guard let count = Int(exactly: length), count <= rest.count else { throw failure("The structure ends early") }
        let content = rest.prefix(count)
        rest = rest.dropFirst(count)
        return DERElement(tag: tag, content: content, whole: start.prefix(start.count - rest.count))
    }

    /// Reads the next element, which must have that tag.
    mutating func next(_ tag: UInt8, _ what: String) throws -> DERElement {
        guard nextTag == tag else { throw failure("\(what) is missing or has another type") }
        return try next()
    }

    /// Reads the next element if it has that tag.
    mutating func optional(_ tag: UInt8) throws -> DERElement? {
        nextTag == tag ? try next() : nil
    }

    /// Reads the next element, which must have that tag, and gives a reader of its content.
    mutating func enter(_ tag: UInt8, _ what: String) throws -> DERReader {
        DERReader(try next(tag, what).content, fault: fault)
    }

    /// Demands that nothing is left.
    func end(_ what: String) throws {
        guard rest.isEmpty else { throw failure("\(what) has fields it must not have") }
    }

    /// Reads an INTEGER and gives its content, which is never empty and is minimal.
    mutating func integer(_ what: String) throws -> ArraySlice<UInt8> {
        let content = try next(DERTag.integer, what).content
        guard DERCanonical.isMinimal(integer: content) else { throw failure("\(what) is not a minimal number") }
        return content
    }

    /// Reads an INTEGER from 0 to 2³¹−1.
    mutating func smallInteger(_ what: String) throws -> Int {
        let content = try integer(what)
        guard content.count <= 4, let first = content.first, first & 0x80 == 0 else {
            throw failure("\(what) is out of range")
        }
        return content.reduce(0) { $0 << 8 | Int($1) }
    }

    /// Reads an OBJECT IDENTIFIER.
    mutating func objectID(_ what: String) throws -> DERObjectID {
        DERObjectID(content: Array(try next(DERTag.objectIdentifier, what).content))
    }

    /// Reads an OCTET STRING.
    mutating func octets(_ what: String) throws -> [UInt8] {
        Array(try next(DERTag.octetString, what).content)
    }

    /// Reads an AlgorithmIdentifier (RFC 5280 §4.1.1.2).
    mutating func algorithm(_ what: String) throws -> DERAlgorithm {
        var fields = try enter(DERTag.sequence, what)
        let id = try fields.objectID(what)
        let parameters = fields.isAtEnd ? nil : try fields.next()
        try fields.end(what)
        return DERAlgorithm(id: id, parameters: parameters)
    }

    /// Reads every element of a SET OF, which must be in DER order (X.690 §11.6) unless `ordered` is false.
    mutating func setOf(_ tag: UInt8, _ what: String, ordered: Bool = true) throws -> [DERElement] {
        var members = try enter(tag, what)
        var elements: [DERElement] = []
        while !members.isAtEnd {
            let element = try members.next()
            if ordered, let last = elements.last, element.whole.lexicographicallyPrecedes(last.whole) {
                throw failure("\(what) is not in DER order")
            }
            elements.append(element)
        }
        return elements
    }
}

/// The tag bytes in use.
enum DERTag {
    static let boolean: UInt8 = 0x01
    static let integer: UInt8 = 0x02
    static let bitString: UInt8 = 0x03
    static let octetString: UInt8 = 0x04
    static let null: UInt8 = 0x05
    static let objectIdentifier: UInt8 = 0x06
    static let utf8String: UInt8 = 0x0c
    static let utcTime: UInt8 = 0x17
    static let generalizedTime: UInt8 = 0x18
    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31

    /// A context-specific tag with structure inside.
    static func context(_ number: UInt8) -> UInt8 { 0xa0 | number }

    /// A context-specific tag with plain content.
    static func contextPrimitive(_ number: UInt8) -> UInt8 { 0x80 | number }
}

/// An AlgorithmIdentifier.
struct DERAlgorithm {
    let id: DERObjectID
    let parameters: DERElement?

    /// Whether the parameters are absent or NULL, as RFC 5754 §2 demands for digests.
    var hasPlainParameters: Bool {
        parameters.map { $0.tag == DERTag.null && $0.content.isEmpty } ?? true
    }
}

/// The rules of DER that do not depend on what a structure means.
enum DERCanonical {
    private static let deepest = 32

    static func isMinimal(integer content: ArraySlice<UInt8>) -> Bool {
        guard let first = content.first else { return false }
        guard let second = content.dropFirst().first else { return true }
        return !(first == 0x00 && second & 0x80 == 0) && !(first == 0xff && second & 0x80 != 0)
    }

    /// Demands that the bytes are exactly one element and DER all the way down: definite minimal lengths, no strings
    /// in pieces, minimal numbers and object identifiers, plain booleans and nulls, at most 32 levels.
    ///
    /// The order of SET OF members is left to the reader of each set. No recursion, so depth costs no stack.
    static func check(_ bytes: ArraySlice<UInt8>, fault: ErrorCode) throws {
        var open = [DERReader(bytes, fault: fault)]
        var isFirst = true
        while var reader = open.popLast() {
            guard !reader.isAtEnd else { continue }
            let element = try reader.next()
            if isFirst {
                guard reader.isAtEnd else { throw reader.failure("Bytes follow the structure") }
                isFirst = false
            }
            open.append(reader)
            if element.tag & 0x20 != 0 {
                guard element.tag & 0xc0 != 0 || element.tag == DERTag.sequence || element.tag == DERTag.set else {
                    throw reader.failure("A string is in pieces")
                }
                guard open.count < deepest else { throw reader.failure("The structure is too deep") }
                open.append(DERReader(element.content, fault: fault))
            } else {
                try check(primitive: element, reader)
            }
        }
        guard !isFirst else { throw ExchangeError(fault, "There are no bytes") }
    }

    private static func check(primitive element: DERElement, _ reader: DERReader) throws {
        let content = element.content
        let holds: Bool
        switch element.tag {
        case DERTag.boolean: holds = content.count == 1 && (content.first == 0x00 || content.first == 0xff)
        case DERTag.integer, 0x0a: holds = isMinimal(integer: content)
        case DERTag.bitString: holds = isBitString(content)
        case DERTag.null: holds = content.isEmpty
        case DERTag.objectIdentifier: holds = isObjectIdentifier(content)
        case DERTag.sequence & ~0x20, DERTag.set & ~0x20: holds = false
        default: holds = true
        }
        guard holds else { throw reader.failure("A value is not written as DER demands") }
    }

    private static func isBitString(_ content: ArraySlice<UInt8>) -> Bool {
        guard let unused = content.first, unused < 8 else { return false }
        guard content.count > 1, let last = content.last else { return unused == 0 }
        return last & ((1 << unused) - 1) == 0
    }

    private static func isObjectIdentifier(_ content: ArraySlice<UInt8>) -> Bool {
        guard let last = content.last, last & 0x80 == 0 else { return false }
        var startsArc = true
        for byte in content {
            if startsArc, byte == 0x80 { return false }
            startsArc = byte & 0x80 == 0
        }
        return true
    }
}
