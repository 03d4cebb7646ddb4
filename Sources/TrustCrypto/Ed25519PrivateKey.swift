import COpenSSL
import ExchangeModel

/// A private key of Ed25519 (RFC 8032 §5.1).
public final class Ed25519PrivateKey: Sendable {
    private let key: PrivateKey
    /// The public key's 32 bytes.
    public let publicKey: [UInt8]

    private init(checking key: PrivateKey) throws {
        guard EVP_PKEY_is_a(key.pointer, "ED25519") == 1 else {
            throw ExchangeError(.keyNotInSuite, "The key is \(key.algorithm), not Ed25519")
        }
        var bytes = [UInt8](repeating: 0, count: Ed25519.publicKeySize)
        var count = bytes.count
        guard EVP_PKEY_get_raw_public_key(key.pointer, &bytes, &count) == 1, count == bytes.count else {
            throw OpenSSLFailure.error(.cryptoInternal, "The public key cannot be read")
        }
        self.key = key
        publicKey = bytes
    }

    /// Makes a new key.
    ///
    /// - Throws: `crypto.internal`.
    public static func generate() throws -> Ed25519PrivateKey {
        OpenSSLFailure.clear()
        let context = EVP_PKEY_CTX_new_from_name(nil, "ED25519", nil)
        defer { EVP_PKEY_CTX_free(context) }
        var made: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_generate(context, &made) == 1, let made else {
            throw OpenSSLFailure.error(.cryptoInternal, "A key could not be made")
        }
        return try Ed25519PrivateKey(checking: PrivateKey(takingOwnership: made))
    }

    /// Reads a PEM file's bytes: PKCS#8, encrypted or not.
    ///
    /// - Throws: `key.unreadable`, `key.not_in_suite`.
    public convenience init(pem: SecretBytes, passphrase: SecretBytes? = nil) throws {
        try self.init(checking: PrivateKey(pem: pem, passphrase: passphrase))
    }

    /// The key as unencrypted PKCS#8 PEM.
    public func pem() throws -> SecretBytes { try key.pem() }

    /// The 64 bytes of the signature; the same for the same message.
    ///
    /// - Throws: `crypto.internal`.
    public func sign(_ message: [UInt8]) throws -> [UInt8] {
        OpenSSLFailure.clear()
        guard let context = EVP_MD_CTX_new() else { throw OpenSSLFailure.error(.cryptoInternal, "Out of memory") }
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: Ed25519.signatureSize)
        var count = signature.count
        guard EVP_DigestSignInit(context, nil, nil, nil, key.pointer) == 1,
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1, count == signature.count
        else { throw OpenSSLFailure.error(.cryptoInternal, "The signature could not be made") }
        return signature
    }
}
