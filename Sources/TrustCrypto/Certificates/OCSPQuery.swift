import COpenSSL
public import ExchangeModel

/// A question to an OCSP responder about one certificate, with a nonce (RFC 6960 §4.1, RFC 8954).
public struct OCSPQuery: Sendable {
    /// The certificate in question.
    public let certificate: PartyCertificate
    /// Its issuer.
    public let issuer: PartyCertificate
    /// The request, to be sent as `application/ocsp-request`.
    public let der: [UInt8]

    /// The media type of requests.
    public static let contentType = "application/ocsp-request"

    /// Makes a request.
    ///
    /// The certificate is named by SHA-1 digests, as RFC 5019 demands and every responder understands; nothing
    /// rests on their strength.
    /// - Throws: `crypto.internal`.
    public init(certificate: PartyCertificate, issuer: PartyCertificate) throws {
        OpenSSLFailure.clear()
        guard let request = OCSP_REQUEST_new() else { throw OpenSSLFailure.error(.cryptoInternal, "Out of memory") }
        defer { OCSP_REQUEST_free(request) }
        guard let identifier = OCSP_cert_to_id(EVP_sha1(), certificate.pointer, issuer.pointer) else {
            throw OpenSSLFailure.error(.cryptoInternal, "The OCSP request cannot be made")
        }
        guard OCSP_request_add0_id(request, identifier) != nil else {
            OCSP_CERTID_free(identifier)
            throw OpenSSLFailure.error(.cryptoInternal, "The OCSP request cannot be made")
        }
        var nonce = try randomBytes(32)
        guard OCSP_request_add1_nonce(request, &nonce, Int32(nonce.count)) == 1 else {
            throw OpenSSLFailure.error(.cryptoInternal, "The OCSP request cannot be made")
        }
        self.certificate = certificate
        self.issuer = issuer
        der = try DERBytes.of(request) { i2d_OCSP_REQUEST($0, $1) }
    }

    /// Checks the response to this request: signer, signature, certificate, nonce and age.
    ///
    /// A revoked or unknown certificate is an answer, not an error.
    /// - Parameters:
    ///   - response: The response's DER.
    ///   - now: The present time.
    ///   - trust: Lists by which a responder without the no-check extension is checked.
    /// - Returns: What the responder says.
    /// - Throws: one of the `ocsp.…` codes.
    public func check(_ response: [UInt8], now: ExchangeTime, trust: TrustStore) throws -> OCSPAnswer {
        let basic = try BasicOCSPResponse(der: response)
        let responder = try basic.responder(for: issuer, now: now, trust: trust)
        let answer = try basic.answer(about: certificate, issuer: issuer, responder: responder, now: now)
        try withRequest { try basic.requireNonce(of: $0) }
        let end = answer.nextUpdate ?? answer.thisUpdate.adding(seconds: OCSPAnswer.lifeWithoutEnd)
        guard end >= now.adding(seconds: -PathValidator.clockSkew),
            responder.notAfter.map({ $0 >= now }) ?? false
        else {
            throw ExchangeError(
                .ocspStale,
                "The OCSP response is too old",
                details: ["of \(answer.thisUpdate), next due \(end)"]
            )
        }
        return answer
    }

    private func withRequest(_ body: (OpaquePointer) throws -> Void) throws {
        let read = der.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var position = bytes.baseAddress
            return d2i_OCSP_REQUEST(nil, &position, bytes.count)
        }
        guard let read else { throw OpenSSLFailure.error(.cryptoInternal, "The OCSP request cannot be read") }
        defer { OCSP_REQUEST_free(read) }
        try body(read)
    }
}
