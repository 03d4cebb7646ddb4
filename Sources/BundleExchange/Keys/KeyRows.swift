import ExchangeModel
import Persistence
import TrustCrypto

/// Reads the gateway's keys from the database.
enum KeyRows {
    private static let columns =
        "SELECT id, purpose, certificate, chain, made, installed, retired, current_from, announced_until FROM gateway_key "

    static func all(_ reader: any StoreReading) throws -> [KeyRecord] {
        try reader.rows(columns + "ORDER BY purpose, made, id", []).map(record)
    }

    static func key(_ id: String, _ reader: any StoreReading) throws -> KeyRecord? {
        try reader.rows(columns + "WHERE id = ?", [.text(id)]).first.map(record)
    }

    /// Keys of one purpose, those installed last first.
    static func keys(_ purpose: KeyPurpose, _ reader: any StoreReading) throws -> [KeyRecord] {
        try reader.rows(
            columns + "WHERE purpose = ? ORDER BY installed DESC, made DESC, id",
            [.text(purpose.rawValue)]
        ).map(record)
    }

    static func wrapped(_ id: String, _ reader: any StoreReading) throws -> [UInt8] {
        guard let row = try reader.rows("SELECT private_key FROM gateway_key WHERE id = ?", [.text(id)]).first else {
            throw ExchangeError(.notFound, "There is no such key")
        }
        return try row.bytes("private_key")
    }

    private static func record(_ row: StoredRow) throws -> KeyRecord {
        guard let purpose = KeyPurpose(rawValue: try row.text("purpose")) else {
            throw PeopleRows.unreadable("a key's purpose")
        }
        return KeyRecord(
            id: try row.text("id"),
            purpose: purpose,
            certificate: try row.optionalBytes("certificate").map { try PartyCertificate.known(der: $0) },
            // An empty chain is written as none.
            chain: try row.optionalBytes("chain").map { try PartyCertificate.knownList(pem: $0) } ?? [],
            made: try row.time("made"),
            installed: try row.optionalTime("installed"),
            retired: try row.optionalTime("retired"),
            currentFrom: try row.optionalTime("current_from"),
            announcedUntil: try row.optionalTime("announced_until")
        )
    }

    /// Enters a new key without certificate.
    static func insert(
        _ pem: SecretBytes,
        purpose: KeyPurpose,
        core: GatewayCore,
        _ writer: any StoreWriting
    ) throws -> String {
        let id = try RandomName.uuid()
        try writer.execute(
            "INSERT INTO gateway_key (id, purpose, private_key, made) VALUES (?, ?, ?, ?)",
            [
                .text(id), .text(purpose.rawValue),
                .bytes(try WrappedPrivateKey.wrap(pem, id: id, under: core.storeKey)), SQLValue(core.now()),
            ]
        )
        return id
    }

    /// Enters a key that signs or cosigns checkpoints.
    static func insertLogKey(_ purpose: KeyPurpose, core: GatewayCore, _ writer: any StoreWriting) throws -> String {
        try insert(try Ed25519PrivateKey.generate().pem(), purpose: purpose, core: core, writer)
    }
}
