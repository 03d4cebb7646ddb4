internal import ExchangeModel
internal import StrictXML

/// Reads typed values out of one element of a document that its schema has accepted.
///
/// The schema has fixed which children there are; what is left are forms that a schema cannot tell apart, such as
/// white space around a number.
struct StatementReader {
    private let element: StrictXMLElement
    private let fault: ErrorCode

    private init(_ element: StrictXMLElement, fault: ErrorCode) {
        self.element = element
        self.fault = fault
    }

    /// A kind of document: its schema, its limits and how its faults are called.
    struct Format: Sendable {
        /// The compiled schema or why there is none.
        let schema: Result<XMLSchemaDocument, ExchangeError>
        /// The name of the outermost element.
        let root: String
        /// The namespace without the version at its end.
        let family: String
        /// The largest document, in bytes.
        let limit: Int
        /// Raised for a version that is not known.
        let unknownVersion: ErrorCode
        /// Raised for a value in another than the accepted form.
        let fault: ErrorCode
        /// The version of the document.
        var version = Int64(ExchangeHeader.currentFormatVersion)

        /// The namespace.
        var namespace: String { family + String(version) }
    }

    /// Parses and validates in one pass.
    init(_ bytes: [UInt8], format: Format) throws(ExchangeError) {
        let limits = StrictXMLDocument.Limits(bytes: format.limit)
        let schema = try format.schema.get()
        do {
            let document = try StrictXMLDocument.parse(bytes, validatingWith: schema, limits: limits)
            self.init(document.root, fault: format.fault)
        } catch {
            // Only a document that failed is looked at again: a later version has another namespace.
            if error.code == .xmlSchema, let root = try? StrictXMLDocument.parse(bytes, limits: limits).root,
                root.name == format.root, root.namespace != format.namespace, root.namespace.hasPrefix(format.family)
            {
                throw ExchangeError(format.unknownVersion, "The \(format.root) is of an unknown format version")
            }
            throw error
        }
    }

    // MARK: Values

    private func child(_ name: String) -> StrictXMLElement? { element.children.first { $0.name == name } }

    private func malformed(_ name: String) -> ExchangeError {
        ExchangeError(
            fault,
            "The value of \(name) is not written in the accepted form",
            details: ["line \(child(name)?.line ?? element.line)"]
        )
    }

    /// The text of a child that must be there.
    func text(_ name: String) throws(ExchangeError) -> String {
        guard let child = child(name) else { throw malformed(name) }
        return child.text
    }

    /// The text of a child, if it is there.
    func optionalText(_ name: String) -> String? { child(name)?.text }

    /// The value that a child's text stands for.
    func value<Value>(_ name: String, _ make: (String) -> Value?) throws(ExchangeError) -> Value {
        guard let value = make(try text(name)) else { throw malformed(name) }
        return value
    }

    /// The value that a child's text stands for, if the child is there.
    func optional<Value>(_ name: String, _ make: (String) -> Value?) throws(ExchangeError) -> Value? {
        guard let text = optionalText(name) else { return nil }
        guard let value = make(text) else { throw malformed(name) }
        return value
    }

    /// A whole number written without sign, leading zeros or white space.
    func number(_ name: String) throws(ExchangeError) -> Int64 {
        try value(name) { text in
            guard let number = Int64(text), number >= 0, String(number) == text else { return nil }
            return number
        }
    }

    /// A child with children of its own, if it is there.
    func record(_ name: String) -> StatementReader? { child(name).map { StatementReader($0, fault: fault) } }

    /// The items in the child that holds a list.
    func list<Item>(
        _ name: String,
        _ make: (StatementReader) throws(ExchangeError) -> Item
    ) throws(ExchangeError) -> [Item] {
        guard let list = child(name) else { throw malformed(name) }
        var items: [Item] = []
        items.reserveCapacity(list.children.count)
        for child in list.children { items.append(try make(StatementReader(child, fault: fault))) }
        return items
    }

    /// The digests in the child that holds a list of them.
    func digests(_ name: String) throws(ExchangeError) -> [SHA256Digest] {
        try values(name) { SHA256Digest(hex: $0) }
    }

    /// What the texts in the child that holds a list of them stand for.
    func values<Value>(_ name: String, _ make: (String) -> Value?) throws(ExchangeError) -> [Value] {
        try list(name) { reader throws(ExchangeError) in
            guard let value = make(reader.element.text) else { throw malformed(name) }
            return value
        }
    }
}
