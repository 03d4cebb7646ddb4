import ExchangeModel
import GatewaySchemas
import StrictXML

extension Receipt {
    /// The version of the statement.
    public static let currentFormatVersion: Int64 = 1

    private static let format = StatementReader.Format(
        schema: Result { () throws(ExchangeError) in try XMLSchemaDocument(SchemaBytes.receipt) },
        root: "receipt",
        family: "urn:rogatory:receipt:",
        limit: SignedStatement.largestXML,
        unknownVersion: .statementUnknownVersion,
        fault: .statementValue
    )

    /// The bytes of the statement; the same receipt always gives the same bytes.
    ///
    /// - Throws: What reading them back would throw, so that nothing is written that a reader refuses.
    public func xml() throws -> [UInt8] {
        let bytes = try statement.xml(root: Self.format.root, namespace: Self.format.namespace)
        _ = try Receipt(xml: bytes)
        return bytes
    }

    /// Reads the statement, holds it against its schema and checks what a schema cannot say.
    ///
    /// - Parameter bytes: The document, from anybody.
    /// - Throws: An `xml.*`, `statement.*` or `receipt.*` code.
    public init(xml bytes: [UInt8]) throws {
        try self.init(StatementReader(bytes, format: Self.format))
        try check()
    }

    private var statement: Statement {
        .record(present: [
            ("formatVersion", .number(Self.currentFormatVersion)),
            ("kind", .text(kind.rawValue)),
            ("bundle", .text(bundle.urn)),
            ("sender", .text(sender.text)),
            ("recipient", .text(recipient.text)),
            ("thread", .text(thread.urn)),
            ("sealedDigest", .text(sealedDigest.hex)),
            ("contentDigest", .text(contentDigest.hex)),
            ("code", .text(of: code)),
            ("reason", .text(of: reason)),
            ("time", .text(time.description)),
            ("issuer", .text(issuer.text)),
            ("agency", .text(of: agency)),
            ("logEntry", log.map { .text(StrictBase64.text(of: $0.entry)) }),
            ("logProof", log.map { .text($0.proof) }),
        ])
    }

    private init(_ reader: StatementReader) throws {
        let version = try reader.number("formatVersion")
        guard version == Self.currentFormatVersion else {
            throw ExchangeError(.statementUnknownVersion, "The receipt is of format version \(version)")
        }
        self.init(
            kind: try reader.value("kind") { Kind(rawValue: $0) },
            bundle: try reader.value("bundle") { BundleID(urn: $0) },
            sender: try reader.value("sender") { PartyID($0) },
            recipient: try reader.value("recipient") { PartyID($0) },
            thread: try reader.value("thread") { ThreadID(urn: $0) },
            sealedDigest: try reader.value("sealedDigest") { SHA256Digest(hex: $0) },
            contentDigest: try reader.value("contentDigest") { SHA256Digest(hex: $0) },
            time: try reader.value("time") { ExchangeTime(rfc3339: $0) }
        )
        code = reader.optionalText("code").map { ErrorCode($0) }
        reason = reader.optionalText("reason")
        issuer = try reader.value("issuer") { PartyID($0) }
        agency = reader.optionalText("agency")
        let entry = try reader.optional("logEntry") { StrictBase64.bytes(of: $0) }
        let proof = reader.optionalText("logProof")
        guard (entry == nil) == (proof == nil) else {
            throw ExchangeError(.receiptLog, "The receipt has a log entry or a proof, but not both")
        }
        if let entry, let proof { log = LogRecord(entry: entry, proof: proof) }
    }

    /// Checks what the schema cannot say.
    private func check() throws {
        guard issuer == recipient else {
            throw ExchangeError(.receiptIssuer, "The receipt is of \(issuer), the bundle is for \(recipient)")
        }
        guard kind != .rejected || code != nil, [.rejected, .opened].contains(kind) || code == nil,
            code != nil || reason == nil
        else {
            throw ExchangeError(
                .receiptCode,
                "A receipt of rejection has a code, one of opening may have one, and a reason goes with a code only"
            )
        }
        guard kind != .retrieved || agency != nil else {
            throw ExchangeError(.receiptKind, "Only an agency retrieves a bundle; a gateway receives it")
        }
        guard (agency == nil) == (log != nil) else {
            throw ExchangeError(
                .receiptLog,
                agency == nil
                    ? "The receipt of a gateway has no log entry with its proof"
                    : "The receipt of an agency has a log entry"
            )
        }
    }
}
