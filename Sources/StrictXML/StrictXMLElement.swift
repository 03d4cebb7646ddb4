/// One element of a parsed document, a value that nothing can change any more.
public struct StrictXMLElement: Hashable, Sendable {
    /// An attribute with its normalised value (XML 1.0 §3.3.3).
    public struct Attribute: Hashable, Sendable {
        /// The namespace name, empty when there is none.
        public let namespace: String
        /// The local name.
        public let name: String
        /// The value.
        public let value: String
    }

    /// The namespace name, empty when there is none.
    public let namespace: String
    /// The local name.
    public let name: String
    /// The attributes in document order, without namespace declarations.
    public let attributes: [Attribute]
    /// The child elements in document order.
    public let children: [StrictXMLElement]
    /// All characters that stand directly in the element, exactly as XML delivers them (XML 1.0 §2.11).
    public let text: String
    /// The line on which the start tag ends, counted from 1.
    public let line: Int

    /// The value of the attribute of that name without a namespace.
    public func attribute(_ name: String) -> String? {
        attributes.first { $0.name == name && $0.namespace.isEmpty }?.value
    }

    /// The children of that local name and namespace, in order.
    public func children(_ name: String, namespace: String) -> [StrictXMLElement] {
        children.filter { $0.name == name && $0.namespace == namespace }
    }
}
