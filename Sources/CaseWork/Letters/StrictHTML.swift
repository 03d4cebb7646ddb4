import Mustache

/// Values as text of HTML: every character of markup becomes a reference, whatever stands behind it.
///
/// The library's own escaping looks at grapheme clusters and so overlooks a quotation mark that a combining character
/// follows; this one looks at scalars.
struct StrictHTML: MustacheContentType {
    func escapeText(_ text: String) -> String { Self.escaped(text) }

    static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
            case "'": result.append(contentsOf: "&#39;".unicodeScalars)
            case _ where PlainText.isHarmful(scalar): break
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// The inside of a CSS string (CSS Syntax 3, section 4.3.7): letters and digits of ASCII as they are, the rest as
    /// escapes, so that it can end neither the string nor the style element.
    static func cssString(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars where !PlainText.isHarmful(scalar) {
            switch scalar {
            case "0"..."9", "a"..."z", "A"..."Z": result.unicodeScalars.append(scalar)
            default: result += "\\" + String(scalar.value, radix: 16) + " "
            }
        }
        return result
    }
}
