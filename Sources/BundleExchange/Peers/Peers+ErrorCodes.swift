public import ExchangeModel

extension ErrorCode {
    /// A party is neither this gateway's own nor registered as a partner.
    public static let peerUnknown = ErrorCode("peer.unknown")
    /// A certificate used in TLS is registered for no partner.
    public static let peerUnregistered = ErrorCode("peer.unregistered")
    /// The partner is suspended.
    public static let peerSuspended = ErrorCode("peer.suspended")
    /// A partner's certificate is registered, and not accepted at this time.
    public static let peerOutsideWindow = ErrorCode("peer.outside_window")
    /// The partner's log has been found to contradict itself, and this gateway is set up to exchange nothing then.
    public static let peerLogContradicted = ErrorCode("peer.log_contradicted")
    /// The certificate of a partner's server does not name the host that was called.
    public static let peerHost = ErrorCode("peer.host")
    /// A partner has no certificate of the purpose in question that is valid now.
    public static let peerNoCertificate = ErrorCode("peer.no_certificate")
    /// A certificate used in TLS is registered for no agency.
    public static let agencyUnregistered = ErrorCode("agency.unregistered")
    /// The agency is suspended.
    public static let agencySuspended = ErrorCode("agency.suspended")
    /// There is no such agency of that party.
    public static let agencyUnknown = ErrorCode("agency.unknown")
}
