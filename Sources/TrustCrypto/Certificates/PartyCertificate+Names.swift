import COpenSSL
import ExchangeModel

extension PartyCertificate {
    /// The DNS names and IP addresses it is for (subjectAltName, RFC 5280 §4.2.1.6), in order; the subject names none.
    public var names: [String] {
        defer { OpenSSLFailure.clear() }
        guard let found = X509_get_ext_d2i(pointer, NID_subject_alt_name, nil, nil) else { return [] }
        let names = OpaquePointer(found)
        defer { GENERAL_NAMES_free(names) }
        var result: [String] = []
        for index in 0..<min(128, max(0, shim_sk_GENERAL_NAME_num(names))) {
            guard let name = shim_sk_GENERAL_NAME_value(names, index) else { continue }
            switch name.pointee.type {
            case GEN_DNS:
                guard let value = name.pointee.d.dNSName else { continue }
                let characters = ASN1Value.bytes(of: value)
                guard characters.count <= 255, characters.allSatisfy({ (0x21...0x7e).contains($0) }) else { continue }
                result.append(String(decoding: characters, as: UTF8.self))
            case GEN_IPADD:
                guard let value = name.pointee.d.iPAddress else { continue }
                if let text = Self.addressText(ASN1Value.bytes(of: value)) { result.append(text) }
            default: continue
            }
        }
        return result
    }

    /// Whether it is for this host: a DNS name or an IP address, an IPv6 one with or without brackets.
    ///
    /// Only the subjectAltName counts (RFC 9525 §2), and a wildcard only as the whole leftmost label.
    public func matchesHost(_ host: String) -> Bool {
        defer { OpenSSLFailure.clear() }
        var name = host[...]
        if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
        // To libcrypto a name that begins with a point stands for every host below it.
        guard (1...255).contains(name.utf8.count), name.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
            name.first != "."
        else { return false }
        let text = String(name)
        if let address = a2i_IPADDRESS(text) {
            ASN1_OCTET_STRING_free(address)
            return X509_check_ip_asc(pointer, text, 0) == 1
        }
        let flags = UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
        return X509_check_host(pointer, text, text.utf8.count, flags, nil) == 1
    }

    private static func addressText(_ bytes: [UInt8]) -> String? {
        switch bytes.count {
        case 4: return bytes.map { String($0) }.joined(separator: ".")
        case 16:
            return stride(from: 0, to: 16, by: 2).map { position in
                String(UInt16(bytes[position]) << 8 | UInt16(bytes[position + 1]), radix: 16)
            }.joined(separator: ":")
        default: return nil
        }
    }
}
