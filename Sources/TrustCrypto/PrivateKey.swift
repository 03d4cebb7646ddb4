import COpenSSL
import ExchangeModel

/// A private key of the suite: EC P-256 or P-384, or RSA of at least 3072 bits.
public final class PrivateKey: Sendable {
    /// What kind of key to make.
    public enum Kind: String, CaseIterable, Sendable {
        /// EC on NIST P-256.
        case p256 = "P-256"
        /// EC on NIST P-384.
        case p384 = "P-384"
        /// RSA with 3072 bits.
        case rsa3072 = "RSA-3072"
        /// RSA with 4096 bits.
        case rsa4096 = "RSA-4096"
    }

    // EVP_PKEY is immutable once made here and its reference count is atomic.
    nonisolated(unsafe) let pointer: OpaquePointer

    /// Takes ownership of an EVP_PKEY.
    init(takingOwnership pointer: OpaquePointer) { self.pointer = pointer }

    deinit { EVP_PKEY_free(pointer) }

    /// Makes a new key.
    ///
    /// - Throws: `crypto.internal`.
    public static func generate(_ kind: Kind) throws -> PrivateKey {
        let made =
            switch kind {
            case .p256: shim_EVP_EC_gen("P-256")
            case .p384: shim_EVP_EC_gen("P-384")
            case .rsa3072: shim_EVP_RSA_gen(3_072)
            case .rsa4096: shim_EVP_RSA_gen(4_096)
            }
        guard let made else { throw OpenSSLFailure.error(.cryptoInternal, "A key could not be made") }
        return PrivateKey(takingOwnership: made)
    }

    /// Reads a PEM file's bytes: PKCS#8, encrypted or not, or a traditional EC or RSA key.
    ///
    /// - Throws: `key.unreadable`.
    public init(pem: SecretBytes, passphrase: SecretBytes? = nil) throws {
        OpenSSLFailure.clear()
        let read: OpaquePointer? = pem.withUnsafeBytes { bytes in
            guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else { return nil }
            defer { BIO_free(source) }
            let context = passphrase.map { Unmanaged.passUnretained($0).toOpaque() }
            return withExtendedLifetime(passphrase) { PEM_read_bio_PrivateKey(source, nil, lendPassphrase, context) }
        }
        guard let read else {
            throw OpenSSLFailure.error(
                .keyUnreadable,
                "The private key cannot be read",
                hint: passphrase == nil
                    ? "it must be a PEM file; one with a passphrase needs that too" : "check the passphrase"
            )
        }
        pointer = read
    }

    /// The key as unencrypted PKCS#8 PEM.
    public func pem() throws -> SecretBytes {
        guard let sink = BIO_new(BIO_s_mem()) else { throw OpenSSLFailure.error(.cryptoInternal, "Out of memory") }
        defer { BIO_free(sink) }
        guard PEM_write_bio_PKCS8PrivateKey(sink, pointer, nil, nil, 0, nil, nil) == 1 else {
            throw OpenSSLFailure.error(.cryptoInternal, "The private key cannot be written")
        }
        var start: UnsafePointer<UInt8>?
        let count = shim_BIO_get_mem_data(sink, &start)
        let secret = try SecretBytes(copying: UnsafeRawBufferPointer(start: start, count: count))
        if let start { OPENSSL_cleanse(UnsafeMutableRawPointer(mutating: start), count) }
        return secret
    }

    /// What kind of key this is, for the suite's rules and for people.
    public var algorithm: KeyAlgorithm { KeyAlgorithm(of: pointer) }
}

// Without a callback libcrypto would ask for a passphrase on the terminal.
private func lendPassphrase(
    _ buffer: UnsafeMutablePointer<CChar>?,
    _ size: Int32,
    _ writing: Int32,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context, let buffer else { return -1 }
    let phrase = Unmanaged<SecretBytes>.fromOpaque(context).takeUnretainedValue()
    guard phrase.count <= Int(size) else { return -1 }
    phrase.withUnsafeBytes { bytes in
        UnsafeMutableRawBufferPointer(start: buffer, count: bytes.count).copyMemory(from: bytes)
    }
    return Int32(phrase.count)
}

/// The algorithm and size of a key.
public enum KeyAlgorithm: Hashable, Sendable, CustomStringConvertible {
    /// EC on NIST P-256.
    case p256
    /// EC on NIST P-384.
    case p384
    /// RSA with that many bits.
    case rsa(bits: Int)
    /// Anything else, by libcrypto's name.
    case other(String)

    init(of key: OpaquePointer) {
        if EVP_PKEY_is_a(key, "RSA") == 1 {
            self = .rsa(bits: Int(EVP_PKEY_get_bits(key)))
        } else if EVP_PKEY_is_a(key, "EC") == 1 {
            var name = [CChar](repeating: 0, count: 64)
            var length = 0
            guard EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else {
                self = .other("EC")
                return
            }
            let group = String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            switch group {
            case "prime256v1", "P-256": self = .p256
            case "secp384r1", "P-384": self = .p384
            default: self = .other("EC " + group)
            }
        } else {
            self = .other(EVP_PKEY_get0_type_name(key).map { String(cString: $0) } ?? "unknown")
        }
    }

    /// Whether the suite allows it for signatures and recipients.
    public var isInSuite: Bool {
        switch self {
        case .p256, .p384: true
        case .rsa(let bits): bits >= CryptoSuite.rogatory1.smallestRSAModulus && bits <= 8_192
        case .other: false
        }
    }

    /// A name people know.
    public var description: String {
        switch self {
        case .p256: "EC P-256"
        case .p384: "EC P-384"
        case .rsa(let bits): "RSA \(bits)"
        case .other(let name): name
        }
    }
}
