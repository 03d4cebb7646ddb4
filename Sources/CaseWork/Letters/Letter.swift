public import ExchangeModel
public import GatewayText

/// A letter between authorities, as a document that prints on A4.
public struct Letter: Hashable, Sendable {
    /// What it says.
    public var content: LetterContent

    /// A letter with that content.
    public init(_ content: LetterContent) { self.content = content }

    /// The letter in a language, as one HTML file that needs nothing else: no script, no picture, no address.
    ///
    /// Headings and fixed phrases come from the catalogue of the language; the values stay as they are, escaped, with
    /// control characters taken out. The same content gives the same bytes.
    /// - Throws: `ExchangeError` with `letter.template` if the template that is built in cannot be read.
    public func html(in language: Language) throws(ExchangeError) -> String {
        try LetterTemplate.render(LetterPage(content: content, texts: Texts(language)).values)
    }
}
