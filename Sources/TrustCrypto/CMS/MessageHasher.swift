import COpenSSL
import ExchangeModel

/// Any digest of the suite (FIPS 180-4) over bytes given piece by piece.
public struct MessageHasher: ~Copyable, Sendable {
    // Owned by this value alone, which is never copied and changed only through `mutating` calls.
    private nonisolated(unsafe) let context: OpaquePointer
    /// Which digest it makes.
    public let algorithm: SignatureDigest

    /// Starts with no bytes.
    ///
    /// - Throws: `crypto.internal` when libcrypto has no memory.
    public init(_ algorithm: SignatureDigest) throws {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, algorithm.method, nil) == 1 else {
            throw OpenSSLFailure.error(.cryptoInternal, "A digest could not be started")
        }
        self.context = context
        self.algorithm = algorithm
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) throws {
        guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else {
            throw OpenSSLFailure.error(.cryptoInternal, "A digest could not be made")
        }
    }

    /// Gives the digest of all bytes and starts again with none.
    public mutating func finish() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: algorithm.size)
        guard EVP_DigestFinal_ex(context, &bytes, nil) == 1, EVP_DigestInit_ex(context, nil, nil) == 1 else {
            throw OpenSSLFailure.error(.cryptoInternal, "A digest could not be made")
        }
        return bytes
    }
}
