public import ExchangeModel

extension ErrorCode {
    /// The template that letters are made from cannot be read.
    public static let letterTemplate = ErrorCode("letter.template")
}
