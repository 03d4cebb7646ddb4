import COpenSSL
import ExchangeModel

/// A certificate authority with its key: it issues certificates and revocation lists.
///
/// For demonstrations and tests only: it keeps no record of what it issued.
public struct CertificateAuthority: Sendable {
    /// The authority's own certificate.
    public let certificate: PartyCertificate
    /// The authority's private key.
    public let key: PrivateKey

    /// Takes a certificate and its key.
    ///
    /// - Throws: `key.mismatch`.
    public init(certificate: PartyCertificate, key: PrivateKey) throws {
        guard certificate.matches(key) else {
            throw ExchangeError(.keyMismatch, "The authority's key does not belong to its certificate")
        }
        self.certificate = certificate
        self.key = key
    }

    /// Makes a root: a certificate that its own key signs.
    ///
    /// - Throws: `issuing.failed`.
    public static func selfSigned(_ template: CertificateTemplate, key: PrivateKey) throws -> CertificateAuthority {
        try selfSigned(template, key: key, defects: IssuingDefects())
    }

    package static func selfSigned(
        _ template: CertificateTemplate,
        key: PrivateKey,
        defects: IssuingDefects
    ) throws -> CertificateAuthority {
        let draft = try CertificateDraft()
        try draft.fill(template, key: key, defects: defects)
        try draft.sign(issuer: nil, issuerKey: key, defects: defects)
        return try CertificateAuthority(certificate: draft.finished(defects), key: key)
    }

    /// Issues a certificate for the public half of a key.
    ///
    /// It is of version 3 with a random serial number of 127 bits and passes libcrypto's strict checks.
    /// - Throws: `issuing.failed`.
    public func issue(_ template: CertificateTemplate, publicKey holder: PrivateKey) throws -> PartyCertificate {
        try issue(template, publicKey: holder, defects: IssuingDefects())
    }

    package func issue(
        _ template: CertificateTemplate,
        publicKey holder: PrivateKey,
        defects: IssuingDefects
    ) throws -> PartyCertificate {
        let draft = try CertificateDraft()
        try draft.fill(template, key: holder, defects: defects)
        try draft.sign(issuer: certificate, issuerKey: key, defects: defects)
        return try draft.finished(defects)
    }

    /// Issues the certificate of an authority below this one, with its key.
    ///
    /// - Throws: `issuing.failed`.
    public func issueAuthority(_ template: CertificateTemplate, key: PrivateKey) throws -> CertificateAuthority {
        try CertificateAuthority(certificate: issue(template, publicKey: key), key: key)
    }
}

/// A certificate that is being made.
private struct CertificateDraft: ~Copyable {
    private let pointer: OpaquePointer

    init() throws {
        OpenSSLFailure.clear()
        guard let pointer = X509_new() else { throw OpenSSLFailure.error(.cryptoInternal, "Out of memory") }
        self.pointer = pointer
    }

    deinit { X509_free(pointer) }

    func fill(_ template: CertificateTemplate, key holder: PrivateKey, defects: IssuingDefects) throws {
        guard X509_set_version(pointer, Int(X509_VERSION_3)) == 1, X509_set_pubkey(pointer, holder.pointer) == 1
        else { throw OpenSSLFailure.error(.issuingFailed, "The certificate cannot be begun") }
        try setSerialNumber()
        try setTimes(template)
        try template.subject.write(to: X509_get_subject_name(pointer))
        try setExtensions(template, algorithm: holder.algorithm, defects: defects)
    }

    private func setSerialNumber() throws {
        var random = try randomBytes(16)
        // Positive, and never so small that a byte is lost.
        random[0] = random[0] & 0x7f | 0x40
        let number = BN_bin2bn(random, Int32(random.count), nil)
        defer { BN_free(number) }
        guard let number, BN_to_ASN1_INTEGER(number, X509_get_serialNumber(pointer)) != nil else {
            throw OpenSSLFailure.error(.issuingFailed, "The serial number cannot be set")
        }
    }

    private func setTimes(_ template: CertificateTemplate) throws {
        let start = ASN1_TIME_set(nil, Int(template.notBefore.secondsSince1970))
        let end = ASN1_TIME_set(nil, Int(template.notAfter.secondsSince1970))
        defer {
            ASN1_TIME_free(start)
            ASN1_TIME_free(end)
        }
        guard let start, let end, X509_set1_notBefore(pointer, start) == 1, X509_set1_notAfter(pointer, end) == 1
        else { throw OpenSSLFailure.error(.issuingFailed, "The validity cannot be set") }
    }

    private func setExtensions(
        _ template: CertificateTemplate,
        algorithm: KeyAlgorithm,
        defects: IssuingDefects
    ) throws {
        var extensions: [IssuedExtension] = []
        let isAuthority = defects.isAuthority ?? (template.purpose == .certificateAuthority)
        var constraints: [[UInt8]] = []
        if isAuthority {
            constraints.append([0x01, 0x01, 0xff])
            if let length = template.pathLength { constraints.append(IssuingDER.integer(UInt64(length))) }
        }
        extensions.append(
            IssuedExtension(
                identifier: "2.5.29.19",
                isCritical: defects.basicConstraintsAreCritical,
                value: IssuingDER.sequence(constraints)
            )
        )
        let usage = defects.keyUsage ?? template.purpose.keyUsage(for: algorithm)
        if !usage.isEmpty {
            extensions.append(
                IssuedExtension(identifier: "2.5.29.15", isCritical: true, value: IssuingDER.keyUsage(usage))
            )
        }
        let usages = defects.extendedKeyUsage ?? template.purpose.extendedKeyUsage
        if !usages.isEmpty {
            extensions.append(
                IssuedExtension(
                    identifier: "2.5.29.37",
                    isCritical: defects.extendedKeyUsageIsCritical ?? (template.purpose == .timestamping),
                    value: IssuingDER.sequence(try usages.map(IssuingDER.identifier))
                )
            )
        }
        if !defects.omitsKeyIdentifiers {
            extensions.append(
                IssuedExtension(
                    identifier: "2.5.29.14",
                    isCritical: false,
                    value: DERWriter.octets(try keyIdentifier())
                )
            )
        }
        if !template.alternativeNames.isEmpty {
            extensions.append(
                IssuedExtension(
                    identifier: "2.5.29.17",
                    isCritical: false,
                    value: IssuingDER.sequence(template.alternativeNames.map(\.der))
                )
            )
        }
        extensions += try Self.addresses(of: template)
        if template.purpose == .ocspSigning {
            // id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1): nobody need ask about the responder itself.
            extensions.append(
                IssuedExtension(identifier: "1.3.6.1.5.5.7.48.1.5", isCritical: false, value: [0x05, 0x00])
            )
        }
        extensions += defects.extensions.map {
            IssuedExtension(identifier: $0.identifier, isCritical: $0.isCritical, value: $0.value)
        }
        for made in extensions { try made.add { X509_add_ext(pointer, $0, -1) } }
    }

    private static func addresses(of template: CertificateTemplate) throws -> [IssuedExtension] {
        var extensions: [IssuedExtension] = []
        func location(_ url: String) -> [UInt8] { IssuingDER.element(0x86, Array(url.utf8)) }
        if let url = template.crlURL {
            let names = IssuingDER.element(0xa0, IssuingDER.element(0xa0, location(url)))
            extensions.append(
                IssuedExtension(
                    identifier: "2.5.29.31",
                    isCritical: false,
                    value: IssuingDER.sequence([IssuingDER.sequence([names])])
                )
            )
        }
        var accesses: [[UInt8]] = []
        if let url = template.ocspURL {
            accesses.append(IssuingDER.sequence([try IssuingDER.identifier("1.3.6.1.5.5.7.48.1"), location(url)]))
        }
        if let url = template.issuerCertificateURL {
            accesses.append(IssuingDER.sequence([try IssuingDER.identifier("1.3.6.1.5.5.7.48.2"), location(url)]))
        }
        if !accesses.isEmpty {
            extensions.append(
                IssuedExtension(
                    identifier: "1.3.6.1.5.5.7.1.1",
                    isCritical: false,
                    value: IssuingDER.sequence(accesses)
                )
            )
        }
        return extensions
    }

    /// RFC 7093 §2 method 1: the leftmost 160 bits of the SHA-256 of the public key's bits.
    private func keyIdentifier() throws -> [UInt8] {
        guard let bits = X509_get0_pubkey_bitstr(pointer) else {
            throw OpenSSLFailure.error(.cryptoInternal, "The public key cannot be written")
        }
        return Array(try SHA256Digest(of: ASN1Value.bytes(of: bits)).bytes.prefix(20))
    }

    func sign(issuer: PartyCertificate?, issuerKey: PrivateKey, defects: IssuingDefects) throws {
        let name = issuer.map { X509_get_subject_name($0.pointer) } ?? X509_get_subject_name(pointer)
        guard X509_set_issuer_name(pointer, name) == 1 else {
            throw OpenSSLFailure.error(.issuingFailed, "The issuer cannot be set")
        }
        // A root names its own key.
        let identifier = try issuer.map(\.subjectKeyIdentifier) ?? keyIdentifier()
        if !defects.omitsKeyIdentifiers, let identifier {
            let value = IssuingDER.sequence([IssuingDER.element(0x80, identifier)])
            try IssuedExtension(identifier: "2.5.29.35", isCritical: false, value: value)
                .add { X509_add_ext(pointer, $0, -1) }
        }
        try IssuingSignature.sign(key: issuerKey, digest: defects.digest, usesPSS: defects.usesPSS) {
            X509_sign_ctx(pointer, $0)
        }
    }

    func finished(_ defects: IssuingDefects) throws -> PartyCertificate {
        var der = try DERBytes.of(pointer) { i2d_X509($0, $1) }
        if defects.breaksSignature, let last = der.indices.last { der[last] ^= 1 }
        return try PartyCertificate(der: der)
    }
}

/// Signs with the digest that goes with the key: SHA-384 for P-384, otherwise SHA-256.
enum IssuingSignature {
    static func digest(for key: PrivateKey) -> String { key.algorithm == .p384 ? "SHA384" : "SHA256" }

    /// Lends a prepared signing context to one of libcrypto's `…_sign_ctx` functions.
    static func sign(
        key: PrivateKey,
        digest: String? = nil,
        usesPSS: Bool = false,
        _ body: (OpaquePointer) -> Int32
    ) throws {
        guard let context = EVP_MD_CTX_new() else { throw OpenSSLFailure.error(.cryptoInternal, "Out of memory") }
        defer { EVP_MD_CTX_free(context) }
        var parameters: OpaquePointer?
        let name = digest ?? self.digest(for: key)
        guard EVP_DigestSignInit_ex(context, &parameters, name, nil, nil, key.pointer, nil) == 1 else {
            throw OpenSSLFailure.error(.issuingFailed, "The key cannot sign with \(name)")
        }
        if usesPSS {
            guard EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1,
                EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1
            else { throw OpenSSLFailure.error(.issuingFailed, "The key cannot sign with PSS") }
        }
        guard body(context) > 0 else { throw OpenSSLFailure.error(.issuingFailed, "The signature cannot be made") }
    }
}
