import ExchangeModel

/// A timestamp authority's answer (RFC 3161 §2.4.2).
public struct TimestampResponse: Sendable {
    /// The status: 0 granted, 1 granted with modifications, above that refused.
    public let status: Int
    /// What the authority says about it, for people.
    public let statusText: [String]
    /// The reasons of a refusal, by the names of RFC 3161.
    public let failures: [String]
    /// The token, when one was granted.
    public let token: TimestampToken?

    private static let failureNames: [Int: String] = [
        0: "badAlg", 2: "badRequest", 5: "badDataFormat", 14: "timeNotAvailable", 15: "unacceptedPolicy",
        16: "unacceptedExtension", 17: "addInfoNotAvailable", 25: "systemFailure",
    ]

    /// Reads an answer.
    ///
    /// - Throws: `timestamp.malformed` and what `TimestampToken.init(der:)` throws.
    public init(der: [UInt8]) throws {
        guard der.count <= TimestampToken.largestSize else {
            throw ExchangeError(.timestampMalformed, "The timestamp response is too large")
        }
        try DERCanonical.check(der[...], fault: .timestampMalformed)
        var file = DERReader(der[...], fault: .timestampMalformed)
        var fields = try file.enter(DERTag.sequence, "the timestamp response")
        var info = try fields.enter(DERTag.sequence, "the status")
        status = try info.smallInteger("the status")
        statusText = try Self.texts(&info)
        failures = try Self.failures(&info)
        try info.end("the status")
        token = fields.isAtEnd ? nil : try TimestampToken(der: Array(try fields.next().whole))
        try fields.end("the timestamp response")
        guard (status <= 1) == (token != nil) else {
            throw ExchangeError(.timestampMalformed, "Status and content of the timestamp response disagree")
        }
    }

    private static func texts(_ info: inout DERReader) throws -> [String] {
        guard info.nextTag == DERTag.sequence else { return [] }
        var list = try info.enter(DERTag.sequence, "the status text")
        var texts: [String] = []
        while !list.isAtEnd, texts.count < 16 {
            let text = try list.next(DERTag.utf8String, "the status text").content
            // A stranger's words: cut short, without control characters.
            let plain = String(decoding: text.prefix(256), as: UTF8.self).unicodeScalars.filter {
                $0.properties.generalCategory != .control
            }
            texts.append(String(String.UnicodeScalarView(plain)))
        }
        try list.end("the status text")
        return texts
    }

    private static func failures(_ info: inout DERReader) throws -> [String] {
        guard let bits = try info.optional(DERTag.bitString)?.content else { return [] }
        var names: [String] = []
        for (index, byte) in bits.dropFirst().prefix(8).enumerated() {
            for bit in 0..<8 where byte & (0x80 >> bit) != 0 {
                let number = index * 8 + bit
                names.append(failureNames[number] ?? "bit \(number)")
            }
        }
        return names
    }

    /// The token, which must answer that request.
    ///
    /// - Throws: `timestamp.rejected`, `timestamp.nonce_mismatch`, `timestamp.imprint_mismatch`.
    public func token(answering request: TimestampRequest) throws -> TimestampToken {
        guard let token else {
            throw ExchangeError(
                .timestampRejected,
                "The timestamp authority refused with status \(status)",
                details: failures + statusText
            )
        }
        try token.check(answers: request)
        return token
    }
}
