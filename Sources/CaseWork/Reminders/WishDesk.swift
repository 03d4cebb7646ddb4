public import BundleExchange
import ExchangeLog
public import ExchangeModel
public import GatewayText
import Persistence
import TrustCrypto

/// What a person wants to be told, in which language and where.
public struct PersonWishes: Hashable, Sendable {
    /// The language of notifications and of the calendar feed.
    public var language: Language
    /// Where notifications go by electronic mail; `nil` for nowhere.
    public var email: String?
    /// The hour of the day, local to the gateway's state, at which the digest is made, 0 to 23.
    public var digestHour: Int

    /// Takes all fields.
    public init(language: Language = .english, email: String? = nil, digestHour: Int = 8) {
        self.language = language
        self.email = email
        self.digestHour = digestHour
    }
}

/// A secret link to a person's deadlines.
public struct FeedRecord: Hashable, Sendable {
    /// Its id, by which it is revoked.
    public let id: String
    /// When it was given out.
    public let made: ExchangeTime
    /// When it was revoked.
    public let revoked: ExchangeTime?
}

/// Where a person chooses what comes, and gives out and revokes the links of the own calendar feed.
public struct WishDesk: Sendable {
    let core: GatewayCore
    let book: CaseBook

    /// The person's wishes, or the usual ones.
    ///
    /// - Throws: `access.denied`.
    public func wishes(of person: ActingPerson) async throws -> PersonWishes {
        try await core.authorise(person, to: .changeOwnWishes)
        return try await core.store.read { try Self.wishes(of: person.person, in: $0) }
    }

    /// Changes them.
    ///
    /// - Throws: `access.denied`, `request.value` for what is no address.
    public func change(_ wishes: PersonWishes, by person: ActingPerson) async throws {
        try await core.authorise(person, to: .changeOwnWishes)
        if let email = wishes.email { try Self.requireAddress(email) }
        guard (0...23).contains(wishes.digestHour) else {
            throw ExchangeError(.requestValue, "The hour of the digest is from 0 to 23")
        }
        try await core.store.write { store in
            try store.execute("DELETE FROM person_wish WHERE person = ?", [.text(person.person.text)])
            try store.execute(
                "INSERT INTO person_wish (person, language, email, digest_hour) VALUES (?, ?, ?, ?)",
                [
                    .text(person.person.text), .text(wishes.language.rawValue), SQLValue(wishes.email),
                    SQLValue(wishes.digestHour),
                ]
            )
        }
    }

    static func wishes(of person: PersonID, in store: any StoreReading) throws -> PersonWishes {
        guard let row = try store.row("SELECT * FROM person_wish WHERE person = ?", [.text(person.text)]) else {
            return PersonWishes()
        }
        return PersonWishes(
            language: Language(rawValue: try row.text("language")) ?? .english,
            email: try row.optionalText("email"),
            digestHour: Int(try row.integer("digest_hour"))
        )
    }

    private static func requireAddress(_ address: String) throws {
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain = address.utf8.allSatisfy { (0x21...0x7e).contains($0) && !"<>(),;:\\\"[]".utf8.contains($0) }
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), isPlain, address.utf8.count <= 254 else {
            throw ExchangeError(.requestValue, "This is no electronic mail address of the form name@host")
        }
    }

    // MARK: - The feed

    /// Gives out a new link; its secret is shown this once and known here by its digest only.
    ///
    /// - Returns: The link's record and the secret that ends its path, 64 characters.
    /// - Throws: `access.denied`, `request.wrong_state` when there are ten links already.
    public func issueFeed(
        in language: Language,
        by person: ActingPerson
    ) async throws -> (record: FeedRecord, secret: String) {
        try await core.authorise(person, to: .changeOwnWishes)
        let secret = Hexadecimal.text(of: try randomBytes(32))
        let digest = try SHA256Digest(of: Array(secret.utf8))
        let record = FeedRecord(id: Hexadecimal.text(of: try randomBytes(8)), made: core.now(), revoked: nil)
        var entry = try core.entry(.feedIssued, by: person)
        entry.subject = record.id
        try await core.store.write { [entry] store in
            let held = try store.row(
                "SELECT COUNT(*) AS held FROM calendar_feed WHERE person = ? AND revoked IS NULL",
                [.text(person.person.text)]
            )
            guard try held?.integer("held") ?? 0 < 10 else {
                throw ExchangeError(.wrongState, "You have ten links already", hint: "revoke one first")
            }
            try store.execute(
                "INSERT INTO calendar_feed (id, person, secret_sha256, language, made) VALUES (?, ?, ?, ?, ?)",
                [
                    .text(record.id), .text(person.person.text), SQLValue(digest), .text(language.rawValue),
                    SQLValue(record.made),
                ]
            )
            try store.append(entry, to: .house)
        }
        return (record, secret)
    }

    /// The person's links.
    ///
    /// - Throws: `access.denied`.
    public func feeds(of person: ActingPerson) async throws -> [FeedRecord] {
        try await core.authorise(person, to: .changeOwnWishes)
        return try await core.store.read { store in
            try store.rows(
                "SELECT id, made, revoked FROM calendar_feed WHERE person = ? ORDER BY made DESC, id",
                [.text(person.person.text)]
            ).map {
                FeedRecord(id: try $0.text("id"), made: try $0.time("made"), revoked: try $0.optionalTime("revoked"))
            }
        }
    }

    /// Revokes a link; what was fetched with it stays where it is.
    ///
    /// - Throws: `access.denied`, `request.not_found`.
    public func revokeFeed(_ id: String, by person: ActingPerson) async throws {
        try await core.authorise(person, to: .changeOwnWishes)
        let now = core.now()
        var entry = try core.entry(.feedRevoked, by: person)
        entry.subject = id
        try await core.store.write { [entry] store in
            let changed = try store.execute(
                "UPDATE calendar_feed SET revoked = ? WHERE id = ? AND person = ? AND revoked IS NULL",
                [SQLValue(now), .text(id), .text(person.person.text)]
            )
            guard changed == 1 else { throw ExchangeError.notFound("link", id) }
            try store.append(entry, to: .house)
        }
    }
}
