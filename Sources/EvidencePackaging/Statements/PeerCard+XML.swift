import ExchangeLog
import ExchangeModel
import GatewaySchemas
import StrictXML
import TrustCrypto

extension PeerCard {
    /// The version of the statement.
    public static let currentFormatVersion: Int64 = 1

    private static let format = StatementReader.Format(
        schema: Result { () throws(ExchangeError) in try XMLSchemaDocument(SchemaBytes.peerCard) },
        root: "peerCard",
        family: "urn:rogatory:peer-card:",
        limit: SignedStatement.largestXML,
        unknownVersion: .statementUnknownVersion,
        fault: .statementValue
    )

    /// The bytes of the statement; the same card always gives the same bytes.
    ///
    /// - Throws: What reading them back would throw, so that nothing is written that a reader refuses.
    public func xml() throws -> [UInt8] {
        let bytes = try statement.xml(root: Self.format.root, namespace: Self.format.namespace)
        _ = try PeerCard(xml: bytes)
        return bytes
    }

    /// Reads the statement, holds it against its schema and checks what a schema cannot say; paths are not checked here.
    ///
    /// - Parameter bytes: The document, from anybody.
    /// - Throws: An `xml.*`, `statement.*` or `card.*` code, `certificate.malformed`, `log.key_malformed`.
    public init(xml bytes: [UInt8]) throws {
        try self.init(StatementReader(bytes, format: Self.format))
        try check()
    }

    private var statement: Statement {
        func list(_ certificates: [PartyCertificate]) -> Statement {
            .list(item: "certificate", certificates.map { .text(StrictBase64.text(of: $0.der)) })
        }
        let listed = Self.purposes.flatMap { purpose in
            certificates[purpose, default: []].map { certificate in
                Statement.record([
                    ("purpose", .text(purpose.rawValue)), ("der", .text(StrictBase64.text(of: certificate.der))),
                ])
            }
        }
        return .record(present: [
            ("formatVersion", .number(Self.currentFormatVersion)),
            ("party", .text(party.text)),
            ("serial", .number(serial)),
            ("created", .text(created.description)),
            (
                "names",
                .list(
                    item: "name",
                    names.map { .record([("language", .text($0.language)), ("text", .text($0.text))]) }
                )
            ),
            ("url", .text(url)),
            ("anchors", list(anchors)),
            ("issuers", list(issuers)),
            ("intermediates", list(intermediates)),
            ("certificates", .list(item: "certificate", listed)),
            ("exchangeLog", .text(exchangeLog.vkey)),
            ("houseLog", .text(of: houseLog)),
        ])
    }

    private init(_ reader: StatementReader) throws {
        let version = try reader.number("formatVersion")
        guard version == Self.currentFormatVersion else {
            throw ExchangeError(.statementUnknownVersion, "The peer card is of format version \(version)")
        }
        func certificates(_ name: String) throws -> [PartyCertificate] {
            try reader.values(name) { StrictBase64.bytes(of: $0) }.map { try PartyCertificate(der: $0) }
        }
        let listed = try reader.list("certificates") { reader throws(ExchangeError) in
            (
                purpose: try reader.value("purpose") { CertificatePurpose(rawValue: $0) },
                der: try reader.value("der") { StrictBase64.bytes(of: $0) }
            )
        }
        self.init(
            party: try reader.value("party") { PartyID($0) },
            serial: try reader.number("serial"),
            created: try reader.value("created") { ExchangeTime(rfc3339: $0) },
            names: try reader.list("names") { reader throws(ExchangeError) in
                Name(language: try reader.text("language"), text: try reader.text("text"))
            },
            url: try reader.text("url"),
            anchors: try certificates("anchors"),
            issuers: try certificates("issuers"),
            intermediates: try certificates("intermediates"),
            certificates: try listed.reduce(into: [:]) { found, certificate in
                found[certificate.purpose, default: []].append(try PartyCertificate(der: certificate.der))
            },
            exchangeLog: try LogVerifierKey(vkey: reader.text("exchangeLog")),
            houseLog: try reader.optionalText("houseLog").map { try LogVerifierKey(vkey: $0) }
        )
    }

    /// Checks what the schema cannot say.
    private func check() throws {
        guard Set(names.map { $0.language.lowercased() }).count == names.count else {
            throw ExchangeError(.cardNames, "The card names one language twice")
        }
        let authorities = issuers + intermediates
        let all = Self.purposes.flatMap { certificates[$0, default: []] } + authorities
        // A root may issue itself, and then stands in both lists.
        guard Set(all).count == all.count, Set(anchors).count == anchors.count,
            Set(certificates.keys).isSubset(of: Self.purposes)
        else {
            throw ExchangeError(.cardCertificates, "A certificate stands in the card twice or where it does not belong")
        }
        for purpose in Self.purposes where certificates[purpose, default: []].isEmpty {
            throw ExchangeError(.cardPurposeMissing, "The card lists no certificate for \(purpose.rawValue)")
        }
        guard exchangeLog.publicKey != houseLog?.publicKey, exchangeLog.origin != houseLog?.origin else {
            throw ExchangeError(.cardLogs, "The card gives the same key or name for both logs")
        }
        try checkURL()
    }

    /// The schema holds the characters; here what they mean.
    private func checkURL() throws {
        let rest = url.dropFirst("https://".count).split(separator: "/", omittingEmptySubsequences: false)
        let authority = (rest.first ?? "").split(separator: ":", omittingEmptySubsequences: false)
        let labels = (authority.first ?? "").split(separator: ".", omittingEmptySubsequences: false)
        let hasGoodLabels = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
        }
        let hasGoodPort = authority.count < 2 || (Int(authority[1]).map { (1...65_535).contains($0) } ?? false)
        guard url.hasPrefix("https://"), hasGoodLabels, hasGoodPort,
            !rest.dropFirst().contains(where: { $0.isEmpty || $0.allSatisfy { $0 == "." } })
        else { throw ExchangeError(.cardURL, "The card's address is not the https address of a gateway") }
    }
}
