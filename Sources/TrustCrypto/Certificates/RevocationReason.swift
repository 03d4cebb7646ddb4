/// Why a certificate was revoked (RFC 5280 §5.3.1).
public enum RevocationReason: Int, CaseIterable, Hashable, Sendable {
    /// No reason is given.
    case unspecified = 0
    /// The holder's key is in other hands.
    case keyCompromise = 1
    /// The authority's key is in other hands.
    case authorityCompromise = 2
    /// The holder left the organization.
    case affiliationChanged = 3
    /// Another certificate took its place.
    case superseded = 4
    /// The holder no longer acts in this role.
    case cessationOfOperation = 5
    /// Suspended; may be lifted.
    case certificateHold = 6
    /// A delta list lifts the suspension.
    case removeFromList = 8
    /// The holder lost a privilege.
    case privilegeWithdrawn = 9
    /// The attribute authority's key is in other hands.
    case attributeAuthorityCompromise = 10
}
