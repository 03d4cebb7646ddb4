import COpenSSL
import ExchangeModel

/// AES-256-GCM (SP 800-38D) over one part.
struct PartCipher: ~Copyable {
    private let context: OpaquePointer
    private let encrypts: Bool
    private(set) var remaining: Int64

    init(key: SecretBytes, nonce: [UInt8], contentSize: Int64, encrypts: Bool) throws {
        OpenSSLFailure.clear()
        guard key.count == 32, nonce.count == PartEnvelope.nonceSize, let context = EVP_CIPHER_CTX_new() else {
            throw OpenSSLFailure.error(.cryptoInternal, "AES-GCM could not be started")
        }
        // 12 bytes are GCM's own nonce length, so no length has to be set.
        let started = key.withUnsafeBytes { bytes in
            EVP_CipherInit_ex(
                context,
                EVP_aes_256_gcm(),
                nil,
                bytes.bindMemory(to: UInt8.self).baseAddress,
                nonce,
                encrypts ? 1 : 0
            )
        }
        guard started == 1 else {
            EVP_CIPHER_CTX_free(context)
            throw OpenSSLFailure.error(.cryptoInternal, "AES-GCM could not be started")
        }
        self.context = context
        self.encrypts = encrypts
        remaining = contentSize
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    mutating func update(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) throws {
        guard source.count == target.count, Int64(source.count) <= remaining, let count = Int32(exactly: source.count)
        else {
            throw ExchangeError(.envelopeContentSize, "A part's content does not have the announced size")
        }
        guard count > 0 else { return }
        var written: Int32 = 0
        let input = source.bindMemory(to: UInt8.self).baseAddress
        let output = target.bindMemory(to: UInt8.self).baseAddress
        guard EVP_CipherUpdate(context, output, &written, input, count) == 1, written == count else {
            throw OpenSSLFailure.error(.cryptoInternal, "AES-GCM failed")
        }
        remaining -= Int64(count)
    }

    /// Ends an encryption and gives the tag.
    mutating func makeTag() throws -> [UInt8] {
        try requireEnd()
        var tag = [UInt8](repeating: 0, count: PartEnvelope.tagSize)
        let size = Int32(PartEnvelope.tagSize)
        guard encrypts, finish(), EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, size, &tag) == 1 else {
            throw OpenSSLFailure.error(.cryptoInternal, "AES-GCM failed")
        }
        return tag
    }

    /// Ends a decryption: whether the tag holds.
    mutating func accepts(tag: [UInt8]) throws -> Bool {
        try requireEnd()
        var tag = tag
        let size = Int32(PartEnvelope.tagSize)
        guard !encrypts, tag.count == PartEnvelope.tagSize,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, size, &tag) == 1
        else { throw OpenSSLFailure.error(.cryptoInternal, "AES-GCM failed") }
        let holds = finish()
        OpenSSLFailure.clear()
        return holds
    }

    private func requireEnd() throws {
        guard remaining == 0 else {
            throw ExchangeError(.envelopeContentSize, "A part's content is not complete")
        }
    }

    private func finish() -> Bool {
        var written: Int32 = 0
        var nothing = [UInt8](repeating: 0, count: 16)
        return EVP_CipherFinal_ex(context, &nothing, &written) == 1 && written == 0
    }
}
