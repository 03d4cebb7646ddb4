import GatewayText
import Mustache

/// Values as text of HTML: every character of markup becomes a reference, whatever stands behind it.
///
/// The library's own escaping looks at grapheme clusters and so overlooks a quotation mark that a combining character
/// follows; this one looks at scalars.
struct StrictHTML: MustacheContentType {
    func escapeText(_ text: String) -> String { MarkupText.escaped(text) }
}
