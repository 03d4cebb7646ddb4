import ExchangeModel

/// The signed attributes that bind a signature to its certificate (RFC 5035 §4 and §5.4).
enum SigningCertificate {
    private static let fault = ErrorCode.signatureMalformed

    /// Checks that signingCertificateV2, and signingCertificate if it is there, name the certificate first.
    ///
    /// - Throws: `signature.certificate_mismatch`, `signature.missing_attribute`, `signature.malformed`.
    static func check(_ signed: [DERObjectID: [UInt8]], is certificate: PartyCertificate) throws {
        guard signed[.signingCertificateV2] != nil || signed[.signingCertificate] != nil else {
            throw ExchangeError(.signatureMissingAttribute, "The signature does not name its certificate")
        }
        if let value = signed[.signingCertificateV2] { try check(value, hasAlgorithm: true, is: certificate) }
        if let value = signed[.signingCertificate] { try check(value, hasAlgorithm: false, is: certificate) }
    }

    private static func check(_ value: [UInt8], hasAlgorithm: Bool, is certificate: PartyCertificate) throws {
        var file = DERReader(value[...], fault: fault)
        var attribute = try file.enter(DERTag.sequence, "the certificate reference")
        var list = try attribute.enter(DERTag.sequence, "the certificate reference")
        try attribute.end("the certificate reference")
        // The first names the signer's certificate; those after it restrict the path, which other rules hold.
        var first = try list.enter(DERTag.sequence, "the certificate reference")
        var digest: SignatureDigest? = hasAlgorithm ? .sha256 : nil
        if hasAlgorithm, first.nextTag == DERTag.sequence {
            digest = try SignatureDigest(try first.algorithm("the certificate reference's digest"))
        }
        let hash = try first.octets("the certificate reference's hash")
        let name = first.isAtEnd ? nil : try issuerAndSerialNumber(&first)
        try first.end("the certificate reference")
        let expected = try digest.map { try $0.digest(of: certificate.der) } ?? SHA1.digest(of: certificate.der)
        guard hash == expected, try name.map({ $0 == (try IssuerAndSerialNumber(of: certificate)) }) ?? true else {
            throw ExchangeError(.signatureCertificateMismatch, "The signature names another certificate")
        }
    }

    /// IssuerSerial with exactly one directory name.
    private static func issuerAndSerialNumber(_ reader: inout DERReader) throws -> IssuerAndSerialNumber {
        var fields = try reader.enter(DERTag.sequence, "the issuer and serial number")
        var names = try fields.enter(DERTag.sequence, "the issuer")
        var name = try names.enter(DERTag.context(4), "the issuer")
        try names.end("the issuer")
        let issuer = try name.next(DERTag.sequence, "the issuer").whole
        try name.end("the issuer")
        let serialNumber = try fields.next(DERTag.integer, "the serial number").whole
        try fields.end("the issuer and serial number")
        var again = DERReader(DERWriter.sequence(Array(issuer), Array(serialNumber))[...], fault: fault)
        return try IssuerAndSerialNumber(reading: &again, "the issuer and serial number")
    }
}
