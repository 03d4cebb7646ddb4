import COpenSSL
import ExchangeModel

/// The bundle key for each recipient: `key.p7m`, AuthEnvelopedData (RFC 5083, 5084) of exactly 32 bytes.
///
/// Recipients are RSA keys by OAEP with SHA-256 (RFC 3560), or EC keys by ephemeral-static ECDH with the SHA-256 KDF
/// on P-256 and the SHA-384 KDF on P-384, each with AES-256 key wrap (RFC 5753). Nothing else is read or written.
///
/// The tag covers the bundle key, not the recipients: an entry altered for one recipient leaves the others' as they
/// were. The bundle's seal is over the whole file, so such a change is seen before anything is opened.
public struct KeyEnvelope: Sendable {
    /// The exact bytes.
    public let der: [UInt8]
    /// Whom it is for, in the order of the bytes.
    public let recipients: [IssuerAndSerialNumber]

    static let keySize = 32
    static let largestSize = 65_536
    static let mostRecipients = 64

    /// Checks that the bytes are the profile, before libcrypto sees any of them.
    ///
    /// - Throws: `envelope.malformed`, `.algorithm`, `.nonce`, `.tag_length`, `.recipient`, `.trailing_bytes`,
    ///   `.content_size`.
    public init(der: [UInt8]) throws {
        recipients = try KeyEnvelopeProfile.recipients(of: der)
        self.der = der
        // libcrypto must read the same structure: what it writes again is what was given.
        let message = try CMSMessage(der: der, fault: .envelopeMalformed)
        guard try message.der() == der else {
            throw ExchangeError(.envelopeMalformed, "The key envelope is not canonical DER")
        }
    }

    /// Whether the certificate is among the recipients.
    public func isRecipient(_ certificate: PartyCertificate) -> Bool {
        (try? IssuerAndSerialNumber(of: certificate)).map { recipients.contains($0) } ?? false
    }

    /// Encrypts the bundle key to every certificate, at most 64, each once.
    ///
    /// The order in the file is DER's, not the caller's: CMS keeps recipients in a SET.
    ///
    /// - Throws: `key.not_in_suite`, `envelope.recipient` for none, too many or the same twice, `crypto.internal`.
    public static func seal(_ bundleKey: SecretBytes, to certificates: [PartyCertificate]) throws -> [UInt8] {
        guard bundleKey.count == keySize else {
            throw ExchangeError(.envelopeContentSize, "A bundle key has 32 bytes")
        }
        guard (1...mostRecipients).contains(certificates.count) else {
            throw ExchangeError(.envelopeRecipient, "A bundle key goes to 1 to 64 recipients")
        }
        guard Set(try certificates.map { try IssuerAndSerialNumber(of: $0) }).count == certificates.count else {
            throw ExchangeError(.envelopeRecipient, "The same recipient is named twice")
        }
        OpenSSLFailure.clear()
        guard let created = CMS_AuthEnvelopedData_create(EVP_aes_256_gcm()) else {
            throw OpenSSLFailure.error(.cryptoInternal, "A key envelope could not be made")
        }
        let message = CMSMessage(takingOwnership: created)
        guard CMS_set_detached(message.pointer, 0) == 1 else {
            throw OpenSSLFailure.error(.cryptoInternal, "A key envelope could not be made")
        }
        for certificate in certificates { try add(certificate, to: message.pointer) }
        let finished = bundleKey.withUnsafeBytes { bytes -> Bool in
            guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(keySize)) else { return false }
            defer { BIO_free(source) }
            return CMS_final(message.pointer, source, nil, UInt32(CMS_BINARY)) == 1
        }
        guard finished else { throw OpenSSLFailure.error(.cryptoInternal, "A key envelope could not be made") }
        let der = try message.der()
        // We accept nothing from ourselves that we would refuse from others.
        return try KeyEnvelope(der: der).der
    }

    private static func add(_ certificate: PartyCertificate, to message: OpaquePointer) throws {
        let algorithm = certificate.keyAlgorithm
        guard algorithm.isInSuite else {
            throw ExchangeError(.keyNotInSuite, "A recipient's key is \(algorithm), which the suite does not have")
        }
        guard let recipient = CMS_add1_recipient_cert(message, certificate.pointer, UInt32(CMS_KEY_PARAM)),
            let context = CMS_RecipientInfo_get0_pkey_ctx(recipient)
        else { throw OpenSSLFailure.error(.envelopeRecipient, "A recipient's certificate cannot be used") }
        let isSet =
            switch algorithm {
            case .p256: EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha256()) == 1
            case .p384: EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha384()) == 1
            default:
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
                    && EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1
                    && EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1
            }
        guard isSet else { throw OpenSSLFailure.error(.cryptoInternal, "A recipient's parameters cannot be set") }
    }

    /// Decrypts the bundle key with a recipient's key.
    ///
    /// A wrong key and altered bytes give the same error without details, so that nobody can learn from it.
    ///
    /// - Throws: `envelope.not_a_recipient`, `envelope.not_opened`.
    public func open(certificate: PartyCertificate, key: PrivateKey) throws -> SecretBytes {
        guard isRecipient(certificate) else {
            throw ExchangeError(.envelopeNotARecipient, "The bundle is not encrypted to this certificate")
        }
        guard let opened = decrypt(certificate: certificate, key: key) else {
            throw ExchangeError(.envelopeNotOpened, "The bundle key does not open with this key")
        }
        return opened
    }

    private func decrypt(certificate: PartyCertificate, key: PrivateKey) -> SecretBytes? {
        defer { OpenSSLFailure.clear() }
        guard let message = try? CMSMessage(der: der, fault: .envelopeMalformed), let sink = BIO_new(BIO_s_mem())
        else { return nil }
        // A memory BIO wipes what it held when it is freed.
        defer { BIO_free(sink) }
        // Without the certificate libcrypto would try every recipient and hide which one failed.
        let flags = UInt32(CMS_BINARY)
        guard CMS_decrypt(message.pointer, key.pointer, certificate.pointer, nil, sink, flags) == 1 else { return nil }
        var start: UnsafePointer<UInt8>?
        let count = shim_BIO_get_mem_data(sink, &start)
        guard count == Self.keySize else { return nil }
        return try? SecretBytes(copying: UnsafeRawBufferPointer(start: start, count: count))
    }
}

/// A CMS_ContentInfo of libcrypto, owned.
struct CMSMessage: ~Copyable {
    let pointer: OpaquePointer

    init(takingOwnership pointer: OpaquePointer) { self.pointer = pointer }

    /// Reads bytes that were checked before.
    init(der: [UInt8], fault: ErrorCode) throws {
        OpenSSLFailure.clear()
        let read = der.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var position = bytes.baseAddress
            guard let read = d2i_CMS_ContentInfo(nil, &position, bytes.count) else { return nil }
            guard position == bytes.baseAddress.map({ $0 + bytes.count }) else {
                CMS_ContentInfo_free(read)
                return nil
            }
            return read
        }
        guard let read else { throw OpenSSLFailure.error(fault, "Libcrypto cannot read the CMS structure") }
        pointer = read
    }

    deinit { CMS_ContentInfo_free(pointer) }

    func der() throws -> [UInt8] { try DERBytes.of(pointer) { i2d_CMS_ContentInfo($0, $1) } }
}
