import COpenSSL

/// MD5 (RFC 1321) and SHA-1 (FIPS 180-4) over the same bytes, given piece by piece.
///
/// Forensic images carry these digests of their content, and names of RFC 9562 are made with SHA-1. Nothing is proven by
/// them here: what proves evidence is SHA-256.
public struct StoredHashHasher: ~Copyable, Sendable {
    // Owned by this value alone, which is never copied and changed only through `mutating` calls.
    private nonisolated(unsafe) let md5: OpaquePointer
    // As above.
    private nonisolated(unsafe) let sha1: OpaquePointer

    /// Starts with no bytes.
    ///
    /// - Throws: `crypto.internal` when libcrypto has no memory or does not offer the algorithms.
    public init() throws {
        let md5 = EVP_MD_CTX_new()
        let sha1 = EVP_MD_CTX_new()
        guard let md5, let sha1, EVP_DigestInit_ex(md5, EVP_md5(), nil) == 1,
            EVP_DigestInit_ex(sha1, EVP_sha1(), nil) == 1
        else {
            let error = OpenSSLFailure.error(.cryptoInternal, "MD5 and SHA-1 could not be started")
            EVP_MD_CTX_free(md5)
            EVP_MD_CTX_free(sha1)
            throw error
        }
        self.md5 = md5
        self.sha1 = sha1
    }

    deinit {
        EVP_MD_CTX_free(md5)
        EVP_MD_CTX_free(sha1)
    }

    /// Adds bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) throws {
        guard EVP_DigestUpdate(md5, bytes.baseAddress, bytes.count) == 1,
            EVP_DigestUpdate(sha1, bytes.baseAddress, bytes.count) == 1
        else { throw OpenSSLFailure.error(.cryptoInternal, "MD5 and SHA-1 failed") }
    }

    /// Gives the digests of all bytes, 16 and 20 bytes long, and starts again with none.
    public mutating func finish() throws -> (md5: [UInt8], sha1: [UInt8]) {
        var found = (md5: [UInt8](repeating: 0, count: 16), sha1: [UInt8](repeating: 0, count: 20))
        guard EVP_DigestFinal_ex(md5, &found.md5, nil) == 1, EVP_DigestFinal_ex(sha1, &found.sha1, nil) == 1,
            EVP_DigestInit_ex(md5, nil, nil) == 1, EVP_DigestInit_ex(sha1, nil, nil) == 1
        else { throw OpenSSLFailure.error(.cryptoInternal, "MD5 and SHA-1 failed") }
        return found
    }
}
