import ExchangeModel

/// A request for a timestamp (RFC 3161 §2.4.1): a digest of the bytes, a 64-bit nonce, and the wish for the
/// authority's certificate.
public struct TimestampRequest: Sendable {
    /// The request as it is sent.
    public let der: [UInt8]
    /// The digest of the bytes to stamp.
    public let imprint: [UInt8]
    /// The algorithm of the digest.
    public let digest: SignatureDigest
    let nonce: [UInt8]

    /// Asks for a timestamp over the bytes.
    ///
    /// - Throws: `crypto.internal`.
    public init(imprintOf bytes: [UInt8], digest: SignatureDigest = .sha256) throws {
        self.digest = digest
        imprint = try digest.digest(of: bytes)
        // As INTEGER content without sign, so that it compares with what comes back.
        nonce = DERWriter.unsigned(try randomBytes(8))
        der = DERWriter.sequence(
            DERWriter.integer(1),
            DERWriter.sequence(
                DERWriter.algorithm(digest.id, parameters: DERWriter.element(DERTag.null)),
                DERWriter.octets(imprint)
            ),
            nonce,
            DERWriter.element(DERTag.boolean, [0xff])
        )
    }
}
