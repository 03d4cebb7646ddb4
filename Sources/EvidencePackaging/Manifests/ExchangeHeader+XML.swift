public import ExchangeModel
internal import GatewaySchemas
internal import StrictXML

extension ExchangeHeader {
    /// The largest number of parts in one bundle.
    public static let largestPartCount = 18_000

    /// The largest `exchange.xml`, in bytes.
    public static let largestXML = 65_536

    static let format = StatementReader.Format(
        schema: Result { () throws(ExchangeError) in try XMLSchemaDocument(SchemaBytes.exchangeHeader) },
        root: "exchangeHeader",
        family: "urn:rogatory:exchange-header:",
        limit: largestXML,
        unknownVersion: .headerUnknownVersion,
        fault: .headerValue
    )

    /// The bytes of `exchange.xml`; the same header always gives the same bytes.
    ///
    /// - Throws: What reading them back would throw, so that nothing is written that a reader refuses.
    public func xml() throws(ExchangeError) -> [UInt8] {
        let bytes = try statement.xml(root: Self.format.root, namespace: Self.format.namespace)
        _ = try ExchangeHeader(xml: bytes)
        return bytes
    }

    /// Reads `exchange.xml`, holds it against its schema and checks what a schema cannot say.
    ///
    /// - Parameter bytes: The document, from anybody.
    /// - Throws: An `xml.*` or `header.*` code.
    public init(xml bytes: [UInt8]) throws(ExchangeError) {
        let reader = try StatementReader(bytes, format: Self.format)
        try self.init(reader)
        try check()
    }

    var statement: Statement {
        .record(present: [
            ("formatVersion", .number(Int64(formatVersion))),
            ("suite", .text(suite)),
            ("bundle", .text(bundle.urn)),
            ("sender", .text(sender.text)),
            ("recipient", .text(recipient.text)),
            ("recipientKeys", .list(item: "key", recipientKeys.map { .text($0.hex) })),
            ("class", .text(bundleClass.rawValue)),
            ("mode", .text(mode.rawValue)),
            ("priority", .text(priority.rawValue)),
            ("thread", .text(thread.urn)),
            ("sequence", .number(sequence)),
            ("supersedes", .text(of: supersedes)),
            ("created", .text(created.description)),
            ("expires", .text(expires.description)),
            ("partSize", .number(partSize)),
            ("contentSize", .number(contentSize)),
            ("contentDigest", .text(contentDigest.hex)),
        ])
    }

    private init(_ reader: StatementReader) throws(ExchangeError) {
        let version = try reader.number("formatVersion")
        guard version == Int64(Self.currentFormatVersion) else {
            throw ExchangeError(.headerUnknownVersion, "The bundle's header is of format version \(version)")
        }
        self.init(
            suite: try reader.text("suite"),
            bundle: try reader.value("bundle") { BundleID(urn: $0) },
            sender: try reader.value("sender") { PartyID($0) },
            recipient: try reader.value("recipient") { PartyID($0) },
            recipientKeys: try reader.digests("recipientKeys"),
            bundleClass: try reader.value("class") { BundleClass(rawValue: $0) },
            mode: try reader.value("mode") { Mode(rawValue: $0) },
            priority: try reader.value("priority") { Priority(rawValue: $0) },
            thread: try reader.value("thread") { ThreadID(urn: $0) },
            sequence: try reader.number("sequence"),
            supersedes: try reader.optional("supersedes") { BundleID(urn: $0) },
            created: try reader.value("created") { ExchangeTime(rfc3339: $0) },
            expires: try reader.value("expires") { ExchangeTime(rfc3339: $0) },
            partSize: try reader.number("partSize"),
            contentSize: try reader.number("contentSize"),
            contentDigest: try reader.value("contentDigest") { SHA256Digest(hex: $0) }
        )
    }

    private func check() throws(ExchangeError) {
        guard let known = CryptoSuite.named(suite) else {
            throw ExchangeError(.headerUnknownSuite, "The bundle uses the unknown suite \(suite)")
        }
        guard known.partSizes.contains(partSize) else {
            throw ExchangeError(.headerPartSize, "The part size of \(partSize) bytes is outside the suite's limits")
        }
        guard partCount <= Self.largestPartCount else {
            throw ExchangeError(.headerPartCount, "The bundle would need more than \(Self.largestPartCount) parts")
        }
        guard created <= expires else {
            throw ExchangeError(.headerTimeOrder, "The bundle expires before it was sealed")
        }
        guard Set(recipientKeys).count == recipientKeys.count else {
            throw ExchangeError(.headerRecipientKeys, "The bundle's header names one recipient key twice")
        }
        guard mode == .gateway || bundleClass == .evidence else {
            throw ExchangeError(.headerMode, "Only a bundle of evidence may be closed to the recipient gateway")
        }
        guard supersedes != bundle else {
            throw ExchangeError(.headerSupersedes, "The bundle's header says that the bundle supersedes itself")
        }
    }
}
