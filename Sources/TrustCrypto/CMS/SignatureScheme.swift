import COpenSSL
import ExchangeModel

/// A signature algorithm with its digest, as a SignerInfo names them.
enum SignatureScheme: Hashable {
    case ecdsa(SignatureDigest)
    case rsaPSS(SignatureDigest)
    /// PKCS#1 v1.5: only in timestamps, whose authorities know little else.
    case rsaPKCS1(SignatureDigest)

    var digest: SignatureDigest {
        switch self {
        case .ecdsa(let digest), .rsaPSS(let digest), .rsaPKCS1(let digest): digest
        }
    }

    /// Reads a SignerInfo's signature algorithm (RFC 5652 §5.3, RFC 5753, RFC 4056), which must use the digest that
    /// the SignerInfo names.
    init(_ algorithm: DERAlgorithm, digest: SignatureDigest) throws {
        let ecdsa: [SignatureDigest: DERObjectID] = [
            .sha256: .ecdsaWithSHA256, .sha384: .ecdsaWithSHA384, .sha512: .ecdsaWithSHA512,
        ]
        let pkcs1: [SignatureDigest: DERObjectID] = [
            .sha256: .rsaWithSHA256, .sha384: .rsaWithSHA384, .sha512: .rsaWithSHA512,
        ]
        if algorithm.id == ecdsa[digest], algorithm.parameters == nil {
            self = .ecdsa(digest)
        } else if algorithm.id == .rsaPSS, let parameters = algorithm.parameters {
            try Self.checkPSS(parameters, digest: digest)
            self = .rsaPSS(digest)
        } else if algorithm.id == .rsaEncryption || algorithm.id == pkcs1[digest], algorithm.hasPlainParameters {
            self = .rsaPKCS1(digest)
        } else {
            throw ExchangeError(
                .signatureAlgorithm,
                "The signature algorithm \(algorithm.id.dotted) is not one of the suite for \(digest.rawValue)"
            )
        }
    }

    /// RSASSA-PSS (RFC 8017 A.2.3): digest, MGF1 with the same digest, salt of the digest's length.
    private static func checkPSS(_ parameters: DERElement, digest: SignatureDigest) throws {
        let wrong = ExchangeError(.signatureAlgorithm, "The RSA-PSS parameters are not those of \(digest.rawValue)")
        guard parameters.tag == DERTag.sequence else { throw wrong }
        var fields = DERReader(parameters.content, fault: .signatureAlgorithm)
        var hash = try fields.enter(DERTag.context(0), "the RSA-PSS digest")
        let hashAlgorithm = try hash.algorithm("the RSA-PSS digest")
        var mask = try fields.enter(DERTag.context(1), "the RSA-PSS mask")
        let maskAlgorithm = try mask.algorithm("the RSA-PSS mask")
        var salt = try fields.enter(DERTag.context(2), "the RSA-PSS salt length")
        let saltLength = try salt.smallInteger("the RSA-PSS salt length")
        guard hash.isAtEnd, mask.isAtEnd, salt.isAtEnd, fields.isAtEnd, hashAlgorithm.id == digest.id,
            hashAlgorithm.hasPlainParameters, maskAlgorithm.isMaskGeneration(with: digest.id),
            saltLength == digest.size
        else { throw wrong }
    }

    /// Whether the signature value is right for the bytes under the certificate's key.
    ///
    /// - Throws: `key.not_in_suite`, `signature.algorithm` when the key is of another kind.
    func verify(
        _ signature: [UInt8],
        over bytes: [UInt8],
        by certificate: PartyCertificate,
        keys: KeyRule = .suite
    ) throws -> Bool {
        let algorithm = certificate.keyAlgorithm
        guard keys.accepts(algorithm), let key = X509_get0_pubkey(certificate.pointer) else {
            throw ExchangeError(.keyNotInSuite, "The signer's key is \(algorithm), which is not accepted")
        }
        var isRSA = false
        if case .rsa = algorithm { isRSA = true }
        if case .ecdsa = self, isRSA { throw Self.wrongKey(algorithm) }
        if case .ecdsa = self {} else if !isRSA { throw Self.wrongKey(algorithm) }
        OpenSSLFailure.clear()
        defer { OpenSSLFailure.clear() }
        guard let context = EVP_MD_CTX_new() else {
            throw OpenSSLFailure.error(.cryptoInternal, "Out of memory")
        }
        defer { EVP_MD_CTX_free(context) }
        var keyContext: OpaquePointer?
        guard EVP_DigestVerifyInit(context, &keyContext, digest.method, nil, key) == 1 else {
            throw OpenSSLFailure.error(.cryptoInternal, "A verification could not be started")
        }
        if case .rsaPSS = self {
            guard EVP_PKEY_CTX_set_rsa_padding(keyContext, RSA_PKCS1_PSS_PADDING) == 1,
                EVP_PKEY_CTX_set_rsa_mgf1_md(keyContext, digest.method) == 1,
                EVP_PKEY_CTX_set_rsa_pss_saltlen(keyContext, Int32(digest.size)) == 1
            else { throw OpenSSLFailure.error(.cryptoInternal, "A verification could not be started") }
        }
        return EVP_DigestVerify(context, signature, signature.count, bytes, bytes.count) == 1
    }

    private static func wrongKey(_ algorithm: KeyAlgorithm) -> ExchangeError {
        ExchangeError(.signatureAlgorithm, "The signature algorithm does not fit the signer's \(algorithm) key")
    }
}
