import COpenSSL
public import ExchangeModel
import Glibc

/// An X.509 certificate (RFC 5280), read and shared, never changed.
public final class PartyCertificate: Sendable {
    // X509 is not modified after `init` and its reference count is atomic; cached extensions are filled under
    // libcrypto's own lock.
    nonisolated(unsafe) let pointer: OpaquePointer
    /// The exact bytes.
    public let der: [UInt8]
    /// SHA-256 of the bytes, the name by which formats speak of a certificate.
    public let sha256: SHA256Digest

    /// Reads one certificate that fills the bytes.
    ///
    /// - Throws: `certificate.malformed`.
    public init(der: [UInt8]) throws {
        OpenSSLFailure.clear()
        let read = der.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            guard bytes.count <= 65_536 else { return nil }
            var position = bytes.baseAddress
            guard let read = d2i_X509(nil, &position, bytes.count) else { return nil }
            guard position == bytes.baseAddress.map({ $0 + bytes.count }) else {
                X509_free(read)
                return nil
            }
            return read
        }
        guard let read else { throw OpenSSLFailure.error(.certificateMalformed, "The certificate cannot be read") }
        pointer = read
        self.der = der
        sha256 = try SHA256Digest(of: der)
    }

    /// Copies a certificate that libcrypto owns.
    convenience init(copying borrowed: OpaquePointer) throws {
        try self.init(der: DERBytes.of(borrowed) { i2d_X509($0, $1) })
    }

    deinit { X509_free(pointer) }

    /// Reads every certificate of a PEM text; at least one, at most 64.
    ///
    /// - Throws: `certificate.malformed`.
    public static func list(pem: [UInt8]) throws -> [PartyCertificate] {
        OpenSSLFailure.clear()
        guard pem.count <= 1 << 20 else {
            throw ExchangeError(.certificateMalformed, "The certificate file is too large")
        }
        return try pem.withUnsafeBytes { bytes in
            guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else {
                throw OpenSSLFailure.error(.certificateMalformed, "The file holds no PEM certificate")
            }
            defer { BIO_free(source) }
            var certificates: [PartyCertificate] = []
            while certificates.count < 64, let read = PEM_read_bio_X509(source, nil, nil, nil) {
                defer { X509_free(read) }
                certificates.append(try PartyCertificate(copying: read))
            }
            let rest = OpenSSLFailure.drain()
            guard !certificates.isEmpty else {
                throw ExchangeError(.certificateMalformed, "The file holds no PEM certificate", details: rest)
            }
            return certificates
        }
    }

    /// The certificate as PEM.
    public func pem() throws -> String {
        guard let sink = BIO_new(BIO_s_mem()) else { throw OpenSSLFailure.error(.cryptoInternal, "Out of memory") }
        defer { BIO_free(sink) }
        guard PEM_write_bio_X509(sink, pointer) == 1 else {
            throw OpenSSLFailure.error(.cryptoInternal, "The certificate cannot be written")
        }
        var start: UnsafePointer<UInt8>?
        let count = shim_BIO_get_mem_data(sink, &start)
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// The algorithm of the public key.
    public var keyAlgorithm: KeyAlgorithm {
        X509_get0_pubkey(pointer).map { KeyAlgorithm(of: $0) } ?? .other("unreadable")
    }

    /// Whether the private key belongs to this certificate.
    public func matches(_ key: PrivateKey) -> Bool {
        defer { OpenSSLFailure.clear() }
        return X509_check_private_key(pointer, key.pointer) == 1
    }

    /// The subject, as RFC 2253 text.
    public var subject: String { Self.text(of: X509_get_subject_name(pointer)) }

    /// The issuer, as RFC 2253 text.
    public var issuer: String { Self.text(of: X509_get_issuer_name(pointer)) }

    /// The subject's common name, if it has exactly one.
    public var commonName: String? { single(NID_commonName) }

    /// The subject's organizationIdentifier (2.5.4.97), if it has exactly one; the party's id.
    public var organizationIdentifier: String? { single(NID_organizationIdentifier) }

    /// A short name for people: the common name and the party, or the whole subject if it has none.
    public var displayName: String {
        guard let commonName else { return subject }
        return organizationIdentifier.map { "\(commonName) (\($0))" } ?? commonName
    }

    /// The start of the validity.
    public var notBefore: ExchangeTime? { X509_get0_notBefore(pointer).flatMap { ExchangeTime(asn1: $0) } }

    /// The end of the validity.
    public var notAfter: ExchangeTime? { X509_get0_notAfter(pointer).flatMap { ExchangeTime(asn1: $0) } }

    private func single(_ nid: Int32) -> String? {
        guard let name = X509_get_subject_name(pointer) else { return nil }
        let index = X509_NAME_get_index_by_NID(name, nid, -1)
        guard index >= 0, X509_NAME_get_index_by_NID(name, nid, index) < 0,
            let data = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index))
        else { return nil }
        var utf8: UnsafeMutablePointer<UInt8>?
        let count = ASN1_STRING_to_UTF8(&utf8, data)
        guard count >= 0, let utf8 else {
            OpenSSLFailure.clear()
            return nil
        }
        defer { shim_OPENSSL_free(utf8) }
        return String(decoding: UnsafeBufferPointer(start: utf8, count: Int(count)), as: UTF8.self)
    }

    static func text(of name: OpaquePointer?) -> String {
        guard let name, let sink = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(sink) }
        let flags = shim_XN_FLAG_RFC2253_UTF8()
        guard X509_NAME_print_ex(sink, name, 0, flags) >= 0 else { return "" }
        var start: UnsafePointer<UInt8>?
        let count = shim_BIO_get_mem_data(sink, &start)
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }
}

extension PartyCertificate: Hashable {
    /// Certificates are equal when their bytes are.
    public static func == (left: PartyCertificate, right: PartyCertificate) -> Bool { left.sha256 == right.sha256 }

    /// Hashes the digest.
    public func hash(into hasher: inout Hasher) { hasher.combine(sha256) }
}

/// Calls an `i2d_…` function and copies what it allocates.
enum DERBytes {
    static func of(
        _ object: OpaquePointer,
        _ encode: (OpaquePointer, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int32
    ) throws -> [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = encode(object, &start)
        guard count > 0, let start else { throw OpenSSLFailure.error(.cryptoInternal, "DER could not be written") }
        defer { shim_OPENSSL_free(start) }
        return Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }
}

extension ExchangeTime {
    /// The instant of an ASN1_TIME or ASN1_GENERALIZEDTIME, fractions of a second dropped.
    init?(asn1 time: UnsafePointer<ASN1_TIME>) {
        var broken = tm()
        guard ASN1_TIME_to_tm(time, &broken) == 1 else {
            OpenSSLFailure.clear()
            return nil
        }
        self.init(secondsSince1970: Int64(timegm(&broken)))
    }
}
