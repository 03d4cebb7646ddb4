import COpenSSL
import ExchangeModel

/// Ed25519 (RFC 8032 §5.1), which signs the exchange log's checkpoints and nothing else.
public enum Ed25519 {
    /// Length of a public key in bytes.
    public static let publicKeySize = 32
    /// Length of a signature in bytes.
    public static let signatureSize = 64

    /// Whether the signature over the message was made with the key that belongs to the public key.
    ///
    /// A key or a signature of another length, or one that is no point of the curve, never matches.
    ///
    /// - Throws: `crypto.internal` when libcrypto has no memory.
    public static func verify(_ signature: [UInt8], of message: [UInt8], publicKey: [UInt8]) throws -> Bool {
        guard publicKey.count == publicKeySize, signature.count == signatureSize else { return false }
        OpenSSLFailure.clear()
        defer { OpenSSLFailure.clear() }
        guard let key = EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, publicKey, publicKey.count) else {
            return false
        }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { throw OpenSSLFailure.error(.cryptoInternal, "Out of memory") }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else {
            throw OpenSSLFailure.error(.cryptoInternal, "Ed25519 could not be started")
        }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}
