import GatewayText

/// Text from outside inside a report: what could deceive a reader is shown for what it is.
enum ReportMarks {
    /// The text on one line with every harmful character as its number, such as `⟨U+202E⟩`.
    static func shown(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\t", "\n", "\r": result += " "
            case _ where PlainText.isHarmful(scalar):
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "⟨U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "⟩"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The text without what XML 1.0 §2.2 cannot write.
    static func storable(_ text: String) -> String {
        let isStorable = { (scalar: Unicode.Scalar) in
            switch scalar.value {
            case 0x09, 0x0a, 0x0d, 0x20...0xd7ff, 0xe000...0xfffd, 0x10000...0x10ffff: true
            default: false
            }
        }
        guard !text.unicodeScalars.allSatisfy(isStorable) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(isStorable(scalar) ? scalar : "\u{fffd}") }
        return String(result)
    }

    /// HTML that shows a text.
    static func html(_ text: String) -> String { MarkupText.escaped(shown(text)) }
}
