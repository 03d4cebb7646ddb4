import ExchangeModel
import TrustCrypto

/// The nodes of a CASE/UCO document in the order they were added, and names for them that depend on nothing but the
/// content: two openings of the same bundle write the same bytes.
struct CaseGraph {
    /// The prefixes of the ontologies that the nodes use.
    private static var context: [(name: String, value: Statement)] {
        [
            ("case-investigation", .text("https://ontology.caseontology.org/case/investigation/")),
            ("uco-action", .text("https://ontology.unifiedcyberontology.org/uco/action/")),
            ("uco-core", .text("https://ontology.unifiedcyberontology.org/uco/core/")),
            ("uco-identity", .text("https://ontology.unifiedcyberontology.org/uco/identity/")),
            ("uco-location", .text("https://ontology.unifiedcyberontology.org/uco/location/")),
            ("uco-marking", .text("https://ontology.unifiedcyberontology.org/uco/marking/")),
            ("uco-observable", .text("https://ontology.unifiedcyberontology.org/uco/observable/")),
            ("uco-tool", .text("https://ontology.unifiedcyberontology.org/uco/tool/")),
            ("uco-types", .text("https://ontology.unifiedcyberontology.org/uco/types/")),
            ("xsd", .text("http://www.w3.org/2001/XMLSchema#")),
        ]
    }

    private let space: [UInt8]
    private let seed: SHA256Digest
    private var nodes: [Statement] = []
    private var names: [String] = []
    private var known: Set<String> = []

    /// Begins with no nodes.
    ///
    /// - Parameters:
    ///   - message: The message, in whose name space the nodes are named.
    ///   - seed: The identity of the content.
    init(message: MessageID, seed: SHA256Digest) {
        space = message.bytes
        self.seed = seed
    }

    /// The name of the node that a label stands for: a UUID of version 5 (RFC 9562 §5.5), which is what UCO advises,
    /// within the message's own UUID.
    func name(_ label: String) throws -> String {
        var hasher = try StoredHashHasher()
        try (space + seed.bytes + Array(label.utf8)).withUnsafeBytes { try hasher.update($0) }
        var bytes = Array(try hasher.finish().sha1.prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x50
        bytes[8] = bytes[8] & 0x3f | 0x80
        let hex = Array(Hexadecimal.text(of: bytes))
        return "urn:uuid:"
            + [hex[0..<8], hex[8..<12], hex[12..<16], hex[16..<20], hex[20..<32]].map { String($0) }
            .joined(separator: "-")
    }

    /// Adds a node unless there is one of that label already, and gives the reference to it.
    mutating func add(
        _ label: String,
        _ type: String,
        _ members: () throws -> [(name: String, value: Statement?)]
    ) throws -> Statement {
        let name = try name(label)
        if known.insert(name).inserted {
            nodes.append(try inline(label, type, members()))
            names.append(name)
        }
        return Self.reference(name)
    }

    /// A node that stands inside the one it belongs to.
    func inline(_ label: String, _ type: String, _ members: [(name: String, value: Statement?)]) throws -> Statement {
        .record(present: [("@id", .text(try name(label))), ("@type", .text(type))] + members)
    }

    /// The document: one bundle that encloses every node.
    func document(_ members: [(name: String, value: Statement?)]) throws(ExchangeError) -> [UInt8] {
        let bundle: Statement
        do {
            let all = Statement.list(item: "", names.map(Self.reference))
            bundle = try inline("bundle", "uco-core:Bundle", members + [("uco-core:object", all)])
        } catch {
            throw error as? ExchangeError ?? ExchangeError(.cryptoInternal, "The names could not be made: \(error)")
        }
        return try Statement.record([
            ("@context", .record(Self.context)), ("@graph", .list(item: "", [bundle] + nodes)),
        ]).canonicalJSON()
    }

    // MARK: - Values

    /// A label of several parts; NUL stands in no text of a manifest, so that no two lists of parts give one label.
    static func label(_ parts: String...) -> String { parts.joined(separator: "\0") }

    static func reference(_ name: String) -> Statement { .record([("@id", .text(name))]) }

    static func list(_ values: [Statement]) -> Statement? { values.isEmpty ? nil : .list(item: "", values) }

    static func time(_ time: ExchangeTime) -> Statement { typed("xsd:dateTime", time.description) }

    static func boolean(_ value: Bool) -> Statement { typed("xsd:boolean", value ? "true" : "false") }

    static func typed(_ type: String, _ text: String) -> Statement {
        .record([("@type", .text(type)), ("@value", .text(text))])
    }

    /// A digest as `uco-types:Hash`; `method` is a word of UCO's vocabulary of hash names.
    func hash(_ label: String, _ method: String, _ hex: String) throws -> Statement {
        try inline(
            label + "#" + method,
            "uco-types:Hash",
            [("uco-types:hashMethod", .text(method)), ("uco-types:hashValue", Self.typed("xsd:hexBinary", hex))]
        )
    }

    /// An identifier that somebody else gave.
    func identifier(_ label: String, _ context: String, _ value: String) throws -> Statement {
        try inline(
            Self.label(label, context, value),
            "uco-core:ExternalReference",
            [("uco-core:definingContext", .text(context)), ("uco-core:externalIdentifier", .text(value))]
        )
    }
}
