import ExchangeModel
import Persistence
import TrustCrypto

/// Reads partners and agencies from the database.
enum RegisteredRows {
    private static let anchor = "anchor"
    private static let issuer = "issuer"
    private static let intermediate = "intermediate"

    static func peers(_ reader: any StoreReading) throws -> [PeerEntry] {
        let certificates = try reader.rows(
            "SELECT party, role, der FROM peer_certificate ORDER BY party, role, sha256",
            []
        )
        let byParty = Dictionary(
            grouping: try certificates.map { row in
                (
                    party: try row.text("party"), role: try row.text("role"),
                    certificate: try PartyCertificate(der: row.bytes("der"))
                )
            },
            by: \.party
        )
        let question =
            "SELECT party, name, url, card, exchange_log, capabilities, added, suspended FROM peer ORDER BY party"
        return try reader.rows(question, []).map { row in
            let party = try row.party("party")
            let own = byParty[party.text] ?? []
            func authorities(_ role: String) -> [PartyCertificate] {
                own.filter { $0.role == role }.map(\.certificate)
            }
            return PeerEntry(
                party: party,
                name: try row.text("name"),
                url: try row.text("url"),
                logKey: try row.text("exchange_log"),
                card: try row.bytes("card"),
                capabilities: try row.optionalBytes("capabilities"),
                added: try row.time("added"),
                suspended: try row.optionalTime("suspended"),
                anchors: authorities(anchor),
                issuers: authorities(issuer),
                intermediates: authorities(intermediate),
                certificates: own.compactMap { piece in
                    CertificatePurpose(rawValue: piece.role).map { (piece.certificate, $0) }
                }
            )
        }
    }

    static func agencies(_ reader: any StoreReading) throws -> [AgencyEntry] {
        try reader.rows("SELECT id, party, name, added, suspended FROM agency ORDER BY id", []).map { row in
            let id = try row.text("id")
            return AgencyEntry(
                id: id,
                party: try row.party("party"),
                name: try row.text("name"),
                added: try row.time("added"),
                suspended: try row.optionalTime("suspended"),
                certificates: try PeopleRows.certificates(
                    "SELECT der, purpose, added, withdrawn FROM agency_certificate WHERE agency = ? "
                        + "ORDER BY added, sha256",
                    id,
                    reader
                )
            )
        }
    }

    /// Every certificate that may still be used: of persons, own keys, partners and agencies.
    static func allCertificates(_ reader: any StoreReading) throws -> [PartyCertificate] {
        let found = try [
            "SELECT der FROM person_certificate WHERE withdrawn IS NULL",
            "SELECT certificate AS der FROM gateway_key WHERE certificate IS NOT NULL",
            "SELECT der FROM peer_certificate",
            "SELECT der FROM agency_certificate WHERE withdrawn IS NULL",
        ].flatMap { try reader.rows($0, []) }
        return try found.map { try PartyCertificate(der: $0.bytes("der")) }
    }

    /// Enters the certificates of a partner in place of those that are there.
    static func replaceCertificates(of peer: PeerEntry, _ writer: any StoreWriting) throws {
        try writer.execute("DELETE FROM peer_certificate WHERE party = ?", [SQLValue(peer.party)])
        let all =
            peer.anchors.map { (anchor, $0) } + peer.issuers.map { (issuer, $0) }
            + peer.intermediates.map { (intermediate, $0) }
            + peer.certificates.map { ($0.purpose.rawValue, $0.certificate) }
        for (role, certificate) in all {
            try writer.execute(
                "INSERT INTO peer_certificate (party, role, sha256, der) VALUES (?, ?, ?, ?)",
                [SQLValue(peer.party), .text(role), SQLValue(certificate.sha256), .bytes(certificate.der)]
            )
        }
    }
}
