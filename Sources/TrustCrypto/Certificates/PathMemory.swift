import ExchangeModel
import Synchronization

/// Paths that were found valid a moment ago, so that a hundred bundles of one sealer do not cost a hundred path validations.
///
/// The key is everything a path is judged by but the time: certificate, purpose, anchors, issuers, intermediates,
/// revocation lists and responses, all by their digests. So whatever is registered, withdrawn or fetched anew is another
/// key, and nothing has to be forgotten in time. A path is remembered only if no statement at hand lists any of its
/// certificates and all statements are current; then it holds at every time at which all certificates are valid.
enum PathMemory {
    struct Key: Hashable {
        let certificate: SHA256Digest
        let purpose: CertificatePurpose
        let policy: RevocationPolicy
        let party: PartyID?
        let anchors: [SHA256Digest]
        let issuers: [SHA256Digest]
        let intermediates: [SHA256Digest]
        let lists: [RevocationList]
        let responses: [OCSPResponse]
        let carried: ValidationData
        /// Those fetched ahead about any certificate that the path may hold.
        let kept: [OCSPResponse]
        let authorities: [CertificatePurpose: PurposeAuthorities]
        let grace: Int64
        let keyRule: KeyRule

        init(
            _ certificate: PartyCertificate,
            _ purpose: CertificatePurpose,
            _ trust: TrustStore,
            _ policy: RevocationPolicy
        ) {
            self.certificate = certificate.sha256
            self.purpose = purpose
            self.policy = policy
            party = trust.party
            anchors = trust.anchors.map(\.sha256)
            issuers = trust.requiredIssuers.map(\.sha256)
            intermediates = trust.intermediates.map(\.sha256)
            lists = trust.revocationLists
            responses = trust.ocspResponses
            carried = trust.carried
            let own = trust.authorities.values.flatMap { $0.anchors + $0.issuers }.map(\.sha256)
            kept = ([certificate.sha256] + anchors + issuers + intermediates + own)
                .compactMap { trust.keptResponses[$0] }
            authorities = trust.authorities
            grace = trust.revocationGrace
            keyRule = trust.keyRule
        }
    }

    private struct Found {
        let path: ValidatedPath
        /// The certificates are valid in this time.
        let valid: Range<ExchangeTime>
        /// The statements are current in this time, and it is short.
        let current: Range<ExchangeTime>
    }

    /// How long a path is remembered, in seconds.
    private static let longest: Int64 = 60
    private static let most = 512
    private static let found = Mutex<[Key: Found]>([:])

    /// The path, if it was found valid a moment ago and holds at these times as well.
    static func path(_ key: Key, at time: ExchangeTime, checkedAt now: ExchangeTime) -> ValidatedPath? {
        guard let known = found.withLock({ $0[key] }), known.valid.contains(time), known.valid.contains(now),
            known.current.contains(now)
        else { return nil }
        return ValidatedPath(
            certificates: known.path.certificates,
            purpose: known.path.purpose,
            validationTime: time,
            checkedAt: now,
            revocation: known.path.revocation,
            leaf: known.path.leaf,
            anchor: known.path.anchor
        )
    }

    static func keep(_ path: ValidatedPath, _ key: Key) {
        guard case .checked(let evidence) = path.revocation,
            evidence.allSatisfy({ $0.revokedLater == nil && $0.note == nil && $0.thisUpdate <= path.checkedAt })
        else { return }
        let updates = evidence.compactMap(\.nextUpdate)
        let (begins, ends) = (path.certificates.compactMap(\.notBefore), path.certificates.compactMap(\.notAfter))
        guard updates.count == evidence.count, begins.count == path.certificates.count, ends.count == begins.count,
            let begin = begins.max(), let end = ends.min(), begin < end
        else { return }
        let last = min(path.checkedAt.adding(seconds: longest), updates.min() ?? path.checkedAt)
        guard path.checkedAt < last else { return }
        found.withLock { found in
            if found.count >= most { found = [:] }
            found[key] = Found(path: path, valid: begin..<end, current: path.checkedAt..<last)
        }
    }
}
