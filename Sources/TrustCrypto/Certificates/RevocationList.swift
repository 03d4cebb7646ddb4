import COpenSSL
public import ExchangeModel
import Synchronization

/// A complete revocation list (RFC 5280 §5), read and shared, never changed.
public final class RevocationList: Sendable {
    // X509_CRL is not modified after `init`, which also makes libcrypto sort the entries; its reference count is
    // atomic.
    nonisolated(unsafe) let pointer: OpaquePointer
    /// The exact bytes.
    public let der: [UInt8]
    /// SHA-256 of the bytes.
    public let sha256: SHA256Digest
    /// When it was issued.
    public let thisUpdate: ExchangeTime
    /// When the next one is due; `nil` when it does not say.
    public let nextUpdate: ExchangeTime?
    /// The list's number as lower-case hexadecimal, if it has one (RFC 5280 §5.2.3).
    public let number: String?
    /// How many certificates it revokes.
    public let count: Int
    /// Why the list cannot be used, when it is partial, indirect, a delta or has an unknown critical extension.
    let unsupported: String?
    /// Since when certificates stay on the list after their end (X.509 expiredCertsOnCRL).
    let keepsExpiredSince: ExchangeTime?
    /// The identifier of the key that should have signed it.
    let authorityKeyIdentifier: [UInt8]?

    /// Under whose keys the signature was found to hold.
    let signers = Mutex<Set<SHA256Digest>>([])

    /// The largest list read, in bytes.
    public static let largest = 32 << 20

    /// Reads one list in DER that fills the bytes.
    ///
    /// - Throws: `revocation.malformed`.
    public init(der: [UInt8]) throws {
        OpenSSLFailure.clear()
        let read = der.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            guard bytes.count <= Self.largest else { return nil }
            var position = bytes.baseAddress
            guard let read = d2i_X509_CRL(nil, &position, bytes.count) else { return nil }
            guard position == bytes.baseAddress.map({ $0 + bytes.count }) else {
                X509_CRL_free(read)
                return nil
            }
            return read
        }
        guard let read else { throw OpenSSLFailure.error(.revocationMalformed, "The revocation list cannot be read") }
        do {
            guard let issued = X509_CRL_get0_lastUpdate(read).flatMap({ ExchangeTime(asn1: $0) }) else {
                throw ExchangeError(.revocationMalformed, "The revocation list has no readable time of issue")
            }
            thisUpdate = issued
            let next = X509_CRL_get0_nextUpdate(read)
            nextUpdate = next.flatMap { ExchangeTime(asn1: $0) }
            guard (next == nil) == (nextUpdate == nil) else {
                throw ExchangeError(.revocationMalformed, "The revocation list has no readable time of the next one")
            }
            self.der = der
            sha256 = try SHA256Digest(of: der)
        } catch {
            X509_CRL_free(read)
            throw error
        }
        pointer = read
        number = RevocationListReading.number(of: read)
        unsupported = RevocationListReading.fault(of: read)
        keepsExpiredSince = RevocationListReading.keepsExpiredSince(read)
        authorityKeyIdentifier = RevocationListReading.authorityKeyIdentifier(of: read)
        count = Int(max(0, shim_sk_X509_REVOKED_num(X509_CRL_get_REVOKED(read))))
        // The first look-up sorts the entries; later ones only read.
        if let zero = ASN1_INTEGER_new() {
            var found: OpaquePointer?
            _ = X509_CRL_get0_by_serial(read, &found, zero)
            ASN1_INTEGER_free(zero)
        }
        OpenSSLFailure.clear()
    }

    deinit { X509_CRL_free(pointer) }

    /// Reads one list in PEM or DER.
    ///
    /// - Throws: `revocation.malformed`.
    public convenience init(pemOrDER bytes: [UInt8]) throws {
        guard bytes.first != 0x30 else {
            try self.init(der: bytes)
            return
        }
        OpenSSLFailure.clear()
        let der = try bytes.withUnsafeBytes { raw -> [UInt8] in
            guard raw.count <= 2 * Self.largest, let source = BIO_new_mem_buf(raw.baseAddress, Int32(raw.count)) else {
                throw ExchangeError(.revocationMalformed, "The revocation list is too large")
            }
            defer { BIO_free(source) }
            guard let read = PEM_read_bio_X509_CRL(source, nil, nil, nil) else {
                throw OpenSSLFailure.error(.revocationMalformed, "The file holds no revocation list")
            }
            defer { X509_CRL_free(read) }
            return try DERBytes.of(read) { i2d_X509_CRL($0, $1) }
        }
        try self.init(der: der)
    }

    /// Copies a list that libcrypto owns.
    convenience init(copying borrowed: OpaquePointer) throws {
        try self.init(der: DERBytes.of(borrowed) { i2d_X509_CRL($0, $1) })
    }

    /// The list as PEM.
    public func pem() throws -> String {
        guard let sink = BIO_new(BIO_s_mem()) else { throw OpenSSLFailure.error(.cryptoInternal, "Out of memory") }
        defer { BIO_free(sink) }
        guard PEM_write_bio_X509_CRL(sink, pointer) == 1 else {
            throw OpenSSLFailure.error(.cryptoInternal, "The revocation list cannot be written")
        }
        var start: UnsafePointer<UInt8>?
        let count = shim_BIO_get_mem_data(sink, &start)
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// The issuer, as RFC 2253 text.
    public var issuer: String { PartyCertificate.text(of: X509_CRL_get_issuer(pointer)) }

    /// The line about a certificate, if it is listed; the caller has made sure that the issuers agree.
    func line(about certificate: PartyCertificate) -> RevocationLine? {
        guard let serial = X509_get0_serialNumber(certificate.pointer) else { return nil }
        var found: OpaquePointer?
        guard X509_CRL_get0_by_serial(pointer, &found, UnsafeMutablePointer(mutating: serial)) != 0, let found else {
            return nil
        }
        return RevocationLine(found)
    }
}

extension RevocationList: Hashable {
    /// Lists are equal when their bytes are.
    public static func == (left: RevocationList, right: RevocationList) -> Bool { left.sha256 == right.sha256 }

    /// Hashes the digest.
    public func hash(into hasher: inout Hasher) { hasher.combine(sha256) }
}

/// What a list or a responder says about one revoked certificate.
struct RevocationLine: Hashable, Sendable {
    let date: ExchangeTime
    let reason: RevocationReason
    let invalidityDate: ExchangeTime?

    init(date: ExchangeTime, reason: RevocationReason, invalidityDate: ExchangeTime?) {
        self.date = date
        self.reason = reason
        self.invalidityDate = invalidityDate
    }

    init(_ line: OpaquePointer) {
        // An unreadable date counts as the earliest one: revoked always.
        date =
            X509_REVOKED_get0_revocationDate(line).flatMap { ExchangeTime(asn1: $0) }
            ?? ExchangeTime(secondsSince1970: .min)
        reason = Self.reason(of: line)
        invalidityDate = Self.invalidityDate(of: line)
        OpenSSLFailure.clear()
    }

    private static func reason(of line: OpaquePointer) -> RevocationReason {
        guard let found = X509_REVOKED_get_ext_d2i(line, NID_crl_reason, nil, nil) else { return .unspecified }
        let value = found.assumingMemoryBound(to: ASN1_ENUMERATED.self)
        defer { ASN1_ENUMERATED_free(value) }
        return RevocationReason(rawValue: ASN1_ENUMERATED_get(value)) ?? .unspecified
    }

    private static func invalidityDate(of line: OpaquePointer) -> ExchangeTime? {
        guard X509_REVOKED_get_ext_by_NID(line, NID_invalidity_date, -1) >= 0 else { return nil }
        // Unreadable counts as the earliest instant, so it never makes a certificate look good.
        guard let found = X509_REVOKED_get_ext_d2i(line, NID_invalidity_date, nil, nil) else {
            return ExchangeTime(secondsSince1970: .min)
        }
        let value = found.assumingMemoryBound(to: ASN1_GENERALIZEDTIME.self)
        defer { ASN1_GENERALIZEDTIME_free(value) }
        return ExchangeTime(asn1: value) ?? ExchangeTime(secondsSince1970: .min)
    }
}

/// The parts of a list that are read once.
enum RevocationListReading {
    static func number(of list: OpaquePointer) -> String? {
        guard let found = X509_CRL_get_ext_d2i(list, NID_crl_number, nil, nil) else { return nil }
        let value = found.assumingMemoryBound(to: ASN1_INTEGER.self)
        defer { ASN1_INTEGER_free(value) }
        return ASN1Value.serialText(of: value)
    }

    static func authorityKeyIdentifier(of list: OpaquePointer) -> [UInt8]? {
        guard let found = X509_CRL_get_ext_d2i(list, NID_authority_key_identifier, nil, nil) else { return nil }
        let value = found.assumingMemoryBound(to: AUTHORITY_KEYID.self)
        defer { AUTHORITY_KEYID_free(value) }
        guard let identifier = value.pointee.keyid else { return nil }
        return ASN1Value.bytes(of: identifier)
    }

    static func keepsExpiredSince(_ list: OpaquePointer) -> ExchangeTime? {
        guard let object = OBJ_txt2obj("2.5.29.60", 1) else { return nil }
        defer { ASN1_OBJECT_free(object) }
        let index = X509_CRL_get_ext_by_OBJ(list, object, -1)
        guard index >= 0, let found = X509_CRL_get_ext(list, index), let octets = X509_EXTENSION_get_data(found)
        else { return nil }
        let content = ASN1Value.bytes(of: octets)
        return content.withUnsafeBufferPointer { buffer -> ExchangeTime? in
            var position = buffer.baseAddress
            guard let time = d2i_ASN1_GENERALIZEDTIME(nil, &position, buffer.count) else { return nil }
            defer { ASN1_GENERALIZEDTIME_free(time) }
            return ExchangeTime(asn1: time)
        }
    }

    /// RFC 5280 §5.2, §5.3: a list with a critical extension that is not understood is not used.
    static func fault(of list: OpaquePointer) -> String? {
        if X509_CRL_get_ext_by_NID(list, NID_issuing_distribution_point, -1) >= 0 {
            return "it covers only part of the certificates (issuing distribution point)"
        }
        if X509_CRL_get_ext_by_NID(list, NID_delta_crl, -1) >= 0 { return "it is a delta list" }
        for index in 0..<max(0, X509_CRL_get_ext_count(list)) {
            guard let found = X509_CRL_get_ext(list, index), X509_EXTENSION_get_critical(found) == 1 else { continue }
            let nid = OBJ_obj2nid(X509_EXTENSION_get_object(found))
            guard nid == NID_authority_key_identifier || nid == NID_crl_number else {
                return "it has a critical extension that is not understood"
            }
        }
        let lines = X509_CRL_get_REVOKED(list)
        for index in 0..<max(0, shim_sk_X509_REVOKED_num(lines)) {
            guard let line = shim_sk_X509_REVOKED_value(lines, index) else { continue }
            for position in 0..<max(0, X509_REVOKED_get_ext_count(line)) {
                guard let found = X509_REVOKED_get_ext(line, position) else { continue }
                let nid = OBJ_obj2nid(X509_EXTENSION_get_object(found))
                if nid == NID_certificate_issuer { return "it speaks of certificates of other issuers" }
                guard X509_EXTENSION_get_critical(found) == 1, nid != NID_crl_reason, nid != NID_invalidity_date
                else { continue }
                return "one of its lines has a critical extension that is not understood"
            }
        }
        return nil
    }
}
