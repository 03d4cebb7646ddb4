import COpenSSL
import ExchangeModel

extension PartyCertificate {
    /// Whether the certificate names this host among its alternative names (RFC 9525): a DNS name, or an IP address
    /// in its usual text form. The common name counts for nothing, and a wildcard must be a whole label.
    public func isFor(host: String) -> Bool {
        OpenSSLFailure.clear()
        defer { OpenSSLFailure.clear() }
        // Letters, digits, hyphens, dots and the colons of IPv6: nothing that means something else to libcrypto, such as a
        // wildcard, a zero byte, or a leading dot for every name below.
        let isHost = host.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || "-.:".utf8.contains(byte)
        }
        guard isHost, (1...253).contains(host.utf8.count), host.first != "." else { return false }
        if X509_check_ip_asc(pointer, host, 0) == 1 { return true }
        let flags = UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT)
        return X509_check_host(pointer, host, 0, flags, nil) == 1
    }
}
