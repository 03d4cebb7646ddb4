public import ExchangeModel

extension ErrorCode {
    /// An envelope is not written as the profile demands.
    public static let envelopeMalformed = ErrorCode("envelope.malformed")
    /// An envelope's content is not encrypted with AES-256-GCM in AuthEnvelopedData.
    public static let envelopeAlgorithm = ErrorCode("envelope.algorithm")
    /// An envelope's nonce has not 12 bytes.
    public static let envelopeNonce = ErrorCode("envelope.nonce")
    /// An envelope's authentication tag has not 16 bytes, or is not announced as such.
    public static let envelopeTagLength = ErrorCode("envelope.tag_length")
    /// An envelope's content was altered: its authentication tag does not hold.
    public static let envelopeTagMismatch = ErrorCode("envelope.tag_mismatch")
    /// An envelope names a recipient of a kind or with an algorithm outside the profile.
    public static let envelopeRecipient = ErrorCode("envelope.recipient")
    /// The key of a part cannot be unwrapped: another bundle key, or an altered part.
    public static let envelopeKeyUnwrap = ErrorCode("envelope.key_unwrap")
    /// Bytes follow an envelope.
    public static let envelopeTrailingBytes = ErrorCode("envelope.trailing_bytes")
    /// A part names another bundle's key.
    public static let envelopeKeyIdentifier = ErrorCode("envelope.key_identifier")
    /// The content given to an envelope is shorter or longer than announced.
    public static let envelopeContentSize = ErrorCode("envelope.content_size")
    /// An envelope does not open with this key; why is not told, so that nobody can learn from it.
    public static let envelopeNotOpened = ErrorCode("envelope.not_opened")
    /// The certificate is not among an envelope's recipients.
    public static let envelopeNotARecipient = ErrorCode("envelope.not_a_recipient")

    /// A signature object is not DER of the profile.
    public static let signatureMalformed = ErrorCode("signature.malformed")
    /// A signature object carries its content instead of standing beside it.
    public static let signatureNotDetached = ErrorCode("signature.not_detached")
    /// A signature object stands beside its content instead of carrying it.
    public static let signatureNotAttached = ErrorCode("signature.not_attached")
    /// A signature object is for another type of content.
    public static let signatureContentType = ErrorCode("signature.content_type")
    /// A signature object has no signer or more than it may have: 32, or one when it carries its content.
    public static let signatureSignerCount = ErrorCode("signature.signer_count")
    /// Two signatures of one object are of the same signer.
    public static let signatureDuplicateSigner = ErrorCode("signature.duplicate_signer")
    /// A signer is not named by issuer and serial number.
    public static let signatureSignerIdentifier = ErrorCode("signature.signer_identifier")
    /// The signer's certificate is not in the signature object.
    public static let signatureCertificateMissing = ErrorCode("signature.certificate_missing")
    /// A signature object holds too many certificates, the same one twice, or something else in their place.
    public static let signatureCertificates = ErrorCode("signature.certificates")
    /// A signature object holds revocation lists, which the profile keeps elsewhere.
    public static let signatureRevocationLists = ErrorCode("signature.revocation_lists")
    /// A signed object holds too many revocation lists and OCSP responses, none, the same one twice, or something else in
    /// their place.
    public static let signatureRevocationValues = ErrorCode("signature.revocation_values")
    /// A signature is to be provable for the long term, and what that takes is not at hand.
    public static let signatureNotLongTerm = ErrorCode("signature.not_long_term")
    /// A digest outside SHA-256, SHA-384 and SHA-512 is used.
    public static let signatureWeakDigest = ErrorCode("signature.weak_digest")
    /// The signature algorithm is outside the suite, or does not fit the digest or the key.
    public static let signatureAlgorithm = ErrorCode("signature.algorithm")
    /// A signed attribute that must be there is not.
    public static let signatureMissingAttribute = ErrorCode("signature.missing_attribute")
    /// An attribute is there twice or has several values.
    public static let signatureDuplicateAttribute = ErrorCode("signature.duplicate_attribute")
    /// A signed attribute is not one the profile lists.
    public static let signatureUnlistedSignedAttribute = ErrorCode("signature.unlisted_signed_attribute")
    /// An unsigned attribute is not one the profile lists.
    public static let signatureUnlistedUnsignedAttribute = ErrorCode("signature.unlisted_unsigned_attribute")
    /// The signed content is not the content at hand.
    public static let signatureDigestMismatch = ErrorCode("signature.digest_mismatch")
    /// The signature names another certificate than the signer's.
    public static let signatureCertificateMismatch = ErrorCode("signature.certificate_mismatch")
    /// The signature value does not hold under the signer's key.
    public static let signatureInvalid = ErrorCode("signature.invalid")

    /// A timestamp request, response or token is not DER of RFC 3161.
    public static let timestampMalformed = ErrorCode("timestamp.malformed")
    /// The timestamp authority refused.
    public static let timestampRejected = ErrorCode("timestamp.rejected")
    /// A timestamp is for other bytes.
    public static let timestampImprintMismatch = ErrorCode("timestamp.imprint_mismatch")
    /// A timestamp answers another request.
    public static let timestampNonceMismatch = ErrorCode("timestamp.nonce_mismatch")
    /// A timestamp uses a digest outside SHA-256, SHA-384 and SHA-512.
    public static let timestampWeakDigest = ErrorCode("timestamp.weak_digest")
    /// A timestamp's signature does not hold, or names another certificate.
    public static let timestampSignature = ErrorCode("timestamp.signature")
    /// A timestamp comes without its authority's certificate.
    public static let timestampCertificateMissing = ErrorCode("timestamp.certificate_missing")
    /// An archive timestamp has no index of what it covers.
    public static let timestampIndexMissing = ErrorCode("timestamp.index_missing")
    /// The index of what an archive timestamp covers cannot be read, or uses another digest than the timestamp.
    public static let timestampIndexMalformed = ErrorCode("timestamp.index_malformed")
    /// An archive timestamp covers a certificate, revocation statement or attribute that is not there.
    public static let timestampIndexMismatch = ErrorCode("timestamp.index_mismatch")
    /// A timestamp lies in the future.
    public static let timestampFuture = ErrorCode("timestamp.future")
    /// A timestamp authority cannot work with its certificate, key or policy.
    public static let timestampAuthority = ErrorCode("timestamp.authority")
}
