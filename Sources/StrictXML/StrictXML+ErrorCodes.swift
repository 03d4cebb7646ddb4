public import ExchangeModel

extension ErrorCode {
    /// An XML document holds a document type declaration, which is never read.
    public static let xmlDoctype = ErrorCode("xml.doctype")
    /// An XML document is not well-formed.
    public static let xmlNotWellFormed = ErrorCode("xml.not_well_formed")
    /// An XML document does not follow its schema.
    public static let xmlSchema = ErrorCode("xml.schema")
    /// An XML schema cannot be used: it does not compile or it points to other documents.
    public static let xmlSchemaUnusable = ErrorCode("xml.schema_unusable")
    /// An XML document has attributes of the schema instance namespace, such as `xsi:schemaLocation` or `xsi:type`.
    public static let xmlSchemaInstance = ErrorCode("xml.schema_instance")
    /// An XML document, one of its texts, or its number of elements or attributes is over the limit.
    public static let xmlTooLarge = ErrorCode("xml.too_large")
    /// The elements of an XML document are nested too deeply.
    public static let xmlTooDeep = ErrorCode("xml.too_deep")
    /// An XML document is not in UTF-8, says that it is not, or starts with a byte order mark.
    public static let xmlEncoding = ErrorCode("xml.encoding")
    /// An XML document holds a processing instruction.
    public static let xmlProcessingInstruction = ErrorCode("xml.processing_instruction")
    /// An XML document holds a comment.
    public static let xmlComment = ErrorCode("xml.comment")
    /// An XML document holds a CDATA section.
    public static let xmlCDATASection = ErrorCode("xml.cdata_section")
    /// An XML document refers to an entity other than the five that XML defines.
    public static let xmlEntity = ErrorCode("xml.entity")
    /// A character that XML 1.0 does not allow stands in a document or would have to be written.
    public static let xmlBadCharacter = ErrorCode("xml.bad_character")
    /// The program asked the XML writer for an impossible document.
    public static let xmlMisuse = ErrorCode("xml.misuse")
}
