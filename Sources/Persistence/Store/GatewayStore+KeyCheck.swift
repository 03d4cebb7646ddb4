import ExchangeModel
import TrustCrypto

extension GatewayStore {
    /// Recognises the store key: the first one is remembered, any other is refused.
    ///
    /// - Throws: `store.wrong_key`, and what `write` throws.
    public func check(_ key: StoreKey) async throws {
        // What is wrapped is known to everybody; whether it unwraps tells the key.
        let known = try SHA256Digest(of: Array("rogatory store key check".utf8)).bytes
        let wrapped = try known.withUnsafeBytes { try key.wrap(SecretBytes(copying: $0)) }
        try await write { session in
            guard let row = try session.row("SELECT wrapped FROM store_key_check WHERE id = 1") else {
                try session.execute("INSERT INTO store_key_check (id, wrapped) VALUES (1, ?)", [.bytes(wrapped)])
                return
            }
            // Key wrap has no randomness: the same key gives the same bytes.
            guard try row.bytes("wrapped") == wrapped else {
                throw ExchangeError(
                    .storeWrongKey,
                    "The store key is not the one that this data directory was made with",
                    hint: "Give the gateway the key file or credential that belongs to this directory"
                )
            }
        }
    }
}
