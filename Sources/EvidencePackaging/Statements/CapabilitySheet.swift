public import ExchangeModel
import GatewaySchemas
import StrictXML
public import TrustCrypto

/// What a gateway can take, signed by it: asked for before something is sent that it could not use.
public struct CapabilitySheet: Hashable, Sendable {
    /// Whom to call.
    public struct Contact: Hashable, Sendable {
        /// A person or a desk.
        public var name: String
        /// The telephone number.
        public var telephone: String?
        /// The address for electronic mail.
        public var email: String?
        /// When somebody is there.
        public var hours: String?

        /// Takes all fields.
        public init(name: String, telephone: String? = nil, email: String? = nil, hours: String? = nil) {
            self.name = name
            self.telephone = telephone
            self.email = email
            self.hours = hours
        }
    }

    /// The party whose gateway it is.
    public var party: PartyID
    /// The party's own count of its sheets, from 1; a later sheet replaces an earlier one.
    public var serial: Int64
    /// When it was made.
    public var created: ExchangeTime
    /// Until when it is valid.
    public var notAfter: ExchangeTime
    /// The versions of the bundle format that it reads.
    public var bundleVersions: [Int64]
    /// The suites of algorithms that it has.
    public var suites: [String]
    /// The largest sealed bundle that it takes, in bytes.
    public var largestBundle: Int64
    /// The largest part that it takes, in content bytes.
    public var largestPart: Int64
    /// The treaties it works under, by the ids of their profiles.
    public var treaties: [String]
    /// The languages its people read (BCP 47), the preferred one first.
    public var languages: [String]
    /// Whom to call.
    public var contact: Contact

    /// Takes all fields; versions, suites and part size are those of this build unless given.
    public init(
        party: PartyID,
        serial: Int64,
        created: ExchangeTime,
        notAfter: ExchangeTime,
        bundleVersions: [Int64] = [Int64(ExchangeHeader.currentFormatVersion)],
        suites: [String] = [CryptoSuite.rogatory1.id],
        largestBundle: Int64,
        largestPart: Int64 = CryptoSuite.rogatory1.partSizes.upperBound,
        treaties: [String],
        languages: [String],
        contact: Contact
    ) {
        self.party = party
        self.serial = serial
        self.created = created
        self.notAfter = notAfter
        self.bundleVersions = bundleVersions
        self.suites = suites
        self.largestBundle = largestBundle
        self.largestPart = largestPart
        self.treaties = treaties
        self.languages = languages
        self.contact = contact
    }

    // MARK: - Signed

    /// Signs the sheet with a seal certificate of the party.
    ///
    /// - Returns: The bytes of the file.
    /// - Throws: `sheet.*`, `statement.*`, `xml.*`, `certificate.*`, `key.*`.
    public func sign(
        certificate: PartyCertificate,
        key: PrivateKey,
        chain: [PartyCertificate] = []
    ) throws -> [UInt8] {
        try SignedStatement.sign(
            xml(),
            party: party,
            purpose: .gatewaySeal,
            time: created,
            certificate: certificate,
            key: key,
            chain: chain
        )
    }

    /// Reads the sheet of a party and proves that it signed it.
    ///
    /// - Parameters:
    ///   - bytes: The file, DER or PEM.
    ///   - party: Whose sheet it must be.
    ///   - trust: Whom to trust.
    ///   - now: The time of the check.
    ///   - fetcher: Fetches revocation information that is not at hand; `nil` to stay offline.
    /// - Returns: The sheet.
    /// - Throws: `sheet.other_party`, `sheet.expired`, and the first error of another check, also when it could not be
    ///   made.
    public static func read(
        _ bytes: [UInt8],
        of party: PartyID,
        trust: TrustDirectory,
        now: ExchangeTime,
        fetcher: RevocationFetcher? = nil
    ) throws -> CapabilitySheet {
        var checks = CheckList()
        let statement = try SignedStatement(bytes, as: "sheet", checks: &checks)
        let sheet = try statement.content(
            { (sheet: CapabilitySheet) in "Of \(sheet.party, as: "party"), number \(sheet.serial, as: "serial")" },
            checks: &checks
        ) { try CapabilitySheet(xml: $0) }
        guard sheet.party == party else {
            throw ExchangeError(.sheetOtherParty, "The capability sheet is of \(sheet.party), not of \(party)")
        }
        _ = try statement.prove(
            SignatureChecks(trust: trust, now: now, fetcher: fetcher),
            by: party,
            purpose: .gatewaySeal,
            stated: sheet.created,
            checks: &checks
        )
        try checks.requireAllPassed()
        guard now <= sheet.notAfter else {
            throw ExchangeError(.sheetExpired, "The capability sheet was valid until \(sheet.notAfter)")
        }
        return sheet
    }

    // MARK: - XML

    /// The version of the statement.
    public static let currentFormatVersion: Int64 = 1

    private static let format = StatementReader.Format(
        schema: Result { () throws(ExchangeError) in try XMLSchemaDocument(SchemaBytes.capabilitySheet) },
        root: "capabilitySheet",
        family: "urn:rogatory:capability-sheet:",
        limit: SignedStatement.largestXML,
        unknownVersion: .statementUnknownVersion,
        fault: .statementValue
    )

    /// The bytes of the statement; the same sheet always gives the same bytes.
    ///
    /// - Throws: What reading them back would throw, so that nothing is written that a reader refuses.
    public func xml() throws -> [UInt8] {
        let bytes = try statement.xml(root: Self.format.root, namespace: Self.format.namespace)
        _ = try CapabilitySheet(xml: bytes)
        return bytes
    }

    /// Reads the statement, holds it against its schema and checks what a schema cannot say.
    ///
    /// - Parameter bytes: The document, from anybody.
    /// - Throws: An `xml.*`, `statement.*` or `sheet.*` code.
    public init(xml bytes: [UInt8]) throws {
        try self.init(StatementReader(bytes, format: Self.format))
        func repeats(_ list: [some Hashable]) -> Bool { Set(list).count != list.count }
        guard created <= notAfter, !repeats(bundleVersions), !repeats(suites), !repeats(treaties), !repeats(languages)
        else { throw ExchangeError(.sheetValues, "The capability sheet ends before it begins, or repeats a value") }
    }

    private var statement: Statement {
        .record([
            ("formatVersion", .number(Self.currentFormatVersion)),
            ("party", .text(party.text)),
            ("serial", .number(serial)),
            ("created", .text(created.description)),
            ("notAfter", .text(notAfter.description)),
            ("bundleVersions", .list(item: "version", bundleVersions.map { .number($0) })),
            ("suites", .list(item: "suite", suites.map { .text($0) })),
            ("largestBundle", .number(largestBundle)),
            ("largestPart", .number(largestPart)),
            ("treaties", .list(item: "treaty", treaties.map { .text($0) })),
            ("languages", .list(item: "language", languages.map { .text($0) })),
            (
                "contact",
                .record(present: [
                    ("name", .text(contact.name)),
                    ("telephone", .text(of: contact.telephone)),
                    ("email", .text(of: contact.email)),
                    ("hours", .text(of: contact.hours)),
                ])
            ),
        ])
    }

    private init(_ reader: StatementReader) throws {
        let version = try reader.number("formatVersion")
        guard version == Self.currentFormatVersion, let contact = reader.record("contact") else {
            throw ExchangeError(.statementUnknownVersion, "The capability sheet is of format version \(version)")
        }
        self.init(
            party: try reader.value("party") { PartyID($0) },
            serial: try reader.number("serial"),
            created: try reader.value("created") { ExchangeTime(rfc3339: $0) },
            notAfter: try reader.value("notAfter") { ExchangeTime(rfc3339: $0) },
            bundleVersions: try reader.values("bundleVersions") { Int64($0) },
            suites: try reader.values("suites") { $0 },
            largestBundle: try reader.number("largestBundle"),
            largestPart: try reader.number("largestPart"),
            treaties: try reader.values("treaties") { $0 },
            languages: try reader.values("languages") { $0 },
            contact: Contact(
                name: try contact.text("name"),
                telephone: contact.optionalText("telephone"),
                email: contact.optionalText("email"),
                hours: contact.optionalText("hours")
            )
        )
    }
}
