public import ExchangeModel

/// Everything a path is judged by: whom to trust, what may stand between, what is known about revocation.
public struct TrustStore: Sendable {
    /// The self-signed roots that a path must end in.
    public var anchors: [PartyCertificate]
    /// Issuing authorities of which one must be on the path; empty means no such rule.
    ///
    /// They are not trusted themselves: a path through them must still end in an anchor.
    public var requiredIssuers: [PartyCertificate]
    /// Certificates from which paths may be built; not trusted.
    public var intermediates: [PartyCertificate]
    /// Revocation lists at hand; not trusted until checked.
    public var revocationLists: [RevocationList]
    /// OCSP responses at hand; not trusted until checked.
    public var ocspResponses: [OCSPResponse]
    /// The party that the certificate's organizationIdentifier must name; `nil` means no such rule.
    public var party: PartyID?
    /// Anchors and issuers that alone count for certificates of a purpose, instead of the general ones.
    public var authorities: [CertificatePurpose: PurposeAuthorities] = [:]
    /// OCSP responses that were fetched ahead, by the SHA-256 of the certificate that each is about; not trusted until
    /// checked. Only those of the path in question are looked at, so their number is not limited.
    public var keptResponses: [SHA256Digest: OCSPResponse] = [:]
    /// Which keys count.
    public var keyRule = KeyRule.suite
    /// What came along with the signature in question; not trusted until checked.
    public internal(set) var carried = ValidationData()
    /// How long after its end revocation information still counts, in seconds.
    public var revocationGrace: Int64 = 0
    /// Revocation services that do not answer: address, and since when.
    public var revocationOutages: [String: ExchangeTime] = [:]

    /// Collects what a path is judged by.
    public init(
        anchors: [PartyCertificate],
        requiredIssuers: [PartyCertificate] = [],
        intermediates: [PartyCertificate] = [],
        revocationLists: [RevocationList] = [],
        ocspResponses: [OCSPResponse] = [],
        party: PartyID? = nil
    ) {
        self.anchors = anchors
        self.requiredIssuers = requiredIssuers
        self.intermediates = intermediates
        self.revocationLists = revocationLists
        self.ocspResponses = ocspResponses
        self.party = party
    }

    /// The same store with more untrusted material, such as what a signature carries along.
    public func adding(
        intermediates: [PartyCertificate] = [],
        revocationLists: [RevocationList] = [],
        ocspResponses: [OCSPResponse] = []
    ) -> TrustStore {
        var copy = self
        copy.intermediates += intermediates.filter { !self.intermediates.contains($0) }
        copy.revocationLists += revocationLists.filter { !self.revocationLists.contains($0) }
        copy.ocspResponses += ocspResponses.filter { !self.ocspResponses.contains($0) }
        return copy
    }
}

/// Whom to trust for certificates of one purpose.
public struct PurposeAuthorities: Hashable, Sendable {
    /// The self-signed roots that a path must end in.
    public var anchors: [PartyCertificate]
    /// Issuing authorities of which one must be on the path; empty means no such rule.
    public var issuers: [PartyCertificate]

    /// Takes both.
    public init(anchors: [PartyCertificate], issuers: [PartyCertificate] = []) {
        self.anchors = anchors
        self.issuers = issuers
    }
}

extension TrustStore {
    /// The store as it counts for one purpose.
    func narrowed(to purpose: CertificatePurpose) -> TrustStore {
        guard let own = authorities[purpose] else { return self }
        var copy = self
        copy.anchors = own.anchors
        copy.requiredIssuers = own.issuers
        return copy
    }

    /// Every authority that the store names.
    public var everyAuthority: [PartyCertificate] {
        anchors + requiredIssuers + intermediates + authorities.values.flatMap { $0.anchors + $0.issuers }
    }
}

/// What to do about revocation.
public struct RevocationPolicy: Hashable, Sendable {
    /// Whether a path is given out with ``RevocationOutcome/notChecked(_:)`` when revocation could not be checked;
    /// otherwise that is an error.
    public var reportsIfUnavailable: Bool
    /// Whether information that was current at the validation time is enough (EN 319 102-1 §5.2.5), even if it was
    /// issued before that time and is old by now.
    ///
    /// Otherwise it must be issued at or after the validation time, or still be current now.
    public var acceptsCurrentThen: Bool

    /// Makes a policy.
    public init(reportsIfUnavailable: Bool, acceptsCurrentThen: Bool = false) {
        self.reportsIfUnavailable = reportsIfUnavailable
        self.acceptsCurrentThen = acceptsCurrentThen
    }

    /// Revocation must be checked.
    public static let required = RevocationPolicy(reportsIfUnavailable: false)
    /// Revocation is checked where it can be; a revoked certificate is an error in any case.
    public static let reportIfUnavailable = RevocationPolicy(reportsIfUnavailable: true)
}

/// What revocation checking came to.
public enum RevocationOutcome: Sendable {
    /// Every certificate below the anchor was checked; one piece of evidence for each, leaf first.
    case checked([RevocationEvidence])
    /// It could not be checked, for this reason; the certificate is neither good nor revoked.
    case notChecked(ExchangeError)
}

/// The statement by which one certificate was found not revoked at the validation time.
public struct RevocationEvidence: Hashable, Sendable {
    /// Who said it.
    public enum Source: Hashable, Sendable {
        /// A revocation list.
        case revocationList(RevocationList)
        /// An OCSP response.
        case ocsp(OCSPResponse)
    }

    /// The certificate it is about.
    public let certificate: PartyCertificate
    /// The list or response.
    public let source: Source
    /// When the statement was true.
    public let thisUpdate: ExchangeTime
    /// When the next one is due, if that is said.
    public let nextUpdate: ExchangeTime?
    /// When the certificate was revoked, if that was after the validation time.
    public let revokedLater: ExchangeTime?
    /// A sentence that people should read beside the result, if there is one.
    public let note: String?
    /// Since when newer information was due, if this one counts only by the grace that is allowed.
    public let overdueSince: ExchangeTime?
}

extension RevocationOutcome {
    /// The oldest information that counts only by the grace that is allowed, which people must know of.
    public var overdue: RevocationEvidence? {
        guard case .checked(let evidence) = self else { return nil }
        return evidence.filter { $0.overdueSince != nil }.min { $0.thisUpdate < $1.thisUpdate }
    }
}

/// A certificate with the path to its anchor, all checked; only ``PathValidator`` makes one.
public struct ValidatedPath: Sendable {
    /// The certificates from the leaf to the anchor.
    public let certificates: [PartyCertificate]
    /// What the leaf is for.
    public let purpose: CertificatePurpose
    /// The time for which the path was found valid.
    public let validationTime: ExchangeTime
    /// When it was checked.
    public let checkedAt: ExchangeTime
    /// What revocation checking came to.
    public internal(set) var revocation: RevocationOutcome

    /// The certificate that was validated.
    public let leaf: PartyCertificate
    /// The root the path ends in.
    public let anchor: PartyCertificate
}
