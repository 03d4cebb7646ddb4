public import ExchangeModel
public import Persistence

/// Something that stops serving at a known time.
public struct ExpiringItem: Hashable, Sendable {
    /// What it is.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// The certificate of one of the gateway's own keys.
        case ownKey = "own_key"
        /// An own root or issuing authority.
        case ownAuthority = "own_authority"
        /// A partner's certificate.
        case peerCertificate = "peer_certificate"
        /// A partner's root or issuing authority.
        case peerAuthority = "peer_authority"
        /// An agency's certificate.
        case agencyCertificate = "agency_certificate"
        /// A person's certificate.
        case personCertificate = "person_certificate"
        /// The certificate that a timestamp authority signs with, or a root of such authorities.
        case timestampAuthority = "timestamp_authority"
        /// A revocation list that was to be renewed.
        case revocationList = "revocation_list"
    }

    /// What it is.
    public let kind: Kind
    /// Whose it is: a party, an agency, a person's id, an address.
    public let owner: String
    /// Its name for people.
    public let subject: String
    /// What tells it from all others: the certificate's SHA-256, or a list's address and number.
    public let name: String
    /// When it ends.
    public let ends: ExchangeTime

    /// The days before the end on which warnings are given; 0 is the end itself.
    public static let stages: [Int64] = [90, 60, 30, 14, 7, 1, 0]

    /// Whole days left, negative when it is over.
    public func daysLeft(at now: ExchangeTime) -> Int64 {
        let (left, isTooFar) = ends.secondsSince1970.subtractingReportingOverflow(now.secondsSince1970)
        guard !isTooFar else { return ends > now ? .max : .min }
        return left >= 0 ? left / 86_400 : (left - 86_399) / 86_400
    }

    /// The last stage that has been reached; `nil` before the first.
    public func stage(at now: ExchangeTime) -> Int64? {
        Self.stages.last { now >= ends.adding(seconds: -$0 * 86_400) }
    }
}

/// A warning that something ends, given once for each stage.
public struct ExpiryWarning: Hashable, Sendable {
    /// What ends.
    public let item: ExpiringItem
    /// Days before the end that gave cause for it; 0 for the end.
    public let stage: Int64
    /// When it was given.
    public let warned: ExchangeTime
}

extension ExpiryWarning {
    private init(_ row: StoredRow) throws {
        guard let kind = ExpiringItem.Kind(rawValue: try row.text("kind")) else {
            throw ExchangeError(.storeUnexpectedValue, "The database holds a warning of an unknown kind")
        }
        item = ExpiringItem(
            kind: kind,
            owner: try row.text("owner"),
            subject: try row.text("subject"),
            name: try row.text("name"),
            ends: try row.time("ends")
        )
        stage = try row.integer("stage")
        warned = try row.time("warned")
    }

    /// Warnings of which administrators were not told yet.
    public static func untold(in store: any StoreReading) throws -> [ExpiryWarning] {
        try store.rows(
            "SELECT * FROM expiry_warning WHERE told IS NULL ORDER BY warned, kind, name, stage LIMIT 500",
            []
        )
        .map { try ExpiryWarning($0) }
    }

    /// Notes that administrators are being told.
    public func markTold(at now: ExchangeTime, in store: any StoreWriting) throws {
        try store.execute(
            "UPDATE expiry_warning SET told = ? WHERE kind = ? AND name = ? AND stage = ?",
            [SQLValue(now), .text(item.kind.rawValue), .text(item.name), .integer(stage)]
        )
    }

    /// Enters the warning unless this one, or a later one for the same thing, was given before.
    ///
    /// - Returns: Whether it is new.
    func insert(in store: any StoreWriting) throws -> Bool {
        let known = try store.row(
            "SELECT MIN(stage) AS least FROM expiry_warning WHERE kind = ? AND name = ?",
            [.text(item.kind.rawValue), .text(item.name)]
        )?.optionalInteger("least")
        if let known, known <= stage { return false }
        try store.execute(
            """
            INSERT INTO expiry_warning (kind, name, stage, owner, subject, ends, warned) VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(item.kind.rawValue), .text(item.name), .integer(stage), .text(item.owner), .text(item.subject),
                SQLValue(item.ends), SQLValue(warned),
            ]
        )
        return true
    }
}
