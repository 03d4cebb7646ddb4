import COpenSSL
import ExchangeModel

/// AES-256 key wrap (RFC 3394) of one 32-byte key under another.
public enum KeyWrap {
    /// How many bytes a wrapped key has.
    public static let wrappedSize = 40

    /// Wraps a 32-byte key.
    ///
    /// - Throws: `crypto.internal` if one of the keys does not have 32 bytes, or libcrypto fails.
    public static func wrap(_ key: SecretBytes, under wrappingKey: SecretBytes) throws -> [UInt8] {
        OpenSSLFailure.clear()
        var wrapped = [UInt8](repeating: 0, count: 64)
        let count = key.withUnsafeBytes { input in
            wrapped.withUnsafeMutableBytes { transform($0, input, under: wrappingKey, encrypts: true) }
        }
        guard key.count == 32, count == wrappedSize else {
            throw OpenSSLFailure.error(.cryptoInternal, "A key could not be wrapped")
        }
        return Array(wrapped.prefix(wrappedSize))
    }

    /// Unwraps a 32-byte key, or gives `nil` when the bytes were changed or wrapped under another key.
    ///
    /// - Throws: `crypto.internal` when there is no memory.
    public static func unwrap(_ wrapped: [UInt8], under wrappingKey: SecretBytes) throws -> SecretBytes? {
        guard wrapped.count == wrappedSize else { return nil }
        var count: Int?
        // More room than the 32 bytes need: libcrypto works on whole blocks of the input.
        let room = try SecretBytes(count: 64) { output in
            count = wrapped.withUnsafeBytes { transform(output, $0, under: wrappingKey, encrypts: false) }
        }
        OpenSSLFailure.clear()
        guard count == 32 else { return nil }
        return try room.withUnsafeBytes { try SecretBytes(copying: UnsafeRawBufferPointer(rebasing: $0.prefix(32))) }
    }

    private static func transform(
        _ output: UnsafeMutableRawBufferPointer,
        _ input: UnsafeRawBufferPointer,
        under wrappingKey: SecretBytes,
        encrypts: Bool
    ) -> Int? {
        guard wrappingKey.count == 32, output.count >= input.count + 16, let size = Int32(exactly: input.count),
            let context = EVP_CIPHER_CTX_new()
        else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW)
        let bytes = output.bindMemory(to: UInt8.self)
        let source = input.bindMemory(to: UInt8.self).baseAddress
        var written: Int32 = 0
        var last: Int32 = 0
        let done = wrappingKey.withUnsafeBytes { key in
            EVP_CipherInit_ex(
                context,
                EVP_aes_256_wrap(),
                nil,
                key.bindMemory(to: UInt8.self).baseAddress,
                nil,
                encrypts ? 1 : 0
            ) == 1
                && EVP_CipherUpdate(context, bytes.baseAddress, &written, source, size) == 1
                && EVP_CipherFinal_ex(context, bytes.baseAddress.map { $0 + Int(written) }, &last) == 1
        }
        return done ? Int(written) + Int(last) : nil
    }
}
