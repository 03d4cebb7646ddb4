import ExchangeModel
import Synchronization

/// Objects that were read before, by the digest of their bytes: libcrypto takes as long to read a certificate or a list
/// as to check a signature with it, and an exchange meets the same few again and again.
final class KnownObjects<Object: Sendable>: Sendable {
    private let most: Int
    /// Longer ones are read each time, so that strangers cannot fill the memory.
    private let longest: Int
    private let known = Mutex<[SHA256Digest: Object]>([:])

    init(most: Int, longest: Int) {
        self.most = most
        self.longest = longest
    }

    /// What was read from these bytes, read now if need be.
    func read(_ bytes: [UInt8], _ reading: () throws -> Object) throws -> Object {
        guard bytes.count <= longest else { return try reading() }
        let digest = try SHA256Digest(of: bytes)
        if let found = known.withLock({ $0[digest] }) { return found }
        let read = try reading()
        known.withLock { known in
            if known.count >= most { known = [:] }
            known[digest] = read
        }
        return read
    }
}

private let knownCertificates = KnownObjects<[PartyCertificate]>(most: 512, longest: 8_192)
private let knownLists = KnownObjects<RevocationList>(most: 128, longest: 65_536)

extension RevocationList {
    /// Reads one list in DER that fills the bytes, or gives the one that was read from the same bytes before.
    ///
    /// - Throws: `revocation.malformed`.
    static func known(der: [UInt8]) throws -> RevocationList {
        try knownLists.read(der) { try RevocationList(der: der) }
    }
}

extension PartyCertificate {
    /// Reads one certificate that fills the bytes, or gives the one that was read from the same bytes before.
    ///
    /// - Throws: `certificate.malformed`.
    public static func known(der: [UInt8]) throws -> PartyCertificate {
        let found = try knownCertificates.read(der) { [try PartyCertificate(der: der)] }
        guard let certificate = found.first else {
            throw ExchangeError(.certificateMalformed, "The certificate cannot be read")
        }
        return certificate
    }

    /// Reads every certificate of a PEM text as ``list(pem:)`` does, or gives those that were read from it before.
    ///
    /// - Throws: `certificate.malformed`.
    public static func knownList(pem: [UInt8]) throws -> [PartyCertificate] {
        try knownCertificates.read(pem) { try list(pem: pem) }
    }
}
