import COpenSSL
public import ExchangeModel

/// Answers timestamp requests (RFC 3161), for the demo and for tests; a real authority is somebody else's.
public final class TimestampAuthority: Sendable {
    private let certificate: PartyCertificate
    private let key: PrivateKey
    private let chain: [PartyCertificate]
    private let policy: String

    /// Takes an authority's certificate, whose only purpose must be timeStamping, marked critical.
    ///
    /// - Parameters:
    ///   - certificate: The authority's certificate.
    ///   - key: Its private key.
    ///   - chain: Intermediate certificates to send along.
    ///   - policy: The dotted OID of the policy.
    /// - Throws: `timestamp.authority`, `key.mismatch`, `key.not_in_suite`.
    public init(
        certificate: PartyCertificate,
        key: PrivateKey,
        chain: [PartyCertificate] = [],
        policy: String
    ) throws {
        guard certificate.keyAlgorithm.isInSuite else {
            throw ExchangeError(.keyNotInSuite, "The timestamp authority's key is outside the suite")
        }
        guard certificate.matches(key) else {
            throw ExchangeError(.keyMismatch, "The private key does not belong to the timestamp authority")
        }
        self.certificate = certificate
        self.key = key
        self.chain = chain
        self.policy = policy
        // Finds out at the start whether certificate and policy serve.
        _ = try Self.context(certificate, key, chain, policy)
    }

    /// Answers one request; one that cannot be granted is answered with a refusal and its reason.
    ///
    /// - Parameters:
    ///   - request: The bytes received.
    ///   - time: The instant to vouch for.
    ///   - serial: A number never used before, from 1.
    /// - Returns: The DER of the response.
    /// - Throws: `timestamp.authority` when there is nothing to send.
    public func respond(to request: [UInt8], at time: ExchangeTime, serial: UInt64) throws -> [UInt8] {
        let context = try Self.context(certificate, key, chain, policy)
        var answer = Answer(serialNumber: serial, seconds: time.secondsSince1970)
        return try withUnsafeMutablePointer(to: &answer) { answer in
            TS_RESP_CTX_set_serial_cb(context.pointer, serialNumberCallback, answer)
            TS_RESP_CTX_set_time_cb(context.pointer, timeCallback, answer)
            return try request.withUnsafeBytes { bytes in
                guard let size = Int32(exactly: min(bytes.count, 65_536)),
                    let source = BIO_new_mem_buf(bytes.baseAddress ?? UnsafeRawPointer(answer), size)
                else { throw OpenSSLFailure.error(.cryptoInternal, "Out of memory") }
                defer { BIO_free(source) }
                defer { OpenSSLFailure.clear() }
                guard let response = TS_RESP_create_response(context.pointer, source) else {
                    throw OpenSSLFailure.error(.timestampAuthority, "A timestamp response could not be made")
                }
                defer { TS_RESP_free(response) }
                return try DERBytes.of(response) { i2d_TS_RESP($0, $1) }
            }
        }
    }

    private struct Context: ~Copyable {
        let pointer: OpaquePointer

        deinit { TS_RESP_CTX_free(pointer) }
    }

    private static func context(
        _ certificate: PartyCertificate,
        _ key: PrivateKey,
        _ chain: [PartyCertificate],
        _ policy: String
    ) throws -> Context {
        OpenSSLFailure.clear()
        guard let pointer = TS_RESP_CTX_new() else {
            throw OpenSSLFailure.error(.cryptoInternal, "Out of memory")
        }
        let context = Context(pointer: pointer)
        guard let policyID = OBJ_txt2obj(policy, 1), let stack = shim_sk_X509_new_null() else {
            throw OpenSSLFailure.error(.timestampAuthority, "The policy is not a dotted object identifier")
        }
        defer { ASN1_OBJECT_free(policyID) }
        defer { shim_sk_X509_free(stack) }
        for certificate in chain {
            guard shim_sk_X509_push(stack, certificate.pointer) > 0 else {
                throw OpenSSLFailure.error(.cryptoInternal, "Out of memory")
            }
        }
        // The certificate reference's digest is set by hand: its default is SHA-1.
        guard TS_RESP_CTX_set_signer_cert(pointer, certificate.pointer) == 1,
            TS_RESP_CTX_set_signer_key(pointer, key.pointer) == 1,
            TS_RESP_CTX_set_signer_digest(pointer, EVP_sha256()) == 1,
            TS_RESP_CTX_set_ess_cert_id_digest(pointer, EVP_sha256()) == 1,
            TS_RESP_CTX_set_certs(pointer, stack) == 1,
            TS_RESP_CTX_set_def_policy(pointer, policyID) == 1,
            TS_RESP_CTX_set_accuracy(pointer, 1, 0, 0) == 1
        else { throw OpenSSLFailure.error(.timestampAuthority, "The timestamp authority's certificate cannot serve") }
        for digest in SignatureDigest.allCases {
            guard TS_RESP_CTX_add_md(pointer, digest.method) == 1 else {
                throw OpenSSLFailure.error(.cryptoInternal, "A digest could not be added")
            }
        }
        return context
    }
}

/// What the callbacks of one response need.
private struct Answer {
    let serialNumber: UInt64
    let seconds: Int64
}

private func serialNumberCallback(
    _ context: OpaquePointer?,
    _ data: UnsafeMutableRawPointer?
) -> UnsafeMutablePointer<ASN1_INTEGER>? {
    guard let data, let number = ASN1_INTEGER_new() else { return nil }
    guard ASN1_INTEGER_set_uint64(number, data.assumingMemoryBound(to: Answer.self).pointee.serialNumber) == 1 else {
        ASN1_INTEGER_free(number)
        return nil
    }
    return number
}

private func timeCallback(
    _ context: OpaquePointer?,
    _ data: UnsafeMutableRawPointer?,
    _ seconds: UnsafeMutablePointer<Int>?,
    _ microseconds: UnsafeMutablePointer<Int>?
) -> Int32 {
    guard let data, let seconds, let microseconds else { return 0 }
    seconds.pointee = Int(data.assumingMemoryBound(to: Answer.self).pointee.seconds)
    microseconds.pointee = 0
    return 1
}
