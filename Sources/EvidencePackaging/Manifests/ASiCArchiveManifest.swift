public import ExchangeModel
internal import GatewaySchemas
internal import StrictXML
public import TrustCrypto

/// `META-INF/ASiCArchiveManifest*.xml` (EN 319 162-1 Annexes A.4 and A.7): what the timestamp of a renewal covers.
///
/// This reads what the standard allows; which objects a manifest must name, and by which digests, is judged by who uses
/// it.
public struct ASiCArchiveManifest: Hashable, Sendable {
    /// One object that the timestamp covers.
    public struct Entry: Hashable, Sendable {
        /// The object's name in the container, as it is written.
        public var uri: String
        /// Its media type, if one is given.
        public var mediaType: String?
        /// The URI of the digest algorithm.
        public var algorithm: String
        /// The digest.
        public var digest: [UInt8]
        /// Whether it is the archive manifest of the renewal before.
        public var isRootfile: Bool

        /// The algorithm, if the suite has it.
        public var suiteDigest: SignatureDigest? { ASiCArchiveManifest.digests[algorithm] }

        /// Takes an object with a digest of the suite.
        public init(
            uri: String,
            mediaType: String?,
            digest: [UInt8],
            by algorithm: SignatureDigest,
            isRootfile: Bool = false
        ) {
            self.uri = uri
            self.mediaType = mediaType
            self.algorithm = algorithm.xmlURI
            self.digest = digest
            self.isRootfile = isRootfile
        }

        fileprivate init(uri: String, mediaType: String?, algorithm: String, digest: [UInt8], isRootfile: Bool) {
            self.uri = uri
            self.mediaType = mediaType
            self.algorithm = algorithm
            self.digest = digest
            self.isRootfile = isRootfile
        }
    }

    /// The name of the timestamp token over the manifest.
    public var timestamp: String
    /// What the timestamp covers.
    public var entries: [Entry]
    /// Whether extensions were read, which are not kept.
    public private(set) var hasExtensions = false

    /// The name of the newest renewal's manifest; earlier ones have a number before the dot.
    public static let newestPath = "META-INF/ASiCArchiveManifest.xml"
    /// The media type of a timestamp token.
    public static let timestampMediaType = "application/vnd.etsi.timestamp-token"
    /// The largest manifest, in bytes.
    public static let largestXML = 8_388_608

    private static let namespace = "http://uri.etsi.org/02918/v1.2.1#"
    private static let digestNamespace = "http://www.w3.org/2000/09/xmldsig#"
    private static let schema = Result { () throws(ExchangeError) in
        try XMLSchemaDocument(SchemaBytes.asicArchiveManifest)
    }
    fileprivate static let digests = Dictionary(uniqueKeysWithValues: SignatureDigest.allCases.map { ($0.xmlURI, $0) })

    /// Takes the name of the timestamp and the objects.
    public init(timestamp: String, entries: [Entry]) {
        self.timestamp = timestamp
        self.entries = entries
    }

    /// The bytes of the manifest; the same content always gives the same bytes.
    ///
    /// - Throws: What reading them back would throw, so that nothing is written that a reader refuses.
    public func xml() throws(ExchangeError) -> [UInt8] {
        var writer = StrictXMLWriter()
        let namespaces: KeyValuePairs = ["xmlns": Self.namespace, "xmlns:ds": Self.digestNamespace]
        try writer.element("ASiCManifest", namespaces) { writer throws(ExchangeError) in
            try writer.element("SigReference", ["URI": timestamp, "MimeType": Self.timestampMediaType])
            for entry in entries {
                try Self.write(entry, &writer)
            }
        }
        let bytes = try writer.document()
        _ = try ASiCArchiveManifest(xml: bytes)
        return bytes
    }

    private static func write(_ entry: Entry, _ writer: inout StrictXMLWriter) throws(ExchangeError) {
        let digests = { (writer: inout StrictXMLWriter) throws(ExchangeError) in
            try writer.element("ds:DigestMethod", ["Algorithm": entry.algorithm])
            try writer.element("ds:DigestValue", text: StrictBase64.text(of: entry.digest))
        }
        let name = "DataObjectReference"
        switch (entry.mediaType, entry.isRootfile) {
        case (let type?, true):
            try writer.element(name, ["URI": entry.uri, "MimeType": type, "Rootfile": "true"], content: digests)
        case (let type?, false): try writer.element(name, ["URI": entry.uri, "MimeType": type], content: digests)
        case (nil, true): try writer.element(name, ["URI": entry.uri, "Rootfile": "true"], content: digests)
        case (nil, false): try writer.element(name, ["URI": entry.uri], content: digests)
        }
    }

    /// Reads a manifest, holds it against its schema and checks what a schema cannot say.
    ///
    /// - Parameter bytes: The document, from anybody.
    /// - Throws: An `xml.*` code, `asic.reference` when an object is named twice, `archive.digest`.
    public init(xml bytes: [UInt8]) throws(ExchangeError) {
        let root = try StrictXMLDocument.parse(
            bytes,
            validatingWith: try Self.schema.get(),
            limits: StrictXMLDocument.Limits(bytes: Self.largestXML)
        ).root
        timestamp = ""
        entries = []
        var names: Set<String> = []
        for child in root.children {
            let uri = child.attribute("URI") ?? ""
            switch child.name {
            case "SigReference": timestamp = uri
            case "DataObjectReference":
                guard names.insert(uri).inserted else {
                    throw ExchangeError(
                        .asicReference,
                        "The archive manifest names an object twice",
                        details: ["line \(child.line)"]
                    )
                }
                let (algorithm, digest) = try Self.digest(of: child)
                if child.children.count > 2 { hasExtensions = true }
                entries.append(
                    Entry(
                        uri: uri,
                        mediaType: child.attribute("MimeType"),
                        algorithm: algorithm,
                        digest: digest,
                        isRootfile: ["true", "1"].contains(child.attribute("Rootfile") ?? "")
                    )
                )
            default: hasExtensions = true
            }
        }
    }

    private static func digest(
        of reference: StrictXMLElement
    ) throws(ExchangeError) -> (algorithm: String, digest: [UInt8]) {
        let children = reference.children.prefix(2)
        guard let method = children.first, method.name == "DigestMethod", method.namespace == digestNamespace,
            method.attributes.count == 1, let algorithm = method.attribute("Algorithm"),
            method.children.isEmpty, method.text.isEmpty,
            let value = children.last, value.name == "DigestValue", value.namespace == digestNamespace,
            value.attributes.isEmpty, value.children.isEmpty,
            let digest = StrictBase64.bytes(of: value.text), !digest.isEmpty,
            digests[algorithm].map({ $0.size == digest.count }) ?? true
        else {
            throw ExchangeError(
                .archiveDigest,
                "A digest in the archive manifest is not written in the accepted form",
                details: ["line \(reference.line)"]
            )
        }
        return (algorithm, digest)
    }
}

extension SignatureDigest {
    /// The algorithm as XML names it (RFC 6931).
    public var xmlURI: String {
        switch self {
        case .sha256: "http://www.w3.org/2001/04/xmlenc#sha256"
        case .sha384: "http://www.w3.org/2001/04/xmldsig-more#sha384"
        case .sha512: "http://www.w3.org/2001/04/xmlenc#sha512"
        }
    }
}
