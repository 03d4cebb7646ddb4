import COpenSSL
public import ExchangeModel

/// What an OCSP responder says about a certificate.
public enum OCSPStatus: Hashable, Sendable {
    /// It is not revoked.
    case good
    /// It is revoked.
    case revoked(since: ExchangeTime, reason: RevocationReason)
    /// The responder does not know the certificate.
    case unknown
}

/// A checked answer about one certificate (RFC 6960 §4.2).
public struct OCSPAnswer: Hashable, Sendable {
    /// What the responder says.
    public let status: OCSPStatus
    /// When that was true.
    public let thisUpdate: ExchangeTime
    /// When newer information is due; `nil` when it is always at hand.
    public let nextUpdate: ExchangeTime?
    /// When the answer was signed.
    public let producedAt: ExchangeTime
    /// Who signed it.
    public let responder: PartyCertificate
    let archiveCutoff: ExchangeTime?
    let invalidityDate: ExchangeTime?

    /// How long an answer without an end counts as current, in seconds.
    package static let lifeWithoutEnd: Int64 = 3_600
}

/// A successful OCSP response (RFC 6960), its origin not yet checked.
public struct OCSPResponse: Hashable, Sendable {
    /// The exact bytes.
    public let der: [UInt8]

    /// The largest response read, in bytes.
    public static let largest = 1 << 18

    /// Reads one response that fills the bytes.
    ///
    /// - Throws: `ocsp.malformed`; `ocsp.refused` when the responder gave no answer.
    public init(der: [UInt8]) throws {
        self.der = der
        _ = try BasicOCSPResponse(der: der)
    }

    /// Checks origin and content of what the response says about a certificate; says nothing about its age, but
    /// that it is not from the future.
    ///
    /// - Throws: one of the `ocsp.…` codes.
    package func answer(
        about certificate: PartyCertificate,
        issuer: PartyCertificate,
        now: ExchangeTime,
        trust: TrustStore
    ) throws -> OCSPAnswer {
        let response = try BasicOCSPResponse(der: der)
        let responder = try response.responder(for: issuer, now: now, trust: trust)
        return try response.answer(about: certificate, issuer: issuer, responder: responder, now: now)
    }

    /// Whether one of its statements names the certificate.
    func speaks(of certificate: PartyCertificate, issuer: PartyCertificate) -> Bool {
        guard let response = try? BasicOCSPResponse(der: der) else { return false }
        return response.statement(about: certificate, issuer: issuer) != nil
    }
}

/// libcrypto's form of a response, freed at the end.
struct BasicOCSPResponse: ~Copyable {
    private let pointer: OpaquePointer

    init(der: [UInt8]) throws {
        OpenSSLFailure.clear()
        let read = der.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            guard bytes.count <= OCSPResponse.largest else { return nil }
            var position = bytes.baseAddress
            guard let read = d2i_OCSP_RESPONSE(nil, &position, bytes.count) else { return nil }
            guard position == bytes.baseAddress.map({ $0 + bytes.count }) else {
                OCSP_RESPONSE_free(read)
                return nil
            }
            return read
        }
        guard let read else { throw OpenSSLFailure.error(.ocspMalformed, "The OCSP response cannot be read") }
        defer { OCSP_RESPONSE_free(read) }
        let status = OCSP_response_status(read)
        guard status == OCSP_RESPONSE_STATUS_SUCCESSFUL else {
            let text = OCSP_response_status_str(Int(status)).map { String(cString: $0) } ?? "status \(status)"
            let isOut = [OCSP_RESPONSE_STATUS_TRYLATER, OCSP_RESPONSE_STATUS_INTERNALERROR].contains(status)
            throw ExchangeError(
                isOut ? .ocspUnavailable : .ocspRefused,
                isOut ? "The OCSP responder cannot answer now" : "The OCSP responder declined to answer",
                details: [text]
            )
        }
        guard let basic = OCSP_response_get1_basic(read) else {
            throw OpenSSLFailure.error(.ocspMalformed, "The OCSP response is not of the basic type")
        }
        pointer = basic
    }

    deinit { OCSP_BASICRESP_free(pointer) }

    /// Finds the signer and checks that it may speak for the issuer (RFC 6960 §4.2.2.2).
    func responder(for issuer: PartyCertificate, now: ExchangeTime, trust: TrustStore) throws -> PartyCertificate {
        OpenSSLFailure.clear()
        guard let known = shim_sk_X509_new_null() else { throw OpenSSLFailure.error(.cryptoInternal, "Out of memory") }
        defer { shim_sk_X509_free(known) }
        var signer: OpaquePointer?
        guard shim_sk_X509_push(known, issuer.pointer) > 0, OCSP_resp_get0_signer(pointer, &signer, known) == 1,
            let signer
        else {
            throw OpenSSLFailure.error(.ocspResponderNotAuthorized, "The signer of the OCSP response is not known")
        }
        let responder = try PartyCertificate(copying: signer)
        guard let algorithm = OCSP_resp_get0_tbs_sigalg(pointer), SignatureAlgorithmRule.accepts(algorithm) else {
            throw ExchangeError(
                .ocspWeakSignature,
                "The OCSP response is signed with an algorithm that is not accepted"
            )
        }
        // Only the signature: who may sign is decided below, without any other trust.
        guard OCSP_basic_verify(pointer, known, nil, UInt(OCSP_NOVERIFY)) == 1 else {
            throw OpenSSLFailure.error(.ocspBadSignature, "The signature of the OCSP response is false")
        }
        if responder != issuer { try authorize(responder, issuer: issuer, now: now, trust: trust) }
        return responder
    }

    private func authorize(
        _ responder: PartyCertificate,
        issuer: PartyCertificate,
        now: ExchangeTime,
        trust: TrustStore
    ) throws {
        func refusal(_ reason: String, _ details: [String] = []) -> ExchangeError {
            OpenSSLFailure.clear()
            return ExchangeError(
                .ocspResponderNotAuthorized,
                "The OCSP responder may not speak for the issuer: \(reason)",
                details: ["responder: " + responder.subject] + details
            )
        }
        guard X509_check_issued(issuer.pointer, responder.pointer) == X509_V_OK,
            let key = X509_get0_pubkey(issuer.pointer), X509_verify(responder.pointer, key) == 1
        else { throw refusal("the issuer did not issue its certificate") }
        do {
            try responder.requirePurpose(.ocspSigning)
            try responder.requireAcceptedSignature(.ocspWeakSignature)
        } catch let error as ExchangeError {
            throw refusal("its certificate is not for that", [error.description])
        }
        guard trust.keyRule.accepts(responder.keyAlgorithm) else { throw refusal("its key is outside the suite") }
        guard let produced = producedAt, let start = responder.notBefore, let end = responder.notAfter,
            (start...max(start, end)).contains(produced)
        else { throw refusal("its certificate was not valid when the response was made") }
        guard !responder.hasExtension(NID_id_pkix_OCSP_noCheck) else { return }
        let check = RevocationCheck(
            validationTime: min(produced, now),
            now: now,
            trust: trust,
            policy: RevocationPolicy(reportsIfUnavailable: false, acceptsCurrentThen: true)
        )
        do {
            _ = try check.evidence(for: responder, issuer: issuer, usesOCSP: false)
        } catch let error as ExchangeError {
            throw refusal("its certificate is revoked or could not be checked", [error.description])
        }
    }

    private var producedAt: ExchangeTime? {
        OCSP_resp_get0_produced_at(pointer).flatMap { ExchangeTime(asn1: $0) }
    }

    /// The statement that names the certificate, by whatever digest it names it.
    func statement(about certificate: PartyCertificate, issuer: PartyCertificate) -> OpaquePointer? {
        defer { OpenSSLFailure.clear() }
        for index in 0..<min(64, max(0, OCSP_resp_count(pointer))) {
            guard let single = OCSP_resp_get0(pointer, index), let found = OCSP_SINGLERESP_get0_id(single) else {
                continue
            }
            var object: OpaquePointer?
            OCSP_id_get0_info(nil, &object, nil, nil, found)
            guard let object, let digest = OBJ_nid2sn(OBJ_obj2nid(object)).flatMap({ EVP_get_digestbyname($0) }),
                let wanted = OCSP_cert_to_id(digest, certificate.pointer, issuer.pointer)
            else { continue }
            defer { OCSP_CERTID_free(wanted) }
            if OCSP_id_cmp(wanted, found) == 0 { return single }
        }
        return nil
    }

    func answer(
        about certificate: PartyCertificate,
        issuer: PartyCertificate,
        responder: PartyCertificate,
        now: ExchangeTime
    ) throws -> OCSPAnswer {
        OpenSSLFailure.clear()
        guard let single = statement(about: certificate, issuer: issuer) else {
            throw ExchangeError(.ocspWrongCertificate, "The OCSP response does not speak of the certificate")
        }
        try refuseUnknownExtensions(of: single)
        var reason: Int32 = -1
        var revokedAt: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        var this: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        var next: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        let number = OCSP_single_get0_status(single, &reason, &revokedAt, &this, &next)
        let nextUpdate = next.flatMap { ExchangeTime(asn1: $0) }
        guard let thisUpdate = this.flatMap({ ExchangeTime(asn1: $0) }), (next == nil) == (nextUpdate == nil),
            let producedAt
        else { throw ExchangeError(.ocspMalformed, "A time in the OCSP response cannot be read") }
        let status: OCSPStatus
        switch number {
        case V_OCSP_CERTSTATUS_GOOD: status = .good
        case V_OCSP_CERTSTATUS_REVOKED:
            guard let since = revokedAt.flatMap({ ExchangeTime(asn1: $0) }) else {
                throw ExchangeError(.ocspMalformed, "A time in the OCSP response cannot be read")
            }
            status = .revoked(since: since, reason: RevocationReason(rawValue: Int(reason)) ?? .unspecified)
        case V_OCSP_CERTSTATUS_UNKNOWN: status = .unknown
        default: throw ExchangeError(.ocspMalformed, "The OCSP response has a status that does not exist")
        }
        guard max(thisUpdate, producedAt) <= now.adding(seconds: PathValidator.clockSkew) else {
            throw ExchangeError(.ocspNotYetValid, "The OCSP response is from the future")
        }
        return OCSPAnswer(
            status: status,
            thisUpdate: thisUpdate,
            nextUpdate: nextUpdate,
            producedAt: producedAt,
            responder: responder,
            archiveCutoff: Self.time(in: single, NID_id_pkix_OCSP_archiveCutoff),
            invalidityDate: Self.time(in: single, NID_invalidity_date)
        )
    }

    private static func time(in single: OpaquePointer, _ nid: Int32) -> ExchangeTime? {
        defer { OpenSSLFailure.clear() }
        guard let found = OCSP_SINGLERESP_get1_ext_d2i(single, nid, nil, nil) else { return nil }
        let value = found.assumingMemoryBound(to: ASN1_GENERALIZEDTIME.self)
        defer { ASN1_GENERALIZEDTIME_free(value) }
        return ExchangeTime(asn1: value)
    }

    private func refuseUnknownExtensions(of single: OpaquePointer) throws {
        let whole = (0..<max(0, OCSP_BASICRESP_get_ext_count(pointer))).compactMap {
            OCSP_BASICRESP_get_ext(pointer, $0)
        }
        let own = (0..<max(0, OCSP_SINGLERESP_get_ext_count(single))).compactMap { OCSP_SINGLERESP_get_ext(single, $0) }
        for found in whole + own where X509_EXTENSION_get_critical(found) == 1 {
            guard OBJ_obj2nid(X509_EXTENSION_get_object(found)) == NID_id_pkix_OCSP_Nonce else {
                throw ExchangeError(
                    .ocspUnsupported,
                    "The OCSP response has a critical extension that is not understood"
                )
            }
        }
    }

    /// Compares the nonces; a responder that sends none is allowed to (RFC 6960 §4.4.1).
    func requireNonce(of request: OpaquePointer) throws {
        guard OCSP_check_nonce(request, pointer) != 0 else {
            throw ExchangeError(.ocspNonceMismatch, "The OCSP response answers another request")
        }
    }
}
