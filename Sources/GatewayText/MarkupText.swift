/// Text from outside inside pages.
public enum MarkupText {
    /// The text of an HTML element or attribute: every character of markup becomes a reference, scalar by scalar, and
    /// characters that change unseen how a text is read are left out.
    public static func escaped(_ text: String) -> String {
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
    public static func cssString(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars where !PlainText.isHarmful(scalar) {
            switch scalar {
            case "0"..."9", "a"..."z", "A"..."Z": result.unicodeScalars.append(scalar)
            default: result += "\\" + String(scalar.value, radix: 16) + " "
            }
        }
        return result
    }

    /// The words that number a page, as a value of the CSS property `content`: `"Page " counter(page) " of "
    /// counter(pages)` in the language's order. It holds nothing but escaped strings and the names of counters.
    public static func cssPageNumber(_ texts: Texts) -> String {
        texts("letter.page").split(separator: "{", omittingEmptySubsequences: false).flatMap { piece -> [String] in
            guard let close = piece.firstIndex(of: "}") else { return ["\"\(cssString(String(piece)))\""] }
            let rest = String(piece[piece.index(after: close)...])
            return ["counter(\(piece[..<close]))", "\"\(cssString(rest))\""]
        }.joined(separator: " ")
    }
}
