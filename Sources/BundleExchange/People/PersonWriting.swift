import ExchangeLog
import ExchangeModel
import Persistence
import TrustCrypto

/// Enters persons with their roles and certificates, each with its log entry.
struct PersonWriting: Sendable {
    let core: GatewayCore
    let steps: ChangeSteps

    func add(
        _ id: PersonID,
        name: String,
        authority: String,
        roles: Set<Role>,
        certificates: [PartyCertificate],
        localUser: UInt32?,
        at now: ExchangeTime,
        _ writer: any StoreWriting
    ) throws {
        let salt = try randomBytes(32)
        let digest = try PeopleRows.digest(of: id, salt: salt)
        try writer.execute(
            "INSERT INTO person (id, authority, name, salt, local_user, added) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .text(id.text), .text(authority), .text(name), .bytes(salt), SQLValue(localUser.map { Int64($0) }),
                SQLValue(now),
            ]
        )
        try steps.note(.personAdded, writer) { $0.digest = digest }
        for role in roles.sorted(by: { $0.rawValue < $1.rawValue }) {
            try grant(role, to: id, digest: digest, at: now, writer)
        }
        for certificate in certificates { try add(certificate, to: id, digest: digest, at: now, writer) }
    }

    func grant(
        _ role: Role,
        to id: PersonID,
        digest: SHA256Digest,
        at now: ExchangeTime,
        _ writer: any StoreWriting
    ) throws {
        try writer.execute(
            "INSERT INTO person_role (person, role, granted) VALUES (?, ?, ?)",
            [.text(id.text), .text(role.rawValue), SQLValue(now)]
        )
        try steps.note(.roleGranted, writer) { entry in
            entry.digest = digest
            entry.subject = role.rawValue
        }
    }

    func add(
        _ certificate: PartyCertificate,
        to id: PersonID,
        digest: SHA256Digest,
        at now: ExchangeTime,
        _ writer: any StoreWriting
    ) throws {
        try writer.execute(
            "INSERT INTO person_certificate (sha256, person, purpose, der, added) VALUES (?, ?, ?, ?, ?)",
            [
                SQLValue(certificate.sha256), .text(id.text), SQLValue(certificate.purpose?.rawValue),
                .bytes(certificate.der), SQLValue(now),
            ]
        )
        try steps.note(.certificateAdded, writer) { $0.digest = digest }
    }
}
