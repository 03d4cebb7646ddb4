import COpenSSL
import ExchangeModel

extension CertificateTemplate.Subject {
    /// Adds the names to a distinguished name that libcrypto owns.
    func write(to name: OpaquePointer?) throws {
        let names: [(Int32, String?)] = [
            (NID_countryName, country), (NID_organizationName, organization),
            (NID_organizationIdentifier, organizationIdentifier), (NID_serialNumber, serialNumber),
            (NID_commonName, commonName),
        ]
        guard let name else { throw OpenSSLFailure.error(.cryptoInternal, "Out of memory") }
        for (nid, value) in names {
            guard let bytes = value.map({ Array($0.utf8) }), !bytes.isEmpty else { continue }
            guard bytes.count <= 1_024,
                X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, bytes, Int32(bytes.count), -1, 0) == 1
            else { throw OpenSSLFailure.error(.issuingFailed, "The subject cannot hold one of its names") }
        }
    }
}

extension CertificateTemplate.AlternativeName {
    /// The GeneralName (RFC 5280 §4.2.1.6).
    var der: [UInt8] {
        switch self {
        case .email(let address): IssuingDER.element(0x81, Array(address.utf8))
        case .dns(let name): IssuingDER.element(0x82, Array(name.utf8))
        case .ip(let address): IssuingDER.element(0x87, address)
        }
    }
}
