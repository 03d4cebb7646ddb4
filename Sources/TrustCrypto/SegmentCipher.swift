import COpenSSL
import ExchangeModel

/// AES-256-GCM (SP 800-38D) over a long text in numbered segments, each with a tag of its own.
///
/// The nonce is the segment's number, 11 bytes, and one byte that marks the last segment, as in the STREAM construction:
/// a segment moved, left out or cut off does not open. A key is for one text only. The header is authenticated with
/// every segment. Calls on several threads do not disturb each other.
public struct SegmentCipher: Sendable {
    /// How many bytes a tag has.
    public static let tagSize = 16

    private let key: SecretBytes
    private let header: [UInt8]

    /// Takes a 32-byte key that serves this text alone, and bytes that are authenticated but not encrypted.
    ///
    /// - Throws: `crypto.internal` if the key has another length.
    public init(key: SecretBytes, header: [UInt8]) throws {
        guard key.count == 32 else { throw ExchangeError(.cryptoInternal, "An AES-256 key has 32 bytes") }
        self.key = key
        self.header = header
    }

    /// Encrypts one segment where it lies and gives its tag.
    ///
    /// - Throws: `crypto.internal`; the segment's bytes are then of no use.
    public func seal(_ segment: UnsafeMutableRawBufferPointer, number: UInt64, isLast: Bool) throws -> [UInt8] {
        let context = try begin(number: number, isLast: isLast, encrypts: true)
        defer { EVP_CIPHER_CTX_free(context) }
        var tag = [UInt8](repeating: 0, count: Self.tagSize)
        guard transform(segment, in: context), finish(context),
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagSize), &tag) == 1
        else { throw OpenSSLFailure.error(.cryptoInternal, "AES-GCM failed") }
        return tag
    }

    /// Decrypts one segment where it lies; `false` if the tag does not hold, and the segment is then all zero.
    ///
    /// - Throws: `crypto.internal`; the segment is then all zero.
    public func open(
        _ segment: UnsafeMutableRawBufferPointer,
        tag: [UInt8],
        number: UInt64,
        isLast: Bool
    ) throws -> Bool {
        var holds = false
        defer {
            if !holds { OPENSSL_cleanse(segment.baseAddress, segment.count) }
        }
        guard tag.count == Self.tagSize else { return false }
        let context = try begin(number: number, isLast: isLast, encrypts: false)
        defer { EVP_CIPHER_CTX_free(context) }
        var tag = tag
        guard transform(segment, in: context),
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagSize), &tag) == 1
        else { throw OpenSSLFailure.error(.cryptoInternal, "AES-GCM failed") }
        holds = finish(context)
        OpenSSLFailure.clear()
        return holds
    }

    private func begin(number: UInt64, isLast: Bool, encrypts: Bool) throws -> OpaquePointer {
        OpenSSLFailure.clear()
        let counter = (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
        let nonce = [0, 0, 0] + counter + [isLast ? 1 : 0]
        guard let context = EVP_CIPHER_CTX_new() else {
            throw OpenSSLFailure.error(.cryptoInternal, "AES-GCM could not be started")
        }
        var written: Int32 = 0
        let started = key.withUnsafeBytes { bytes in
            EVP_CipherInit_ex(
                context,
                EVP_aes_256_gcm(),
                nil,
                bytes.bindMemory(to: UInt8.self).baseAddress,
                nonce,
                encrypts ? 1 : 0
            ) == 1
                && (header.isEmpty || EVP_CipherUpdate(context, nil, &written, header, Int32(header.count)) == 1)
        }
        guard started else {
            let error = OpenSSLFailure.error(.cryptoInternal, "AES-GCM could not be started")
            EVP_CIPHER_CTX_free(context)
            throw error
        }
        return context
    }

    private func transform(_ segment: UnsafeMutableRawBufferPointer, in context: OpaquePointer) -> Bool {
        guard !segment.isEmpty else { return true }
        guard let count = Int32(exactly: segment.count) else { return false }
        let bytes = segment.bindMemory(to: UInt8.self).baseAddress
        var written: Int32 = 0
        return EVP_CipherUpdate(context, bytes, &written, bytes, count) == 1 && written == count
    }

    private func finish(_ context: OpaquePointer) -> Bool {
        var written: Int32 = 0
        var nothing = [UInt8](repeating: 0, count: 16)
        return EVP_CipherFinal_ex(context, &nothing, &written) == 1 && written == 0
    }
}
