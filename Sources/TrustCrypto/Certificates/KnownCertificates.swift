import ExchangeModel
import Synchronization

/// Certificates that were read before: libcrypto takes as long to read one as to check a signature with it, and an
/// exchange meets the same few again and again.
enum KnownCertificates {
    private static let most = 512
    /// Longer ones are read each time, so that strangers cannot fill the memory.
    private static let longest = 8_192
    private static let known = Mutex<[SHA256Digest: [PartyCertificate]]>([:])

    /// What was read from these bytes, read now if need be.
    static func read(_ bytes: [UInt8], _ reading: () throws -> [PartyCertificate]) throws -> [PartyCertificate] {
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

extension PartyCertificate {
    /// Reads one certificate that fills the bytes, or gives the one that was read from the same bytes before.
    ///
    /// - Throws: `certificate.malformed`.
    public static func known(der: [UInt8]) throws -> PartyCertificate {
        let found = try KnownCertificates.read(der) { [try PartyCertificate(der: der)] }
        guard let certificate = found.first else {
            throw ExchangeError(.certificateMalformed, "The certificate cannot be read")
        }
        return certificate
    }

    /// Reads every certificate of a PEM text as ``list(pem:)`` does, or gives those that were read from it before.
    ///
    /// - Throws: `certificate.malformed`.
    public static func knownList(pem: [UInt8]) throws -> [PartyCertificate] {
        try KnownCertificates.read(pem) { try list(pem: pem) }
    }
}
