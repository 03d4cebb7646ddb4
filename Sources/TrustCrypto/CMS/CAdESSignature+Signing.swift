import COpenSSL
public import ExchangeModel

extension CAdESSignature {
    /// Signs content at baseline B (EN 319 122-1 §6): contentType, messageDigest, signingTime, signingCertificateV2.
    ///
    /// P-256 and RSA-PSS sign with SHA-256, P-384 with SHA-384.
    ///
    /// - Parameters:
    ///   - content: The bytes the signature stands beside.
    ///   - certificate: The signer's; it goes into the object.
    ///   - key: Its private key.
    ///   - chain: Intermediate certificates to send along, without the root.
    ///   - time: The signing time to claim.
    /// - Returns: The object with this one signer.
    /// - Throws: `key.not_in_suite`, `key.mismatch`, `crypto.internal`.
    public static func sign(
        content: [UInt8],
        certificate: PartyCertificate,
        key: PrivateKey,
        chain: [PartyCertificate] = [],
        time: ExchangeTime
    ) throws -> CAdESSignature {
        try make(content: content, isDetached: true, certificate: certificate, key: key, chain: chain, time: time)
    }

    /// Signs content that stands beside the object, or inside it.
    static func make(
        content: [UInt8],
        isDetached: Bool,
        certificate: PartyCertificate,
        key: PrivateKey,
        chain: [PartyCertificate],
        time: ExchangeTime
    ) throws -> CAdESSignature {
        let algorithm = certificate.keyAlgorithm
        guard algorithm.isInSuite else {
            throw ExchangeError(.keyNotInSuite, "The signer's key is \(algorithm), which the suite does not have")
        }
        guard certificate.matches(key) else {
            throw ExchangeError(.keyMismatch, "The private key does not belong to the signer's certificate")
        }
        OpenSSLFailure.clear()
        let detached = isDetached ? CMS_DETACHED : 0
        let flags = UInt32(CMS_BINARY | detached | CMS_PARTIAL | CMS_CADES | CMS_NOSMIMECAP | CMS_KEY_PARAM)
        guard let created = CMS_sign(nil, nil, nil, nil, flags) else {
            throw OpenSSLFailure.error(.cryptoInternal, "A signature could not be started")
        }
        let message = CMSMessage(takingOwnership: created)
        for intermediate in Set(chain) where intermediate != certificate {
            guard CMS_add1_cert(message.pointer, intermediate.pointer) == 1 else {
                throw OpenSSLFailure.error(.cryptoInternal, "A certificate could not be added")
            }
        }
        let digest = algorithm == .p384 ? EVP_sha384() : EVP_sha256()
        guard let signer = CMS_add1_signer(message.pointer, certificate.pointer, key.pointer, digest, flags) else {
            throw OpenSSLFailure.error(.cryptoInternal, "A signer could not be added")
        }
        if case .rsa = algorithm {
            guard let context = CMS_SignerInfo_get0_pkey_ctx(signer),
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1,
                EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) == 1,
                EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1
            else { throw OpenSSLFailure.error(.cryptoInternal, "RSA-PSS could not be set") }
        }
        let claimed = SigningTime.content(of: time)
        let text = Array(claimed.text.utf8)
        // An ASN1 string type is its tag.
        let type = Int32(claimed.tag)
        guard CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_signingTime, type, text, Int32(text.count)) == 1
        else { throw OpenSSLFailure.error(.cryptoInternal, "The signing time could not be set") }
        // The memory BIO reads from the bytes while the closure lasts.
        let finished = content.withUnsafeBytes { bytes -> Bool in
            guard let size = Int32(exactly: bytes.count), let source = BIO_new_mem_buf(bytes.baseAddress, size)
            else { return false }
            defer { BIO_free(source) }
            return CMS_final(message.pointer, source, nil, flags) == 1
        }
        guard finished else { throw OpenSSLFailure.error(.cryptoInternal, "Signing failed") }
        return try CAdESSignature(der: try message.der(), isDetached: isDetached)
    }
}
