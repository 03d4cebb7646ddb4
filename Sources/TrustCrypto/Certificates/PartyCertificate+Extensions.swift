import COpenSSL
import ExchangeModel

extension PartyCertificate {
    /// The serial number as lower-case hexadecimal, two digits a byte; a leading `-` if it is negative.
    public var serialNumber: String {
        guard let serial = X509_get0_serialNumber(pointer) else { return "" }
        return ASN1Value.serialText(of: serial)
    }

    /// Whether subject and issuer are the same name.
    public var isSelfIssued: Bool { X509_get_extension_flags(pointer) & UInt32(EXFLAG_SI) != 0 }

    /// Whether it is a certificate authority by its basic constraints (RFC 5280 §4.2.1.9).
    public var isAuthority: Bool {
        defer { OpenSSLFailure.clear() }
        let flags = X509_get_extension_flags(pointer)
        return flags & UInt32(EXFLAG_CA) != 0 && flags & UInt32(EXFLAG_INVALID) == 0
    }

    /// The key usage; `nil` when the extension is absent or unreadable.
    public var keyUsage: KeyUsage? {
        let bits = X509_get_key_usage(pointer)
        guard X509_get_extension_flags(pointer) & UInt32(EXFLAG_KUSAGE) != 0, bits != .max else { return nil }
        return KeyUsage(rawValue: bits)
    }

    /// The extended key usages as dotted OIDs, in order; `nil` when the extension is absent, unreadable or doubled.
    public var extendedKeyUsage: [String]? {
        defer { OpenSSLFailure.clear() }
        guard let found = X509_get_ext_d2i(pointer, NID_ext_key_usage, nil, nil) else { return nil }
        let usages = OpaquePointer(found)
        defer { shim_sk_ASN1_OBJECT_free(usages) }
        let count = shim_sk_ASN1_OBJECT_num(usages)
        guard (0...64).contains(count) else { return nil }
        var names: [String] = []
        for index in 0..<count {
            guard let name = ASN1Value.dottedText(of: shim_sk_ASN1_OBJECT_value(usages, index)) else { return nil }
            names.append(name)
        }
        return names
    }

    var isExtendedKeyUsageCritical: Bool {
        let index = X509_get_ext_by_NID(pointer, NID_ext_key_usage, -1)
        guard index >= 0, let found = X509_get_ext(pointer, index) else { return false }
        return X509_EXTENSION_get_critical(found) == 1
    }

    /// The subject key identifier's bytes, if the extension is there.
    public var subjectKeyIdentifier: [UInt8]? {
        defer { OpenSSLFailure.clear() }
        return X509_get0_subject_key_id(pointer).map { ASN1Value.bytes(of: $0) }
    }

    /// The `http` and `https` addresses of the certificate's revocation lists (RFC 5280 §4.2.1.13).
    public var crlDistributionPointURLs: [String] {
        defer { OpenSSLFailure.clear() }
        guard let found = X509_get_ext_d2i(pointer, NID_crl_distribution_points, nil, nil) else { return [] }
        let points = OpaquePointer(found)
        defer { CRL_DIST_POINTS_free(points) }
        var addresses: [String] = []
        for index in 0..<min(16, max(0, shim_sk_DIST_POINT_num(points))) {
            guard let point = shim_sk_DIST_POINT_value(points, index),
                // A list by another issuer, or for some reasons only, is not one we can use.
                point.pointee.CRLissuer == nil, point.pointee.reasons == nil,
                let name = point.pointee.distpoint, name.pointee.type == 0
            else { continue }
            let names = name.pointee.name.fullname
            for position in 0..<min(16, max(0, shim_sk_GENERAL_NAME_num(names))) {
                if let address = webAddress(of: shim_sk_GENERAL_NAME_value(names, position)) {
                    addresses.append(address)
                }
            }
        }
        return addresses
    }

    /// The addresses of the OCSP responders (RFC 5280 §4.2.2.1).
    public var ocspURLs: [String] { accessAddresses(NID_ad_OCSP) }

    /// The addresses where the issuer's certificate is published (RFC 5280 §4.2.2.1).
    public var issuerCertificateURLs: [String] { accessAddresses(NID_ad_ca_issuers) }

    private func accessAddresses(_ method: Int32) -> [String] {
        defer { OpenSSLFailure.clear() }
        guard let found = X509_get_ext_d2i(pointer, NID_info_access, nil, nil) else { return [] }
        let accesses = OpaquePointer(found)
        defer { AUTHORITY_INFO_ACCESS_free(accesses) }
        var addresses: [String] = []
        for index in 0..<min(16, max(0, shim_sk_ACCESS_DESCRIPTION_num(accesses))) {
            guard let access = shim_sk_ACCESS_DESCRIPTION_value(accesses, index),
                OBJ_obj2nid(access.pointee.method) == method, let address = webAddress(of: access.pointee.location)
            else { continue }
            addresses.append(address)
        }
        return addresses
    }

    func hasExtension(_ nid: Int32) -> Bool { X509_get_ext_by_NID(pointer, nid, -1) >= 0 }
}

/// Reads of small ASN.1 values that libcrypto holds.
enum ASN1Value {
    /// An integer as lower-case hexadecimal.
    static func serialText(of serial: UnsafePointer<ASN1_INTEGER>) -> String {
        let magnitude = Hexadecimal.text(of: bytes(of: serial))
        return (serial.pointee.type == V_ASN1_NEG_INTEGER ? "-" : "") + (magnitude.isEmpty ? "00" : magnitude)
    }

    /// The content of an ASN.1 string, copied.
    static func bytes(of string: UnsafePointer<ASN1_STRING>) -> [UInt8] {
        let count = Int(ASN1_STRING_length(string))
        guard count > 0, let start = ASN1_STRING_get0_data(string) else { return [] }
        return Array(UnsafeBufferPointer(start: start, count: count))
    }

    /// The dotted form of an object identifier; `nil` when it is longer than 255 characters.
    static func dottedText(of object: OpaquePointer?) -> String? {
        guard let object else { return nil }
        var buffer = [CChar](repeating: 0, count: 256)
        let length = Int(OBJ_obj2txt(&buffer, Int32(buffer.count), object, 1))
        guard length > 0, length < buffer.count else { return nil }
        return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

// Addresses are printable ASCII, of at most 2048 bytes; anything else is passed over.
private func webAddress(of name: UnsafePointer<GENERAL_NAME>?) -> String? {
    guard let name, name.pointee.type == GEN_URI, let value = name.pointee.d.uniformResourceIdentifier else {
        return nil
    }
    let characters = ASN1Value.bytes(of: value)
    guard characters.count <= 2_048, characters.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
    let address = String(decoding: characters, as: UTF8.self)
    let lowered = address.lowercased()
    return lowered.hasPrefix("http://") || lowered.hasPrefix("https://") ? address : nil
}
