import COpenSSL
import ExchangeModel

/// What the libcrypto of this process does with messages it should refuse.
public enum LibcryptoProbe {
    /// Whether its CMS accepts altered AuthEnvelopedData whose tag was cut to one byte (CVE-2026-34182): all 256 tags
    /// are tried on one message.
    ///
    /// Our own reading refuses such messages whatever libcrypto does; other programs on the host may not.
    ///
    /// - Throws: `crypto.internal` when the message cannot be made.
    public static func acceptsForgedTag() throws -> Bool {
        let bundleKey = try SecretBytes(randomCount: 32)
        let identifier = try randomBytes(PartEnvelope.keyIdentifierSize)
        let content = try randomBytes(32)
        var sealer = try PartSealer(
            bundleKey: bundleKey,
            keyIdentifier: identifier,
            contentSize: Int64(content.count)
        )
        var ciphertext = content
        try content.withUnsafeBytes { input in
            try ciphertext.withUnsafeMutableBytes { try sealer.seal(input, into: $0) }
        }
        let genuine = sealer.prefix + ciphertext + (try sealer.finish())
        guard opens(genuine, bundleKey: bundleKey, identifier: identifier) else {
            throw OpenSSLFailure.error(.cryptoInternal, "Libcrypto does not open a genuine message")
        }
        ciphertext[0] ^= 1
        for tag in UInt8.min...UInt8.max {
            let forged = try shortened(sealer.prefix, ciphertext, tag: [tag])
            if opens(forged, bundleKey: bundleKey, identifier: identifier) { return true }
        }
        return false
    }

    /// The same message with another tag, all lengths made to fit.
    static func shortened(_ prefix: [UInt8], _ ciphertext: [UInt8], tag: [UInt8]) throws -> [UInt8] {
        var file = DERReader((prefix + ciphertext + PartEnvelope.trailer(tag: tag))[...], fault: .cryptoInternal)
        _ = try file.header()
        _ = try file.next()
        _ = try file.header()
        _ = try file.header()
        let version = try file.next()
        let recipients = try file.next()
        let info = try file.next()
        let body = DERWriter.sequence(
            Array(version.whole),
            Array(recipients.whole),
            Array(info.whole),
            DERWriter.octets(tag)
        )
        return DERWriter.sequence(
            DERWriter.objectID(.authEnvelopedData),
            DERWriter.element(DERTag.context(0), body)
        )
    }

    private static func opens(_ der: [UInt8], bundleKey: SecretBytes, identifier: [UInt8]) -> Bool {
        defer { OpenSSLFailure.clear() }
        guard let message = try? CMSMessage(der: der, fault: .cryptoInternal), let sink = BIO_new(BIO_s_mem())
        else { return false }
        defer { BIO_free(sink) }
        let isKeySet = bundleKey.withUnsafeBytes { key in
            // libcrypto does not write to either, though its prototype does not say so.
            var key = Array(key)
            var identifier = identifier
            defer { OPENSSL_cleanse(&key, key.count) }
            return CMS_decrypt_set1_key(message.pointer, &key, key.count, &identifier, identifier.count) == 1
        }
        return isKeySet && CMS_decrypt(message.pointer, nil, nil, nil, sink, UInt32(CMS_BINARY)) == 1
    }
}
