public import ExchangeModel

/// A request for a timestamp (RFC 3161 §2.4.1): the SHA-256 of the bytes, a 64-bit nonce, and the wish for the
/// authority's certificate.
public struct TimestampRequest: Sendable {
    /// The request as it is sent.
    public let der: [UInt8]
    /// The digest of the bytes to stamp.
    public let imprint: SHA256Digest
    let nonce: [UInt8]

    /// Asks for a timestamp over the bytes.
    ///
    /// - Throws: `crypto.internal`.
    public init(imprintOf bytes: [UInt8]) throws {
        imprint = try SHA256Digest(of: bytes)
        // As INTEGER content without sign, so that it compares with what comes back.
        nonce = DERWriter.unsigned(try randomBytes(8))
        der = DERWriter.sequence(
            DERWriter.integer(1),
            DERWriter.sequence(
                DERWriter.algorithm(.sha256, parameters: DERWriter.element(DERTag.null)),
                DERWriter.octets(imprint.bytes)
            ),
            nonce,
            DERWriter.element(DERTag.boolean, [0xff])
        )
    }
}
