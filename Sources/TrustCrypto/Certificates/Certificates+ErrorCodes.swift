public import ExchangeModel

extension ErrorCode {
    /// A certificate's extended key usage is not exactly that of the purpose it is used for.
    public static let certificateWrongPurpose = ErrorCode("certificate.wrong_purpose")
    /// A certificate's key usage does not fit its purpose.
    public static let certificateKeyUsage = ErrorCode("certificate.key_usage")
    /// A certificate of the path was no longer valid at the validation time.
    public static let certificateExpired = ErrorCode("certificate.expired")
    /// A certificate of the path was not yet valid at the validation time.
    public static let certificateNotYetValid = ErrorCode("certificate.not_yet_valid")
    /// No path leads from the certificate to a trust anchor.
    public static let certificateUntrusted = ErrorCode("certificate.untrusted")
    /// The path is longer than allowed, by the validator or by a certificate's path length.
    public static let certificatePathTooLong = ErrorCode("certificate.path_too_long")
    /// A certificate of the path issued another one without being a certificate authority that may.
    public static let certificateNotAnAuthority = ErrorCode("certificate.not_an_authority")
    /// A certificate of the path breaks a name constraint above it.
    public static let certificateNameConstraint = ErrorCode("certificate.name_constraint")
    /// A certificate names another party than the one it is used for.
    public static let certificateWrongParty = ErrorCode("certificate.wrong_party")
    /// The path passes none of the issuing authorities registered for the party.
    public static let certificateWrongIssuer = ErrorCode("certificate.wrong_issuer")
    /// A certificate of the path was revoked at the validation time.
    public static let certificateRevoked = ErrorCode("certificate.revoked")
    /// A certificate of the path breaks a rule of RFC 5280.
    public static let certificateStrict = ErrorCode("certificate.strict")
    /// A certificate of the path has a critical extension that is not understood.
    public static let certificateCriticalExtension = ErrorCode("certificate.critical_extension")
    /// A certificate of the path is not signed by the key of its issuer.
    public static let certificateBadSignature = ErrorCode("certificate.bad_signature")
    /// A certificate of the path is signed with an algorithm that is not accepted, such as SHA-1.
    public static let certificateWeakSignature = ErrorCode("certificate.weak_signature")
    /// More certificates or revocation lists are offered than the validator looks at.
    public static let certificateTooMany = ErrorCode("certificate.too_many")
    /// The path is not valid for another reason, which the details give.
    public static let certificatePathInvalid = ErrorCode("certificate.path_invalid")

    /// A revocation list cannot be read.
    public static let revocationMalformed = ErrorCode("revocation.malformed")
    /// Could not be checked: no revocation list or OCSP response for a certificate is at hand.
    public static let revocationNotAvailable = ErrorCode("revocation.not_available")
    /// Could not be checked: the revocation information at hand is too old for the validation time.
    public static let revocationStale = ErrorCode("revocation.stale")
    /// Could not be checked: the revocation information is later than the certificate's end, and its issuer does not
    /// say that it still lists expired certificates.
    public static let revocationAfterExpiry = ErrorCode("revocation.after_expiry")
    /// A revocation list is from the future.
    public static let revocationNotYetValid = ErrorCode("revocation.not_yet_valid")
    /// A revocation list carries the issuer's name but was made with another key.
    public static let revocationWrongIssuer = ErrorCode("revocation.wrong_issuer")
    /// The signature of a revocation list is false.
    public static let revocationBadSignature = ErrorCode("revocation.bad_signature")
    /// A revocation list is signed with an algorithm that is not accepted.
    public static let revocationWeakSignature = ErrorCode("revocation.weak_signature")
    /// The issuer of a revocation list may not sign such lists.
    public static let revocationIssuerNotAllowed = ErrorCode("revocation.issuer_not_allowed")
    /// A revocation list is partial, indirect, a delta, or has a critical extension that is not understood.
    public static let revocationUnsupported = ErrorCode("revocation.unsupported")
    /// Revocation information could not be fetched.
    public static let revocationFetchFailed = ErrorCode("revocation.fetch_failed")

    /// An OCSP request or response cannot be read.
    public static let ocspMalformed = ErrorCode("ocsp.malformed")
    /// The OCSP responder declined to answer, such as with `unauthorized`.
    public static let ocspRefused = ErrorCode("ocsp.refused")
    /// The OCSP responder cannot answer now: `tryLater` or `internalError`.
    public static let ocspUnavailable = ErrorCode("ocsp.unavailable")
    /// The OCSP response speaks of another certificate.
    public static let ocspWrongCertificate = ErrorCode("ocsp.wrong_certificate")
    /// The signature of an OCSP response is false.
    public static let ocspBadSignature = ErrorCode("ocsp.bad_signature")
    /// The OCSP response is signed with an algorithm that is not accepted.
    public static let ocspWeakSignature = ErrorCode("ocsp.weak_signature")
    /// The signer of an OCSP response is neither the issuer nor a valid responder of the issuer.
    public static let ocspResponderNotAuthorized = ErrorCode("ocsp.responder_not_authorized")
    /// The OCSP response carries another nonce than the request.
    public static let ocspNonceMismatch = ErrorCode("ocsp.nonce_mismatch")
    /// The OCSP response is too old.
    public static let ocspStale = ErrorCode("ocsp.stale")
    /// The OCSP response is from the future.
    public static let ocspNotYetValid = ErrorCode("ocsp.not_yet_valid")
    /// The OCSP response has a critical extension that is not understood.
    public static let ocspUnsupported = ErrorCode("ocsp.unsupported")
}
