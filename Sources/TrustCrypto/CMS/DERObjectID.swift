/// An object identifier by the content bytes of its DER.
struct DERObjectID: Hashable {
    let content: [UInt8]

    init(content: [UInt8]) { self.content = content }

    /// Encodes arcs; the first two share one number (X.690 §8.19).
    init(_ first: UInt64, _ second: UInt64, _ others: UInt64...) {
        var content: [UInt8] = []
        for arc in [first &* 40 &+ second] + others {
            var digits = [UInt8(truncatingIfNeeded: arc & 0x7f)]
            var rest = arc >> 7
            while rest > 0 {
                digits.insert(UInt8(truncatingIfNeeded: rest & 0x7f) | 0x80, at: 0)
                rest >>= 7
            }
            content += digits
        }
        self.content = content
    }

    /// The dotted form; arcs beyond 64 bits are cut off.
    var dotted: String {
        var arcs: [UInt64] = []
        var arc: UInt64 = 0
        for byte in content {
            arc = arc << 7 | UInt64(byte & 0x7f)
            if byte & 0x80 == 0 {
                if arcs.isEmpty {
                    let first = min(arc / 40, 2)
                    arcs = [first, arc - first * 40]
                } else {
                    arcs.append(arc)
                }
                arc = 0
            }
        }
        return arcs.map { String($0) }.joined(separator: ".")
    }
}

extension DERObjectID {
    // Content types, RFC 5652, 5083 and 3161.
    static let data = DERObjectID(1, 2, 840, 113_549, 1, 7, 1)
    static let signedData = DERObjectID(1, 2, 840, 113_549, 1, 7, 2)
    static let authEnvelopedData = DERObjectID(1, 2, 840, 113_549, 1, 9, 16, 1, 23)
    static let timestampInfo = DERObjectID(1, 2, 840, 113_549, 1, 9, 16, 1, 4)

    /// OCSP responses among revocation information, RFC 5940.
    static let ocspResponseInfo = DERObjectID(1, 3, 6, 1, 5, 5, 7, 16, 2)

    // Attributes, RFC 5652 §11, 5035, 6211, 8551 and EN 319 122-1.
    static let contentType = DERObjectID(1, 2, 840, 113_549, 1, 9, 3)
    static let messageDigest = DERObjectID(1, 2, 840, 113_549, 1, 9, 4)
    static let signingTime = DERObjectID(1, 2, 840, 113_549, 1, 9, 5)
    static let smimeCapabilities = DERObjectID(1, 2, 840, 113_549, 1, 9, 15)
    static let algorithmProtection = DERObjectID(1, 2, 840, 113_549, 1, 9, 52)
    static let contentHints = DERObjectID(1, 2, 840, 113_549, 1, 9, 16, 2, 4)
    static let signingCertificate = DERObjectID(1, 2, 840, 113_549, 1, 9, 16, 2, 12)
    static let signatureTimestamp = DERObjectID(1, 2, 840, 113_549, 1, 9, 16, 2, 14)
    static let commitmentType = DERObjectID(1, 2, 840, 113_549, 1, 9, 16, 2, 16)
    static let signerLocation = DERObjectID(1, 2, 840, 113_549, 1, 9, 16, 2, 17)
    static let signingCertificateV2 = DERObjectID(1, 2, 840, 113_549, 1, 9, 16, 2, 47)
    static let mimeType = DERObjectID(0, 4, 0, 1_733, 2, 1)
    static let signerAttributesV2 = DERObjectID(0, 4, 0, 19_122, 1, 1)

    // Digests, RFC 5754.
    static let sha1 = DERObjectID(1, 3, 14, 3, 2, 26)
    static let sha256 = DERObjectID(2, 16, 840, 1, 101, 3, 4, 2, 1)
    static let sha384 = DERObjectID(2, 16, 840, 1, 101, 3, 4, 2, 2)
    static let sha512 = DERObjectID(2, 16, 840, 1, 101, 3, 4, 2, 3)

    // Signatures and keys, RFC 5480, 5758, 8017.
    static let ecPublicKey = DERObjectID(1, 2, 840, 10_045, 2, 1)
    static let ecdsaWithSHA256 = DERObjectID(1, 2, 840, 10_045, 4, 3, 2)
    static let ecdsaWithSHA384 = DERObjectID(1, 2, 840, 10_045, 4, 3, 3)
    static let ecdsaWithSHA512 = DERObjectID(1, 2, 840, 10_045, 4, 3, 4)
    static let rsaEncryption = DERObjectID(1, 2, 840, 113_549, 1, 1, 1)
    static let rsaOAEP = DERObjectID(1, 2, 840, 113_549, 1, 1, 7)
    static let maskGeneration1 = DERObjectID(1, 2, 840, 113_549, 1, 1, 8)
    static let rsaPSS = DERObjectID(1, 2, 840, 113_549, 1, 1, 10)
    static let rsaWithSHA256 = DERObjectID(1, 2, 840, 113_549, 1, 1, 11)
    static let rsaWithSHA384 = DERObjectID(1, 2, 840, 113_549, 1, 1, 12)
    static let rsaWithSHA512 = DERObjectID(1, 2, 840, 113_549, 1, 1, 13)

    // Envelopes, RFC 3565, 5084, 5753.
    static let aes256Wrap = DERObjectID(2, 16, 840, 1, 101, 3, 4, 1, 45)
    static let aes256GCM = DERObjectID(2, 16, 840, 1, 101, 3, 4, 1, 46)
    static let ecdhSHA256KDF = DERObjectID(1, 3, 132, 1, 11, 1)
    static let ecdhSHA384KDF = DERObjectID(1, 3, 132, 1, 11, 2)
}
