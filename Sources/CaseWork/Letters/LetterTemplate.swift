import ExchangeModel
import Mustache

/// The template that all letters are made from.
enum LetterTemplate {
    private static let parsed = Result {
        MustacheContentTypes.register(StrictHTML(), named: "LETTER")
        return try MustacheTemplate(string: String(decoding: PackageResources.letter_mustache, as: UTF8.self))
    }

    /// Fills the template in.
    static func render(_ values: [String: Any]) throws(ExchangeError) -> String {
        switch parsed {
        case .success(let template): return template.render(values)
        case .failure(let error):
            throw ExchangeError(
                .letterTemplate,
                "the letter's template cannot be read",
                details: [String(describing: error)]
            )
        }
    }
}
