public import ExchangeModel
public import TrustCrypto

/// Brings timestamped signatures to baseline LT: gathers what they were proven with and puts it into them, so that they
/// can be proven later with every service down (EN 319 122-1 §6).
public struct LongTermGathering: Sendable {
    /// Which level is wanted.
    public enum Policy: String, CaseIterable, Sendable {
        /// LT where the information is at hand or can be fetched, T otherwise.
        case automatic = "auto"
        /// LT, or an error.
        case longTerm = "lt"
        /// T.
        case timestamp = "t"
    }

    private let trust: TrustDirectory
    private let policy: Policy
    private let now: @Sendable () -> ExchangeTime
    private let fetcher: RevocationFetcher?
    private let note: @Sendable (ExchangeError) -> Void

    /// Takes what it gathers from.
    ///
    /// - Parameters:
    ///   - trust: Whom to trust, with the revocation information at hand.
    ///   - policy: Which level is wanted.
    ///   - now: The clock.
    ///   - fetcher: Fetches what is not at hand; `nil` to stay offline.
    ///   - note: Told why a signature stays at baseline T though LT was wanted.
    public init(
        trust: TrustDirectory,
        policy: Policy = .automatic,
        now: @escaping @Sendable () -> ExchangeTime,
        fetcher: RevocationFetcher? = nil,
        note: @escaping @Sendable (ExchangeError) -> Void = { _ in }
    ) {
        self.trust = trust
        self.policy = policy
        self.now = now
        self.fetcher = fetcher
        self.note = note
    }

    /// The signature at the level that the policy asks for.
    ///
    /// What would not prove itself without any service is not put in.
    ///
    /// - Parameters:
    ///   - signature: All its signers have timestamps.
    ///   - content: What was signed.
    ///   - party: Whose certificates the signers have.
    ///   - purpose: What those are for.
    /// - Returns: The signature, extended or as it was.
    /// - Throws: With the policy ``Policy/longTerm``: `revocation.*` when something is not at hand,
    ///   `signature.not_long_term` when it does not suffice.
    public func extend(
        _ signature: CAdESSignature,
        over content: [UInt8],
        by party: PartyID,
        purpose: CertificatePurpose
    ) throws -> CAdESSignature {
        guard policy != .timestamp else { return signature }
        let alone = trust.withoutRevocationInformation
        func provesItself(_ signature: CAdESSignature) throws {
            _ = try paths(of: signature, alone, nil, over: content, by: party, purpose: purpose)
        }
        if signature.level == .baselineLT, (try? provesItself(signature)) != nil { return signature }
        do {
            let paths = try paths(of: signature, trust, fetcher, over: content, by: party, purpose: purpose)
            let extended = try signature.adding(ValidationData(of: paths))
            do {
                try provesItself(extended)
            } catch let error as ExchangeError {
                throw Self.insufficient(error)
            }
            return extended
        } catch let error as ExchangeError where policy == .automatic && error.code != .interrupted {
            note(error)
            return signature
        }
    }

    /// What a timestamp's own validation takes, put into the token.
    ///
    /// - Parameters:
    ///   - token: It stands by itself in a container.
    ///   - time: When the token is to be valid.
    /// - Returns: The token with what proves it.
    /// - Throws: `timestamp.*`, `certificate.*`, `revocation.*`, `signature.not_long_term`.
    func extend(_ token: TimestampToken, at time: ExchangeTime) throws -> TimestampToken {
        // Lists first: programs that read tokens as PKCS #7 know no OCSP responses in them.
        let path =
            try (try? self.path(of: token, trust.withoutOCSPResponses, fetcher?.listsOnly, at: time))
            ?? self.path(of: token, trust, fetcher, at: time)
        let extended = try token.carrying(ValidationData(of: [path]))
        do {
            _ = try self.path(of: extended, trust.withoutRevocationInformation, nil, at: time)
        } catch let error as ExchangeError {
            throw Self.insufficient(error)
        }
        return extended
    }

    private func path(
        of token: TimestampToken,
        _ trust: TrustDirectory,
        _ fetcher: RevocationFetcher?,
        at time: ExchangeTime
    ) throws -> ValidatedPath {
        var prover = SignatureChecks(trust: trust, now: time, fetcher: fetcher)
        prover.judgesUnneeded = false
        var checks = CheckList()
        let path = prover.proveAuthority(
            of: token,
            carrying: ValidationData(),
            for: nil,
            as: "archive",
            checks: &checks
        )
        try checks.requireAllPassed()
        guard let path else { throw Self.insufficient(nil) }
        return path
    }

    private func paths(
        of signature: CAdESSignature,
        _ trust: TrustDirectory,
        _ fetcher: RevocationFetcher?,
        over content: [UInt8],
        by party: PartyID,
        purpose: CertificatePurpose
    ) throws -> [ValidatedPath] {
        let prover = SignatureChecks(trust: trust, now: now(), fetcher: fetcher)
        return try signature.signers.indices.flatMap { index in
            var checks = CheckList()
            let proven = prover.prove(
                signature,
                index: index,
                as: "signature",
                over: content,
                by: party,
                purpose: purpose,
                checks: &checks
            )
            try checks.requireAllPassed()
            guard let proven else { throw Self.insufficient(nil) }
            return proven.paths
        }
    }

    private static func insufficient(_ cause: ExchangeError?) -> ExchangeError {
        ExchangeError(
            .signatureNotLongTerm,
            "The revocation information at hand does not suffice to prove the signature later",
            hint: "the issuers' revocation lists must be current when the timestamp is made",
            details: cause.map { [$0.description] } ?? []
        )
    }
}
