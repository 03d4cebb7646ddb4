public import ExchangeModel
internal import GatewaySchemas
internal import StrictXML

/// `META-INF/ASiCManifest.xml` (EN 319 162-1 Annex A.4): which objects of a container the signature covers.
public struct ASiCManifest: Hashable, Sendable {
    /// One object that the signature covers.
    public struct Entry: Hashable, Sendable {
        /// The object's name in the container.
        public var uri: String
        /// Its media type.
        public var mediaType: String
        /// SHA-256 of its bytes.
        public var sha256: SHA256Digest

        /// Takes all fields.
        public init(uri: String, mediaType: String, sha256: SHA256Digest) {
            self.uri = uri
            self.mediaType = mediaType
            self.sha256 = sha256
        }
    }

    /// The objects in the order of the container.
    public var entries: [Entry]

    /// The manifest's own name in a container.
    public static let path = "META-INF/ASiCManifest.xml"
    /// The name of the signature over the manifest, the only one a manifest may refer to.
    public static let signaturePath = "META-INF/signature.p7s"
    /// The media type of the signature.
    public static let signatureMediaType = "application/pkcs7-signature"
    /// The largest manifest, in bytes.
    public static let largestXML = 8_388_608

    private static let namespace = "http://uri.etsi.org/02918/v1.2.1#"
    private static let digestNamespace = "http://www.w3.org/2000/09/xmldsig#"
    private static let sha256Algorithm = "http://www.w3.org/2001/04/xmlenc#sha256"
    private static let schema = Result { () throws(ExchangeError) in try XMLSchemaDocument(SchemaBytes.asicManifest) }

    /// Takes the objects.
    public init(entries: [Entry]) { self.entries = entries }

    /// The bytes of the manifest; the same entries always give the same bytes.
    ///
    /// - Throws: What reading them back would throw, so that nothing is written that a reader refuses.
    public func xml() throws(ExchangeError) -> [UInt8] {
        var writer = StrictXMLWriter()
        let namespaces: KeyValuePairs = ["xmlns": Self.namespace, "xmlns:ds": Self.digestNamespace]
        try writer.element("ASiCManifest", namespaces) { writer throws(ExchangeError) in
            try writer.element(
                "SigReference",
                ["URI": Self.signaturePath, "MimeType": Self.signatureMediaType]
            )
            for entry in entries {
                try writer.element(
                    "DataObjectReference",
                    ["URI": entry.uri, "MimeType": entry.mediaType]
                ) { writer throws(ExchangeError) in
                    try writer.element("ds:DigestMethod", ["Algorithm": Self.sha256Algorithm])
                    try writer.element("ds:DigestValue", text: StrictBase64.text(of: entry.sha256.bytes))
                }
            }
        }
        let bytes = try writer.document()
        _ = try ASiCManifest(xml: bytes)
        return bytes
    }

    /// Reads a manifest, holds it against its schema and checks what a schema cannot say.
    ///
    /// - Parameter bytes: The document, from anybody.
    /// - Throws: An `xml.*` or `asic.*` code.
    public init(xml bytes: [UInt8]) throws(ExchangeError) {
        let root = try StrictXMLDocument.parse(
            bytes,
            validatingWith: try Self.schema.get(),
            limits: StrictXMLDocument.Limits(bytes: Self.largestXML)
        ).root
        entries = []
        var names: Set<String> = []
        for child in root.children {
            let uri = child.attribute("URI") ?? ""
            let mediaType = child.attribute("MimeType") ?? ""
            guard child.name == "DataObjectReference" else {
                guard uri == Self.signaturePath, mediaType == Self.signatureMediaType else {
                    throw ExchangeError(
                        .asicSignatureReference,
                        "The ASiC manifest refers to another signature than the container's own"
                    )
                }
                continue
            }
            guard !uri.hasPrefix("META-INF/"), names.insert(uri).inserted else {
                throw ExchangeError(
                    .asicReference,
                    "The ASiC manifest names an object twice or one that no manifest may name",
                    details: ["line \(child.line)"]
                )
            }
            entries.append(Entry(uri: uri, mediaType: mediaType, sha256: try Self.digest(of: child)))
        }
    }

    private static func digest(of reference: StrictXMLElement) throws(ExchangeError) -> SHA256Digest {
        let method = reference.children.first
        let value = reference.children.last
        guard reference.children.count == 2,
            let method, method.name == "DigestMethod", method.namespace == digestNamespace,
            method.attributes.count == 1, method.attribute("Algorithm") == sha256Algorithm,
            method.children.isEmpty, method.text.isEmpty,
            let value, value.name == "DigestValue", value.namespace == digestNamespace,
            value.attributes.isEmpty, value.children.isEmpty,
            let digest = StrictBase64.bytes(of: value.text).flatMap(SHA256Digest.init(bytes:))
        else {
            throw ExchangeError(
                .asicDigest,
                "A digest in the ASiC manifest is not SHA-256 or not written in the accepted form",
                details: ["line \(reference.line)"]
            )
        }
        return digest
    }
}
