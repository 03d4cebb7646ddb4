import COpenSSL
import ExchangeModel

/// A digest the suite signs with.
public enum SignatureDigest: String, CaseIterable, Sendable {
    /// SHA-256.
    case sha256 = "SHA-256"
    /// SHA-384.
    case sha384 = "SHA-384"
    /// SHA-512.
    case sha512 = "SHA-512"

    init?(_ id: DERObjectID) {
        switch id {
        case .sha256: self = .sha256
        case .sha384: self = .sha384
        case .sha512: self = .sha512
        default: return nil
        }
    }

    /// Reads a digest algorithm (RFC 5754 §2), whose parameters are absent or NULL.
    init(_ algorithm: DERAlgorithm, weak: ErrorCode = .signatureWeakDigest) throws {
        guard let digest = SignatureDigest(algorithm.id), algorithm.hasPlainParameters else {
            throw ExchangeError(weak, "the digest \(algorithm.id.dotted) is not SHA-256, SHA-384 or SHA-512")
        }
        self = digest
    }

    var id: DERObjectID {
        switch self {
        case .sha256: .sha256
        case .sha384: .sha384
        case .sha512: .sha512
        }
    }

    /// The number of bytes.
    public var size: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// libcrypto's EVP_MD.
    var method: OpaquePointer? {
        switch self {
        case .sha256: EVP_sha256()
        case .sha384: EVP_sha384()
        case .sha512: EVP_sha512()
        }
    }

    /// The digest of bytes in memory.
    public func digest(of bytes: some Sequence<UInt8>) throws -> [UInt8] {
        let bytes = Array(bytes)
        var digest = [UInt8](repeating: 0, count: size)
        guard EVP_Digest(bytes, bytes.count, &digest, nil, method, nil) == 1 else {
            throw OpenSSLFailure.error(.cryptoInternal, "A digest could not be made")
        }
        return digest
    }
}

/// SHA-1, only to recognise a certificate by the older reference of RFC 2634 in timestamps; never trusted alone.
enum SHA1 {
    static func digest(of bytes: [UInt8]) throws -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 20)
        guard EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha1(), nil) == 1 else {
            throw OpenSSLFailure.error(.cryptoInternal, "A digest could not be made")
        }
        return digest
    }
}
