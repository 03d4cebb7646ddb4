import COpenSSL
import ExchangeModel

/// Path building and RFC 5280 validation by libcrypto, with its errors turned into ours.
struct PathBuilder {
    let trust: TrustStore
    let purpose: CertificatePurpose

    /// Authorities that may stand between leaf and anchor.
    static let greatestDepth: Int32 = 6
    /// 112 bits of security at least; the suite asks for more.
    static let authenticationLevel: Int32 = 2

    /// Gives the path from leaf to anchor as it was valid at a time.
    ///
    /// With lists, libcrypto also checks revocation at that time, for every certificate.
    func path(
        of certificate: PartyCertificate,
        at time: ExchangeTime,
        revocationLists: [RevocationList] = []
    ) throws -> [PartyCertificate] {
        OpenSSLFailure.clear()
        let store = X509_STORE_new()
        let context = X509_STORE_CTX_new()
        let offered = shim_sk_X509_new_null()
        defer {
            X509_STORE_CTX_free(context)
            X509_STORE_free(store)
            shim_sk_X509_free(offered)
        }
        guard let store, let context, let offered else {
            throw OpenSSLFailure.error(.cryptoInternal, "Out of memory")
        }
        for anchor in trust.anchors {
            guard X509_STORE_add_cert(store, anchor.pointer) == 1 else {
                throw OpenSSLFailure.error(.cryptoInternal, "An anchor cannot be added")
            }
        }
        for list in revocationLists {
            guard X509_STORE_add_crl(store, list.pointer) == 1 else {
                throw OpenSSLFailure.error(.cryptoInternal, "A revocation list cannot be added")
            }
        }
        for candidate in trust.requiredIssuers + trust.intermediates {
            guard shim_sk_X509_push(offered, candidate.pointer) > 0 else {
                throw OpenSSLFailure.error(.cryptoInternal, "Out of memory")
            }
        }
        // The stack only borrows the certificates, and the context only borrows the stack.
        return try withExtendedLifetime((trust, certificate, revocationLists)) {
            guard X509_STORE_CTX_init(context, store, certificate.pointer, offered) == 1,
                let parameters = X509_STORE_CTX_get0_param(context)
            else { throw OpenSSLFailure.error(.cryptoInternal, "The path cannot be checked") }
            var flags = UInt(X509_V_FLAG_X509_STRICT)
            if !revocationLists.isEmpty { flags |= UInt(X509_V_FLAG_CRL_CHECK) | UInt(X509_V_FLAG_CRL_CHECK_ALL) }
            X509_VERIFY_PARAM_set_time(parameters, Int(time.secondsSince1970))
            X509_VERIFY_PARAM_set_depth(parameters, Self.greatestDepth)
            X509_VERIFY_PARAM_set_auth_level(parameters, Self.authenticationLevel)
            guard X509_VERIFY_PARAM_set_flags(parameters, flags) == 1,
                X509_VERIFY_PARAM_set_purpose(parameters, purpose.libcryptoPurpose) == 1
            else { throw OpenSSLFailure.error(.cryptoInternal, "The path cannot be checked") }
            guard X509_verify_cert(context) == 1 else { throw failure(in: context) }
            return try certificates(of: context, beginning: certificate)
        }
    }

    private func certificates(
        of context: OpaquePointer,
        beginning leaf: PartyCertificate
    ) throws -> [PartyCertificate] {
        guard let chain = X509_STORE_CTX_get0_chain(context) else {
            throw OpenSSLFailure.error(.cryptoInternal, "The path is missing")
        }
        // libcrypto puts the very objects into the path that it was given.
        let given = [leaf] + trust.anchors + trust.requiredIssuers + trust.intermediates
        return try (0..<max(0, shim_sk_X509_num(chain))).compactMap { index in
            try shim_sk_X509_value(chain, index).map { found in
                try given.first { $0.pointer == found } ?? PartyCertificate(copying: found)
            }
        }
    }

    private func failure(in context: OpaquePointer) -> ExchangeError {
        let number = X509_STORE_CTX_get_error(context)
        let code = Self.code(of: number)
        var details = [X509_verify_cert_error_string(Int(number)).map { String(cString: $0) } ?? "error \(number)"]
        if let current = X509_STORE_CTX_get_current_cert(context) {
            details.append("certificate: " + PartyCertificate.text(of: X509_get_subject_name(current)))
        }
        details += OpenSSLFailure.drain()
        return ExchangeError(code, Self.reason(of: code), details: details)
    }

    private static func reason(of code: ErrorCode) -> String {
        switch code {
        case .certificateExpired: "a certificate of the path has expired"
        case .certificateNotYetValid: "a certificate of the path is not yet valid"
        case .certificateUntrusted: "no path leads from the certificate to a trust anchor"
        case .certificatePathTooLong: "the certificate's path is longer than allowed"
        case .certificateNotAnAuthority: "a certificate of the path was issued by one that may not issue any"
        case .certificateNameConstraint: "a certificate of the path breaks a name constraint"
        case .certificateWrongPurpose: "a certificate of the path may not be used for this purpose"
        case .certificateRevoked: "a certificate of the path is revoked"
        case .certificateStrict: "a certificate of the path breaks RFC 5280"
        case .certificateCriticalExtension: "a certificate has a critical extension that is not understood"
        case .certificateBadSignature: "the signature of a certificate of the path is false"
        case .certificateWeakSignature: "a certificate of the path is signed with an algorithm that is not accepted"
        case .keyNotInSuite: "a certificate of the path has a key outside the suite"
        default: "the certificate's path is not valid"
        }
    }

    private static func code(of number: Int32) -> ErrorCode { codes[number] ?? .certificatePathInvalid }

    private static let codes: [Int32: ErrorCode] = {
        let groups: [(ErrorCode, [Int32])] = [
            (.certificateExpired, [X509_V_ERR_CERT_HAS_EXPIRED]),
            (.certificateNotYetValid, [X509_V_ERR_CERT_NOT_YET_VALID]),
            (
                .certificateUntrusted,
                [
                    X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
                    X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
                    X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_UNTRUSTED,
                ]
            ),
            (.certificatePathTooLong, [X509_V_ERR_CERT_CHAIN_TOO_LONG, X509_V_ERR_PATH_LENGTH_EXCEEDED]),
            (
                .certificateNotAnAuthority,
                [X509_V_ERR_INVALID_CA, X509_V_ERR_INVALID_NON_CA, X509_V_ERR_KEYUSAGE_NO_CERTSIGN]
            ),
            (
                .certificateNameConstraint,
                [
                    X509_V_ERR_PERMITTED_VIOLATION, X509_V_ERR_EXCLUDED_VIOLATION, X509_V_ERR_SUBTREE_MINMAX,
                    X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX,
                    X509_V_ERR_UNSUPPORTED_NAME_SYNTAX,
                ]
            ),
            (.certificateWrongPurpose, [X509_V_ERR_INVALID_PURPOSE, X509_V_ERR_CERT_REJECTED]),
            (.certificateRevoked, [X509_V_ERR_CERT_REVOKED]),
            (.certificateBadSignature, [X509_V_ERR_CERT_SIGNATURE_FAILURE]),
            (.certificateWeakSignature, [X509_V_ERR_CA_MD_TOO_WEAK]),
            (
                .keyNotInSuite,
                [
                    X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL,
                    X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, X509_V_ERR_EC_KEY_EXPLICIT_PARAMS,
                ]
            ),
            (.certificateCriticalExtension, [X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION]),
            (
                .certificateStrict,
                [
                    X509_V_ERR_INVALID_EXTENSION, X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD,
                    X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD, X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA,
                    X509_V_ERR_PATHLEN_WITHOUT_KU_KEY_CERT_SIGN, X509_V_ERR_KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA,
                    X509_V_ERR_ISSUER_NAME_EMPTY, X509_V_ERR_SUBJECT_NAME_EMPTY,
                    X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER, X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER,
                    X509_V_ERR_EMPTY_SUBJECT_ALT_NAME, X509_V_ERR_EMPTY_SUBJECT_SAN_NOT_CRITICAL,
                    X509_V_ERR_CA_BCONS_NOT_CRITICAL, X509_V_ERR_AUTHORITY_KEY_IDENTIFIER_CRITICAL,
                    X509_V_ERR_SUBJECT_KEY_IDENTIFIER_CRITICAL, X509_V_ERR_CA_CERT_MISSING_KEY_USAGE,
                    X509_V_ERR_EXTENSIONS_REQUIRE_VERSION_3, X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH,
                    X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY,
                ]
            ),
        ]
        var codes: [Int32: ErrorCode] = [:]
        for (code, numbers) in groups { for number in numbers { codes[number] = code } }
        return codes
    }()
}

extension CertificatePurpose {
    /// libcrypto's nearest purpose; it also holds the authorities above to it.
    ///
    /// Gateways are checked as clients; that their certificate is also for servers is in its exact set of usages.
    fileprivate var libcryptoPurpose: Int32 {
        switch self {
        case .gatewayTLS, .agencyTLS, .personSignIn: X509_PURPOSE_SSL_CLIENT
        case .timestamping: X509_PURPOSE_TIMESTAMP_SIGN
        case .ocspSigning: X509_PURPOSE_OCSP_HELPER
        default: X509_PURPOSE_ANY
        }
    }
}

/// Which signature algorithms certificates, lists and OCSP responses may be signed with.
enum SignatureAlgorithmRule {
    /// ECDSA, RSA PKCS #1 v1.5 and RSA-PSS with SHA-256, SHA-384 or SHA-512.
    static func accepts(_ algorithm: UnsafePointer<X509_ALGOR>) -> Bool {
        defer { OpenSSLFailure.clear() }
        var object: OpaquePointer?
        var kind: Int32 = 0
        var value: UnsafeRawPointer?
        X509_ALGOR_get0(&object, &kind, &value, algorithm)
        let nid = OBJ_obj2nid(object)
        if nid == NID_rsassaPss {
            guard kind == V_ASN1_SEQUENCE, let value else { return false }
            return acceptsPSS(ASN1Value.bytes(of: value.assumingMemoryBound(to: ASN1_STRING.self)))
        }
        var digest: Int32 = 0
        var key: Int32 = 0
        guard OBJ_find_sigid_algs(nid, &digest, &key) == 1 else { return false }
        return digests.contains(digest) && (key == NID_rsaEncryption || key == NID_X9_62_id_ecPublicKey)
    }

    /// The name of an algorithm, for people.
    static func name(of algorithm: UnsafePointer<X509_ALGOR>) -> String {
        var object: OpaquePointer?
        X509_ALGOR_get0(&object, nil, nil, algorithm)
        let nid = OBJ_obj2nid(object)
        if nid != NID_undef, let name = OBJ_nid2ln(nid) { return String(cString: name) }
        return ASN1Value.dottedText(of: object) ?? "unknown algorithm"
    }

    private static var digests: [Int32] { [NID_sha256, NID_sha384, NID_sha512] }

    private static func acceptsPSS(_ parameters: [UInt8]) -> Bool {
        parameters.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            guard let read = d2i_RSA_PSS_PARAMS(nil, &position, buffer.count) else { return false }
            defer { RSA_PSS_PARAMS_free(read) }
            // An absent digest means SHA-1 (RFC 4055 §3.1).
            guard let digest = read.pointee.hashAlgorithm else { return false }
            var object: OpaquePointer?
            X509_ALGOR_get0(&object, nil, nil, digest)
            return digests.contains(OBJ_obj2nid(object))
        }
    }
}
