import EvidencePackaging
import ExchangeModel
import Persistence
import TrustCrypto

/// Reads partners and agencies from the database.
enum RegisteredRows {
    private static let anchor = "anchor"
    private static let issuer = "issuer"
    private static let intermediate = "intermediate"

    /// The role of an authority that counts for one purpose only.
    private static func role(_ role: String, _ purpose: CertificatePurpose) -> String { role + ":" + purpose.rawValue }

    static func peers(_ reader: any StoreReading) throws -> [PeerEntry] {
        let certificates = try reader.rows(
            """
            SELECT party, role, der, accepted_from, accepted_until FROM peer_certificate ORDER BY party, role, sha256
            """,
            []
        )
        let byParty = Dictionary(
            grouping: try certificates.map { row in
                (
                    party: try row.text("party"), role: try row.text("role"),
                    certificate: try row.certificate("der"),
                    window: AcceptanceWindow(
                        from: try row.optionalTime("accepted_from"),
                        until: try row.optionalTime("accepted_until")
                    )
                )
            },
            by: \.party
        )
        let question = """
            SELECT party, name, url, card, exchange_log, witness_key, capabilities, added, suspended, sheet_fetched,
                sheet_tried, held_sheet, held_since FROM peer ORDER BY party
            """
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
                witnessKey: try row.optionalText("witness_key"),
                card: try row.bytes("card"),
                capabilities: try row.optionalBytes("capabilities"),
                added: try row.time("added"),
                suspended: try row.optionalTime("suspended"),
                anchors: authorities(anchor),
                issuers: authorities(issuer),
                intermediates: authorities(intermediate),
                authorities: PeerCard.ownedPurposes.reduce(into: [:]) { found, purpose in
                    let anchors = authorities(role(anchor, purpose))
                    guard !anchors.isEmpty else { return }
                    found[purpose] = PurposeAuthorities(anchors: anchors, issuers: authorities(role(issuer, purpose)))
                },
                certificates: own.compactMap { piece in
                    CertificatePurpose(rawValue: piece.role).map {
                        PeerCertificate(certificate: piece.certificate, purpose: $0, window: piece.window)
                    }
                },
                sheet: SheetStanding(
                    fetched: try row.optionalTime("sheet_fetched"),
                    tried: try row.optionalTime("sheet_tried"),
                    held: try row.optionalBytes("held_sheet"),
                    heldSince: try row.optionalTime("held_since")
                )
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
        return try found.map { try $0.certificate("der") }
    }

    /// Enters the certificates of a partner in place of those that are there.
    static func replaceCertificates(of peer: PeerEntry, _ writer: any StoreWriting) throws {
        try writer.execute("DELETE FROM peer_certificate WHERE party = ?", [SQLValue(peer.party)])
        func insert(_ role: String, _ certificate: PartyCertificate, _ window: AcceptanceWindow = .always) throws {
            try writer.execute(
                """
                INSERT INTO peer_certificate (party, role, sha256, der, accepted_from, accepted_until)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                [
                    SQLValue(peer.party), .text(role), SQLValue(certificate.sha256), .bytes(certificate.der),
                    SQLValue(window.from), SQLValue(window.until),
                ]
            )
        }
        for certificate in peer.anchors { try insert(anchor, certificate) }
        for certificate in peer.issuers { try insert(issuer, certificate) }
        for certificate in peer.intermediates { try insert(intermediate, certificate) }
        for (purpose, own) in peer.authorities {
            for certificate in own.anchors { try insert(role(anchor, purpose), certificate) }
            for certificate in own.issuers { try insert(role(issuer, purpose), certificate) }
        }
        for one in peer.certificates { try insert(one.purpose.rawValue, one.certificate, one.window) }
    }
}
