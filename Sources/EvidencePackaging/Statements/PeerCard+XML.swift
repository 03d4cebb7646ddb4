import ExchangeLog
import ExchangeModel
import GatewaySchemas
import StrictXML
public import TrustCrypto

extension PeerCard {
    /// The version of a statement that needs nothing newer.
    public static let currentFormatVersion: Int64 = 1
    /// The version with windows of acceptance and authorities for single purposes.
    public static let laterFormatVersion: Int64 = 2

    private static func format(_ version: Int64, _ schema: [UInt8]) -> StatementReader.Format {
        StatementReader.Format(
            schema: Result { () throws(ExchangeError) in try XMLSchemaDocument(schema) },
            root: "peerCard",
            family: "urn:rogatory:peer-card:",
            limit: SignedStatement.largestXML,
            unknownVersion: .statementUnknownVersion,
            fault: .statementValue,
            version: version
        )
    }

    private static let format = format(currentFormatVersion, SchemaBytes.peerCard)
    private static let laterFormat = format(laterFormatVersion, SchemaBytes.peerCard2)

    /// The version that the statement is written in: the oldest that can say it, so that older gateways can read what
    /// needs nothing newer.
    public var formatVersion: Int64 {
        windows.isEmpty && authorities.isEmpty ? Self.currentFormatVersion : Self.laterFormatVersion
    }

    /// The bytes of the statement; the same card always gives the same bytes.
    ///
    /// - Throws: What reading them back would throw, so that nothing is written that a reader refuses.
    public func xml() throws -> [UInt8] {
        let format = formatVersion == Self.currentFormatVersion ? Self.format : Self.laterFormat
        let bytes = try statement.xml(root: format.root, namespace: format.namespace)
        // Windows and authorities of what the card does not list have no place in it.
        guard try PeerCard(xml: bytes) == self else {
            throw ExchangeError(.cardCertificates, "The card speaks of a certificate or purpose that it does not list")
        }
        return bytes
    }

    /// Reads the statement, holds it against its schema and checks what a schema cannot say; paths are not checked here.
    ///
    /// - Parameter bytes: The document, from anybody.
    /// - Throws: An `xml.*`, `statement.*` or `card.*` code, `certificate.malformed`, `log.key_malformed`.
    public init(xml bytes: [UInt8]) throws {
        do {
            try self.init(StatementReader(bytes, format: Self.format), version: Self.currentFormatVersion)
        } catch let error as ExchangeError where error.code == .statementUnknownVersion {
            try self.init(StatementReader(bytes, format: Self.laterFormat), version: Self.laterFormatVersion)
            guard formatVersion == Self.laterFormatVersion else {
                throw ExchangeError(.statementValue, "The card is of version 2 and says nothing that needs it")
            }
        }
        try check()
    }

    /// The purposes that may have roots and issuers of their own.
    public static let ownedPurposes = purposes + [.timestamping]

    private var statement: Statement {
        func list(_ certificates: [PartyCertificate]) -> Statement {
            .list(item: "certificate", certificates.map { .text(StrictBase64.text(of: $0.der)) })
        }
        let listed = Self.purposes.flatMap { purpose in
            certificates[purpose, default: []].map { certificate in
                let window = windows[certificate.sha256]
                return Statement.record(present: [
                    ("purpose", .text(purpose.rawValue)), ("from", .text(of: window?.from)),
                    ("until", .text(of: window?.until)), ("der", .text(StrictBase64.text(of: certificate.der))),
                ])
            }
        }
        let own = Self.ownedPurposes.compactMap { purpose in
            authorities[purpose].map { own in
                Statement.record([
                    ("purpose", .text(purpose.rawValue)), ("anchors", list(own.anchors)),
                    ("issuers", list(own.issuers)),
                ])
            }
        }
        return .record(present: [
            ("formatVersion", .number(formatVersion)),
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
            ("authorities", own.isEmpty ? nil : .list(item: "authority", own)),
            ("certificates", .list(item: "certificate", listed)),
            ("exchangeLog", .text(exchangeLog.vkey)),
            ("houseLog", .text(of: houseLog)),
            ("witness", .text(of: witness)),
        ])
    }

    private init(_ reader: StatementReader, version expected: Int64) throws {
        let version = try reader.number("formatVersion")
        guard version == expected else {
            throw ExchangeError(.statementUnknownVersion, "The peer card is of format version \(version)")
        }
        func certificates(_ name: String) throws -> [PartyCertificate] {
            try reader.values(name) { StrictBase64.bytes(of: $0) }.map { try PartyCertificate(der: $0) }
        }
        let listed = try reader.list("certificates") { reader throws(ExchangeError) in
            (
                purpose: try reader.value("purpose") { CertificatePurpose(rawValue: $0) },
                window: AcceptanceWindow(
                    from: try reader.optional("from") { ExchangeTime(rfc3339: $0) },
                    until: try reader.optional("until") { ExchangeTime(rfc3339: $0) }
                ),
                der: try reader.value("der") { StrictBase64.bytes(of: $0) }
            )
        }.map { (purpose: $0.purpose, window: $0.window, certificate: try PartyCertificate(der: $0.der)) }
        let own =
            try reader.record("authorities") == nil
            ? []
            : reader.list("authorities") { reader throws(ExchangeError) in
                (
                    purpose: try reader.value("purpose") { CertificatePurpose(rawValue: $0) },
                    anchors: try reader.values("anchors") { StrictBase64.bytes(of: $0) },
                    issuers: try reader.values("issuers") { StrictBase64.bytes(of: $0) }
                )
            }
        guard Set(own.map(\.purpose)).count == own.count else {
            throw ExchangeError(.cardCertificates, "The card gives roots for one purpose twice")
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
            certificates: listed.reduce(into: [:]) { $0[$1.purpose, default: []].append($1.certificate) },
            windows: listed.reduce(into: [:]) { found, one in
                if one.window != .always { found[one.certificate.sha256] = one.window }
            },
            authorities: try own.reduce(into: [:]) { found, one in
                found[one.purpose] = PurposeAuthorities(
                    anchors: try one.anchors.map { try PartyCertificate(der: $0) },
                    issuers: try one.issuers.map { try PartyCertificate(der: $0) }
                )
            },
            exchangeLog: try LogVerifierKey(vkey: reader.text("exchangeLog")),
            houseLog: try reader.optionalText("houseLog").map { try LogVerifierKey(vkey: $0) },
            witness: try reader.optionalText("witness").map { try WitnessVerifierKey(vkey: $0) }
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
        for (purpose, own) in self.authorities {
            guard Self.ownedPurposes.contains(purpose), Set(own.anchors).count == own.anchors.count,
                Set(own.issuers).count == own.issuers.count, purpose == .timestamping || !own.issuers.isEmpty
            else {
                throw ExchangeError(.cardCertificates, "The card's roots for \(purpose.rawValue) do not fit together")
            }
        }
        let listed = Set(Self.purposes.flatMap { certificates[$0, default: []] }.map(\.sha256))
        for (digest, window) in windows {
            guard listed.contains(digest), window != .always else {
                throw ExchangeError(.cardCertificates, "The card limits a certificate that it does not list")
            }
            if let from = window.from, let until = window.until, from > until {
                throw ExchangeError(.cardWindow, "The card accepts a certificate until a time before it begins")
            }
        }
        for purpose in Self.purposes where certificates[purpose, default: []].isEmpty {
            throw ExchangeError(.cardPurposeMissing, "The card lists no certificate for \(purpose.rawValue)")
        }
        guard exchangeLog.publicKey != houseLog?.publicKey, exchangeLog.origin != houseLog?.origin else {
            throw ExchangeError(.cardLogs, "The card gives the same key or name for both logs")
        }
        // A cosignature does not name the witness, so its key may sign nothing else.
        guard ![exchangeLog.publicKey, houseLog?.publicKey].contains(witness?.publicKey) || witness == nil else {
            throw ExchangeError(.cardLogs, "The card gives the key of a log as that of the witness")
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
