import ExchangeModel

/// Turns BER (X.690 §8) into the form that our reader takes: definite minimal lengths, strings in one piece.
///
/// Other makers of CMS stream: they leave lengths open and cut octet strings up. The values stay what they are, so a
/// signature made over DER holds over the result.
enum DefiniteForm {
    private static let deepest = 32

    /// The same structure with definite lengths; bytes that have them are given back as they are.
    ///
    /// - Throws: `fault` when the bytes are no single structure of BER.
    static func bytes(of bytes: [UInt8], fault: ErrorCode) throws -> [UInt8] {
        if (try? DERCanonical.check(bytes[...], fault: fault)) != nil { return bytes }
        var rest = bytes[...]
        let element = try element(&rest, depth: 0, fault: fault)
        guard rest.isEmpty else { throw ExchangeError(fault, "Bytes follow the structure") }
        try DERCanonical.check(element[...], fault: fault)
        return element
    }

    private static func element(_ rest: inout ArraySlice<UInt8>, depth: Int, fault: ErrorCode) throws -> [UInt8] {
        guard depth < deepest else { throw ExchangeError(fault, "The structure is too deep") }
        guard let tag = rest.popFirst(), let length = rest.popFirst() else { throw early(fault) }
        guard tag & 0x1f != 0x1f else { throw ExchangeError(fault, "A tag has more than one byte") }
        let isConstructed = tag & 0x20 != 0
        var content: ArraySlice<UInt8>?
        if length == 0x80 {
            guard isConstructed else { throw ExchangeError(fault, "A plain value has an indefinite length") }
        } else {
            content = try take(try definite(length, &rest, fault: fault), &rest, fault: fault)
        }
        guard isConstructed else { return DERWriter.element(tag, Array(content ?? [])) }
        var parts: [[UInt8]] = []
        if var inner = content {
            while !inner.isEmpty { parts.append(try element(&inner, depth: depth + 1, fault: fault)) }
        } else {
            while !rest.starts(with: [0, 0]) {
                guard !rest.isEmpty else { throw early(fault) }
                parts.append(try element(&rest, depth: depth + 1, fault: fault))
            }
            rest = rest.dropFirst(2)
        }
        guard tag == DERTag.octetString | 0x20 else { return DERWriter.element(tag, joining: parts) }
        // An octet string in pieces; the pieces are octet strings themselves, whole by now.
        return DERWriter.octets(
            try parts.flatMap { part -> [UInt8] in
                var reader = DERReader(part[...], fault: fault)
                return try reader.octets("a piece of a string")
            }
        )
    }

    private static func definite(_ first: UInt8, _ rest: inout ArraySlice<UInt8>, fault: ErrorCode) throws -> Int {
        guard first & 0x80 != 0 else { return Int(first) }
        let count = Int(first & 0x7f)
        guard count <= 6 else { throw ExchangeError(fault, "A length is too large") }
        return try take(count, &rest, fault: fault).reduce(0) { $0 << 8 | Int($1) }
    }

    private static func take(
        _ count: Int,
        _ rest: inout ArraySlice<UInt8>,
        fault: ErrorCode
    ) throws -> ArraySlice<UInt8> {
        guard count <= rest.count else { throw early(fault) }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private static func early(_ fault: ErrorCode) -> ExchangeError {
        ExchangeError(fault, "The structure ends early")
    }
}
