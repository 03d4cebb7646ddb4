import COpenSSL
public import ExchangeModel

/// One line of a revocation list to be issued.
public struct RevokedCertificate: Hashable, Sendable {
    /// The serial number as hexadecimal.
    public var serialNumber: String
    /// When it was revoked.
    public var date: ExchangeTime
    /// Why, if it is to be said.
    public var reason: RevocationReason?
    /// Since when the certificate is known to have been bad, if it is to be said.
    public var invalidityDate: ExchangeTime?

    /// Names a certificate by its serial number.
    public init(
        serialNumber: String,
        date: ExchangeTime,
        reason: RevocationReason? = nil,
        invalidityDate: ExchangeTime? = nil
    ) {
        self.serialNumber = serialNumber
        self.date = date
        self.reason = reason
        self.invalidityDate = invalidityDate
    }

    /// Names a certificate.
    public init(
        _ certificate: PartyCertificate,
        date: ExchangeTime,
        reason: RevocationReason? = nil,
        invalidityDate: ExchangeTime? = nil
    ) {
        self.init(
            serialNumber: certificate.serialNumber,
            date: date,
            reason: reason,
            invalidityDate: invalidityDate
        )
    }
}

extension CertificateAuthority {
    /// Issues a revocation list of version 2 that says it keeps expired certificates (X.509 expiredCertsOnCRL).
    ///
    /// - Throws: `issuing.failed`.
    public func issueRevocationList(
        revoked: [RevokedCertificate],
        thisUpdate: ExchangeTime,
        nextUpdate: ExchangeTime,
        number: UInt64
    ) throws -> RevocationList {
        try issueRevocationList(
            revoked: revoked,
            thisUpdate: thisUpdate,
            nextUpdate: nextUpdate,
            number: number,
            keepsExpired: true,
            defects: IssuingDefects()
        )
    }

    package func issueRevocationList(
        revoked: [RevokedCertificate],
        thisUpdate: ExchangeTime,
        nextUpdate: ExchangeTime?,
        number: UInt64,
        keepsExpired: Bool,
        defects: IssuingDefects
    ) throws -> RevocationList {
        OpenSSLFailure.clear()
        guard let list = X509_CRL_new() else { throw OpenSSLFailure.error(.cryptoInternal, "Out of memory") }
        defer { X509_CRL_free(list) }
        guard X509_CRL_set_version(list, Int(X509_CRL_VERSION_2)) == 1,
            X509_CRL_set_issuer_name(list, X509_get_subject_name(certificate.pointer)) == 1
        else { throw OpenSSLFailure.error(.issuingFailed, "The revocation list cannot be begun") }
        try Self.withTime(thisUpdate) { X509_CRL_set1_lastUpdate(list, $0) }
        if let nextUpdate { try Self.withTime(nextUpdate) { X509_CRL_set1_nextUpdate(list, $0) } }
        for entry in revoked { try Self.add(entry, to: list) }
        guard X509_CRL_sort(list) == 1 else {
            throw OpenSSLFailure.error(.issuingFailed, "The revocation list cannot be sorted")
        }

        var extensions = [
            IssuedExtension(identifier: "2.5.29.20", isCritical: false, value: IssuingDER.integer(number))
        ]
        if !defects.omitsKeyIdentifiers, let identifier = certificate.subjectKeyIdentifier {
            let value = IssuingDER.sequence([IssuingDER.element(0x80, identifier)])
            extensions.append(IssuedExtension(identifier: "2.5.29.35", isCritical: false, value: value))
        }
        if keepsExpired, let start = certificate.notBefore {
            let value = IssuingDER.generalizedTime(start)
            extensions.append(IssuedExtension(identifier: "2.5.29.60", isCritical: false, value: value))
        }
        extensions += defects.extensions.map {
            IssuedExtension(identifier: $0.identifier, isCritical: $0.isCritical, value: $0.value)
        }
        for made in extensions { try made.add { X509_CRL_add_ext(list, $0, -1) } }
        try IssuingSignature.sign(key: key, digest: defects.digest, usesPSS: defects.usesPSS) {
            X509_CRL_sign_ctx(list, $0)
        }
        var der = try DERBytes.of(list) { i2d_X509_CRL($0, $1) }
        if defects.breaksSignature, let last = der.indices.last { der[last] ^= 1 }
        return try RevocationList(der: der)
    }

    private static func withTime(
        _ time: ExchangeTime,
        _ body: (UnsafeMutablePointer<ASN1_TIME>) -> Int32
    ) throws {
        let made = ASN1_TIME_set(nil, Int(time.secondsSince1970))
        defer { ASN1_TIME_free(made) }
        guard let made, body(made) == 1 else { throw OpenSSLFailure.error(.issuingFailed, "A time cannot be set") }
    }

    private static func add(_ entry: RevokedCertificate, to list: OpaquePointer) throws {
        var number: OpaquePointer?
        guard entry.serialNumber.utf8.count <= 64, Hexadecimal.bytes(of: entry.serialNumber) != nil,
            BN_hex2bn(&number, entry.serialNumber) > 0
        else { throw OpenSSLFailure.error(.issuingFailed, "\(entry.serialNumber) is not a serial number") }
        let serial = BN_to_ASN1_INTEGER(number, nil)
        BN_free(number)
        defer { ASN1_INTEGER_free(serial) }
        guard let serial, let line = X509_REVOKED_new() else {
            throw OpenSSLFailure.error(.cryptoInternal, "Out of memory")
        }
        do {
            guard X509_REVOKED_set_serialNumber(line, serial) == 1 else {
                throw OpenSSLFailure.error(.issuingFailed, "The serial number cannot be set")
            }
            try withTime(entry.date) { X509_REVOKED_set_revocationDate(line, $0) }
            if let reason = entry.reason {
                let value = IssuingDER.element(0x0a, [UInt8(truncatingIfNeeded: reason.rawValue)])
                try IssuedExtension(identifier: "2.5.29.21", isCritical: false, value: value)
                    .add { X509_REVOKED_add_ext(line, $0, -1) }
            }
            if let date = entry.invalidityDate {
                try IssuedExtension(
                    identifier: "2.5.29.24",
                    isCritical: false,
                    value: IssuingDER.generalizedTime(date)
                ).add { X509_REVOKED_add_ext(line, $0, -1) }
            }
            guard X509_CRL_add0_revoked(list, line) == 1 else {
                throw OpenSSLFailure.error(.issuingFailed, "A line cannot be added")
            }
        } catch {
            X509_REVOKED_free(line)
            throw error
        }
    }
}
