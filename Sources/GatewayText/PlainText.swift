/// What may stand in texts that leave the gateway as letters, notifications and calendars.
public enum PlainText {
    /// Whether a character can change how a text is read without being seen: control characters, the directional
    /// formatting of Unicode (UAX #9), invisible separators and fillers, tags and noncharacters. Tab and line breaks are harmful here
    /// too; callers that know what to do with them ask first.
    public static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1f, 0x7f...0x9f: true
        case 0xad, 0x34f, 0x115f, 0x1160, 0x180e, 0x3164, 0xffa0: true
        case 0x61c, 0x200b, 0x200e, 0x200f, 0x2028...0x202e, 0x2060...0x206f: true
        case 0xfeff, 0xfff9...0xfffb, 0xe0000...0xe007f: true
        default: scalar.value & 0xfffe == 0xfffe || (0xfdd0...0xfdef).contains(scalar.value)
        }
    }

    /// The text on one line: harmful characters left out, line breaks and tabs as spaces.
    public static func line(_ text: String) -> String {
        lines(text).joined(separator: " ")
    }

    /// The lines that are not empty: harmful characters left out, tabs as spaces, outer spaces dropped.
    public static func lines(_ text: String) -> [String] {
        var found: [String] = []
        var current = String.UnicodeScalarView()
        func trimmed(_ view: String.UnicodeScalarView) -> String {
            let start = view.drop { $0 == " " }
            let end = start.lastIndex { $0 != " " }
            return end.map { String(start[...$0]) } ?? ""
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n", "\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}":
                found.append(trimmed(current))
                current = String.UnicodeScalarView()
            case "\t": current.append(" ")
            case _ where isHarmful(scalar): break
            default: current.append(scalar)
            }
        }
        found.append(trimmed(current))
        return found.filter { !$0.isEmpty }
    }
}
