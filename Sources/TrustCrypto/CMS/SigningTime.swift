import ExchangeModel

/// Times in DER (X.690 §11.7 and §11.8): UTC to the second, ended by `Z`.
enum SigningTime {
    /// Reads a signingTime (RFC 5652 §11.3): UTCTime for 1950 to 2049, GeneralizedTime otherwise.
    static func read(_ value: [UInt8]) throws -> ExchangeTime {
        var reader = DERReader(value[...], fault: .signatureMalformed)
        let element = try reader.next()
        let text = String(decoding: element.content, as: UTF8.self)
        switch element.tag {
        case DERTag.utcTime:
            guard let short = Int(text.prefix(2)), text.utf8.count == 13,
                let time = time(digits: (short < 50 ? "20" : "19") + text)
            else { break }
            return time
        case DERTag.generalizedTime:
            guard text.utf8.count == 15, let time = time(digits: text) else { break }
            return time
        default: break
        }
        throw reader.failure("The signing time is not a time of DER")
    }

    /// Reads GeneralizedTime content, a fraction of a second dropped; the fraction must not end in 0.
    static func generalized(_ content: some Sequence<UInt8>) -> ExchangeTime? {
        let text = String(decoding: Array(content), as: UTF8.self)
        guard text.hasSuffix("Z") else { return nil }
        let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first, parts.count <= 2 else { return nil }
        if parts.count == 2 {
            let fraction = parts[1].utf8
            guard (1...9).contains(fraction.count), fraction.allSatisfy({ (0x30...0x39).contains($0) }),
                fraction.last != 0x30
            else { return nil }
        }
        return time(digits: whole + "Z")
    }

    /// Reads `YYYYMMDDhhmmssZ`.
    private static func time(digits text: some StringProtocol) -> ExchangeTime? {
        let characters = Array(text.utf8)
        guard characters.count == 15 else { return nil }
        func piece(_ range: Range<Int>) -> String { String(decoding: characters[range], as: UTF8.self) }
        return ExchangeTime(
            rfc3339: "\(piece(0..<4))-\(piece(4..<6))-\(piece(6..<8))T"
                + "\(piece(8..<10)):\(piece(10..<12)):\(piece(12..<15))"
        )
    }

    /// The content of a UTCTime or GeneralizedTime for an instant, with its tag.
    static func content(of time: ExchangeTime) -> (tag: UInt8, text: String) {
        let digits = time.description.utf8.filter { (0x30...0x39).contains($0) }
        let text = String(decoding: digits, as: UTF8.self) + "Z"
        let year = Int(text.prefix(4)) ?? 0
        return (1_950...2_049).contains(year)
            ? (DERTag.utcTime, String(text.dropFirst(2))) : (DERTag.generalizedTime, text)
    }
}
