internal import CLibXML2
internal import ExchangeModel

/// Takes libxml2's events for one document, builds the tree and hands the events on to the validator.
///
/// It lives on the stack of one call of `parse`; libxml2 calls back on the same thread only while `run` runs.
final class TreeBuilder {
    private struct OpenElement {
        let namespace: String
        let name: String
        let attributes: [StrictXMLElement.Attribute]
        let line: Int
        var children: [StrictXMLElement] = []
        var text: [UInt8] = []
    }

    private let parser: xmlParserCtxtPtr
    private let validator: SchemaValidator?
    private var open: [OpenElement] = []
    private var root: StrictXMLElement?
    /// Characters since the last tag: libxml2 splits text at every reference, and its validator's time to join n
    /// pieces grows with the square of n.
    private var pending: [UInt8] = []
    /// The strings behind libxml2's interned names.
    private var names: [UnsafePointer<xmlChar>: String] = [:]
    private var failure: ExchangeError?
    /// What libxml2 says of the first thing that is not well-formed.
    private var complaint: ExchangeError?

    init(parser: xmlParserCtxtPtr, validator: SchemaValidator?) {
        self.parser = parser
        self.validator = validator
    }

    /// Reads the whole document.
    func run(_ bytes: [UInt8]) {
        let me = Unmanaged.passUnretained(self).toOpaque()
        guard let sax = parser.pointee.sax else { return }
        sax.pointee = Self.handler
        parser.pointee.userData = me
        validator?.attach(errors: Self.schemaErrors, context: me)
        bytes.withUnsafeBytes { buffer in
            guard let count = Int32(exactly: buffer.count) else { return }
            // Nothing but NONET: no entity substitution, no DTD, no XInclude, no larger limits. The tree that libxml2
            // would return is never made, as the handler is ours.
            let tree = xmlCtxtReadMemory(
                parser,
                buffer.bindMemory(to: CChar.self).baseAddress,
                count,
                nil,
                nil,
                Int32(XML_PARSE_NONET.rawValue)
            )
            xmlFreeDoc(tree)
        }
        validator?.detach()
    }

    /// The root, or the first thing that was wrong.
    func finish() throws(ExchangeError) -> StrictXMLElement {
        if let failure { throw failure }
        guard parser.pointee.wellFormed == 1, parser.pointee.nsWellFormed == 1, complaint == nil, open.isEmpty,
            let root
        else { throw complaint ?? ExchangeError(.xmlNotWellFormed, "The XML document is not well-formed") }
        if let validator, !validator.isValid {
            throw ExchangeError(.xmlSchema, "The XML document does not follow its schema")
        }
        return root
    }

    // MARK: Events

    private func start(
        _ event: (name: UnsafePointer<xmlChar>?, prefix: UnsafePointer<xmlChar>?, uri: UnsafePointer<xmlChar>?),
        namespaces: (count: Int32, list: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?),
        attributes: (count: Int32, defaulted: Int32, list: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?)
    ) {
        guard failure == nil else { return }
        flush()
        var values: [StrictXMLElement.Attribute] = []
        for index in 0..<Int(attributes.count) {
            // Five pointers each: name, prefix, namespace, start and end of the value.
            guard let list = attributes.list, let start = list[index * 5 + 3], let end = list[index * 5 + 4] else {
                continue
            }
            let namespace = string(list[index * 5 + 2])
            guard namespace != "http://www.w3.org/2001/XMLSchema-instance" else {
                refuse(.xmlSchemaInstance, "An XML element has an attribute that would steer its schema")
                return
            }
            let raw = UnsafeBufferPointer(start: start, count: end - start)
            values.append(
                StrictXMLElement.Attribute(
                    namespace: namespace,
                    name: string(list[index * 5]),
                    value: Self.attributeValue(raw)
                )
            )
        }
        open.append(
            OpenElement(namespace: string(event.uri), name: string(event.name), attributes: values, line: line)
        )
        validator?.start(
            (event.name, event.prefix, event.uri),
            namespaces: namespaces,
            attributes: attributes
        )
    }

    private func end(
        _ event: (name: UnsafePointer<xmlChar>?, prefix: UnsafePointer<xmlChar>?, uri: UnsafePointer<xmlChar>?)
    ) {
        guard failure == nil else { return }
        flush()
        validator?.end((event.name, event.prefix, event.uri))
        guard let closed = open.popLast() else { return }
        let element = StrictXMLElement(
            namespace: closed.namespace,
            name: closed.name,
            attributes: closed.attributes,
            children: closed.children,
            text: String(decoding: closed.text, as: UTF8.self),
            line: closed.line
        )
        if open.isEmpty {
            root = element
        } else {
            open[open.count - 1].children.append(element)
        }
    }

    private func characters(_ start: UnsafePointer<xmlChar>?, _ count: Int32) {
        guard failure == nil, let start, count > 0 else { return }
        pending.append(contentsOf: UnsafeBufferPointer(start: start, count: Int(count)))
    }

    private func flush() {
        guard !pending.isEmpty, !open.isEmpty else { return }
        open[open.count - 1].text += pending
        validator?.characters(pending)
        pending.removeAll(keepingCapacity: true)
    }

    /// Keeps the first refusal and stops the parser; nothing reaches the validator after it.
    private func refuse(_ code: ErrorCode, _ reason: String, details: [String] = []) {
        if failure == nil { failure = ExchangeError(code, reason, details: details + ["line \(line)"]) }
        xmlStopParser(parser)
    }

    private func parserError(code: Int32, line: Int32) {
        guard complaint == nil else { return }
        let details = ["libxml2 error \(code)", "line \(line)"]
        complaint =
            switch UInt32(code) {
            case XML_ERR_INVALID_CHAR.rawValue, XML_ERR_INVALID_CHARREF.rawValue:
                ExchangeError(
                    .xmlBadCharacter,
                    "The XML document holds a character that XML does not allow",
                    details: details
                )
            default:
                ExchangeError(.xmlNotWellFormed, "The XML document is not well-formed", details: details)
            }
    }

    private func schemaError(code: Int32) {
        // The message of libxml2 quotes the value, which may be evidence, so only place and rule are told.
        let element = open.last.map { "element \($0.name.prefix(64))" } ?? "no element"
        refuse(
            .xmlSchema,
            "The XML document does not follow its schema",
            details: [SchemaRule.name(of: code), element]
        )
    }

    // MARK: Strings

    private var line: Int { Int(parser.pointee.input?.pointee.line ?? 0) }

    private func string(_ pointer: UnsafePointer<xmlChar>?) -> String {
        guard let pointer else { return "" }
        if let known = names[pointer] { return known }
        let made = String(cString: pointer)
        names[pointer] = made
        return made
    }

    /// libxml2 delivers every ampersand of an attribute as `&#38;` unless it substitutes entities, which it must not.
    private static func attributeValue(_ raw: UnsafeBufferPointer<xmlChar>) -> String {
        let escaped = Array("&#38;".utf8)
        var value: [UInt8] = []
        var index = 0
        while index < raw.count {
            value.append(raw[index])
            let isEscaped = raw[index] == escaped[0] && raw[index...].starts(with: escaped)
            index += isEscaped ? escaped.count : 1
        }
        return String(decoding: value, as: UTF8.self)
    }

    // MARK: Callbacks

    private static func builder(_ context: UnsafeMutableRawPointer?) -> TreeBuilder? {
        context.map { Unmanaged<TreeBuilder>.fromOpaque($0).takeUnretainedValue() }
    }

    private static var schemaErrors: xmlStructuredErrorFunc {
        { context, error in
            guard let error, error.pointee.level.rawValue > XML_ERR_WARNING.rawValue else { return }
            TreeBuilder.builder(context)?.schemaError(code: error.pointee.code)
        }
    }

    private static var handler: xmlSAXHandler {
        var sax = xmlSAXHandler()
        sax.initialized = UInt32(XML_SAX2_MAGIC)
        sax.startElementNs = { context, name, prefix, uri, namespaceCount, namespaces, count, defaulted, attributes in
            TreeBuilder.builder(context)?.start(
                (name, prefix, uri),
                namespaces: (namespaceCount, namespaces),
                attributes: (count, defaulted, attributes)
            )
        }
        sax.endElementNs = { context, name, prefix, uri in TreeBuilder.builder(context)?.end((name, prefix, uri)) }
        sax.characters = { context, text, count in TreeBuilder.builder(context)?.characters(text, count) }
        sax.ignorableWhitespace = { context, text, count in TreeBuilder.builder(context)?.characters(text, count) }
        // libxml2 calls this before it reads the internal subset.
        sax.internalSubset = { context, _, _, _ in
            TreeBuilder.builder(context)?.refuse(.xmlDoctype, "The XML document holds a document type declaration")
        }
        sax.externalSubset = { context, _, _, _ in
            TreeBuilder.builder(context)?.refuse(.xmlDoctype, "The XML document holds a document type declaration")
        }
        sax.entityDecl = { context, _, _, _, _, _ in
            TreeBuilder.builder(context)?.refuse(.xmlDoctype, "The XML document declares an entity")
        }
        sax.resolveEntity = { context, _, _ in
            TreeBuilder.builder(context)?.refuse(.xmlEntity, "The XML document refers to an external entity")
            return nil
        }
        sax.reference = { context, _ in
            TreeBuilder.builder(context)?.refuse(.xmlEntity, "The XML document refers to an entity")
        }
        sax.processingInstruction = { context, _, _ in
            TreeBuilder.builder(context)?
                .refuse(.xmlProcessingInstruction, "The XML document holds a processing instruction")
        }
        sax.comment = { context, _ in
            TreeBuilder.builder(context)?.refuse(.xmlComment, "The XML document holds a comment")
        }
        sax.cdataBlock = { context, _, _ in
            TreeBuilder.builder(context)?.refuse(.xmlCDATASection, "The XML document holds a CDATA section")
        }
        sax.serror = { context, error in
            guard let error, error.pointee.level.rawValue > XML_ERR_WARNING.rawValue else { return }
            TreeBuilder.builder(context)?.parserError(code: error.pointee.code, line: Int32(error.pointee.line))
        }
        return sax
    }
}
