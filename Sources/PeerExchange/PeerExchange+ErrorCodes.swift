public import ExchangeModel

extension ErrorCode {
    /// A version of the exchange protocol was asked for that this gateway does not speak.
    public static let exchangeVersion = ErrorCode("exchange.unknown_version")
    /// The field Content-Digest is missing, malformed or without a sha-256.
    public static let exchangeContentDigest = ErrorCode("exchange.content_digest")
    /// A partner's receipt holds, but its proof from the partner's log does not.
    public static let exchangeReceiptProof = ErrorCode("exchange.receipt_proof")
    /// The field Content-Length is missing where it is needed.
    public static let exchangeLengthRequired = ErrorCode("exchange.length_required")
    /// The partner asks more often than it may.
    public static let exchangeRate = ErrorCode("exchange.rate")
    /// More or fewer bytes arrived than the field Content-Length said.
    public static let exchangeLength = ErrorCode("exchange.length")
    /// The caller presented no certificate.
    public static let peerCertificateRequired = ErrorCode("peer.certificate_required")
    /// The caller's certificate does not hold, or no longer.
    public static let peerCertificateRefused = ErrorCode("peer.certificate_refused")
    /// The partner does not admit this gateway: it does not know its certificate, or has suspended it.
    public static let peerNotAdmitted = ErrorCode("peer.not_admitted")
    /// The partner's gateway could not do what was asked of it now; its own code stands in the details.
    public static let peerUnavailable = ErrorCode("peer.unavailable")
    /// The partner's capability sheet says that the two gateways have no suite of algorithms in common.
    public static let peerCapability = ErrorCode("peer.capability")
}
