import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Persistence
import TrustCrypto

/// What of a change concerns the database: whether it fits what is there, carrying it out with its log entries, undoing it.
struct ChangeSteps: Sendable {
    let core: GatewayCore
    /// The change's id; none while a gateway is initialised.
    let change: String?
    /// Who acts; nobody known while a gateway is initialised.
    let person: ActingPerson?

    // MARK: Log

    func note(_ kind: LogEntry.Kind, _ writer: any StoreWriting, _ fill: (inout LogEntry) -> Void = { _ in }) throws {
        var entry = try core.entry(kind, by: person)
        entry.subject = change
        fill(&entry)
        try writer.append(entry, to: kind.tree)
    }

    // The salted digest of whoever a certificate belongs to: the certificate's own would name the person for ever.
    func holder(of certificate: SHA256Digest, _ reader: any StoreReading) throws -> SHA256Digest {
        let row = try reader.row("SELECT person FROM person_certificate WHERE sha256 = ?", [SQLValue(certificate)])
        guard let row, let id = PersonID(try row.text("person")) else {
            throw ExchangeError(.notFound, "There is no such certificate")
        }
        return try person(id, reader).digest
    }

    func authority(_ id: String, _ reader: any StoreReading) throws -> AuthorityRecord {
        guard let found = try PeopleRows.authority(id, reader) else {
            throw ExchangeError(.notFound, "There is no such authority")
        }
        return found
    }

    func person(_ id: PersonID, _ reader: any StoreReading) throws -> PersonRecord {
        guard let found = try PeopleRows.person(id, reader) else {
            throw ExchangeError(.notFound, "There is no such person")
        }
        return found
    }

    func peer(_ party: PartyID, _ reader: any StoreReading) throws -> PeerEntry? {
        try RegisteredRows.peers(reader).first { $0.party == party }
    }

    func existingPeer(_ party: PartyID, _ reader: any StoreReading) throws -> PeerEntry {
        guard let found = try peer(party, reader) else { throw ExchangeError(.notFound, "There is no such partner") }
        return found
    }

    func agency(_ id: String, _ reader: any StoreReading) throws -> AgencyEntry? {
        try RegisteredRows.agencies(reader).first { $0.id == id }
    }

    func existingAgency(_ id: String, _ reader: any StoreReading) throws -> AgencyEntry {
        guard let found = try agency(id, reader) else { throw ExchangeError(.notFound, "There is no such agency") }
        return found
    }

    static func conflict(_ reason: String) -> ExchangeError { ExchangeError(.changeConflict, reason) }

    // Checked when it was proposed and before it is carried out; here only its statement is read.
    static func card(_ bytes: [UInt8]) throws -> PeerCard { try PeerCard(signed: bytes) }
}
