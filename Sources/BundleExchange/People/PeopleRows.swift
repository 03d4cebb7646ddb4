import ExchangeModel
import Persistence
import TrustCrypto

/// Reads people and authorities from the database.
enum PeopleRows {
    private static let personColumns =
        "SELECT p.id, p.name, p.authority, p.salt, p.local_user, p.added, p.suspended FROM person p "

    static func authorities(_ reader: any StoreReading) throws -> [AuthorityRecord] {
        try reader.rows("SELECT id, name, added, suspended FROM authority ORDER BY id", []).map(authority)
    }

    static func authority(_ id: String, _ reader: any StoreReading) throws -> AuthorityRecord? {
        try reader.rows("SELECT id, name, added, suspended FROM authority WHERE id = ?", [.text(id)]).first
            .map(authority)
    }

    private static func authority(_ row: StoredRow) throws -> AuthorityRecord {
        AuthorityRecord(
            id: try row.text("id"),
            name: try row.text("name"),
            added: ExchangeTime(secondsSince1970: try row.integer("added")),
            suspended: try row.optionalInteger("suspended").map { ExchangeTime(secondsSince1970: $0) }
        )
    }

    static func persons(_ reader: any StoreReading) throws -> [PersonRecord] {
        try reader.rows(personColumns + "ORDER BY p.authority, p.name, p.id", []).map { try person($0, reader) }
    }

    static func person(_ id: PersonID, _ reader: any StoreReading) throws -> PersonRecord? {
        try reader.rows(personColumns + "WHERE p.id = ?", [.text(id.text)]).first.map { try person($0, reader) }
    }

    static func person(localUser: UInt32, _ reader: any StoreReading) throws -> PersonRecord? {
        try reader.rows(personColumns + "WHERE p.local_user = ?", [.integer(Int64(localUser))]).first
            .map { try person($0, reader) }
    }

    /// The person a certificate is registered for and not withdrawn from.
    static func holder(
        of certificate: SHA256Digest,
        purpose: CertificatePurpose,
        _ reader: any StoreReading
    ) throws -> PersonRecord? {
        try reader.rows(
            personColumns + "JOIN person_certificate c ON c.person = p.id "
                + "WHERE c.sha256 = ? AND c.purpose = ? AND c.withdrawn IS NULL",
            [.text(certificate.hex), .text(purpose.rawValue)]
        ).first.map { try person($0, reader) }
    }

    private static func person(_ row: StoredRow, _ reader: any StoreReading) throws -> PersonRecord {
        let text = try row.text("id")
        guard let id = PersonID(text) else { throw unreadable("a person's id") }
        let localUser = try row.optionalInteger("local_user").map { number -> UInt32 in
            guard let user = UInt32(exactly: number) else { throw unreadable("a local user") }
            return user
        }
        return PersonRecord(
            id: id,
            name: try row.text("name"),
            authority: try row.text("authority"),
            roles: try roles(of: id, reader),
            localUser: localUser,
            added: ExchangeTime(secondsSince1970: try row.integer("added")),
            suspended: try row.optionalInteger("suspended").map { ExchangeTime(secondsSince1970: $0) },
            certificates: try certificates(
                "SELECT der, purpose, added, withdrawn FROM person_certificate WHERE person = ? ORDER BY added, sha256",
                text,
                reader
            ),
            digest: try digest(of: id, salt: row.bytes("salt"))
        )
    }

    /// The digest by which the log knows a person: SHA-256 of salt and id. Without the salt it names nobody.
    static func digest(of person: PersonID, salt: [UInt8]) throws -> SHA256Digest {
        try SHA256Digest(of: salt + Array(person.text.utf8))
    }

    static func roles(of person: PersonID, _ reader: any StoreReading) throws -> Set<Role> {
        let names = try reader.rows("SELECT role FROM person_role WHERE person = ?", [.text(person.text)])
        return Set(
            try names.map { row in
                guard let role = Role(rawValue: try row.text("role")) else { throw unreadable("a role") }
                return role
            }
        )
    }

    /// Certificates that one question finds.
    static func certificates(
        _ question: String,
        _ argument: String,
        _ reader: any StoreReading
    ) throws -> [RegisteredCertificate] {
        try reader.rows(question, [.text(argument)]).map { row in
            guard let purpose = CertificatePurpose(rawValue: try row.text("purpose")) else {
                throw unreadable("a certificate's purpose")
            }
            return RegisteredCertificate(
                certificate: try row.certificate("der"),
                purpose: purpose,
                added: ExchangeTime(secondsSince1970: try row.integer("added")),
                withdrawn: try row.optionalInteger("withdrawn").map { ExchangeTime(secondsSince1970: $0) }
            )
        }
    }

    /// Administrators who could confirm a change now: neither they nor their authority suspended, with a certificate for
    /// signing in that is neither withdrawn nor expired.
    static func ableAdministrators(_ reader: any StoreReading, now: ExchangeTime) throws -> Set<PersonID> {
        let suspended = Set(try authorities(reader).filter { $0.suspended != nil }.map(\.id))
        let able = try persons(reader).filter { person in
            person.roles.contains(.administrator) && person.suspended == nil && !suspended.contains(person.authority)
                && person.certificates.contains {
                    $0.purpose == .personSignIn && $0.withdrawn == nil
                        && ($0.certificate.notAfter.map { $0 > now } ?? false)
                }
        }
        return Set(able.map(\.id))
    }

    static func unreadable(_ what: String) -> ExchangeError {
        ExchangeError(.registerDamaged, "The register holds \(what) that cannot be read")
    }
}

extension PeopleRows {
    /// Whether a person is an administrator and neither they nor their authority are suspended.
    static func isActiveAdministrator(_ id: PersonID, _ reader: any StoreReading) throws -> Bool {
        guard let person = try person(id, reader), person.suspended == nil, person.roles.contains(.administrator),
            let authority = try authority(person.authority, reader)
        else { return false }
        return authority.suspended == nil
    }
}
