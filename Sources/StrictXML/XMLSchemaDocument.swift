internal import CLibXML2
public import ExchangeModel

/// A compiled XML Schema (XSD 1.0), made once and shared by all threads.
///
/// That is safe: libxml2 only reads an `xmlSchema` once it is compiled, and every validation has a context of its own.
public final class XMLSchemaDocument: @unchecked Sendable {
    private let pointer: xmlSchemaPtr

    /// Compiles a schema that points to no other document.
    ///
    /// - Parameter bytes: The XSD, in the same subset of XML that documents are read in.
    /// - Throws: `xml.schema_unusable`, or the `xml.*` code of what is wrong with the document itself.
    public init(_ bytes: [UInt8]) throws(ExchangeError) {
        let document = try StrictXMLDocument.parse(bytes)
        let schemaNamespace = "http://www.w3.org/2001/XMLSchema"
        for child in document.root.children where child.namespace == schemaNamespace {
            guard !["import", "include", "redefine"].contains(child.name) else {
                throw ExchangeError(.xmlSchemaUnusable, "The XML schema points to another document")
            }
        }
        LibXML2.start()
        let messages = MessageList()
        let compiled = withExtendedLifetime(messages) {
            // The parser context keeps the pointer, so it is freed before the bytes can move.
            bytes.withUnsafeBytes { buffer -> xmlSchemaPtr? in
                guard let count = Int32(exactly: buffer.count),
                    let context = xmlSchemaNewMemParserCtxt(
                        buffer.bindMemory(to: CChar.self).baseAddress,
                        count
                    )
                else { return nil }
                defer { xmlSchemaFreeParserCtxt(context) }
                xmlSchemaSetParserStructuredErrors(
                    context,
                    { context, error in
                        guard let context, let message = error?.pointee.message else { return }
                        Unmanaged<MessageList>.fromOpaque(context).takeUnretainedValue()
                            .add(String(cString: message))
                    },
                    Unmanaged.passUnretained(messages).toOpaque()
                )
                return xmlSchemaParse(context)
            }
        }
        guard let compiled else {
            throw ExchangeError(.xmlSchemaUnusable, "The XML schema does not compile", details: messages.list)
        }
        pointer = compiled
    }

    deinit { xmlSchemaFree(pointer) }

    /// Reads a document and throws unless it follows the schema.
    ///
    /// - Parameters:
    ///   - bytes: The document.
    ///   - limits: How large it may be.
    /// - Throws: One of the `xml.*` codes.
    public func validate(_ bytes: [UInt8], limits: StrictXMLDocument.Limits = .standard) throws(ExchangeError) {
        _ = try StrictXMLDocument.parse(bytes, validatingWith: self, limits: limits)
    }

    /// A validator for one document.
    func makeValidator() throws(ExchangeError) -> SchemaValidator {
        guard let context = xmlSchemaNewValidCtxt(pointer) else {
            throw ExchangeError(.xmlSchemaUnusable, "The XML schema cannot be used for want of memory")
        }
        return SchemaValidator(context: context, schema: self)
    }
}

/// What libxml2 said while it compiled a schema.
private final class MessageList {
    private(set) var list: [String] = []

    func add(_ message: String) {
        guard list.count < 8 else { return }
        list.append(String(message.prefix { $0 != "\n" }))
    }
}

/// Holds the events of one document against a schema, through libxml2's SAX plug.
final class SchemaValidator {
    private let context: xmlSchemaValidCtxtPtr
    private let schema: XMLSchemaDocument
    private var sax: xmlSAXHandlerPtr?
    private var userData: UnsafeMutableRawPointer?
    private var plug: xmlSchemaSAXPlugPtr?
    /// Whether all that was seen until the detaching followed the schema.
    private(set) var isValid = false

    fileprivate init(context: xmlSchemaValidCtxtPtr, schema: XMLSchemaDocument) {
        self.context = context
        self.schema = schema
    }

    deinit {
        detach()
        xmlSchemaFreeValidCtxt(context)
    }

    /// Begins; errors go to the handler.
    func attach(errors: xmlStructuredErrorFunc, context errorContext: UnsafeMutableRawPointer) {
        xmlSchemaSetValidStructuredErrors(context, errors, errorContext)
        // Without a handler of its own to serve, the plug gives back the validator's handler to be called.
        plug = xmlSchemaSAXPlug(context, &sax, &userData)
    }

    /// Ends and keeps the result, which libxml2 forgets.
    func detach() {
        guard let plug else { return }
        isValid = xmlSchemaIsValid(context) == 1
        _ = xmlSchemaSAXUnplug(plug)
        self.plug = nil
        sax = nil
    }

    /// A start tag.
    func start(
        _ event: (name: UnsafePointer<xmlChar>?, prefix: UnsafePointer<xmlChar>?, uri: UnsafePointer<xmlChar>?),
        namespaces: (count: Int32, list: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?),
        attributes: (count: Int32, defaulted: Int32, list: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?)
    ) {
        sax?.pointee.startElementNs?(
            userData,
            event.name,
            event.prefix,
            event.uri,
            namespaces.count,
            namespaces.list,
            attributes.count,
            attributes.defaulted,
            attributes.list
        )
    }

    /// An end tag.
    func end(
        _ event: (name: UnsafePointer<xmlChar>?, prefix: UnsafePointer<xmlChar>?, uri: UnsafePointer<xmlChar>?)
    ) {
        sax?.pointee.endElementNs?(userData, event.name, event.prefix, event.uri)
    }

    /// All characters between two tags.
    func characters(_ text: [UInt8]) {
        guard let count = Int32(exactly: text.count) else { return }
        text.withUnsafeBufferPointer { sax?.pointee.characters?(userData, $0.baseAddress, count) }
    }
}
