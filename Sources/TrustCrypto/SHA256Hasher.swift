import COpenSSL
public import ExchangeModel

/// SHA-256 (FIPS 180-4) over bytes given piece by piece.
public struct SHA256Hasher: ~Copyable, Sendable {
    // Owned by this value alone, which is never copied and changed only through `mutating` calls.
    private nonisolated(unsafe) let context: OpaquePointer

    /// Starts with no bytes.
    ///
    /// - Throws: `crypto.internal` when libcrypto has no memory.
    public init() throws {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            throw OpenSSLFailure.error(.cryptoInternal, "SHA-256 could not be started")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) throws {
        guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else {
            throw OpenSSLFailure.error(.cryptoInternal, "SHA-256 failed")
        }
    }

    /// Gives the digest of all bytes and starts again with none.
    public mutating func finish() throws -> SHA256Digest {
        var bytes = [UInt8](repeating: 0, count: 32)
        guard EVP_DigestFinal_ex(context, &bytes, nil) == 1, EVP_DigestInit_ex(context, nil, nil) == 1,
            let digest = SHA256Digest(bytes: bytes)
        else { throw OpenSSLFailure.error(.cryptoInternal, "SHA-256 failed") }
        return digest
    }
}

extension SHA256Digest {
    /// The digest of bytes in memory.
    public init(of bytes: [UInt8]) throws {
        var hasher = try SHA256Hasher()
        try bytes.withUnsafeBytes { try hasher.update($0) }
        self = try hasher.finish()
    }
}
