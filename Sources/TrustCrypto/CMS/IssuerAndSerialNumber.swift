import COpenSSL
import ExchangeModel

/// How CMS names a certificate: its issuer and its serial number (RFC 5652 §10.2.4), by their exact DER.
public struct IssuerAndSerialNumber: Hashable, Sendable {
    /// The issuer's Name.
    public let issuer: [UInt8]
    /// The serial number, as an INTEGER.
    public let serialNumber: [UInt8]

    /// The name of a certificate.
    ///
    /// - Throws: `certificate.malformed`.
    public init(of certificate: PartyCertificate) throws {
        guard let name = X509_get_issuer_name(certificate.pointer),
            let number = X509_get0_serialNumber(certificate.pointer)
        else { throw ExchangeError(.certificateMalformed, "The certificate has no issuer or serial number") }
        issuer = try DERBytes.of(name) { i2d_X509_NAME($0, $1) }
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_ASN1_INTEGER(number, &start)
        guard count > 0, let start else {
            throw OpenSSLFailure.error(.cryptoInternal, "DER could not be written")
        }
        defer { shim_OPENSSL_free(start) }
        serialNumber = Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }

    init(reading reader: inout DERReader, _ what: String) throws {
        var fields = try reader.enter(DERTag.sequence, what)
        issuer = Array(try fields.next(DERTag.sequence, what).whole)
        let serialNumber = try fields.next(DERTag.integer, what)
        self.serialNumber = Array(serialNumber.whole)
        try fields.end(what)
        guard DERCanonical.isMinimal(integer: serialNumber.content) else {
            throw fields.failure("\(what) is not a minimal number")
        }
    }

    /// As DER.
    var der: [UInt8] { DERWriter.sequence(issuer, serialNumber) }
}
