internal import CLibXML2
public import ExchangeModel

/// A document that was read from bytes nobody trusts yet.
///
/// Only a strict subset of XML 1.0 (fifth edition) is read: UTF-8 without byte order mark, elements, attributes, text,
/// character references and the five predefined entities. A document type declaration, a processing instruction, a
/// comment, a CDATA section, another entity or another encoding is refused by a code of its own before libxml2 sees a
/// byte, and libxml2 is told to refuse them once more. Nothing is ever fetched, from files or from the network.
public struct StrictXMLDocument: Hashable, Sendable {
    /// How large a document may be; anything over a limit is `xml.too_large` or `xml.too_deep`.
    public struct Limits: Hashable, Sendable {
        /// Bytes of the whole document.
        public var bytes: Int
        /// Elements inside each other, the root counted.
        public var depth: Int
        /// Elements in all.
        public var elements: Int
        /// Attributes of one element, namespace declarations counted.
        public var attributes: Int
        /// Bytes of one tag, or of one text between two tags, as written.
        public var run: Int

        /// Takes all limits; those left out are those of ``standard``.
        public init(
            bytes: Int = 16_777_216,
            depth: Int = 32,
            elements: Int = 500_000,
            attributes: Int = 16,
            run: Int = 1_048_576
        ) {
            self.bytes = bytes
            self.depth = depth
            self.elements = elements
            self.attributes = attributes
            self.run = run
        }

        /// 16 MiB, depth 32, 500,000 elements, 16 attributes, 1 MiB for one text.
        public static let standard = Limits()
    }

    /// The one outermost element.
    public let root: StrictXMLElement

    /// Reads a document and, where a schema is given, holds it against the schema in the same pass.
    ///
    /// - Parameters:
    ///   - bytes: The document.
    ///   - schema: What it must follow.
    ///   - limits: How large it may be.
    /// - Returns: The document.
    /// - Throws: One of the `xml.*` codes; `xml.schema` names line, element and rule, never the value.
    public static func parse(
        _ bytes: [UInt8],
        validatingWith schema: XMLSchemaDocument? = nil,
        limits: Limits = .standard
    ) throws(ExchangeError) -> StrictXMLDocument {
        try MarkupScanner.check(bytes, limits: limits)
        return try parseScanned(bytes, schema: schema)
    }

    /// The second half of `parse`; it refuses what the scanner refuses by itself too.
    static func parseScanned(
        _ bytes: [UInt8],
        schema: XMLSchemaDocument?
    ) throws(ExchangeError) -> StrictXMLDocument {
        LibXML2.start()
        guard let parser = ParserContext() else {
            throw ExchangeError(.xmlNotWellFormed, "The XML document cannot be read for want of memory")
        }
        let validator = try schema?.makeValidator()
        let builder = TreeBuilder(parser: parser.pointer, validator: validator)
        builder.run(bytes)
        let result = try builder.finish()
        // The parser's memory holds the names that the builder reads.
        withExtendedLifetime(builder) {}
        return StrictXMLDocument(root: result)
    }
}

/// The library's global state, set up once.
enum LibXML2 {
    private static let started: Void = {
        xmlInitParser()
        // The types that XSD defines are made at the first compilation, where two threads could meet.
        let smallest = Array(#"<schema xmlns="http://www.w3.org/2001/XMLSchema"/>"#.utf8)
        smallest.withUnsafeBytes { buffer in
            guard let count = Int32(exactly: buffer.count),
                let context = xmlSchemaNewMemParserCtxt(buffer.bindMemory(to: CChar.self).baseAddress, count)
            else { return }
            xmlSchemaFree(xmlSchemaParse(context))
            xmlSchemaFreeParserCtxt(context)
        }
    }()

    /// Sets the library up at the first call; all later ones do nothing.
    static func start() { started }
}

/// A parser for one document.
struct ParserContext: ~Copyable {
    let pointer: xmlParserCtxtPtr

    /// Makes one; `nil` when memory is short.
    init?() {
        guard let made = xmlNewParserCtxt() else { return nil }
        pointer = made
    }

    deinit { xmlFreeParserCtxt(pointer) }
}
