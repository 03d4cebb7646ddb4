import COpenSSL
public import ExchangeModel

/// The one judge of certificates: TLS peers, seals, signatures, timestamps and encryption all go through it.
///
/// libcrypto builds and checks the path (RFC 5280 §6, strict); the suite's rules, the party binding and revocation
/// at a past time are checked here, because libcrypto has no such rules.
public enum PathValidator {
    /// How far two clocks may differ, in seconds.
    public static let clockSkew: Int64 = 300
    /// How many certificates beside the anchors are looked at.
    public static let mostCertificates = 64
    /// How many revocation lists and how many OCSP responses are looked at.
    public static let mostRevocationStatements = 64

    /// The codes that mean "could not be checked", as opposed to "failed".
    public static let notCheckedCodes: Set<ErrorCode> = [
        .revocationNotAvailable, .revocationStale, .revocationAfterExpiry,
    ]

    /// Validates a certificate for one purpose at one time.
    ///
    /// - Parameters:
    ///   - certificate: The certificate in question.
    ///   - purpose: What it is used for.
    ///   - validationTime: The time for which it must be valid: now, or when a timestamp proves that it was used.
    ///   - now: The time of this check, which decides what revocation information is current.
    ///   - trust: Whom to trust and what is known.
    ///   - revocation: What to do when revocation cannot be checked.
    /// - Returns: The path, with the evidence by which none of its certificates was revoked.
    /// - Throws: One of the `certificate.…`, `key.not_in_suite`, `revocation.…` or `ocsp.…` codes; those in
    ///   ``notCheckedCodes`` mean that nothing is known against the certificate.
    public static func validate(
        _ certificate: PartyCertificate,
        purpose: CertificatePurpose,
        at validationTime: ExchangeTime,
        checkedAt now: ExchangeTime,
        trust: TrustStore,
        revocation: RevocationPolicy = .required
    ) throws -> ValidatedPath {
        let trust = trust.narrowed(to: purpose)
        guard trust.requiredIssuers.count + trust.intermediates.count <= mostCertificates else {
            throw ExchangeError(.certificateTooMany, "More than \(mostCertificates) certificates are offered")
        }
        guard trust.revocationLists.count <= mostRevocationStatements,
            trust.ocspResponses.count <= mostRevocationStatements
        else {
            throw ExchangeError(
                .certificateTooMany,
                "More than \(mostRevocationStatements) revocation lists or OCSP responses are offered"
            )
        }
        guard validationTime <= now.adding(seconds: clockSkew) else {
            throw ExchangeError(.certificatePathInvalid, "The validation time lies in the future")
        }
        let key = PathMemory.Key(certificate, purpose, trust, revocation)
        if let known = PathMemory.path(key, at: validationTime, checkedAt: now) { return known }
        try certificate.requireReadableExtensions()
        try certificate.requirePurpose(purpose)
        // Here too, because libcrypto says of algorithms it does not know only that it finds no issuer.
        try certificate.requireAcceptedSignature(.certificateWeakSignature)
        let builder = PathBuilder(trust: trust, purpose: purpose)
        let path = try builder.path(of: certificate, at: validationTime)
        guard let leaf = path.first, let anchor = path.last else {
            throw ExchangeError(.cryptoInternal, "The path is empty")
        }
        try checkKeys(of: path, rule: trust.keyRule)
        try checkAuthorities(of: path, purpose: purpose)
        try checkParty(of: path, trust: trust)
        let outcome = try revocationOutcome(
            of: path,
            check: RevocationCheck(validationTime: validationTime, now: now, trust: trust, policy: revocation),
            builder: builder
        )
        let validated = ValidatedPath(
            certificates: path,
            purpose: purpose,
            validationTime: validationTime,
            checkedAt: now,
            revocation: outcome,
            leaf: leaf,
            anchor: anchor
        )
        PathMemory.keep(validated, key)
        return validated
    }

    private static func revocationOutcome(
        of path: [PartyCertificate],
        check: RevocationCheck,
        builder: PathBuilder
    ) throws -> RevocationOutcome {
        var evidence: [RevocationEvidence] = []
        var unavailable: ExchangeError?
        for (certificate, issuer) in zip(path, path.dropFirst()) {
            do {
                evidence.append(try check.evidence(for: certificate, issuer: issuer))
            } catch let error as ExchangeError where notCheckedCodes.contains(error.code) {
                // A later certificate may still be known to be revoked, which weighs more.
                unavailable = unavailable ?? error
            }
        }
        if let unavailable {
            guard check.policy.reportsIfUnavailable else { throw unavailable }
            return .notChecked(unavailable)
        }
        try confirm(evidence, of: path, check: check, builder: builder)
        return .checked(evidence)
    }

    // For the present libcrypto can judge lists itself; both judges must agree.
    private static func confirm(
        _ evidence: [RevocationEvidence],
        of path: [PartyCertificate],
        check: RevocationCheck,
        builder: PathBuilder
    ) throws {
        let lists = evidence.compactMap { piece -> RevocationList? in
            if case .revocationList(let list) = piece.source { list } else { nil }
        }
        guard !lists.isEmpty, lists.count == evidence.count, let leaf = path.first,
            abs(check.validationTime.secondsSince1970 - check.now.secondsSince1970) <= clockSkew,
            lists.allSatisfy({ $0.thisUpdate <= check.validationTime }),
            lists.allSatisfy({ list in list.nextUpdate.map { $0 >= check.validationTime } ?? false })
        else { return }
        _ = try builder.path(of: leaf, at: check.validationTime, revocationLists: lists)
    }

    private static func checkKeys(of path: [PartyCertificate], rule: KeyRule) throws {
        for (depth, certificate) in path.enumerated() {
            try certificate.requireReadableExtensions()
            guard rule.accepts(certificate.keyAlgorithm) else {
                throw ExchangeError(
                    .keyNotInSuite,
                    "A certificate of the path has a key that is not accepted",
                    details: ["\(certificate.keyAlgorithm)", "certificate: " + certificate.subject]
                )
            }
            // Nothing rests on the anchor's signature of itself.
            guard depth < path.count - 1 else { return }
            try certificate.requireAcceptedSignature(.certificateWeakSignature)
        }
    }

    // An authority that is limited to some usages cannot issue for others.
    private static func checkAuthorities(of path: [PartyCertificate], purpose: CertificatePurpose) throws {
        guard purpose != .ocspSigning, purpose != .foreignSignature else { return }
        let wanted = Set(purpose.extendedKeyUsage)
        for authority in path.dropFirst().dropLast() {
            guard let usages = authority.extendedKeyUsage.map(Set.init), !usages.contains("2.5.29.37.0") else {
                continue
            }
            guard wanted.isSubset(of: usages) else {
                throw ExchangeError(
                    .certificateWrongPurpose,
                    "An authority of the path may not issue for this purpose",
                    details: ["certificate: " + authority.subject]
                )
            }
        }
    }

    private static func checkParty(of path: [PartyCertificate], trust: TrustStore) throws {
        if let party = trust.party {
            let named = path.first?.organizationIdentifier
            guard named == party.text else {
                throw ExchangeError(
                    .certificateWrongParty,
                    "The certificate is not one of party \(party)",
                    details: ["it names \(named ?? "no party")"]
                )
            }
        }
        guard trust.requiredIssuers.isEmpty || path.dropFirst().contains(where: trust.requiredIssuers.contains) else {
            throw ExchangeError(
                .certificateWrongIssuer,
                "The certificate was not issued under an authority registered for its party",
                details: path.dropFirst().map(\.subject)
            )
        }
    }
}

extension PartyCertificate {
    /// Checks that no extension is unreadable or doubled.
    func requireReadableExtensions() throws {
        defer { OpenSSLFailure.clear() }
        guard X509_get_extension_flags(pointer) & UInt32(EXFLAG_INVALID) == 0 else {
            throw ExchangeError(
                .certificateStrict,
                "A certificate of the path breaks RFC 5280",
                details: ["an extension cannot be read or stands twice", "certificate: " + subject]
            )
        }
    }

    /// Checks the algorithm of the issuer's signature.
    func requireAcceptedSignature(_ code: ErrorCode) throws {
        var algorithm: UnsafePointer<X509_ALGOR>?
        X509_get0_signature(nil, &algorithm, pointer)
        guard let algorithm, SignatureAlgorithmRule.accepts(algorithm) else {
            throw ExchangeError(
                code,
                "A certificate is signed with an algorithm that is not accepted",
                details: [algorithm.map { SignatureAlgorithmRule.name(of: $0) } ?? "none", "certificate: " + subject]
            )
        }
    }
}
