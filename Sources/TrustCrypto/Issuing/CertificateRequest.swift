import COpenSSL
import ExchangeModel

/// A request for a certificate (PKCS #10, RFC 2986), to be taken to the authority that issues it.
public struct CertificateRequest: Hashable, Sendable {
    /// The exact bytes.
    public let der: [UInt8]
    /// The request as PEM.
    public let pem: String

    /// Makes a request and signs it with the key it is for.
    ///
    /// Key usage, extended key usage and alternative names that the certificate should carry stand in the request's
    /// extensions (RFC 2985 §5.4.2).
    /// - Throws: `key.not_in_suite`, `issuing.failed`.
    public init(
        subject: CertificateTemplate.Subject,
        purpose: CertificatePurpose,
        alternativeNames: [CertificateTemplate.AlternativeName] = [],
        key: PrivateKey
    ) throws {
        guard key.algorithm.isInSuite else {
            throw ExchangeError(.keyNotInSuite, "\(key.algorithm) is not accepted for certificates")
        }
        OpenSSLFailure.clear()
        guard let request = X509_REQ_new() else { throw OpenSSLFailure.error(.cryptoInternal, "Out of memory") }
        defer { X509_REQ_free(request) }
        guard X509_REQ_set_version(request, Int(X509_REQ_VERSION_1)) == 1,
            X509_REQ_set_pubkey(request, key.pointer) == 1
        else { throw OpenSSLFailure.error(.issuingFailed, "The request cannot be begun") }
        try subject.write(to: X509_REQ_get_subject_name(request))
        try Self.addExtensions(to: request, purpose: purpose, alternativeNames: alternativeNames, key: key)
        try IssuingSignature.sign(key: key) { X509_REQ_sign_ctx(request, $0) }
        der = try DERBytes.of(request) { i2d_X509_REQ($0, $1) }
        pem = try Self.pem(of: request)
    }

    private static func addExtensions(
        to request: OpaquePointer,
        purpose: CertificatePurpose,
        alternativeNames: [CertificateTemplate.AlternativeName],
        key: PrivateKey
    ) throws {
        guard let extensions = shim_sk_X509_EXTENSION_new_null() else {
            throw OpenSSLFailure.error(.cryptoInternal, "Out of memory")
        }
        defer { shim_sk_X509_EXTENSION_pop_free(extensions) }
        var wanted = [
            IssuedExtension(
                identifier: "2.5.29.15",
                isCritical: true,
                value: IssuingDER.keyUsage(purpose.keyUsage(for: key.algorithm))
            ),
            IssuedExtension(
                identifier: "2.5.29.37",
                isCritical: purpose == .timestamping,
                value: IssuingDER.sequence(try purpose.extendedKeyUsage.map(IssuingDER.identifier))
            ),
        ]
        if !alternativeNames.isEmpty {
            let names = IssuingDER.sequence(alternativeNames.map(\.der))
            wanted.append(IssuedExtension(identifier: "2.5.29.17", isCritical: false, value: names))
        }
        for one in wanted {
            try one.add { made in
                guard let copy = X509_EXTENSION_dup(made) else { return 0 }
                guard shim_sk_X509_EXTENSION_push(extensions, copy) > 0 else {
                    X509_EXTENSION_free(copy)
                    return 0
                }
                return 1
            }
        }
        guard X509_REQ_add_extensions(request, extensions) == 1 else {
            throw OpenSSLFailure.error(.issuingFailed, "The request's extensions cannot be added")
        }
    }

    private static func pem(of request: OpaquePointer) throws -> String {
        guard let sink = BIO_new(BIO_s_mem()) else { throw OpenSSLFailure.error(.cryptoInternal, "Out of memory") }
        defer { BIO_free(sink) }
        guard PEM_write_bio_X509_REQ(sink, request) == 1 else {
            throw OpenSSLFailure.error(.cryptoInternal, "The request cannot be written")
        }
        var start: UnsafePointer<UInt8>?
        let count = shim_BIO_get_mem_data(sink, &start)
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }
}
