import COpenSSL
public import ExchangeModel

/// Answers OCSP requests for one authority (RFC 6960); for demonstrations and tests.
public struct OCSPResponder: Sendable {
    /// The authority whose certificates it speaks of.
    public let issuer: PartyCertificate
    /// The certificate it signs with: the authority's own, or one issued by it for OCSP.
    public let certificate: PartyCertificate
    private let key: PrivateKey

    /// Takes the responder's certificate and key.
    ///
    /// - Throws: `key.mismatch`.
    public init(issuer: PartyCertificate, certificate: PartyCertificate, key: PrivateKey) throws {
        guard certificate.matches(key) else {
            throw ExchangeError(.keyMismatch, "The responder's key does not belong to its certificate")
        }
        self.issuer = issuer
        self.certificate = certificate
        self.key = key
    }

    /// Answers a request, copying its nonce; signs with SHA-256, or SHA-384 with a P-384 key.
    ///
    /// A request that cannot be read gets the answer `malformedRequest`; certificates of other issuers are unknown.
    /// - Parameters:
    ///   - request: The request's DER.
    ///   - time: The present time, which becomes thisUpdate and producedAt.
    ///   - validity: How long the answer is current, in seconds; `nil` for no nextUpdate.
    ///   - statusOf: Gives the status of a serial number, as lower-case hexadecimal.
    /// - Returns: The response's DER, to be sent as `application/ocsp-response`.
    /// - Throws: `issuing.failed`.
    public func respond(
        to request: [UInt8],
        at time: ExchangeTime,
        validity: Int64? = 3_600,
        statusOf: (String) throws -> OCSPStatus
    ) throws -> [UInt8] {
        try respond(to: request, at: time, validity: validity, defects: IssuingDefects(), statusOf: statusOf)
    }

    package func respond(
        to request: [UInt8],
        at time: ExchangeTime,
        validity: Int64?,
        defects: IssuingDefects,
        statusOf: (String) throws -> OCSPStatus
    ) throws -> [UInt8] {
        OpenSSLFailure.clear()
        let read = request.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            guard bytes.count <= 1 << 16 else { return nil }
            var position = bytes.baseAddress
            return d2i_OCSP_REQUEST(nil, &position, bytes.count)
        }
        guard let read, (1...64).contains(OCSP_request_onereq_count(read)) else {
            OCSP_REQUEST_free(read)
            OpenSSLFailure.clear()
            return try Self.der(status: OCSP_RESPONSE_STATUS_MALFORMEDREQUEST, basic: nil)
        }
        let basic = OCSP_BASICRESP_new()
        defer {
            OCSP_REQUEST_free(read)
            OCSP_BASICRESP_free(basic)
        }
        guard let basic else { throw OpenSSLFailure.error(.cryptoInternal, "Out of memory") }
        for index in 0..<OCSP_request_onereq_count(read) {
            guard let one = OCSP_request_onereq_get0(read, index), let identifier = OCSP_onereq_get0_id(one) else {
                continue
            }
            try add(identifier, to: basic, at: time, validity: validity, statusOf: statusOf)
        }
        guard OCSP_copy_nonce(basic, read) > 0 else {
            throw OpenSSLFailure.error(.issuingFailed, "The nonce cannot be copied")
        }
        // libcrypto would put its own clock's time here.
        guard
            ASN1_GENERALIZEDTIME_set(
                UnsafeMutablePointer(mutating: OCSP_resp_get0_produced_at(basic)),
                Int(time.secondsSince1970)
            ) != nil
        else { throw OpenSSLFailure.error(.issuingFailed, "A time cannot be set") }
        for extra in defects.extensions {
            try IssuedExtension(identifier: extra.identifier, isCritical: extra.isCritical, value: extra.value)
                .add { OCSP_BASICRESP_add_ext(basic, $0, -1) }
        }
        try IssuingSignature.sign(key: key, digest: defects.digest, usesPSS: defects.usesPSS) {
            OCSP_basic_sign_ctx(basic, certificate.pointer, $0, nil, UInt(OCSP_NOTIME))
        }
        return try Self.der(status: OCSP_RESPONSE_STATUS_SUCCESSFUL, basic: basic)
    }

    private func add(
        _ identifier: OpaquePointer,
        to basic: OpaquePointer,
        at time: ExchangeTime,
        validity: Int64?,
        statusOf: (String) throws -> OCSPStatus
    ) throws {
        var digestName: OpaquePointer?
        var serial: UnsafeMutablePointer<ASN1_INTEGER>?
        OCSP_id_get0_info(nil, &digestName, nil, &serial, identifier)
        var status = OCSPStatus.unknown
        if let serial, isOurs(identifier, digestName: digestName, serial: serial) {
            status = try statusOf(ASN1Value.serialText(of: serial))
        }
        let this = ASN1_TIME_set(nil, Int(time.secondsSince1970))
        let next = validity.flatMap { ASN1_TIME_set(nil, Int(time.adding(seconds: $0).secondsSince1970)) }
        var since: UnsafeMutablePointer<ASN1_TIME>?
        var reason = RevocationReason.unspecified
        var number = V_OCSP_CERTSTATUS_UNKNOWN
        switch status {
        case .good: number = V_OCSP_CERTSTATUS_GOOD
        case .unknown: break
        case .revoked(let date, let why):
            number = V_OCSP_CERTSTATUS_REVOKED
            reason = why
            since = ASN1_TIME_set(nil, Int(date.secondsSince1970))
        }
        defer {
            ASN1_TIME_free(this)
            ASN1_TIME_free(next)
            ASN1_TIME_free(since)
        }
        guard OCSP_basic_add1_status(basic, identifier, number, Int32(reason.rawValue), since, this, next) != nil
        else { throw OpenSSLFailure.error(.issuingFailed, "A status cannot be added") }
    }

    private func isOurs(
        _ identifier: OpaquePointer,
        digestName: OpaquePointer?,
        serial: UnsafeMutablePointer<ASN1_INTEGER>
    ) -> Bool {
        defer { OpenSSLFailure.clear() }
        guard let digest = OBJ_nid2sn(OBJ_obj2nid(digestName)).flatMap({ EVP_get_digestbyname($0) }),
            let own = OCSP_cert_id_new(
                digest,
                X509_get_subject_name(issuer.pointer),
                X509_get0_pubkey_bitstr(issuer.pointer),
                serial
            )
        else { return false }
        defer { OCSP_CERTID_free(own) }
        return OCSP_id_cmp(own, identifier) == 0
    }

    private static func der(status: Int32, basic: OpaquePointer?) throws -> [UInt8] {
        guard let response = OCSP_response_create(status, basic) else {
            throw OpenSSLFailure.error(.issuingFailed, "The OCSP response cannot be made")
        }
        defer { OCSP_RESPONSE_free(response) }
        return try DERBytes.of(response) { i2d_OCSP_RESPONSE($0, $1) }
    }
}
